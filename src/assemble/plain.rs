//! Values as people read them in comments and guides: names where they are known.

use crate::catalog::{Catalog, Existing, Output, OutputValue, Piece};
use crate::derive::{Emitted, Stack, Unit};
use crate::expression::Failure;
use crate::value::{Data, Deferred, Map, ResourceId, Target, Value};

/// Attributes that are the physical name of what they belong to.
const NAMES: [&str; 6] = ["Ref", "name", "id", "bucket", "alarm_name", "function_name"];

/// Whether an attribute is the physical name of what it belongs to.
pub(super) fn is_name(attribute: &str) -> bool {
    NAMES.contains(&attribute)
}

/// Spells values for people.
pub struct Plain<'s, 'a> {
    /// The stack that the values are of.
    pub stack: &'s Stack<'a>,
    /// Whose words are used.
    pub target: Target,
}

impl Plain<'_, '_> {
    /// The value as text; deferred values by the names that they will have.
    pub fn text(&self, value: &Value) -> String {
        match &value.data {
            Data::Null => String::new(),
            Data::Boolean(boolean) => boolean.to_string(),
            Data::Integer(integer) => integer.to_string(),
            Data::Float(float) => float.to_string(),
            Data::Text(text) => text.to_string(),
            Data::List(list) => list.iter().map(|v| self.text(v)).collect::<Vec<_>>().join(", "),
            Data::Map(map) => map.names().collect::<Vec<_>>().join(", "),
            Data::Unit(unit) => self.stack.name(&self.stack.unit(*unit)),
            Data::Deferred(deferred) => self.deferred(deferred),
        }
    }

    /// The value as JSON.
    pub fn json(&self, value: &Value) -> serde_json::Value {
        use serde_json::Value as Json;
        match &value.data {
            Data::List(list) => list.iter().map(|value| self.json(value)).collect(),
            Data::Map(map) => {
                let members = map.iter().filter(|(_, value)| !value.is_null());
                Json::Object(members.map(|(k, v)| (k.text.to_string(), self.json(v))).collect())
            }
            Data::Deferred(deferred) => match &**deferred {
                Deferred::Json(value) => self.json(value),
                _ => Json::String(self.text(value)),
            },
            _ => value.json(&|unit| Json::String(self.text(unit))),
        }
    }

    fn deferred(&self, deferred: &Deferred) -> String {
        match deferred {
            Deferred::Join(parts) => parts.iter().map(|part| self.text(part)).collect(),
            Deferred::Targets { cloudformation, terraform } => match self.target {
                Target::CloudFormation => self.text(cloudformation),
                Target::Terraform => self.text(terraform),
            },
            Deferred::Attribute { resource, attribute, .. } => {
                let name = self.physical_name(resource).filter(|_| is_name(attribute));
                let name = name.map(|name| self.text(&name));
                name.or_else(|| self.followed(resource, attribute)).unwrap_or_else(|| {
                    let address = super::address(self.stack, self.target, resource);
                    placeholder(&format!("{address}_{attribute}"))
                })
            }
            Deferred::Lookup { lookup, arguments } => self.lookup(lookup, arguments),
            Deferred::ContentHash(_) => "HASH".into(),
            Deferred::Json(value) => self.json(value).to_string(),
        }
    }

    /// What the first resource of a unit is there for; none where it generates none.
    pub fn why(&self, unit: &Unit) -> Result<Option<String>, Failure> {
        let Some(first) = self.stack.emitted(unit)?.into_iter().next() else { return Ok(None) };
        let why = &unit.kind.emits[first.emit].why;
        let why = self.stack.evaluate_with(unit, &first.bound, why)?;
        Ok(Some(self.text(&why)))
    }

    /// The physical name of a resource that has one.
    pub(super) fn physical_name(&self, resource: &ResourceId) -> Option<Value> {
        let unit = self.stack.unit(resource.unit);
        let emitted: Vec<Emitted> = self.stack.emitted(&unit).ok()?;
        let emitted = emitted.iter().find(|emitted| emitted.resource == *resource)?;
        let name = self.stack.physical_name(&unit, emitted).ok()?;
        (!name.is_null()).then_some(name)
    }

    /// What an attribute will be, where the kind says how it follows from the others.
    fn followed(&self, resource: &ResourceId, attribute: &str) -> Option<String> {
        let unit = self.stack.unit(resource.unit);
        let is_it = |spellings: &[Vec<Piece>; 2]| match spellings[self.target as usize].as_slice() {
            [Piece::Attribute(word, name)] => *word == resource.resource && **name == *attribute,
            _ => false,
        };
        let follows = |output: &Output| match (&output.value, &output.existing) {
            (OutputValue::Attributes(spellings), Existing::Follows(follows))
                if is_it(spellings) && resource.items.is_empty() =>
            {
                self.stack.evaluate(&unit, follows).ok()
            }
            _ => None,
        };
        unit.kind.outputs.iter().find_map(follows).map(|value| self.text(&value))
    }

    fn lookup(&self, lookup: &str, arguments: &Map) -> String {
        let envelope = &self.stack.resolved.envelope;
        match (lookup, &envelope.account) {
            ("account_id", Some(account)) => return account.to_string(),
            ("region", _) if envelope.fleet.is_none() => return envelope.region.to_string(),
            _ => {}
        }
        let told = ["parameter", "ssm", "secret"].iter().find_map(|name| arguments.get(name));
        match (
            of_region(self.stack.catalog, &envelope.region, lookup),
            told.and_then(Value::as_str),
        ) {
            (Some(known), _) => known,
            (None, told) => placeholder(told.unwrap_or(lookup)),
        }
    }
}

/// What follows from a region, by its name in `catalog/deploy.yaml`.
pub fn of_region(catalog: &Catalog, region: &str, name: &str) -> Option<String> {
    let here = |entry: &&Value| {
        let begins = entry.get("begins").and_then(Value::as_str);
        begins.is_some_and(|begins| region.starts_with(begins))
    };
    let deploy = catalog.data("deploy");
    let entry = deploy.get("regions")?.as_list()?.iter().find(here)?;
    entry.get(name).and_then(Value::as_str).map(String::from)
}

/// What a person fills in: in capitals, as a shell and Markdown leave it alone.
pub fn placeholder(name: &str) -> String {
    let mut text = String::new();
    let mut after_lower = false;
    for c in name.trim_start_matches('/').chars() {
        if after_lower && c.is_ascii_uppercase() {
            text.push('_');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        text.push(if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    }
    text
}
