//! Values on one line, as a blueprint would say them.

use super::{Data, Value};
use serde_json::Value as Json;

/// A value as JSON; what only a run knows is null.
#[must_use]
pub fn json(value: &Value) -> Json {
    match &value.data {
        Data::Boolean(boolean) => Json::Bool(*boolean),
        Data::Integer(integer) => Json::from(*integer),
        Data::Float(float) => Json::from(*float),
        Data::Text(text) => Json::String(text.to_string()),
        Data::List(list) => Json::Array(list.iter().map(json).collect()),
        Data::Map(map) => Json::Object(
            map.iter().map(|(key, value)| (key.text.to_string(), json(value))).collect(),
        ),
        Data::Null | Data::Unit(_) | Data::Deferred(_) => Json::Null,
    }
}

/// A value on one line; texts stand bare where they cannot be mistaken.
#[must_use]
pub fn line(value: &Json) -> String {
    match value {
        Json::String(text) if bare(text) => text.clone(),
        Json::Array(items) => {
            format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", "))
        }
        Json::Object(map) => {
            let members = map.iter().map(|(key, value)| format!("{key}: {}", line(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether a text is no other value of YAML, and shows where it begins and ends.
fn bare(text: &str) -> bool {
    let other = serde_json::from_str::<Json>(text).is_ok_and(|value| !value.is_string());
    !other && !text.is_empty() && text.trim() == text && !text.contains(char::is_control)
}
