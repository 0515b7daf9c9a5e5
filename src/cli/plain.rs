//! Values as people and machines read them.

use crate::value::{Data, Map, Value};
use crate::yaml::print::{Entry, Node, print};
use serde_json::Value as Json;

/// A value on one line; texts stand bare where they cannot be mistaken.
pub(super) fn line(value: &Json) -> String {
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

/// A value that a catalog's file says.
pub(super) fn constant(value: &Value) -> String {
    line(&value.plain_json())
}

/// A mapping of a catalog's file as YAML, each line with as many blanks before it.
pub(super) fn block(map: &Map, indent: usize) -> String {
    if map.is_empty() {
        return String::new();
    }
    let text = print(&Node::Map(entries(map)), &[]);
    text.lines().fold(String::new(), |all, line| format!("{all}{:indent$}{line}\n", ""))
}

fn entries(map: &Map) -> Vec<Entry> {
    map.iter().map(|(key, value)| Entry::new(&*key.text, node(value))).collect()
}

fn node(value: &Value) -> Node {
    match &value.data {
        Data::Null | Data::Unit(_) | Data::Deferred(_) => Node::Null,
        Data::Boolean(boolean) => Node::Boolean(*boolean),
        Data::Integer(integer) => Node::Integer(*integer),
        Data::Float(float) => Node::Float(*float),
        Data::Text(text) => Node::Text(text.to_string()),
        Data::List(list) => Node::List(list.iter().map(node).collect()),
        Data::Map(map) => Node::Map(entries(map)),
    }
}
