//! Which resources a unit generates.

use super::parts::Bound;
use super::{Stack, Unit};
use crate::catalog::Emit;
use crate::expression::Failure;
use crate::value::{Data, ResourceId, Value};
use std::sync::Arc;

/// A resource that is there.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// Its identity.
    pub resource: ResourceId,
    /// Its index among the kind's `emits`.
    pub emit: usize,
    /// The names that its `each` binds.
    pub bound: Vec<(Arc<str>, Value)>,
}

impl Stack<'_> {
    /// Every resource of a unit, in the order of the kind's file; none where it exists already.
    pub fn emitted(&self, unit: &Unit) -> Result<Vec<Emitted>, Failure> {
        let mut all = vec![];
        for emit in &unit.kind.emits {
            all.extend(self.emitted_of(unit, &emit.resource.text)?);
        }
        Ok(all)
    }

    /// The resources that one word stands for.
    pub(super) fn emitted_of(&self, unit: &Unit, word: &str) -> Result<Vec<Emitted>, Failure> {
        let emits = &unit.kind.emits;
        let Some(index) = emits.iter().position(|emit| *emit.resource.text == *word) else {
            return Err(Failure::new(format!("`{}` has no resource `{word}`", unit.kind.name)));
        };
        if unit.given.is_some() {
            return Ok(vec![]);
        }
        let mut all = vec![];
        for bound in self.each(unit, &emits[index].each)? {
            if self.holds(unit, &bound, emits[index].when.as_ref())? {
                let resource = self.resource_id(unit, &emits[index], &bound)?;
                all.push(Emitted { resource, emit: index, bound });
            }
        }
        Ok(all)
    }

    fn resource_id(&self, unit: &Unit, emit: &Emit, bound: &Bound) -> Result<ResourceId, Failure> {
        let items = bound.iter().map(|(_, item)| item_key(self, item));
        let items = items.collect::<Result<Vec<_>, _>>()?.into();
        Ok(ResourceId { unit: unit.id, resource: emit.resource.text.clone(), items })
    }

    /// Whether a resource without `each` is there.
    pub(super) fn is_emitted(&self, unit: &Unit, word: &str) -> Result<bool, Failure> {
        match unit.kind.emit(word) {
            Some(emit) if emit.each.is_empty() => self.holds(unit, &[], emit.when.as_ref()),
            _ => Ok(true),
        }
    }
}

/// What names an item in ids: its `key`, its text, or the id of the component that it is.
pub fn item_key(stack: &Stack<'_>, item: &Value) -> Result<Arc<str>, Failure> {
    match &item.data {
        Data::Text(text) => Ok(text.clone()),
        Data::Integer(integer) => Ok(integer.to_string().into()),
        Data::Unit(unit) => {
            let unit = stack.unit(*unit);
            Ok(unit.words.last().unwrap_or(&stack.component(&unit).id).clone())
        }
        _ => {
            if let Some(key) = item.get("key").and_then(Value::as_str) {
                Ok(key.into())
            } else {
                let what = item.type_name();
                Err(Failure::new(format!("an item needs a `key` to be named by; this is {what}")))
            }
        }
    }
}
