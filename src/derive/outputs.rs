//! Outputs: what a unit promises to others.

use super::{Slot, Stack, Unit, told};
use crate::catalog::{Existing, Output, OutputValue, Piece};
use crate::diagnostic::did_you_mean;
use crate::expression::Failure;
use crate::value::{Deferred, Map, ResourceId, Target, Value, join};
use std::sync::Arc;

impl Stack<'_> {
    /// One output; null where the kind says so.
    pub fn output(&self, unit: &Unit, name: &str) -> Result<Value, Failure> {
        if self.component(unit).broken {
            return Err(told());
        }
        let outputs = &unit.kind.outputs;
        let Some(index) = outputs.iter().position(|output| *output.name.text == *name) else {
            let near = did_you_mean(name, outputs.iter().map(|output| &*output.name.text));
            let near = near.unwrap_or_default();
            return Err(Failure::new(format!(
                "`{}` has no output `{name}` {near}",
                unit.kind.name
            )));
        };
        let output = &outputs[index];
        let compute = || match &unit.given {
            Some(given) => self.given_output(unit, output, given),
            None => self.generated_output(unit, output),
        };
        self.pull(unit, Slot::Output(index), name, compute)
    }

    /// All outputs by name.
    pub fn all_outputs(&self, unit: &Unit) -> Result<Value, Failure> {
        let output =
            |output: &Output| Ok((output.name.text.clone(), self.output(unit, &output.name.text)?));
        let all = unit.kind.outputs.iter().map(output).collect::<Result<Map, Failure>>();
        all.map(Value::from)
    }

    fn given_output(&self, unit: &Unit, output: &Output, given: &Map) -> Result<Value, Failure> {
        match (given.get(&output.name.text), &output.existing) {
            (Some(value), _) => Ok(value.clone()),
            (None, Existing::Follows(follows)) => self.evaluate(unit, follows),
            (None, _) => Ok(Value::NULL),
        }
    }

    fn generated_output(&self, unit: &Unit, output: &Output) -> Result<Value, Failure> {
        if !self.holds(unit, &[], output.when.as_ref())? {
            return Ok(Value::NULL);
        }
        let ready = self.ready(unit, &output.ready)?;
        let mut all = vec![];
        for bound in self.each(unit, &output.each)? {
            all.push(match &output.value {
                OutputValue::Tree(value) => self.evaluate_with(unit, &bound, value)?,
                OutputValue::Attributes(spellings) => {
                    let items = bound.iter().map(|(_, item)| super::item_key(self, item));
                    let items: Arc<[_]> = items.collect::<Result<Vec<_>, _>>()?.into();
                    self.spelled(unit, spellings, &items, &ready)?
                }
            });
        }
        if output.each.is_empty() { Ok(all.pop().unwrap_or_default()) } else { Ok(all.into()) }
    }

    /// Attributes of resources, as each target spells them; null where a resource is not there.
    fn spelled(
        &self,
        unit: &Unit,
        spellings: &[Vec<Piece>; 2],
        items: &Arc<[Arc<str>]>,
        ready: &Arc<[ResourceId]>,
    ) -> Result<Value, Failure> {
        for piece in spellings.iter().flatten() {
            if let Piece::Attribute(resource, _) = piece
                && items.is_empty()
                && !self.is_emitted(unit, resource)?
            {
                return Ok(Value::NULL);
            }
        }
        let spell = |target: Target| {
            join(spellings[target as usize].iter().map(|piece| match piece {
                Piece::Text(text) => Value::from(&**text),
                Piece::Attribute(resource, attribute) => {
                    let resource = ResourceId {
                        unit: unit.id,
                        resource: resource.clone(),
                        items: items.clone(),
                    };
                    let (attribute, ready) = (attribute.clone(), ready.clone());
                    Deferred::Attribute { resource, attribute, ready }.into()
                }
            }))
        };
        let (cloudformation, terraform) = (spell(Target::CloudFormation), spell(Target::Terraform));
        Ok(Deferred::Targets { cloudformation, terraform }.into())
    }

    fn ready(&self, unit: &Unit, words: &[Arc<str>]) -> Result<Arc<[ResourceId]>, Failure> {
        let mut ready = vec![];
        for word in words {
            ready.extend(self.emitted_of(unit, word)?.into_iter().map(|emitted| emitted.resource));
        }
        Ok(ready.into())
    }

    /// The outputs that a stack tells whoever deploys it, and other stacks: texts, and lists of
    /// texts that are not empty.
    pub fn told_outputs(&self, unit: &Unit) -> Result<Map, Failure> {
        let outputs = self.all_outputs(unit)?;
        let outputs = outputs.as_map().cloned().unwrap_or_default();
        let plain = |value: &Value| value.as_map().is_none() && value.as_list().is_none();
        let fits = |value: &Value| match value.as_list() {
            Some(items) => !items.is_empty() && items.iter().all(plain),
            None => !value.is_null() && plain(value),
        };
        Ok(Map(outputs.0.into_iter().filter(|(_, value)| fits(value)).collect()))
    }
}
