//! Schemas of merge patches, made from the schemas of what is patched.

use serde_json::{Map as Object, Value as Json, json};

/// What a whole value must have, and a patch need not.
const WHOLE: [&str; 3] = ["required", "minProperties", "dependentRequired"];

/// The schema of a patch: nothing is required, and null takes away. Lists are replaced whole, so
/// their items stay as they are.
pub(super) fn loosened(schema: &Json, defs: &Object<String, Json>) -> Json {
    let Json::Object(written) = schema else { return schema.clone() };
    let mut loose = Object::new();
    for (key, value) in inlined(written, defs) {
        let value = match (key.as_str(), value) {
            (key, _) if WHOLE.contains(&key) => continue,
            ("properties", Json::Object(members)) => {
                let members = members.iter().map(|(key, one)| (key.clone(), loosened(one, defs)));
                Json::Object(members.collect())
            }
            ("additionalProperties" | "then" | "else", value) => loosened(&value, defs),
            ("anyOf", Json::Array(forms)) => {
                let null = json!({"type": "null"});
                forms.iter().map(|form| loosened(form, defs)).chain([null]).collect()
            }
            ("type", Json::String(name)) => json!([name, "null"]),
            ("type", Json::Array(names)) => with(names, "null".into()),
            ("enum", Json::Array(values)) => with(values, Json::Null),
            (_, value) => value,
        };
        loose.insert(key, value);
    }
    if let Some(constant) = loose.remove("const") {
        loose.insert("enum".into(), json!([constant, null]));
    }
    Json::Object(loose)
}

fn with(mut values: Vec<Json>, value: Json) -> Json {
    if !values.contains(&value) {
        values.push(value);
    }
    values.into()
}

/// A schema with what it refers to in its place.
fn inlined(written: &Object<String, Json>, defs: &Object<String, Json>) -> Object<String, Json> {
    let name = written.get("$ref").and_then(Json::as_str).and_then(|name| name.rsplit('/').next());
    let Some(Json::Object(named)) = name.and_then(|name| defs.get(name)) else {
        return written.clone();
    };
    let mut whole = named.clone();
    let beside = written.iter().filter(|(key, _)| *key != "$ref");
    whole.extend(beside.map(|(key, value)| (key.clone(), value.clone())));
    whole
}
