//! Collections: what a component gathers from those that refer to it.

use super::{Slot, Stack, Unit};
use crate::catalog::{Contribution, Form, Kind, Properties, Schema, Sort};
use crate::expression::Failure;
use crate::value::{Data, Origin, Value};
use std::rc::Rc;
use std::sync::Arc;

impl Stack<'_> {
    /// A collection: sorted by contributor, equal entries merged, each from its contributors.
    pub(super) fn collected(&self, unit: &Unit, name: &str) -> Result<Value, Failure> {
        let collects = &unit.kind.collects;
        let Some(index) = collects.iter().position(|collection| **collection == *name) else {
            return Err(Failure::new(format!("`{}` collects no `{name}`", unit.kind.name)));
        };
        self.pull(unit, Slot::Collected(index), name, || self.collect(unit, name))
    }

    fn collect(&self, unit: &Unit, name: &str) -> Result<Value, Failure> {
        let mut contributors: Vec<Rc<Unit>> = self.sound_components().collect();
        contributors.sort_by(|one, other| self.component(one).id.cmp(&self.component(other).id));
        let mut all: Vec<Value> = vec![];
        for contributor in contributors.iter().filter(|other| other.id != unit.id) {
            let origin = self.component(contributor).key.origin();
            for item in self.contributed(contributor, unit, name)? {
                match all.iter_mut().find(|other| **other == item) {
                    Some(other) => other.origin = other.origin.and(&origin),
                    None => all.push(item.from_origin(origin.clone())),
                }
            }
        }
        let origin = Origin::of(&all);
        Ok(Value::from(all).from_origin(origin))
    }

    /// What one unit, its parts included, contributes to a collection of another.
    fn contributed(&self, from: &Unit, to: &Unit, name: &str) -> Result<Vec<Value>, Failure> {
        let mut all = vec![];
        for contribution in &from.kind.contributes {
            if *contribution.collection == *name && fits(&from.kind, contribution, &to.kind) {
                self.contribution(from, to, contribution, &mut all)?;
            }
        }
        for (index, part) in from.kind.parts.iter().enumerate() {
            if self.may_contribute(&part.part, name, 0) {
                for instance in self.instances(from, index)? {
                    all.extend(self.contributed(&instance, to, name)?);
                }
            }
        }
        Ok(all)
    }

    fn contribution(
        &self,
        from: &Unit,
        to: &Unit,
        contribution: &Contribution,
        all: &mut Vec<Value>,
    ) -> Result<(), Failure> {
        let mut path = contribution.parameter.split('.');
        let first = path.next().unwrap_or_default();
        let mut parameters = from.kind.parameters.iter();
        let position = parameters.position(|(key, _)| *key.text == *first);
        let Some(index) = position.filter(|_| from.given.is_none()) else { return Ok(()) };
        let schema = &from.kind.parameters[index].1;
        if !refers(schema, &self.parameter(from, index)?, &path.collect::<Vec<_>>(), to) {
            return Ok(());
        }
        let items = self.evaluate(from, &contribution.items)?;
        let Some(list) = items.as_list() else {
            let message = format!("contributions are a list, not {}", items.type_name());
            return Err(Failure::new(message).at(contribution.items.span()));
        };
        all.extend(list.iter().filter(|item| !item.is_null()).cloned());
        Ok(())
    }

    /// Whether a part, or one inside it, contributes to a collection of that name at all: other
    /// parts need not be made to find out.
    fn may_contribute(&self, part: &str, name: &str, depth: usize) -> bool {
        let Some(kind) = self.catalog.kind(Sort::Part, part) else { return false };
        kind.contributes.iter().any(|contribution| *contribution.collection == *name)
            || (depth < 4
                && kind.parts.iter().any(|part| self.may_contribute(&part.part, name, depth + 1)))
    }
}

fn fits(from: &Kind, contribution: &Contribution, to: &Kind) -> bool {
    let schema = from.parameter_at(&contribution.parameter);
    let capability: Option<&Arc<str>> =
        schema.and_then(|schema| schema.reference()).map(|(capability, _)| capability);
    capability.is_some_and(|capability| to.offers.contains(capability))
}

/// Whether what stands at the end of a path names the unit: once is enough where items lie on it.
fn refers(schema: &Schema, value: &Value, path: &[&str], to: &Unit) -> bool {
    let members = || value.as_map().into_iter().flat_map(|map| map.iter().map(|(_, item)| item));
    let property = |properties: &Properties, value: &Value| {
        let Some((first, rest)) = path.split_first() else { return false };
        let schema = properties.iter().find(|(key, _)| *key.text == **first);
        let value = value.get(first);
        schema.zip(value).is_some_and(|((_, schema), value)| refers(schema, value, rest, to))
    };
    match &schema.form {
        Form::List { items, .. } => {
            let list = value.as_list().unwrap_or_default();
            list.iter().any(|item| refers(items, item, path, to))
        }
        Form::Map { values, .. } => members().any(|item| refers(values, item, path, to)),
        Form::Named { item, .. } => members().any(|value| property(item, value)),
        Form::Object(properties) => property(properties, value),
        _ => matches!(value.data, Data::Unit(unit) if unit == to.id),
    }
}
