//! Values as people and machines read them.

use crate::value::{self, Data, Map, UnitId, Value};
use crate::yaml::print::{Entry, Node, print};
use serde_json::Value as Json;

/// The value as JSON; a component by the name that `name` knows.
pub(super) fn json(value: &Value, name: &dyn Fn(UnitId) -> String) -> Json {
    match &value.data {
        Data::Null | Data::Deferred(_) => Json::Null,
        Data::Boolean(boolean) => Json::Bool(*boolean),
        Data::Integer(integer) => Json::from(*integer),
        Data::Float(float) => Json::from(*float),
        Data::Text(text) => Json::from(&**text),
        Data::Unit(unit) => Json::String(name(*unit)),
        Data::List(list) => Json::Array(list.iter().map(|item| json(item, name)).collect()),
        Data::Map(map) => {
            Json::Object(map.iter().map(|(k, v)| (k.text.to_string(), json(v, name))).collect())
        }
    }
}

/// A value that a catalog's file says.
pub(super) fn constant(value: &Value) -> String {
    value::line(&value::json(value))
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
