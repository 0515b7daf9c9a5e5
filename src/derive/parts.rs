//! Parts: kinds inside kinds, and what they are told.

use super::{Parent, Slot, Stack, Unit, item_key, unit_id};
use crate::catalog::{Form, Kind, Sort};
use crate::expression::{Expression, Failure, items};
use crate::resolve::AlarmSetting;
use crate::value::{Data, Map, UnitId, Value};
use std::rc::Rc;
use std::sync::Arc;

/// The part that publishes outputs; what it publishes is its first parameter.
const SHARE: &str = "share";

/// Names with the values bound to them.
pub type Bound = Vec<(Arc<str>, Value)>;

impl Stack<'_> {
    /// The units that a part of a kind stands for: none, one, or one for each.
    pub(super) fn instances(&self, unit: &Unit, part: usize) -> Result<Vec<Rc<Unit>>, Failure> {
        let name = &unit.kind.parts[part].name.text;
        let compute = || {
            let made = self.make_instances(unit, part)?;
            Ok(made.into_iter().map(|id| Value::from(Data::Unit(id))).collect::<Vec<_>>().into())
        };
        let made = self.pull(unit, Slot::Instances(part), name, compute)?;
        let made = made.as_list().unwrap_or_default().iter();
        Ok(made
            .filter_map(|value| match value.data {
                Data::Unit(id) => Some(self.unit(id)),
                _ => None,
            })
            .collect())
    }

    fn make_instances(&self, unit: &Unit, part: usize) -> Result<Vec<UnitId>, Failure> {
        let definition = &unit.kind.parts[part];
        let component = self.component(unit);
        if component.exists() {
            return Ok(vec![]);
        }
        let mut set = Map::default();
        if unit.parent.is_none() && definition.alarm {
            match component.settled.alarms.iter().find(|(name, _)| *name == definition.name.text) {
                Some((_, AlarmSetting::Off)) => return Ok(vec![]),
                Some((_, AlarmSetting::Arguments(arguments))) => set = arguments.clone(),
                None => {}
            }
        }
        let Some(kind) = self.catalog.kind(Sort::Part, &definition.part) else {
            return Err(super::told());
        };
        let given = component.settled.given_parts.iter();
        let given = given.filter(|_| unit.parent.is_none());
        let given = given.clone().find(|(name, _)| *name == definition.name.text);
        let mut made = vec![];
        for bound in self.each(unit, &definition.each)? {
            if !self.holds(unit, &bound, definition.when.as_ref())? {
                continue;
            }
            let mut words = unit.words.clone();
            words.push(definition.name.text.clone());
            for (_, item) in &bound {
                words.push(item_key(self, item)?);
            }
            let given = given.map(|(_, value)| first_output(&kind, value));
            let parent = Parent { unit: unit.id, part: Some(part), bound, set: set.clone() };
            let parent = Some(parent);
            made.push(self.add(unit.component, kind.clone(), parent, words, given));
        }
        Ok(made)
    }

    /// The part that publishes a component's outputs, where the component says `share`.
    pub(super) fn share(&self, unit: &Unit) -> Result<Option<Rc<Unit>>, Failure> {
        if unit.parent.is_some() || !self.component(unit).share {
            return Ok(None);
        }
        let Some(kind) = self.catalog.kind(Sort::Part, SHARE) else { return Err(super::told()) };
        let compute = || {
            let outputs = self.told_outputs(unit)?;
            let parameter = kind.parameters.first().map(|(key, _)| (key.clone(), outputs.into()));
            let set = Map(parameter.into_iter().collect());
            let parent = Some(Parent { unit: unit.id, part: None, bound: vec![], set });
            let words = vec![SHARE.into()];
            Ok(Data::Unit(self.add(unit.component, kind.clone(), parent, words, None)).into())
        };
        match self.pull(unit, Slot::Share, SHARE, compute)?.data {
            Data::Unit(id) => Ok(Some(self.unit(id))),
            _ => Ok(None),
        }
    }

    fn add(
        &self,
        component: usize,
        kind: Arc<Kind>,
        parent: Option<Parent>,
        words: Vec<Arc<str>>,
        given: Option<Map>,
    ) -> UnitId {
        let mut units = self.units.borrow_mut();
        let id = unit_id(units.len());
        units.push(Rc::new(Unit { id, component, kind, parent, words, given }));
        id
    }

    /// The names that nested `each` bind, once for each combination; nothing for what is null.
    pub fn each(
        &self,
        unit: &Unit,
        each: &[(Arc<str>, Expression)],
    ) -> Result<Vec<Bound>, Failure> {
        let mut all = vec![vec![]];
        for (name, expression) in each {
            let mut next = vec![];
            for bound in &all {
                let value = self.evaluate_with(unit, bound, expression)?;
                if value.is_null() {
                    continue;
                }
                let items = items(&value).map_err(|problem| {
                    Failure::new(format!("`each`: `{name}` {problem}")).at(expression.span())
                })?;
                for (_, item) in items {
                    let mut bound: Bound = bound.clone();
                    bound.push((name.clone(), item));
                    next.push(bound);
                }
            }
            all = next;
        }
        Ok(all)
    }

    /// `parts.<name>`: the part, null where it is not there, a list where there may be several.
    pub(super) fn part(&self, unit: &Unit, name: &str) -> Result<Value, Failure> {
        let position = unit.kind.parts.iter().position(|part| *part.name.text == *name);
        let Some(index) = position else {
            return Err(Failure::new(format!("`{}` has no part `{name}`", unit.kind.name)));
        };
        let mut units = self.instances(unit, index)?.into_iter();
        let mut units = units.by_ref().map(|unit| Value::from(Data::Unit(unit.id)));
        if unit.kind.parts[index].each.is_empty() {
            Ok(units.next().unwrap_or_default())
        } else {
            Ok(units.collect::<Vec<_>>().into())
        }
    }

    /// A parameter's value: a component's is settled, a part's is an argument.
    pub(super) fn parameter(&self, unit: &Unit, index: usize) -> Result<Value, Failure> {
        let (key, _) = &unit.kind.parameters[index];
        match &unit.parent {
            None => {
                let settled = &self.component(unit).settled.parameters;
                Ok(settled.get(&key.text).cloned().unwrap_or_default())
            }
            Some(parent) => {
                let compute = || self.argument(unit, parent, index);
                self.pull(unit, Slot::Parameter(index), &key.text, compute)
            }
        }
    }

    fn argument(&self, unit: &Unit, parent: &Parent, index: usize) -> Result<Value, Failure> {
        let (key, schema) = &unit.kind.parameters[index];
        if let Some(set) = parent.set.get(&key.text) {
            return Ok(set.clone());
        }
        let owner = self.unit(parent.unit);
        let part = parent.part.map(|part| &owner.kind.parts[part]);
        let argument =
            part.and_then(|part| part.arguments.iter().find(|(name, _)| name.text == key.text));
        match argument {
            Some((_, argument)) => {
                let value = self.evaluate_with(&owner, &parent.bound, argument)?;
                if matches!(schema.form, Form::Statements) {
                    return self.statements(&owner, &value);
                }
                if value.is_null() {
                    Ok(schema.default.clone().unwrap_or_default())
                } else {
                    Ok(value)
                }
            }
            None => match schema.reference() {
                Some((capability, _)) => self.inherited(&owner, capability),
                None => Ok(schema.default.clone().unwrap_or_default()),
            },
        }
    }

    /// A part's reference that is not given is its owner's to the same capability, if that has
    /// only one.
    fn inherited(&self, owner: &Unit, capability: &str) -> Result<Value, Failure> {
        let parameters = owner.kind.parameters.iter().enumerate();
        let mut same = parameters.filter(|(_, (_, schema))| {
            schema.reference().is_some_and(|(other, _)| **other == *capability)
        });
        match (same.next(), same.next()) {
            (Some((index, _)), None) => self.parameter(owner, index),
            _ => Ok(Value::NULL),
        }
    }
}

/// A part from outside is given by its first output.
fn first_output(kind: &Kind, value: &Value) -> Map {
    let first = kind.outputs.first().map(|output| (output.name.clone(), value.clone()));
    Map(first.into_iter().collect())
}
