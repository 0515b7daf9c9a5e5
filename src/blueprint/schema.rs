//! The envelope of a blueprint against its JSON Schema, in findings that point.

use crate::catalog::embedded;
use crate::diagnostic::{Diagnostic, did_you_mean, meant_or_known};
use crate::value::{Data, Key, Value, line};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;
use std::sync::OnceLock;

/// What every component may say, whatever its kind.
pub const COMPONENT_KEYS: [&str; 12] = [
    "kind",
    "id",
    "description",
    "tags",
    "protect",
    "share",
    "existing",
    "alarms",
    "roles",
    "names",
    "accept",
    "patch",
];

/// Builds the validator; worth doing on a second thread, since it takes a millisecond.
pub fn warm_up() {
    validator();
}

fn validator() -> Option<&'static Validator> {
    static VALIDATOR: OnceLock<Option<Validator>> = OnceLock::new();
    let build = || {
        let layer = embedded();
        let text = layer.files.get("catalog/schema/blueprint.schema.json")?;
        let schema: Json = serde_json::from_str(text).ok()?;
        jsonschema::options().build(&schema).ok()
    };
    VALIDATOR.get_or_init(build).as_ref()
}

/// The schema itself, for what it says to people.
fn schema() -> Json {
    let layer = embedded();
    let text = layer.files.get("catalog/schema/blueprint.schema.json");
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Everything that the envelope does not allow.
pub(super) fn validate(document: &Value) -> Vec<Diagnostic> {
    let Some(validator) = validator() else {
        return vec![Diagnostic::new("broken-catalog", "the schema of blueprints cannot be read")];
    };
    let json = document.plain_json();
    validator.iter_errors(&json).flat_map(|error| findings(document, &error)).collect()
}

/// The value that a JSON pointer names, with the key it stands under.
fn place<'a>(document: &'a Value, pointer: &str) -> (Option<&'a Key>, &'a Value, String) {
    let (mut key, mut value, mut path) = (None, document, String::new());
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let next = match &value.data {
            Data::Map(map) => map.entry(&step).map(|(key, value)| (Some(key), value)),
            Data::List(list) => {
                step.parse().ok().and_then(|i: usize| list.get(i)).map(|v| (key, v))
            }
            _ => None,
        };
        let Some((next_key, next_value)) = next else { break };
        (key, value) = (next_key, next_value);
        path = if path.is_empty() { step } else { format!("{path}.{step}") };
    }
    (key, value, path)
}

fn findings(document: &Value, error: &ValidationError<'_>) -> Vec<Diagnostic> {
    let (key, value, path) = place(document, error.instance_path().as_str());
    let new = |rule, title: String| Diagnostic::new(rule, title).label_value(value, "");
    let finding = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            return unknown(value, error, unexpected);
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let whole = if path.is_empty() { "the blueprint" } else { &path };
            let finding = Diagnostic::new("missing-key", format!("{whole} has no `{name}`"));
            let finding = match key {
                Some(key) => finding.label_key(key, "here"),
                None => finding.label_value(&start(value), "here"),
            };
            finding.help(format!("write `{name}: …`"))
        }
        ValidationErrorKind::Constant { expected_value } => {
            if path == "formwork" {
                let title = format!("this formwork reads version {expected_value} of the format");
                let help =
                    "write `formwork: 1`, or install a formwork that reads the other version";
                return vec![new("unsupported-version", title).help(help)];
            }
            let expected = expected_value.as_str().unwrap_or_default();
            new("not-allowed", format!("`{path}` cannot be this"))
                .help(format!("write `{expected}`"))
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().cloned().unwrap_or_default();
            let options: Vec<&str> = options.iter().filter_map(Json::as_str).collect();
            let word = value.as_str().unwrap_or_else(|| value.type_name());
            let help = meant_or_known(word, options);
            new("not-allowed", format!("`{path}` cannot be `{word}`")).help(help)
        }
        ValidationErrorKind::Type { kind } => {
            let title = format!("`{path}` takes {}, not {}", wanted(kind), value.type_name());
            let text = matches!(kind, TypeKind::Single(kind) if kind.to_string() == "string");
            let help = quotes(value, text).or_else(|| as_in(&path, error));
            new("wrong-type", title).help_if(help)
        }
        ValidationErrorKind::Pattern { pattern } => pattern_finding(&path, value, pattern, error),
        ValidationErrorKind::PropertyNames { error } => wrong_name(value, error),
        _ => new("not-allowed", format!("`{path}`: {}", error.masked_with("this value")))
            .help_if(as_in(&path, error)),
    };
    vec![finding]
}

/// A key that is no name, or no tag.
fn wrong_name(value: &Value, error: &ValidationError<'_>) -> Diagnostic {
    let name = error.instance().as_str().unwrap_or_default();
    let key = value.as_map().and_then(|map| map.entry(name)).map(|(key, _)| key);
    let (title, help) = match error.kind() {
        ValidationErrorKind::Pattern { .. } => {
            ("is not a name", "write lower-case letters and digits, joined by single hyphens")
        }
        ValidationErrorKind::Not { .. } => {
            ("is no tag of yours", "AWS keeps tags that begin so to itself")
        }
        _ => ("is no key of a tag", "it has 1 to 128 characters"),
    };
    let finding = Diagnostic::new("wrong-name", format!("`{name}` {title}")).help(help);
    key.map_or(finding.clone(), |key| finding.label_key(key, ""))
}

/// The first byte of a mapping: "missing" has no better place at the top.
fn start(value: &Value) -> Value {
    let span = value.span().cloned().map(|mut span| {
        span.end = span.start;
        span
    });
    Value::NULL.from_origin(span.map(crate::value::Origin::At).unwrap_or_default())
}

fn pattern_finding(
    path: &str,
    value: &Value,
    pattern: &str,
    error: &ValidationError<'_>,
) -> Diagnostic {
    let text = value.as_str().unwrap_or_default();
    let name = pattern.starts_with("^[a-z][a-z0-9]*(-");
    let (rule, help) = if name {
        ("wrong-name", "write lower-case letters and digits, joined by single hyphens".into())
    } else {
        let must = || format!("it must match `{pattern}`");
        ("wrong-pattern", as_in(path, error).unwrap_or_else(must))
    };
    let title = format!("`{path}` cannot be `{text}`");
    Diagnostic::new(rule, title).label_value(value, "").help(help)
}

/// What the schema says stands in the place of a finding, and its examples of it.
fn as_in(path: &str, error: &ValidationError<'_>) -> Option<String> {
    let schema = schema();
    let place = error.evaluation_path().as_str().rsplit_once('/').map_or("", |(place, _)| place);
    let forms = forms(&schema, place);
    let said = |member: &str| forms.iter().rev().find_map(|form| form.get(member));
    let description = said("description").and_then(Json::as_str);
    let name = path.rsplit('.').next().unwrap_or(path);
    let examples = said("examples").and_then(Json::as_array).into_iter().flatten();
    let examples: Vec<String> =
        examples.map(|example| format!("`{name}: {}`", line(example))).collect();
    let examples =
        (!examples.is_empty()).then(|| format!("write it as in {}", examples.join(" or ")));
    let words = [examples, description.map(lower)];
    let words: Vec<String> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(": "))
}

/// A sentence as it stands within another one; what begins with an abbreviation keeps it.
fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    match chars.as_str() {
        rest if rest.starts_with(char::is_uppercase) => sentence.into(),
        rest => first + rest,
    }
}

/// The form at a place of the schema, and before it those that refer to it.
fn forms<'s>(schema: &'s Json, place: &str) -> Vec<&'s Json> {
    let referred = |form: &Json| {
        let pointer = form.get("$ref")?.as_str()?.strip_prefix('#')?;
        schema.pointer(pointer)
    };
    let mut forms = vec![schema];
    for step in place.split('/').skip(1) {
        let form = forms.last().copied().unwrap_or(schema);
        if step == "$ref" {
            forms.extend(referred(form));
            continue;
        }
        let below = |form: &'s Json| match form {
            Json::Array(items) => items.get(step.parse::<usize>().ok()?),
            form => form.get(step),
        };
        let Some(next) = below(form).or_else(|| below(referred(form)?)) else { return vec![] };
        forms = vec![next];
    }
    forms
}

/// How to write a number or a boolean where a string is wanted.
pub(crate) fn quotes(value: &Value, wanted: bool) -> Option<String> {
    let scalar = matches!(value.data, Data::Integer(_) | Data::Float(_) | Data::Boolean(_));
    let written = value.span().filter(|span| wanted && scalar && !span.text().is_empty())?;
    Some(format!("write \"{}\"", written.text()))
}

fn wanted(kind: &TypeKind) -> String {
    let name = |kind: &jsonschema::JsonType| match kind.to_string().as_str() {
        "object" => "a mapping".to_string(),
        "array" => "a list".to_string(),
        "boolean" => "true or false".to_string(),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(kind) => name(kind),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|k| name(&k)).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// Each unknown key, with the known name that it may stand for.
fn unknown(value: &Value, error: &ValidationError<'_>, unexpected: &[String]) -> Vec<Diagnostic> {
    let known = known_keys(error.schema_path().as_str());
    let one = |name: &String| {
        let key = value.as_map().and_then(|map| map.entry(name)).map(|(key, _)| key);
        let near = did_you_mean(name, known.iter().map(String::as_str));
        let help = near.unwrap_or_else(|| format!("known here: {}", known.join(", ")));
        let finding =
            Diagnostic::new("unknown-key", format!("`{name}` is not known here")).help(help);
        key.map_or(finding.clone(), |key| finding.label_key(key, ""))
    };
    unexpected.iter().map(one).collect()
}

/// The properties beside the `additionalProperties` that refused.
fn known_keys(schema_path: &str) -> Vec<String> {
    let schema = schema();
    let parent = schema_path.strip_suffix("/additionalProperties").unwrap_or(schema_path);
    let properties = schema.pointer(&format!("{parent}/properties"));
    let names = properties.and_then(Json::as_object).into_iter().flat_map(|map| map.keys());
    names.cloned().collect()
}
