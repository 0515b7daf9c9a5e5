//! A parameter's schema as an editor reads it.

use super::Known;
use crate::catalog::{Catalog, Form, Properties, Schema, Sort};
use crate::value::{Key, Map, Value};
use serde_json::{Map as Object, Value as Json, json};
use std::fmt::Write as _;

/// More examples than this help nobody.
const EXAMPLES: usize = 5;

/// Writes schemas of one catalog.
pub(super) struct Writer<'a> {
    pub catalog: &'a Catalog,
    pub known: &'a Known,
}

impl Writer<'_> {
    /// What a value may be; `examples` are values that have been written there.
    pub fn schema(&self, schema: &Schema, examples: &[&Value]) -> Json {
        let mut form = self.form(schema, examples);
        if !schema.allowed.is_empty() {
            form =
                json!({"enum": schema.allowed.iter().map(Value::plain_json).collect::<Vec<_>>()});
        }
        if schema.secret {
            form = json!({"$ref": "#/$defs/secret"});
        } else if schema.deploy_time {
            form = json!({"anyOf": [form, {"$ref": "#/$defs/deploy-time"}]});
        }
        let Json::Object(mut form) = form else { return form };
        let description = self.description(schema);
        if !description.is_empty() {
            form.insert("description".into(), description.into());
        }
        let default = schema.default.as_ref().filter(|_| !schema.secret);
        if let Some(default) = default {
            form.insert("default".into(), default.plain_json());
        }
        let seen = self.examples(schema, examples);
        if !seen.is_empty() {
            form.insert("examples".into(), seen.into());
        }
        Json::Object(form)
    }

    fn form(&self, schema: &Schema, examples: &[&Value]) -> Json {
        match &schema.form {
            Form::Any | Form::Statements => json!({}),
            Form::Text { min, max, pattern } => {
                let pattern = pattern.as_ref().map(|pattern| &*pattern.text);
                with(
                    "string",
                    [
                        ("minLength", json!(min)),
                        ("maxLength", json!(max)),
                        ("pattern", json!(pattern)),
                    ],
                )
            }
            Form::Number { whole, minimum, maximum } => {
                let name = if *whole { "integer" } else { "number" };
                with(name, [("minimum", bound(*minimum)), ("maximum", bound(*maximum))])
            }
            Form::Boolean => json!({"type": "boolean"}),
            Form::File { bucket, .. } => self.file(bucket.as_deref()),
            Form::List { items, min, max } => {
                let lists = examples.iter().filter_map(|one| one.as_list());
                let inner: Vec<&Value> = lists.flatten().collect();
                with(
                    "array",
                    [
                        ("items", self.schema(items, &inner)),
                        ("minItems", json!(min)),
                        ("maxItems", json!(max)),
                    ],
                )
            }
            Form::Object(properties) => self.object(properties, &schema.mistaken, examples),
            Form::Named { item, keys } => {
                let mut item = self.object(item, &schema.mistaken, &members(examples));
                item["type"] = json!(["object", "null"]);
                let name = json!({"$ref": "#/$defs/name"});
                let keys = keys.as_ref().map_or(name, |keys| self.schema(keys, &[]));
                with("object", [("additionalProperties", item), ("propertyNames", keys)])
            }
            Form::Map { values, keys } => {
                let values = self.schema(values, &members(examples));
                let keys = keys.as_ref().map(|keys| self.schema(keys, &[]));
                let keys = ("propertyNames", json!(keys));
                with("object", [("additionalProperties", values), keys])
            }
            Form::Reference { .. } => json!({"type": "string"}),
        }
    }

    /// An object that knows these members alone. Names in circulation that are wrong are refused
    /// with their lesson.
    pub fn object<K: AsRef<str>>(
        &self,
        properties: &Properties,
        mistaken: &[(Key, K)],
        examples: &[&Value],
    ) -> Json {
        let known = || properties.iter().filter(|(_, schema)| !schema.withheld);
        let lesson = |(key, lesson): &(Key, K)| {
            let refused = json!({
                "not": {},
                "doNotSuggest": true,
                "deprecationMessage": format!("there is no `{}`: {}", key.text, lesson.as_ref()),
            });
            (key.text.to_string(), refused)
        };
        let of = |name: &str| examples.iter().filter_map(|one| one.get(name)).collect::<Vec<_>>();
        let mut members: Object<String, Json> = mistaken.iter().map(lesson).collect();
        members.extend(
            known().map(|(key, one)| (key.text.to_string(), self.schema(one, &of(&key.text)))),
        );
        let required = known().filter(|(_, schema)| self.must_be_written(schema));
        let required: Vec<&str> = required.map(|(key, _)| &*key.text).collect();
        let mut object = json!({
            "type": "object",
            "properties": members,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            object["required"] = required.into();
        }
        object
    }

    /// Whether nothing else can stand for it: no default, and no component that is bound by itself.
    fn must_be_written(&self, schema: &Schema) -> bool {
        let ambient = |capability: &str| {
            self.catalog.capability(capability).is_some_and(|capability| capability.ambient)
        };
        schema.required()
            && match &schema.form {
                Form::Reference { capability, implied } => {
                    implied.is_none() && !ambient(capability)
                }
                Form::Object(_) => false,
                _ => true,
            }
    }

    fn file(&self, bucket: Option<&str>) -> Json {
        let file = json!({
            "type": "object",
            "required": ["file"],
            "additionalProperties": false,
            "properties": {"file": {
                "type": "string",
                "description": "The path of a file beside the blueprint",
            }},
        });
        let Some(capability) = bucket else { return file };
        let bucket = json!({
            "type": "string",
            "description": self.offers(capability),
            "examples": self.names(capability),
        });
        let key = json!({"type": "string", "description": "The object's key in the bucket"});
        let object = json!({
            "type": "object",
            "required": ["bucket", "key"],
            "additionalProperties": false,
            "properties": {"bucket": bucket, "key": key},
        });
        json!({"anyOf": [file, object]})
    }

    fn description(&self, schema: &Schema) -> String {
        let mut text = schema.description.as_deref().unwrap_or_default().to_string();
        if let Some((target, reason)) = &schema.only_on {
            let _ = write!(text, "\n\nOn {} only: {reason}", target.name());
        }
        for since in schema.since.iter().filter(|since| since.value.is_none()) {
            let _ = write!(text, "\n\nNeeds Terraform's provider {}", since.version);
        }
        if let Form::Reference { capability, .. } = &schema.form {
            let _ = write!(text, "\n\n{}", self.offers(capability));
        }
        text.trim_start().to_string()
    }

    /// Who may be referred to.
    fn offers(&self, capability: &str) -> String {
        let kinds = self.catalog.kinds(Sort::Kind).into_iter().filter(|name| {
            let kind = self.catalog.kind(Sort::Kind, name);
            kind.is_some_and(|kind| kind.offers.iter().any(|one| **one == *capability))
        });
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        format!("The name of a component that offers `{capability}`: {kinds}")
    }

    /// The names of components that are known to offer a capability.
    fn names(&self, capability: &str) -> Vec<String> {
        let names = self.known.offering(self.catalog, capability);
        names.into_iter().map(String::from).collect()
    }

    /// What to suggest: names of components, and values that the catalog's examples have.
    fn examples(&self, schema: &Schema, examples: &[&Value]) -> Vec<Json> {
        if !schema.allowed.is_empty() || schema.secret {
            return vec![];
        }
        let mut seen: Vec<Json> = match &schema.form {
            Form::Reference { capability, .. } => {
                self.names(capability).into_iter().map(Json::from).collect()
            }
            Form::Text { .. } | Form::Number { .. } => vec![],
            _ => return vec![],
        };
        let default = schema.default.as_ref().map(Value::plain_json);
        let scalars = examples.iter().filter(|one| one.as_map().is_none());
        for value in scalars.map(|one| one.plain_json()) {
            if seen.len() < EXAMPLES && !seen.contains(&value) && Some(&value) != default.as_ref() {
                seen.push(value);
            }
        }
        seen
    }
}

/// A schema of a type, with what is not null.
fn with<const N: usize>(name: &str, keywords: [(&str, Json); N]) -> Json {
    let said = keywords.into_iter().filter(|(_, value)| !value.is_null());
    let said = said.map(|(key, value)| (key.to_string(), value));
    Json::Object([("type".to_string(), name.into())].into_iter().chain(said).collect())
}

/// A bound, as a whole number where it is one.
#[allow(clippy::cast_possible_truncation, reason = "bounds are far below 2^53")]
fn bound(bound: Option<f64>) -> Json {
    match bound {
        Some(bound) if bound.fract() == 0.0 => json!(bound as i64),
        bound => json!(bound),
    }
}

/// The values of mappings.
fn members<'v>(examples: &[&'v Value]) -> Vec<&'v Value> {
    let maps = examples.iter().filter_map(|one| one.as_map());
    maps.flat_map(Map::iter).map(|(_, value)| value).collect()
}
