//! Values in the places of their tokens.

use crate::derive::Emitted;
use crate::expression::Failure;
use crate::template::Printed;
use crate::value::{Data, Deferred, Map, Target, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A resource as its template printed it, values placed.
#[derive(Debug)]
pub(super) struct Raw {
    pub address: String,
    pub type_name: String,
    pub properties: Map,
    /// What stands beside the properties and is the target's own.
    pub settings: Map,
    /// The paths of properties that are blocks.
    pub blocks: BTreeSet<String>,
}

/// What one template printed, and what may stand in it.
pub(super) struct Place<'a> {
    pub printed: &'a Printed,
    pub target: Target,
    pub expected: &'a BTreeMap<String, &'a Emitted>,
    /// How many tokens stand in a property so far.
    pub placed: Cell<usize>,
}

impl Place<'_> {
    /// A failure at a printed line, told at the template's.
    pub fn fail(&self, line: usize, message: impl Into<String>) -> Failure {
        Failure::new(message).at(self.printed.place(line).as_ref())
    }

    /// The value of a token as the target spells it; `None` when the text is no token, null when
    /// the value takes its property away.
    pub fn token(&self, text: &str, line: usize) -> Result<Option<Value>, Failure> {
        let value = self.printed.value(text).map_err(|message| self.fail(line, message))?;
        self.placed.set(self.placed.get() + usize::from(value.is_some()));
        Ok(value.map(|value| without_nulls(&value.on(self.target)).unwrap_or_default()))
    }

    /// An attribute of a resource of the same unit.
    pub fn attribute(&self, address: &str, attribute: &str) -> Option<Value> {
        let resource = self.expected.get(address)?.resource.clone();
        let (attribute, ready) = (attribute.into(), Arc::default());
        Some(Deferred::Attribute { resource, attribute, ready }.into())
    }

    /// Every token that was printed stands in exactly one place.
    pub fn all_placed(&self) -> Result<(), Failure> {
        let (printed, placed) = (self.printed.slots.len(), self.placed.get());
        if placed == printed {
            return Ok(());
        }
        let message = format!("{printed} slots were printed and {placed} stand in a property");
        Err(self.fail(1, message))
    }
}

/// The tree without nulls, and without what nulls alone left empty; `None` when nothing is left.
pub fn without_nulls(value: &Value) -> Option<Value> {
    let data = match &value.data {
        Data::Null => return None,
        Data::Map(map) if !map.is_empty() => {
            let members = map.iter();
            let kept =
                members.filter_map(|(key, value)| Some((key.clone(), without_nulls(value)?)));
            let kept: Vec<_> = kept.collect();
            if kept.is_empty() {
                return None;
            }
            Data::Map(Map(kept).into())
        }
        Data::List(list) if !list.is_empty() => {
            let kept: Vec<Value> = list.iter().filter_map(without_nulls).collect();
            if kept.is_empty() {
                return None;
            }
            Data::List(kept.into())
        }
        Data::Deferred(deferred) => match &**deferred {
            Deferred::Json(value) => Data::Deferred(Deferred::Json(without_nulls(value)?).into()),
            _ => value.data.clone(),
        },
        data => data.clone(),
    };
    Some(Value { data, origin: value.origin.clone() })
}
