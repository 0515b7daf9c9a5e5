//! Values as people and machines read them.

use crate::value::{self, Data, Map, Value};
use crate::yaml::print::{Entry, Node, print};

/// A value that a catalog's file says.
pub(super) fn constant(value: &Value) -> String {
    value::line(&value.plain_json())
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
