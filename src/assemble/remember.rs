//! Values as a manifest remembers them, for one release to compare with the next. What is known
//! only at deployment stands by what it is, never by words for people: those may change.

use super::plain::{Plain, is_name};
use crate::derive::Stack;
use crate::value::{Data, Deferred, Map, Target, Value};
use serde_json::Value as Json;

/// The same for the same value, in every release, whatever else the blueprint says.
pub fn remembered(stack: &Stack<'_>, target: Target, value: &Value) -> Json {
    Memory { plain: Plain { stack, target } }.json(value)
}

struct Memory<'s, 'a> {
    plain: Plain<'s, 'a>,
}

impl Memory<'_, '_> {
    fn json(&self, value: &Value) -> Json {
        match &value.data {
            Data::List(list) => list.iter().map(|value| self.json(value)).collect(),
            Data::Map(map) => {
                let members = map.iter().filter(|(_, value)| !value.is_null());
                Json::Object(members.map(|(k, v)| (k.text.to_string(), self.json(v))).collect())
            }
            Data::Deferred(deferred) => self.deferred(deferred),
            _ => self.plain.json(value),
        }
    }

    fn deferred(&self, deferred: &Deferred) -> Json {
        match deferred {
            Deferred::Join(parts) => {
                Json::String(parts.iter().map(|part| text(&self.json(part))).collect())
            }
            Deferred::Targets { cloudformation, terraform } => match self.plain.target {
                Target::CloudFormation => self.json(cloudformation),
                Target::Terraform => self.json(terraform),
            },
            Deferred::Attribute { resource, attribute, .. } => {
                let name = self.plain.physical_name(resource).filter(|_| is_name(attribute));
                name.map_or_else(
                    || {
                        let address = super::address(self.plain.stack, self.plain.target, resource);
                        Json::String(format!("${{{address}.{attribute}}}"))
                    },
                    |name| self.json(&name),
                )
            }
            Deferred::Lookup { lookup, arguments } => Json::String(self.lookup(lookup, arguments)),
            Deferred::ContentHash(_) => "${hash}".into(),
            Deferred::Json(value) => self.json(value),
        }
    }

    fn lookup(&self, lookup: &str, arguments: &Map) -> String {
        // What a value is used for is said to people.
        let told = arguments.iter().filter(|(key, _)| &*key.text != "used_for");
        let told = told.map(|(_, value)| format!(" {}", text(&self.json(value))));
        format!("${{{lookup}{}}}", told.collect::<String>())
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}
