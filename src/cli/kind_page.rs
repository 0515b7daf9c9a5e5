//! What a kind's file says, as `formwork explain` prints it.

use super::plain::{block, constant};
use super::stop::Stop;
use crate::catalog::{Emit, Existing, Form, Kind, Output, Properties, Schema};
use crate::diagnostic::nearest;
use crate::value::{Key, Map, Target, Value};
use std::fmt::Write as _;

/// Everything that its users should know of a kind.
pub(super) fn kind(kind: &Kind) -> String {
    let mut text = format!("{}: {}\n", kind.name, kind.summary);
    if let Some(description) = &kind.description {
        let _ = write!(text, "\n{description}");
    }
    if !kind.offers.is_empty() {
        let _ = writeln!(text, "\nOffers {}", kind.offers.join(", "));
    }
    section(&mut text, "Parameters", &parameters(&kind.parameters, 2));
    section(&mut text, "Generates", &emits(kind));
    section(&mut text, "Outputs", &outputs(kind));
    section(&mut text, "Grants", &grants(kind));
    section(&mut text, "Alarms", &alarms(kind));
    let rules = kind.rules.iter().map(|one| format!("  {} ({})\n", one.name, one.severity.word()));
    section(&mut text, "Rules", &rules.collect::<String>());
    section(&mut text, "Examples", &examples(kind));
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    if !body.is_empty() {
        let _ = write!(text, "\n{title}\n{body}");
    }
}

/// Each parameter with what it takes, and those inside it.
fn parameters(properties: &[(Key, Schema)], indent: usize) -> String {
    let one = |(key, schema): &(Key, Schema)| {
        let mut text = format!("{:indent$}{}: {}\n", "", key.text, takes(&key.text, schema));
        if let Some(description) = &schema.description {
            let _ = writeln!(text, "{:indent$}    {description}", "");
        }
        text + &inside(schema).map_or(String::new(), |inner| parameters(inner, indent + 4))
    };
    properties.iter().map(one).collect()
}

/// The parameters inside a parameter.
pub(super) fn inside(schema: &Schema) -> Option<&Properties> {
    match &schema.form {
        Form::Object(properties) | Form::Named { item: properties, .. } => Some(properties),
        Form::List { items, .. } => inside(items),
        Form::Map { values, .. } => inside(values),
        _ => None,
    }
}

/// Type, bounds, unit, default: what may be written.
pub(super) fn takes(name: &str, schema: &Schema) -> String {
    let mut words = vec![form(schema)];
    words.extend(unit(name).map(|unit| format!("in {unit}")));
    if let Some((target, reason)) = &schema.only_on {
        words.push(format!("on {target} only ({reason})"));
    }
    if schema.withheld {
        words.push("set by the catalog alone".into());
    }
    if schema.deploy_time {
        words.push("or known at deployment only".into());
    }
    if schema.secret {
        words.push("a secret, so never written here".into());
    }
    words.push(match &schema.default {
        Some(default) => format!("default {}", constant(default)),
        None if schema.optional => "optional".into(),
        None => "required".into(),
    });
    words.join(", ")
}

fn form(schema: &Schema) -> String {
    if !schema.allowed.is_empty() {
        return schema.allowed.iter().map(constant).collect::<Vec<_>>().join(" | ");
    }
    let (min, max) = match &schema.form {
        Form::Number { minimum, maximum, .. } => {
            (minimum.map(|n| n.to_string()), maximum.map(|n| n.to_string()))
        }
        Form::List { items, .. } => return format!("a list of {}", form(items)),
        _ => (None, None),
    };
    let bounds = match (min, max) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        (Some(min), None) => format!(" from {min}"),
        (None, Some(max)) => format!(" up to {max}"),
        (None, None) => String::new(),
    };
    schema.wants() + &bounds
}

/// The unit that a parameter's name ends in.
fn unit(name: &str) -> Option<&'static str> {
    const UNITS: [&str; 7] =
        ["milliseconds", "seconds", "minutes", "hours", "days", "months", "percent"];
    const SIZES: [(&str, &str); 4] =
        [("kib", "KiB"), ("mib", "MiB"), ("gib", "GiB"), ("tib", "TiB")];
    let last = name.rsplit('_').next()?;
    let sizes = SIZES.iter().find(|(word, _)| *word == last).map(|(_, unit)| *unit);
    sizes.or_else(|| UNITS.into_iter().find(|unit| *unit == last))
}

fn emits(kind: &Kind) -> String {
    let spelled =
        |emit: &Emit, target| emit.type_on(target).map_or("-".to_string(), ToString::to_string);
    let one = |emit: &Emit| {
        let [cloudformation, terraform] = Target::ALL.map(|target| spelled(emit, target));
        format!("  {}: {cloudformation}, {terraform}\n", emit.resource.text)
    };
    kind.emits.iter().map(one).collect()
}

fn outputs(kind: &Kind) -> String {
    let one = |output: &Output| {
        let existing = match output.existing {
            Existing::Required => "; given where the component exists already",
            Existing::Optional => "; may be given where the component exists already",
            Existing::Follows(_) => "",
        };
        format!("  {}: {}{existing}\n", output.name.text, form(&output.schema))
    };
    kind.outputs.iter().map(one).collect()
}

fn members<'a>(kind: &'a Kind, name: &str) -> &'a [(Key, Value)] {
    kind.document.get(name).and_then(Value::as_map).map_or(&[], |map| &map.0)
}

/// What those who refer to a component may be allowed.
fn grants(kind: &Kind) -> String {
    let mut text = String::new();
    for (name, statements) in members(kind, "grants") {
        let _ = writeln!(text, "  {}", name.text);
        for statement in statements.as_list().unwrap_or_default() {
            let mut actions = vec![];
            statement.get("actions").into_iter().for_each(|one| words(kind, one, &mut actions));
            let _ = writeln!(text, "    {}", actions.join(", "));
        }
    }
    text
}

/// The words of a list; in the place of a value of the kind's own, what it holds; and what is
/// there at times only, too.
fn words(kind: &Kind, value: &Value, all: &mut Vec<String>) {
    let own = value.as_str().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    let own = own.and_then(|name| {
        members(kind, "values").iter().find(|(key, _)| *key.text == *name).map(|(_, value)| value)
    });
    let held = own.or_else(|| value.get("value")).unwrap_or(value);
    match held.as_list() {
        Some(list) if own.is_some() => all.extend(list.iter().map(constant)),
        Some(list) => list.iter().for_each(|one| words(kind, one, all)),
        None => all.push(constant(held)),
    }
}

fn alarms(kind: &Kind) -> String {
    let one = |(name, means): &(String, String)| format!("  {name}: {means}\n");
    alarms_of(kind).iter().map(one).collect()
}

/// The names of a kind's alarms, and what each means.
pub(super) fn alarms_of(kind: &Kind) -> Vec<(String, String)> {
    let one = |(name, alarm): &(Key, Value)| {
        let means = alarm.get("means").and_then(Value::as_str).unwrap_or_default();
        (name.text.to_string(), means.to_string())
    };
    members(kind, "alarms").iter().map(one).collect()
}

fn examples(kind: &Kind) -> String {
    let mut text = String::new();
    for (name, example) in kind.examples.iter() {
        let own = example.as_map().into_iter().flat_map(Map::iter);
        let own = own.filter(|(key, _)| &*key.text != "with");
        let kind_line = (Key::from("kind"), Value::from(&*kind.name));
        let own = own.map(|(key, value)| (key.clone(), value.clone()));
        let example: Map = std::iter::once(kind_line).chain(own).collect();
        let _ = write!(text, "  {}:\n{}", name.text, block(&example, 4));
    }
    text
}

/// One parameter of a kind, by its path. Fails where there is none.
pub(super) fn parameter(kind: &Kind, path: &str) -> Result<String, Stop> {
    let mut inner = Some(&kind.parameters);
    let mut whole = kind.name.to_string();
    let mut found = None;
    for step in path.split('.') {
        let properties = inner.map_or(&[][..], Vec::as_slice);
        let Some(property) = properties.iter().find(|(key, _)| &*key.text == step) else {
            let lesson = kind.mistaken.iter().find(|(wrong, _)| &*wrong.text == step);
            let lesson = lesson.map(|(_, lesson)| lesson.to_string());
            let near = nearest(step, properties.iter().map(|(key, _)| &*key.text));
            let near = near.map(|near| format!("did you mean `{whole}.{near}`?"));
            let stop = Stop::new(format!("`{whole}` has no parameter `{step}`"));
            return Err(stop.help_if(lesson.or(near)));
        };
        whole = format!("{whole}.{step}");
        inner = inside(&property.1);
        found = Some(property);
    }
    let found = found.map(std::slice::from_ref).unwrap_or_default();
    Ok(format!(
        "{whole}

{}",
        parameters(found, 0)
    ))
}
