//! What to write in the place of a value that has the wrong form.

use crate::blueprint::quotes;
use crate::catalog::{Form, Kind, Properties, Schema};
use crate::value::{Value, line};

/// Longer examples explain nothing: their form is shown instead.
const LONGEST: usize = 60;

/// More members than these are no example, where none of them must be written.
const MEMBERS: usize = 3;

/// What to write: the value itself in another spelling, what the kind's examples have there, or
/// the form that its schema wants.
pub(super) fn advice(kind: &Kind, schema: &Schema, value: &Value, path: &str) -> String {
    if let Some(advice) = respelled(schema, value) {
        return advice;
    }
    let name = path.rsplit('.').find(|step| step.parse::<usize>().is_err()).unwrap_or(path);
    let mut examples = examples(kind, path).filter(|example| fits(&schema.form, example));
    let example = examples.find_map(|example| {
        let text = line(&example.plain_json());
        (text.chars().count() <= LONGEST).then_some(text)
    });
    let or_default = example.or_else(|| {
        let default = schema.default.as_ref().filter(|default| !default.is_null());
        default
            .map(|default| line(&default.plain_json()))
            .filter(|text| text != "{}" && text != "[]")
    });
    let shown = or_default.unwrap_or_else(|| form(schema));
    match bounds(&schema.form) {
        Some(bounds) => format!("write {}, {bounds}, as in `{name}: {shown}`", schema.wants()),
        None => format!("write `{name}: {shown}`"),
    }
}

/// What is wrong may be a matter of quotes, or of brackets.
fn respelled(schema: &Schema, value: &Value) -> Option<String> {
    let text = value.as_str().unwrap_or_default();
    match &schema.form {
        Form::Text { .. } => quotes(value, true),
        Form::Number { .. } if text.parse::<f64>().is_ok() => {
            Some(format!("write {text}, without quotes"))
        }
        Form::Boolean => Some("write true or false".into()),
        Form::List { .. } if !text.is_empty() => Some(format!("write `[{text}]`")),
        _ => None,
    }
}

/// What the kind's own examples have in that place.
pub(super) fn examples<'k>(kind: &'k Kind, path: &str) -> impl Iterator<Item = &'k Value> {
    let examples = kind.examples.iter();
    examples.filter_map(move |(_, example)| {
        let mut names = path.split('.');
        let first = example.get(names.next()?)?;
        names.try_fold(first, |value, name| below(value, name))
    })
}

/// The member of that name; of a list or a mapping by name the first, for names there are free.
fn below<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let item = || value.as_map()?.iter().map(|(_, item)| item).find(|item| item.as_map().is_some());
    value.get(name).or_else(|| value.as_list()?.first()).or_else(item)
}

/// Whether an example is of that form, and not known at deployment only.
fn fits(form: &Form, example: &Value) -> bool {
    match form {
        Form::Any | Form::Statements | Form::File { .. } => true,
        Form::Text { .. } | Form::Reference { .. } => example.as_str().is_some(),
        Form::Number { .. } => crate::catalog::number(example).is_some(),
        Form::Boolean => example.as_bool().is_some(),
        Form::List { .. } => example.as_list().is_some(),
        Form::Object(_) | Form::Named { .. } | Form::Map { .. } => example.as_map().is_some(),
    }
}

fn bounds(form: &Form) -> Option<String> {
    let Form::Number { minimum, maximum, .. } = form else { return None };
    match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => Some(format!("from {minimum} to {maximum}")),
        (Some(minimum), None) => Some(format!("at least {minimum}")),
        (None, Some(maximum)) => Some(format!("at most {maximum}")),
        (None, None) => None,
    }
}

/// How a value of that schema looks, with a word or dots where its own values stand.
fn form(schema: &Schema) -> String {
    let number = |minimum: &Option<f64>| minimum.map_or("1".into(), |one| one.to_string());
    match (&schema.form, schema.allowed.first()) {
        (_, Some(allowed)) => line(&allowed.plain_json()),
        (Form::Number { minimum, .. }, None) => number(minimum),
        (Form::Boolean, None) => "true".into(),
        (Form::File { .. }, None) => "{file: PATH}".into(),
        (Form::List { items, .. }, None) => format!("[{}]", form(items)),
        (Form::Object(properties), None) => members(properties),
        (Form::Named { item, .. }, None) => format!("{{NAME: {}}}", members(item)),
        (Form::Map { values, .. }, None) => format!("{{NAME: {}}}", form(values)),
        (Form::Reference { .. }, None) => "COMPONENT".into(),
        (Form::Any | Form::Text { .. } | Form::Statements, None) => "…".into(),
    }
}

/// The members that must be written, or the first of those that may.
pub(super) fn members(properties: &Properties) -> String {
    let open = || properties.iter().filter(|(_, schema)| !schema.withheld);
    let required = open().filter(|(_, schema)| schema.required());
    let mut shown: Vec<_> = required.collect();
    if shown.is_empty() {
        shown = open().take(MEMBERS).collect();
    }
    let member = |(key, schema): &&(crate::value::Key, Schema)| match &schema.form {
        Form::Object(_) | Form::Named { .. } | Form::Map { .. } => format!("{}: {{…}}", key.text),
        _ => format!("{}: {}", key.text, form(schema)),
    };
    format!("{{{}}}", shown.iter().map(member).collect::<Vec<_>>().join(", "))
}
