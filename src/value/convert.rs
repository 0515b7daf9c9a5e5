//! Values from Rust's own types.

use super::{Data, Deferred, Map, Origin, Value};

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, origin: Origin::Nowhere }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Data::Text(text.into()).into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Data::Text(text.into()).into()
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Data::Boolean(boolean).into()
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Data::Integer(integer).into()
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Data::List(values.into()).into()
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Data::Map(map.into()).into()
    }
}

impl From<Deferred> for Value {
    fn from(deferred: Deferred) -> Self {
        Data::Deferred(deferred.into()).into()
    }
}

/// A Rust value as JSON numbers are: `1.0` is not `1`.
impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::NULL,
            serde_json::Value::Bool(boolean) => (*boolean).into(),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(integer) => integer.into(),
                None => Data::Float(number.as_f64().unwrap_or_default()).into(),
            },
            serde_json::Value::String(text) => text.as_str().into(),
            serde_json::Value::Array(list) => {
                list.iter().map(Self::from).collect::<Vec<_>>().into()
            }
            serde_json::Value::Object(map) => map
                .iter()
                .map(|(key, value)| (key.as_str(), Self::from(value)))
                .collect::<Map>()
                .into(),
        }
    }
}
