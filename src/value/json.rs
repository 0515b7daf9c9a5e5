//! JSON text, spelled as Terraform's `jsonencode` does, so that both targets say the same.

use super::{Data, Value};

/// A string with its quotes.
#[must_use]
pub fn json_string(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// A document: members sorted, nulls left out. `None` where something is known only at deployment.
#[must_use]
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
