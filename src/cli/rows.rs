//! A resolved blueprint as rows: each value by its path, with where it came from.

use crate::blueprint::COMPONENT_KEYS;
use crate::resolve::{Component, Resolved};
use crate::source::Span;
use crate::value::{Data, Map, Origin, Value};
use serde::Serialize;
use serde_json::Value as Json;

/// One value, by its path in the blueprint.
#[derive(Serialize)]
pub(super) struct Row {
    pub path: String,
    pub value: Json,
    /// Where it was written; empty where it was not.
    pub places: Vec<Place>,
    /// Why it is what it is, where nobody wrote it.
    pub because: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
}

/// Everything that the blueprint says or leaves to us: first its envelope, then its components.
pub(super) fn rows(document: &Value, resolved: &Resolved) -> Vec<Row> {
    let mut table = Table { resolved, rows: vec![] };
    for (key, value) in document.as_map().into_iter().flat_map(Map::iter) {
        if &*key.text != "components" {
            table.add(&key.text, value, None, "");
        }
    }
    let envelope = &resolved.envelope;
    let targets: Vec<Value> = envelope.targets.iter().map(|one| one.word().into()).collect();
    let computed = [
        ("prefix", Value::from(&*envelope.prefix), "made from the names"),
        ("protect", Value::from(envelope.protect), "default"),
        ("targets", Value::from(targets), "default"),
    ];
    for (name, value, why) in computed {
        if document.get(name).is_none() {
            table.add(name, &value, None, why);
        }
    }
    for component in &resolved.components {
        table.component(component);
    }
    table.rows
}

struct Table<'a> {
    resolved: &'a Resolved,
    rows: Vec<Row>,
}

impl Table<'_> {
    fn component(&mut self, component: &Component) {
        let path = format!("components.{}", component.name());
        let kind = &component.kind;
        if component.implied {
            let value = Value::from(&*kind.name);
            self.add(&format!("{path}.kind"), &value, None, "implied by what needs it");
        }
        let common = component.document.iter();
        for (key, value) in common.filter(|(key, _)| COMPONENT_KEYS.contains(&&*key.text)) {
            self.add(&format!("{path}.{}", key.text), value, None, "");
        }
        if component.exists() {
            return;
        }
        for (key, value) in component.settled.parameters.iter() {
            let schema = kind.parameter(&key.text);
            let capability = schema.and_then(|schema| schema.reference());
            let why = match (&value.data, capability) {
                (Data::Unit(_), Some((capability, _))) => {
                    format!("the only component that offers {capability}")
                }
                (Data::Null, _) => "not set".into(),
                _ => format!("default of {}", kind.name),
            };
            let written = component.document.get(&key.text);
            self.add(&format!("{path}.{}", key.text), value, written, &why);
        }
    }

    /// Adds a value, or each value in it. What is known only at deployment, and a file, is shown as
    /// it was written.
    fn add(&mut self, path: &str, value: &Value, written: Option<&Value>, why: &str) {
        let names_a_file = written.and_then(Value::as_map).zip(value.as_map());
        let names_a_file = names_a_file
            .is_some_and(|(written, map)| written.names().any(|name| map.get(name).is_none()));
        let value = match written {
            Some(written) if value.is_deferred() || names_a_file => written,
            _ => value,
        };
        match &value.data {
            Data::Map(map) if !map.is_empty() => {
                for (key, member) in map.iter() {
                    let twin = written.and_then(|written| written.get(&key.text));
                    let own = written.is_some() && twin.is_none();
                    if own && matches!(member.origin, Origin::At(_)) {
                        continue; // the key of an item, which stands in the path
                    }
                    let why = if member.is_null() { "not set" } else { why };
                    self.add(&format!("{path}.{}", key.text), member, twin, why);
                }
            }
            _ => self.rows.push(self.row(path, value, why)),
        }
    }

    fn row(&self, path: &str, value: &Value, why: &str) -> Row {
        let name = |value: &Value| match value.data {
            Data::Unit(unit) => self.resolved.component(unit).map_or("", |one| one.name()).into(),
            _ => Json::Null,
        };
        let places: Vec<Place> = match &value.origin {
            Origin::Default(_) => vec![],
            origin => origin.spans().iter().map(Place::of).collect(),
        };
        let because = (places.is_empty() && !why.is_empty()).then(|| why.to_string());
        Row { path: path.to_string(), value: value.json(&name), places, because }
    }
}

impl Place {
    fn of(span: &Span) -> Self {
        let (line, column) = span.line_column();
        Self { file: span.source.name.clone(), line, column }
    }
}
