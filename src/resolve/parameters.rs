//! Parameters: a component's values against its kind's schemas, defaults filled in.

use super::ReadFile;
use super::advice::advice;
use super::component::{Component, Settled};
use super::deploy_time;
use super::files::Asset;
use super::references::Names;
use crate::blueprint::{COMPONENT_KEYS, Envelope};
use crate::catalog::{Form, Properties, Schema};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::value::{Data, Key, Map, Origin, Value};
use std::sync::Arc;

/// Settles one component.
pub(super) struct Settle<'a> {
    pub component: &'a Component,
    pub index: usize,
    pub names: &'a Names<'a>,
    pub envelope: &'a Envelope,
    pub read_file: Option<&'a ReadFile<'a>>,
    pub findings: Vec<Diagnostic>,
    pub assets: Vec<Asset>,
    pub since: Vec<semver::Version>,
    /// It refers to what has an error, so nothing can be derived from it, and it is not to blame.
    pub told: bool,
}

/// Where a value stands: its path below the component, and the nearest key that is written.
#[derive(Clone)]
pub(super) struct Place {
    pub path: String,
    pub key: Key,
}

impl Place {
    pub fn below(&self, name: &str, key: Option<&Key>) -> Self {
        let path = match self.path.as_str() {
            "" => name.to_string(),
            path => format!("{path}.{name}"),
        };
        Self { path, key: key.unwrap_or(&self.key).clone() }
    }

    fn default_origin(&self) -> Origin {
        self.key.span.clone().map(Origin::Default).unwrap_or_default()
    }
}

impl<'a> Settle<'a> {
    pub fn new(
        component: &'a Component,
        index: usize,
        names: &'a Names<'a>,
        envelope: &'a Envelope,
    ) -> Self {
        let (findings, assets, since) = (vec![], vec![], vec![]);
        let (read_file, told) = (None, false);
        Self { component, index, names, envelope, read_file, findings, assets, since, told }
    }

    pub fn refuse(&mut self, rule: &'static str, title: String, at: &Value) -> &mut Diagnostic {
        self.push(Diagnostic::new(rule, title).label_value(at, ""))
    }

    pub fn push(&mut self, finding: Diagnostic) -> &mut Diagnostic {
        let last = self.findings.len();
        self.findings.push(finding.about(self.component.name()));
        &mut self.findings[last]
    }

    /// Everything that the component says.
    pub fn component(&mut self) -> Settled {
        let kind = self.component.kind.clone();
        let root = Place { path: String::new(), key: self.component.key.clone() };
        if self.component.exists() {
            return self.existing(&kind, &root);
        }
        let own = self.component.document.0.iter();
        let own = own.filter(|(key, _)| !COMPONENT_KEYS.contains(&&*key.text));
        let own = Map(own.cloned().collect());
        let parameters = self.object(&kind.parameters, &own, &root, &kind.mistaken);
        Settled {
            parameters,
            existing: None,
            alarms: self.alarms(&kind),
            given_parts: self.given_parts(&kind),
            names: self.physical_names(&kind),
            since: std::mem::take(&mut self.since),
        }
    }

    /// Every property of an object: those written, those by default, and null for the rest.
    pub fn object(
        &mut self,
        properties: &Properties,
        given: &Map,
        place: &Place,
        mistaken: &[(Key, Arc<str>)],
    ) -> Map {
        for (key, _) in given.iter() {
            if !known(properties).any(|known| *known == *key.text) {
                self.unknown(key, properties, place, mistaken);
            }
        }
        let settled = properties.iter().map(|(key, schema)| {
            let written = given.entry(&key.text);
            let written = written.filter(|(_, value)| !value.is_null() && !schema.withheld);
            let place = place.below(&key.text, written.map(|(key, _)| key));
            let value = match written {
                Some((_, value)) => self.value(schema, value, &place),
                None => self.absent(schema, &place),
            };
            (key.text.clone(), value)
        });
        settled.collect()
    }

    fn unknown(
        &mut self,
        key: &Key,
        properties: &Properties,
        place: &Place,
        mistaken: &[(Key, Arc<str>)],
    ) {
        let lesson = mistaken.iter().find(|(wrong, _)| wrong.text == key.text);
        if let Some((_, lesson)) = lesson {
            let title = format!("there is no `{}`", key.text);
            let finding = Diagnostic::new("mistaken-key", title).label_key(key, "");
            self.push(finding.help(lesson.to_string()));
            return;
        }
        let known: Vec<&str> = known(properties).collect();
        let common = if place.path.is_empty() { &COMPONENT_KEYS[..] } else { &[] };
        let near = did_you_mean(&key.text, known.iter().chain(common).copied());
        let kind = &self.component.kind.name;
        let whole = if place.path.is_empty() { kind.to_string() } else { place.path.clone() };
        let help = near.unwrap_or_else(|| match known.as_slice() {
            [] => format!("`{whole}` takes nothing here"),
            known => format!("`{whole}` knows {}", known.join(", ")),
        });
        let title = format!("`{whole}` has no `{}`", key.text);
        self.push(Diagnostic::new("unknown-key", title).label_key(key, "").help(help));
    }

    fn absent(&mut self, schema: &Schema, place: &Place) -> Value {
        if let Form::Reference { capability, implied } = &schema.form {
            return self.unbound(schema, capability, implied.is_some(), place);
        }
        let origin = place.default_origin();
        match &schema.default {
            Some(default) => self.default(schema, default, place).from_origin(origin),
            None if schema.optional => Value::NULL.from_origin(origin),
            None => {
                let title = format!("`{}` is missing", place.path);
                let finding = Diagnostic::new("missing-key", title);
                let finding = finding.label_key(&place.key, "here");
                let name = place.path.rsplit('.').next().unwrap_or_default();
                self.push(finding.help(format!("write `{name}: …`, {}", schema.wants())));
                Value::NULL
            }
        }
    }

    /// Defaults are settled as if they were written where they are left out.
    fn default(&mut self, schema: &Schema, default: &Value, place: &Place) -> Value {
        fn moved(value: &Value, origin: &Origin) -> Value {
            let data = match &value.data {
                Data::List(list) => Data::List(list.iter().map(|v| moved(v, origin)).collect()),
                Data::Map(map) => {
                    let members = map.0.iter();
                    let members =
                        members.map(|(key, v)| (Key::from(key.text.clone()), moved(v, origin)));
                    Data::Map(Map(members.collect()).into())
                }
                data => data.clone(),
            };
            Value { data, origin: origin.clone() }
        }
        let default = moved(default, &place.default_origin());
        self.value(schema, &default, place)
    }

    fn unbound(
        &mut self,
        schema: &Schema,
        capability: &str,
        implied: bool,
        place: &Place,
    ) -> Value {
        let origin = place.default_origin();
        if implied || self.names.is_ambient(capability) {
            match self.names.ambient(&place.path, capability, self.index, &place.key) {
                Ok(Some(unit)) => return unit.from_origin(origin),
                Ok(None) => {}
                Err(finding) => {
                    self.push(finding);
                    return Value::NULL;
                }
            }
        }
        if !schema.optional {
            let title = format!("`{}` needs a component that offers `{capability}`", place.path);
            let finding = Diagnostic::new("unbound-reference", title);
            let name = place.path.rsplit('.').next().unwrap_or_default();
            let help = format!("write `{name}: NAME`, the name of such a component");
            let finding = finding.label_key(&place.key, "here");
            self.push(finding.help(self.names.who(capability, self.index)).help(help));
        }
        Value::NULL.from_origin(origin)
    }

    /// A written value against its schema.
    pub fn value(&mut self, schema: &Schema, value: &Value, place: &Place) -> Value {
        self.note_use(schema, value, place);
        if let Some(found) = deploy_time::read(value) {
            return self.deploy_time(schema, value, &found, place);
        }
        if schema.secret {
            return self.secret_literal(value, place);
        }
        let settled = match &schema.form {
            Form::Any | Form::Statements => Some(value.clone()),
            Form::Text { min, max, pattern } => {
                self.text(value, place, (*min, *max), pattern.as_ref())
            }
            Form::Number { whole, minimum, maximum } => {
                self.number(value, place, *whole, (*minimum, *maximum))
            }
            Form::Boolean => value.as_bool().map(|_| value.clone()),
            Form::File { stored, bucket } => {
                return self.file(value, *stored, bucket.as_deref(), schema, place);
            }
            Form::List { items, min, max } => self.list(items, value, place, (*min, *max)),
            Form::Object(properties) => value.as_map().map(|map| {
                let map = self.object(properties, map, place, &schema.mistaken);
                Value::from(map).from_origin(value.origin.clone())
            }),
            Form::Named { item, keys } => {
                self.named((item, &schema.mistaken), keys.as_deref(), value, place)
            }
            Form::Map { values, keys } => self.map(values, keys.as_deref(), value, place),
            Form::Reference { capability, .. } => {
                return self.reference(schema, capability, value);
            }
        };
        let Some(settled) = settled else {
            let title =
                format!("`{}` takes {}, not {}", place.path, schema.wants(), value.type_name());
            let help = advice(&self.component.kind, schema, value, &place.path);
            let finding = Diagnostic::new("wrong-type", title).label_value(value, "");
            self.push(finding.help(help));
            return Value::NULL;
        };
        self.allowed(schema, &settled, place);
        settled
    }

    fn note_use(&mut self, schema: &Schema, value: &Value, place: &Place) {
        for since in &schema.since {
            if since.value.as_ref().is_none_or(|needs| needs == value) {
                self.since.push(since.version.clone());
            }
        }
        let Some((only, reason)) = &schema.only_on else { return };
        let other = self.envelope.targets.iter().find(|target| *target != only);
        if let (Some(other), false) = (other, matches!(value.origin, Origin::Default(_))) {
            let title = format!("`{}` exists on {} only: {reason}", place.path, only.name());
            let help = format!(
                "leave it out, or write `targets: [{only}]` if {} is not wanted",
                other.name()
            );
            self.refuse("only-on", title, value).help.push(help);
        }
    }

    fn secret_literal(&mut self, value: &Value, place: &Place) -> Value {
        if let Some(span) = value.span() {
            span.conceal();
        }
        let title = format!("`{}` is a secret, and stands in the blueprint", place.path);
        let finding = Diagnostic::new("secret-literal", title).label_key(&place.key, "");
        let help = "write `{secret: ARN, key: NAME}`; the value is then read when it is deployed";
        self.push(finding.help(help));
        Value::NULL.from_origin(value.origin.clone())
    }

    fn reference(&mut self, schema: &Schema, capability: &str, value: &Value) -> Value {
        if value.as_str() == Some("none") {
            if !schema.optional {
                let title = format!("`none` refuses a `{capability}` that is needed");
                let help = "write the name of a component that offers it";
                self.refuse("unbound-reference", title, value).help.push(help.into());
            }
            return Value::NULL.from_origin(value.origin.clone());
        }
        self.named_component(value, capability).unwrap_or_default()
    }

    /// The component that a value names, where there is one that nothing is wrong with.
    pub fn named_component(&mut self, value: &Value, capability: &str) -> Option<Value> {
        match self.names.named(value, capability, self.index) {
            Ok(unit) => {
                self.told |= unit.is_none();
                unit
            }
            Err(finding) => {
                self.push(finding);
                None
            }
        }
    }
}

/// What users can write.
fn known(properties: &Properties) -> impl Iterator<Item = &str> {
    properties.iter().filter(|(_, schema)| !schema.withheld).map(|(key, _)| &*key.text)
}
