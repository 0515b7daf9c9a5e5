//! Values on one line, as a blueprint would say them.

use serde_json::Value as Json;

/// A value on one line; texts stand bare where they cannot be mistaken.
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
