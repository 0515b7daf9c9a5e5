//! Permission statements in catalog files.

use super::fields::{Problems, parsed};
use crate::expression::{self, Expression};
use crate::value::{Key, Map, Value};

/// The grants of a kind, each a list of statements.
pub fn grants(members: &[(Key, Value)], problems: &Problems) -> Vec<(Key, Expression)> {
    let grant = |(key, value): &(Key, Value)| {
        Some((key.clone(), parsed(expression::tree(&statements(value)), problems)?))
    };
    members.iter().filter_map(grant).collect()
}

/// An argument of a part; `statements` may name grants.
pub fn argument(name: &str, value: &Value, problems: &Problems) -> Option<Expression> {
    let tree = if name == "statements" { statements(value) } else { value.clone() };
    parsed(expression::tree(&tree), problems)
}

/// `grant: source.read` becomes the component that `source` is, and the grant's name.
fn statements(value: &Value) -> Value {
    let Some(list) = value.as_list() else { return value.clone() };
    let statement = |item: &Value| {
        let split =
            item.get("grant").and_then(Value::as_str).and_then(|text| text.rsplit_once('.'));
        match (item.as_map(), split) {
            (Some(map), Some((provider, grant))) => {
                let mut map = map.clone();
                let provider = Value::from(format!("${{{provider}}}"));
                map.set("provider", provider.from_origin(item.origin.clone()));
                map.set("grant", Value::from(grant).from_origin(item.origin.clone()));
                Value::from(Map(map.0)).from_origin(item.origin.clone())
            }
            _ => item.clone(),
        }
    };
    Value::from(list.iter().map(statement).collect::<Vec<_>>()).from_origin(value.origin.clone())
}
