//! What a component of one kind may say: the kind's parameters beside what every component says.

use super::form::Writer;
use crate::catalog::{Existing, Kind, Properties, Sort};
use crate::diagnostic::Severity;
use crate::resolve::{BESIDE_EXISTING, everywhere};
use crate::value::Value;
use serde_json::{Map as Object, Value as Json, json};

/// A component that is generated.
pub(super) fn whole(writer: &Writer<'_>, kind: &Kind, common: &Json) -> Json {
    let examples: Vec<&Value> = kind.examples.iter().map(|(_, example)| example).collect();
    let mut form = writer.object(&kind.parameters, &kind.mistaken, &examples);
    let mut members = said(writer, kind, common);
    members.extend(form["properties"].as_object().cloned().unwrap_or_default());
    form["properties"] = members.into();
    form["description"] = about(kind).into();
    form
}

/// A component that exists already: its outputs alone describe it.
pub(super) fn existing(writer: &Writer<'_>, kind: &Kind, common: &Json) -> Json {
    let mut members = said(writer, kind, common);
    members.retain(|key, _| BESIDE_EXISTING.contains(&key.as_str()));
    json!({
        "type": "object",
        "description": about(kind),
        "properties": members,
        "additionalProperties": false,
    })
}

fn about(kind: &Kind) -> String {
    let more = kind.description.as_deref().map(|text| format!("\n\n{text}"));
    format!("{}{}", kind.summary, more.unwrap_or_default())
}

/// What every component may say, as far as the kind decides about it.
fn said(writer: &Writer<'_>, kind: &Kind, common: &Json) -> Object<String, Json> {
    let mut members = common.as_object().cloned().unwrap_or_default();
    // The base says what kinds there are; this one is settled.
    members.insert("kind".into(), json!({"const": &*kind.name, "description": about(kind)}));
    let kinds_own = [
        ("existing", outputs(writer, kind)),
        ("alarms", alarms(writer, kind)),
        ("roles", roles(writer, kind)),
        ("names", names(kind)),
        ("accept", accept(kind, &common["accept"])),
    ];
    for (key, mut form) in kinds_own {
        form["description"] = common[key]["description"].clone();
        members.insert(key.into(), form);
    }
    members
}

fn closed(properties: Object<String, Json>) -> Json {
    let properties = Json::Object(properties);
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// Outputs as they are given, or read from another stack.
fn outputs(writer: &Writer<'_>, kind: &Kind) -> Json {
    let of = |output: &crate::catalog::Output| {
        let form = writer.schema(&everywhere(&output.schema), &[]);
        (output.name.text.to_string(), form)
    };
    let mut properties: Object<String, Json> = kind.outputs.iter().map(of).collect();
    let names: Vec<&str> = kind.outputs.iter().map(|output| &*output.name.text).collect();
    let from = json!({
        "type": "object",
        "description": "Another stack that shares its component",
        "required": ["prefix", "component"],
        "additionalProperties": false,
        "properties": {
            "prefix": {"type": "string", "description": "Begins the other stack's names"},
            "component": {"type": "string", "description": "The id of its component"},
            "with": {
                "type": "array",
                "items": {"enum": names},
                "description": "Optional outputs that it shares as well",
            },
        },
    });
    properties.insert("from".into(), from);
    let needed = kind.outputs.iter().filter(|one| matches!(one.existing, Existing::Required));
    let needed: Vec<&str> = needed.map(|output| &*output.name.text).collect();
    let mut form = closed(properties);
    form["if"] = json!({"required": ["from"]});
    form["then"] = json!({"maxProperties": 1});
    form["else"] = json!({"required": needed});
    form
}

fn alarms(writer: &Writer<'_>, kind: &Kind) -> Json {
    let told = kind.document.get("alarms");
    let of = |part: &crate::catalog::Part| {
        let file = writer.catalog.kind(Sort::Part, &part.part)?;
        let known = file.parameters.iter().filter(|(_, schema)| schema.overridable);
        let known: Properties = known.cloned().collect();
        let mut form = writer.object::<&str>(&known, &[], &[]);
        form.as_object_mut()?.remove("required");
        let off = json!({"type": "string", "description": "Why there is no such alarm"});
        form["properties"]["off"] = off;
        let name = &*part.name.text;
        let means = told.and_then(|alarms| alarms.get(name)?.get("means")?.as_str());
        if let Some(means) = means.filter(|means| !means.contains("${")) {
            form["description"] = format!("Raised when {means}").into();
        }
        Some((name.to_string(), form))
    };
    closed(kind.parts.iter().filter(|part| part.alarm).filter_map(of).collect())
}

fn roles(writer: &Writer<'_>, kind: &Kind) -> Json {
    let given = |part: &&crate::catalog::Part| {
        let file = writer.catalog.kind(Sort::Part, &part.part);
        file.is_some_and(|file| file.existing_as.as_deref() == Some("roles"))
    };
    let form = json!({"anyOf": [{"type": "string"}, {"$ref": "#/$defs/deploy-time"}]});
    let parts = kind.parts.iter().filter(given);
    closed(parts.map(|part| (part.name.text.to_string(), form.clone())).collect())
}

fn names(kind: &Kind) -> Json {
    let form = json!({"type": "string", "minLength": 1});
    let named = kind.emits.iter().filter(|emit| emit.name.is_some());
    let named = named.map(|emit| (emit.resource.text.to_string(), form.clone()));
    let mut closed = closed(named.collect());
    let parts: Vec<&str> = kind.parts.iter().map(|part| &*part.name.text).collect();
    if !parts.is_empty() {
        let of_parts = format!("^({})\\.", parts.join("|"));
        closed["patternProperties"] = json!({ of_parts: form });
    }
    closed
}

/// Any rule may be accepted; those of the kind are suggested.
fn accept(kind: &Kind, common: &Json) -> Json {
    let mut form = common.clone();
    let warnings = kind.rules.iter().filter(|rule| rule.severity == Severity::Warning);
    let entry = &common["additionalProperties"];
    let known = warnings.map(|rule| (rule.name.to_string(), entry.clone()));
    form["properties"] = Json::Object(known.collect());
    form
}
