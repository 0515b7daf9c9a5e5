//! What the names in a kind's expressions stand for.

use super::{Slot, Stack, Unit, told};
use crate::catalog::Catalog;
use crate::expression::{Expression, Failure, Found, Scope};
use crate::value::{Data, Deferred, Map, UnitId, Value};
use std::rc::Rc;
use std::sync::Arc;

/// The most zones that a region has.
const ZONES: i64 = 6;

/// The scope of one unit.
pub struct UnitScope<'s, 'a> {
    /// The stack that the unit is in.
    pub stack: &'s Stack<'a>,
    /// The unit.
    pub unit: Rc<Unit>,
    /// More names, the innermost last.
    pub bound: Vec<(Arc<str>, Value)>,
}

impl<'a> Stack<'a> {
    /// The scope of a unit.
    pub fn scope(&self, unit: &Unit) -> UnitScope<'_, 'a> {
        UnitScope { stack: self, unit: self.unit(unit.id), bound: vec![] }
    }

    /// The value of an expression of the unit's kind.
    pub fn evaluate(&self, unit: &Unit, expression: &Expression) -> Result<Value, Failure> {
        expression.evaluate(&self.scope(unit))
    }

    /// The value of an expression with more names bound.
    pub fn evaluate_with(
        &self,
        unit: &Unit,
        bound: &[(Arc<str>, Value)],
        expression: &Expression,
    ) -> Result<Value, Failure> {
        let mut scope = self.scope(unit);
        scope.bound.extend_from_slice(bound);
        expression.evaluate(&scope)
    }

    /// Whether a condition holds; one that is not there does.
    pub fn holds(
        &self,
        unit: &Unit,
        bound: &[(Arc<str>, Value)],
        condition: Option<&Expression>,
    ) -> Result<bool, Failure> {
        let Some(condition) = condition else { return Ok(true) };
        let value = self.evaluate_with(unit, bound, condition)?;
        value.as_bool().ok_or_else(|| {
            let message = format!("a condition is true or false, not {}", value.type_name());
            Failure::new(message).at(condition.span())
        })
    }

    fn component_member(&self, unit: &Unit, name: &str) -> Option<Value> {
        let component = self.component(unit);
        let text = |text: &str| Value::from(text);
        Some(match name {
            "name" => text(component.name()).from_origin(component.key.origin()),
            "id" => text(&component.id),
            "kind" => text(&component.kind.name),
            "description" => component.description.as_deref().map_or(Value::NULL, text),
            "existing" => component.exists().into(),
            "protect" => component.protect.into(),
            _ => return None,
        })
    }

    fn part_member(unit: &Unit, name: &str) -> Option<Value> {
        Some(match name {
            "name" => unit.words.first().map_or(Value::NULL, |word| Value::from(&**word)),
            "id" => Value::from(unit.words.join("-")),
            "existing" => unit.given.is_some().into(),
            _ => return None,
        })
    }

    /// What is known of the whole stack under a name; `None` where nothing is called so.
    pub fn stack_member(&self, name: &str) -> Option<Value> {
        let envelope = &self.resolved.envelope;
        let fleet = envelope.fleet.as_ref();
        let texts = |texts: &[Arc<str>]| texts.iter().map(|one| Value::from(&**one)).collect();
        let text = |text: Option<&Arc<str>>| text.map_or(Value::NULL, |text| Value::from(&**text));
        Some(match name {
            "name" => text(Some(&envelope.name)),
            "prefix" => text(Some(&envelope.prefix)),
            "region" => text(Some(&envelope.region)),
            "environment" => text(envelope.environment.as_ref()),
            "account" => text(envelope.account.as_ref()),
            "regions" => fleet.map_or(Value::NULL, |fleet| fleet.regions.clone().into()),
            "accounts" => fleet.map_or(Value::NULL, |fleet| {
                let accounts: Vec<Value> = texts(&fleet.accounts);
                accounts.into()
            }),
            "artifacts" => match &envelope.artifacts {
                None => Value::NULL,
                Some(artifacts) => Map::from_iter([
                    ("bucket", artifacts.bucket_here()),
                    ("prefix", text(Some(&artifacts.prefix))),
                ])
                .into(),
            },
            "iam" => Map::from_iter([
                ("path", text(envelope.iam.path.as_ref())),
                ("permissions_boundary", envelope.iam.boundary_here()),
                (
                    "role_names",
                    envelope
                        .iam
                        .role_names
                        .as_ref()
                        .map_or(Value::NULL, |names| names.text.clone()),
                ),
            ])
            .into(),
            _ => return None,
        })
    }

    /// Whether an output is one that a capability of the unit's kind promises to some only.
    fn may_lack(&self, unit: &Unit, name: &str) -> bool {
        let offers = unit.kind.offers.iter();
        let mut offers = offers.filter_map(|offer| self.catalog.capability(offer));
        offers.any(|capability| {
            let output = capability.outputs.iter().find(|(key, _)| *key.text == *name);
            output.is_some_and(|(_, schema)| schema.optional)
        })
    }

    fn namespace(&self, unit: &Unit, root: &str, name: &str) -> Result<Option<Value>, Failure> {
        Ok(match root {
            "outputs" => Some(self.output(unit, name)?),
            "collected" => Some(self.collected(unit, name)?),
            "parts" => Some(self.part(unit, name)?),
            "resources" => Some(self.resource_names(unit, name)?),
            "component" => self.component_member(unit, name),
            "part" => Self::part_member(unit, name),
            "stack" => self.stack_member(name),
            "aws" => aws(name, self.catalog),
            "facts" => Some(self.catalog.facts(name)),
            "programs" => Some(self.catalog.program(name)),
            _ => None,
        })
    }
}

/// What only the account knows; the names are those of the lookups.
fn aws(name: &str, catalog: &Catalog) -> Option<Value> {
    let lookup = |name: &str, arguments: Map| {
        Value::from(Deferred::Lookup { lookup: name.into(), arguments: arguments.into() })
    };
    if name == "zones" {
        let zone = |index| lookup("zone", Map::from_iter([("index", Value::from(index))]));
        return Some((0..ZONES).map(zone).collect::<Vec<_>>().into());
    }
    catalog.lookup(name).map(|_| lookup(name, Map::default()))
}

impl Scope for UnitScope<'_, '_> {
    fn lookup(&self, root: &str, member: Option<&str>) -> Result<Found, Failure> {
        let whole = |value| Ok(Found { value, took_member: false });
        if let Some((_, value)) = self.bound.iter().rev().find(|(name, _)| **name == *root) {
            return whole(value.clone());
        }
        let kind = &self.unit.kind;
        if let Some(index) = kind.parameters.iter().position(|(key, _)| *key.text == *root) {
            return whole(self.stack.parameter(&self.unit, index)?);
        }
        if let Some(index) = kind.values.iter().position(|(key, _)| *key.text == *root) {
            let compute = || self.stack.evaluate(&self.unit, &kind.values[index].1);
            return whole(self.stack.pull(&self.unit, Slot::Value(index), root, compute)?);
        }
        if let Some(member) = member
            && let Some(value) = self.stack.namespace(&self.unit, root, member)?
        {
            return Ok(Found { value, took_member: true });
        }
        match root {
            "outputs" => whole(self.stack.all_outputs(&self.unit)?),
            // Arguments of a grant that nobody gave.
            "with" => whole(Value::NULL),
            _ => Err(Failure::new(format!("there is no `{root}` here"))),
        }
    }

    fn member(&self, unit: UnitId, name: &str) -> Result<Value, Failure> {
        let unit = self.stack.unit(unit);
        if self.stack.component(&unit).broken {
            return Err(told());
        }
        match name {
            "key" => Ok(super::item_key(self.stack, &Data::Unit(unit.id).into())?.as_ref().into()),
            // A kind need not have what its capability calls optional.
            _ if unit.kind.output(name).is_none() && self.stack.may_lack(&unit, name) => {
                Ok(Value::NULL)
            }
            _ => self.stack.output(&unit, name),
        }
    }
}
