//! One JSON Schema for blueprints with every kind of the catalog, for editors: what may be written
//! where, what it means, and what stands when it is left out.
//!
//! An editor sees one file and no graph, so what hangs on other components (references, rules) is
//! left to `check`: the schema allows all that a blueprint may say, and a little more.

mod component;
mod form;
mod loose;

use crate::catalog::{Catalog, Kind, Sort};
use crate::value::{Map, Value};
use component::{existing, whole};
use form::Writer;
use loose::loosened;
use serde_json::{Map as Object, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Components that are known, of blueprints that are there already.
#[derive(Debug, Default)]
pub struct Known {
    /// The kinds that each name has.
    kinds: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
}

impl Known {
    /// Notes the components of a document, in its environments too.
    pub fn note(&mut self, document: &Value) {
        let components = document.get("components").and_then(Value::as_map);
        for (name, component) in components.into_iter().flat_map(Map::iter) {
            if let Some(kind) = component.get("kind").and_then(Value::as_str) {
                self.kinds.entry(name.text.clone()).or_default().insert(kind.into());
            }
        }
    }

    /// The names of those that offer a capability, to suggest where one is referred to.
    fn offering(&self, catalog: &Catalog, capability: &str) -> Vec<&str> {
        let offers = |kind: &Arc<str>| {
            let kind = catalog.kind(Sort::Kind, kind);
            kind.is_some_and(|kind| kind.offers.iter().any(|one| **one == *capability))
        };
        let offering = self.kinds.iter().filter(|(_, kinds)| kinds.iter().any(offers));
        offering.map(|(name, _)| &**name).collect()
    }

    /// Those that are of one kind wherever they are.
    fn of_one_kind(&self) -> impl Iterator<Item = (&str, &str)> {
        let alone = self.kinds.iter().filter(|(_, kinds)| kinds.len() == 1);
        alone.filter_map(|(name, kinds)| Some((&**name, &**kinds.first()?)))
    }
}

/// Keys of the envelope that no environment changes.
const FIXED: [&str; 3] = ["formwork", "name", "requires"];

/// The schema of blueprints in general, and of those whose components are known.
pub fn schema(catalog: &Catalog, known: &Known) -> Json {
    let mut schema = envelope(catalog);
    let names = catalog.kinds(Sort::Kind).into_iter();
    let kinds: Vec<Arc<Kind>> = names.filter_map(|name| catalog.kind(Sort::Kind, name)).collect();
    let common = schema.pointer("/$defs/component/properties").cloned().unwrap_or_default();
    let mut defs = schema["$defs"].as_object().cloned().unwrap_or_default();
    defs.extend(deploy_time());
    let writer = Writer { catalog, known };
    for kind in &kinds {
        let whole = whole(&writer, kind, &common);
        defs.insert(format!("overlay-{}", kind.name), loosened(&whole, &defs));
        let form = json!({
            "if": {"required": ["existing"]},
            "then": existing(&writer, kind, &common),
            "else": whole,
        });
        defs.insert(format!("kind-{}", kind.name), form);
    }
    defs.insert("component".into(), component(&kinds));
    let patches = kinds.iter().map(|kind| patch(&kind.name));
    defs.insert("overlay".into(), overlay(&json!({"anyOf": patches.collect::<Vec<_>>()})));
    schema["properties"]["environments"] = environments(&schema, &defs, known);
    schema["$defs"] = defs.into();
    schema["$id"] = "formwork:blueprint-with-kinds".into();
    // Editors would head whatever they say with it.
    schema.as_object_mut().map(|members| members.remove("title"));
    schema["description"] = "A blueprint: what a stack is made of".into();
    schema
}

fn envelope(catalog: &Catalog) -> Json {
    let file = catalog.file("catalog/schema/blueprint.schema.json");
    file.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What stands for a value that is known only at deployment.
fn deploy_time() -> Object<String, Json> {
    let of = |description: &str| {
        json!({
            "type": "object",
            "description": description,
            "minProperties": 1,
            "additionalProperties": false,
            "dependentRequired": {"key": ["secret"]},
            "properties": {
                "parameter": {
                    "$ref": "#/$defs/name",
                    "description": "A parameter that is given at deployment",
                },
                "ssm": {"type": "string", "description": "A parameter of SSM, read at deployment"},
                "secret": {"type": "string", "description": "The ARN of a secret"},
                "key": {"type": "string", "description": "A member of the secret"},
            },
        })
    };
    Object::from_iter([
        ("deploy-time".into(), of("A value that is known only at deployment")),
        ("secret".into(), of("A secret, by where it is kept; never the secret itself")),
    ])
}

/// A component that says its kind: the kind decides what else it may say.
fn component(kinds: &[Arc<Kind>]) -> Json {
    let names: Vec<&str> = kinds.iter().map(|kind| &*kind.name).collect();
    let summaries: Vec<&str> = kinds.iter().map(|kind| &*kind.summary).collect();
    let of = |kind: &Arc<Kind>| {
        json!({
            "if": {"required": ["kind"], "properties": {"kind": {"const": &*kind.name}}},
            "then": {"$ref": format!("#/$defs/kind-{}", kind.name)},
        })
    };
    json!({
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {
            "description": "What the component is",
            "enum": names,
            "enumDescriptions": summaries,
        }},
        "allOf": kinds.iter().map(of).collect::<Vec<_>>(),
    })
}

/// A component in an environment: a whole one if it says its kind, else a patch of whatever kind it
/// has; null leaves it out.
fn overlay(patch: &Json) -> Json {
    json!({
        "type": ["object", "null"],
        "if": {"type": "object", "required": ["kind"]},
        "then": {"$ref": "#/$defs/component"},
        "else": patch,
    })
}

fn patch(kind: &str) -> Json {
    json!({"$ref": format!("#/$defs/overlay-{kind}")})
}

fn environments(schema: &Json, defs: &Object<String, Json>, known: &Known) -> Json {
    let keys = schema["properties"].as_object().into_iter().flatten();
    let keys = keys.filter(|(key, _)| !FIXED.contains(&key.as_str()) && *key != "components");
    let mut properties: Object<String, Json> =
        keys.map(|(key, value)| (key.clone(), loosened(value, defs))).collect();
    let there = known.of_one_kind().filter(|(_, kind)| defs.contains_key(&format!("kind-{kind}")));
    let there = there.map(|(name, kind)| (name.to_string(), overlay(&patch(kind))));
    let components = json!({
        "type": ["object", "null"],
        "properties": Json::Object(there.collect()),
        "description": "What is other than in the components above; null leaves one out",
        "additionalProperties": {"$ref": "#/$defs/overlay"},
    });
    properties.insert("components".into(), components);
    let extends = json!({"type": "string", "description": "The environment that it stands upon"});
    properties.insert("extends".into(), extends);
    let only_a_base = json!({"type": "boolean", "description": "Whether it is only a base"});
    properties.insert("abstract".into(), only_a_base);
    json!({
        "type": "object",
        "description": "Each is a patch over what stands above, and a stack of its own",
        "propertyNames": {"$ref": "#/$defs/name"},
        "additionalProperties": {
            "type": ["object", "null"],
            "additionalProperties": false,
            "properties": properties,
        },
    })
}
