//! Values as JSON, and as JSON text spelled as Terraform's `jsonencode` does, so that both targets
//! say the same.

use super::{Data, Value};
use serde_json::Value as Json;

impl Value {
    /// As JSON. What JSON cannot say, a component and what is known only at deployment, is asked
    /// of `other`.
    pub fn json(&self, other: &dyn Fn(&Self) -> Json) -> Json {
        match &self.data {
            Data::Null => Json::Null,
            Data::Boolean(boolean) => (*boolean).into(),
            Data::Integer(integer) => (*integer).into(),
            Data::Float(float) => (*float).into(),
            Data::Text(text) => (&**text).into(),
            Data::List(list) => list.iter().map(|item| item.json(other)).collect(),
            Data::Map(map) => {
                map.iter().map(|(key, one)| (key.text.to_string(), one.json(other))).collect()
            }
            Data::Unit(_) | Data::Deferred(_) => other(self),
        }
    }

    /// As JSON; null stands for what that cannot say.
    pub fn plain_json(&self) -> Json {
        self.json(&|_| Json::Null)
    }
}

/// A string with its quotes.
pub fn json_string(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// A document: members sorted, nulls left out. `None` where something is known only at deployment.
pub fn json_text(value: &Value) -> Option<String> {
    Some(match &value.data {
        Data::Null | Data::Unit(_) => "null".into(),
        Data::Boolean(boolean) => boolean.to_string(),
        Data::Integer(integer) => integer.to_string(),
        Data::Float(float) => float.to_string(),
        Data::Text(text) => json_string(text),
        Data::List(list) => {
            let items = list.iter().map(json_text).collect::<Option<Vec<_>>>()?;
            format!("[{}]", items.join(","))
        }
        Data::Map(map) => {
            let mut members: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
            members.sort_by(|(one, _), (other, _)| one.text.cmp(&other.text));
            let member = |(key, value)| Some(format!("{}:{}", json_string(key), json_text(value)?));
            let members = members.into_iter().map(|(key, value)| member((&*key.text, value)));
            format!("{{{}}}", members.collect::<Option<Vec<_>>>()?.join(","))
        }
        Data::Deferred(_) => return None,
    })
}
