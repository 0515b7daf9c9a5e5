//! Where a free text can stand in a blueprint: found in the kinds' schemas.
use std::collections::BTreeMap;

use formwork::catalog::{Form, Kind, Output, OutputValue, Properties, Schema, Sort};
use formwork::diagnostic::Diagnostic;
use formwork::value::Target;
use serde_json::{Value, json};

use crate::stacks::{OURS, examples};

/// Where a text can stand in a blueprint.
#[derive(Clone, Debug)]
pub struct Place {
    /// The blueprint without it.
    base: Value,
    /// The way to it.
    pub path: Vec<String>,
    /// The text is the last key of the way, and not the value.
    pub is_key: bool,
}

impl Place {
    pub fn name(&self) -> String {
        let kind = self.base["components"]["example"]["kind"].as_str().unwrap_or_default();
        format!("{kind} {}{}", self.path.join("."), if self.is_key { ".<key>" } else { "" })
    }

    pub fn with(&self, text: &str) -> String {
        let mut document = self.base.clone();
        self.put(&mut document, text);
        escaped(&document)
    }

    fn put(&self, document: &mut Value, text: &str) {
        let mut at = document;
        for step in &self.path {
            at = match at {
                Value::Array(items) => &mut items[0],
                other => &mut other[step.as_str()],
            };
        }
        *at = if self.is_key { json!({ text: "value" }) } else { json!(text) };
    }
}

/// A blueprint as JSON, which is YAML where nothing but ASCII stands in it.
fn escaped(document: &Value) -> String {
    let escape = |c: char| {
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units);
        units.iter().fold(String::new(), |all, unit| all + &format!("\\u{unit:04x}"))
    };
    let text = document.to_string();
    let plain = |c: char| (' '..='~').contains(&c);
    let yaml = |c: char| if u32::from(c) > 0xffff { format!("{c}") } else { escape(c) };
    text.chars().map(|c| if plain(c) { c.to_string() } else { yaml(c) }).collect()
}

/// Every place, with a blueprint that any plain word there leaves sound.
pub fn places() -> Vec<Place> {
    let mut first: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for case in examples() {
        let kind = case.name.split('.').next().expect("a kind").to_owned();
        let document = serde_yaml::from_str(&case.text).expect("a blueprint");
        first.entry(kind).or_default().push(document);
    }
    first.iter().flat_map(|(kind, examples)| places_of(kind, examples)).collect()
}

fn places_of(kind: &str, examples: &[Value]) -> Vec<Place> {
    let file = OURS.catalog.kind(Sort::Kind, kind).expect("a kind");
    let mut ways = vec![];
    ways_of(&file.parameters, &[], &mut ways);
    let mut fixed = vec![("description", false), ("names.main", false)];
    if takes_tags(&file) {
        fixed.extend([("tags.owner", false), ("tags", true)]);
    }
    ways.extend(
        fixed.into_iter().map(|(way, is_key)| (way.split('.').map(String::from).collect(), is_key)),
    );
    let own = |way: Vec<String>| ["components", "example"].map(String::from).into_iter().chain(way);
    let mut ways: Vec<(Vec<String>, bool)> =
        ways.into_iter().map(|(way, is_key)| (own(way).collect(), is_key)).collect();
    let envelope = [("description", false), ("tags.owner", false), ("tags", true)];
    ways.extend(envelope.map(|(way, is_key)| (way.split('.').map(String::from).collect(), is_key)));
    let given = |output: &&Output| {
        matches!(output.value, OutputValue::Attributes(_)) && is_free(&output.schema)
    };
    let given = file.outputs.iter().filter(given).map(|output| output.name.text.to_string());
    let place = |(path, is_key): (Vec<String>, bool)| {
        let exists = |document: &Value| document["components"]["example"]["existing"].is_object();
        let wants = path.get(2).is_some_and(|step| step == "existing");
        let base = |document: &&Value| {
            let place = Place { base: (*document).clone(), path: path.clone(), is_key };
            exists(document) == wants && !errors(&place.with("qzplain")).any(|_| true)
        };
        let base = examples.iter().find(base)?.clone();
        Some(Place { base, path, is_key })
    };
    let given = given.map(|name| (own(vec!["existing".into(), name]).collect(), false));
    ways.into_iter().chain(given).filter_map(place).collect()
}

/// Whether anything that the kind, or a part of it, generates carries tags.
fn takes_tags(kind: &Kind) -> bool {
    let facts = OURS.catalog.provider(Target::Terraform);
    let types = kind.emits.iter().filter_map(|emit| emit.type_on(Target::Terraform));
    let mut tagged = types.filter_map(|name| facts.get(name)).map(|one| one.tags().is_some());
    tagged.any(|tagged| tagged)
        || kind.parts.iter().any(|part| {
            OURS.catalog.kind(Sort::Part, &part.part).is_some_and(|part| takes_tags(&part))
        })
}

/// What nobody refers to shows nothing of what it says, so it is no place either.
fn errors(text: &str) -> impl Iterator<Item = Diagnostic> {
    let unused = |finding: &Diagnostic| &*finding.rule == "unused-component";
    OURS.generate(text).1.into_iter().filter(move |found| found.is_error() || unused(found))
}

/// Any text of its length will do.
fn is_free(schema: &Schema) -> bool {
    matches!(schema.form, Form::Text { pattern: None, .. }) && schema.allowed.is_empty()
}

/// The ways to free texts, and to free keys.
fn ways_of(properties: &Properties, above: &[String], ways: &mut Vec<(Vec<String>, bool)>) {
    for (key, schema) in properties {
        let way: Vec<String> = above.iter().cloned().chain([key.text.to_string()]).collect();
        let below = |step: &str| way.iter().cloned().chain([step.into()]).collect::<Vec<_>>();
        match &schema.form {
            _ if is_free(schema) => ways.push((way, false)),
            Form::Object(properties) => ways_of(properties, &way, ways),
            Form::Named { item, .. } => ways_of(item, &below("one"), ways),
            Form::Map { values, keys } if is_free(values) => {
                ways.push((below("One"), false));
                if keys.as_ref().is_none_or(|keys| is_free(keys)) {
                    ways.push((way, true));
                }
            }
            _ => {}
        }
    }
}
