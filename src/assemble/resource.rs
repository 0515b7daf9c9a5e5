//! One resource, with all that the assembler adds to what its template printed.

use super::place::Raw;
use super::plain::Plain;
use crate::catalog::{Emit, Holds};
use crate::derive::{Emitted, Stack, Unit};
use crate::expression::{Expression, Failure};
use crate::value::{Deferred, Key, Map, Origin, ResourceId, Target, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A resource of a stack on one target.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its identity, the same on both targets.
    pub id: ResourceId,
    /// The name of the component that it belongs to.
    pub component: Arc<str>,
    /// The component's id.
    pub component_id: Arc<str>,
    /// `<part>.<resource>.<item>`: how `patch` names it.
    pub path: String,
    /// Its logical id, or the name in its Terraform address.
    pub address: String,
    /// Its type on the target.
    pub type_name: String,
    /// Its properties; blocks are lists of mappings.
    pub properties: Map,
    /// The paths of properties that are blocks.
    pub blocks: BTreeSet<String>,
    /// What stands beside the properties on this target.
    pub settings: Map,
    /// Why it is there.
    pub why: String,
    /// Its own tags; on CloudFormation the blueprint's too.
    pub tags: Map,
    /// What becomes of its data.
    pub protection: Option<Protection>,
    /// Judges' findings that cannot be met, and why.
    pub suppress: Vec<(Arc<str>, String)>,
    /// What must be there first, beside what it refers to.
    pub waits: Vec<ResourceId>,
    /// Attributes that the service changes by itself, and why.
    pub ignore: Vec<(Arc<str>, String)>,
    /// Its physical name, null without one.
    pub name: Value,
    /// Its name changes with its content, so the new one is there before the old one goes.
    pub by_content: bool,
    /// Where its component was written.
    pub origin: Origin,
}

/// What becomes of the data of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// What stays when it goes.
    pub holds: Holds,
    /// Whether it outlives its stack.
    pub protect: bool,
}

impl Resource {
    /// `aws_kinesis_stream.readings`, or the logical id.
    pub fn full_address(&self, target: Target) -> String {
        match target {
            Target::CloudFormation => self.address.clone(),
            Target::Terraform => format!("{}.{}", self.type_name, self.address),
        }
    }

    pub(super) fn build(
        stack: &Stack<'_>,
        unit: &Unit,
        emitted: &Emitted,
        raw: Raw,
        target: Target,
    ) -> Result<Self, Failure> {
        let emit = &unit.kind.emits[emitted.emit];
        let component = stack.component(unit);
        if emit.type_on(target).is_none_or(|expected| **expected != *raw.type_name) {
            let message = format!(
                "`{}` prints {} for `{}`, and its file says {}",
                unit.kind.name,
                raw.type_name,
                emit.resource.text,
                emit.type_on(target).map_or("nothing", |expected| expected)
            );
            return Err(Failure::new(message).at(emit.resource.span.as_ref()));
        }
        let plain = Plain { stack, target };
        let text = |expression: &Expression| stack.evaluate_with(unit, &emitted.bound, expression);
        // A null reason takes back what it would explain.
        let reasons = |all: &[(Key, Expression)]| {
            let mut told = vec![];
            for (key, reason) in all {
                let reason = text(reason)?.on(target);
                if !reason.is_null() {
                    told.push((key.text.clone(), plain.text(&reason)));
                }
            }
            Ok::<_, Failure>(told)
        };
        let words = unit.words.iter().chain([&emitted.resource.resource]);
        let words = words.chain(emitted.resource.items.iter()).map(|word| &**word);
        Ok(Self {
            id: emitted.resource.clone(),
            component: component.name().clone(),
            component_id: component.id.clone(),
            path: words.collect::<Vec<_>>().join("."),
            address: raw.address,
            properties: raw.properties,
            blocks: raw.blocks,
            settings: raw.settings,
            why: plain.text(&text(&emit.why)?),
            tags: tags(stack, unit, emitted, emit, &raw.type_name, target)?,
            type_name: raw.type_name,
            protection: emit.holds_data.map(|holds| Protection {
                holds,
                protect: component.protect && holds != Holds::No,
            }),
            suppress: reasons(&emit.suppress)?,
            waits: waits(stack, unit, emit)?,
            ignore: reasons(&emit.ignore)?,
            name: stack.physical_name(unit, emitted)?,
            by_content: emit.name.as_ref().is_some_and(|name| name.by_content),
            origin: component.key.origin(),
        })
    }

    /// Calls `visit` with every deferred value in what the resource says.
    pub fn each_deferred<'a>(&'a self, visit: &mut dyn FnMut(&'a Deferred)) {
        let values = [&self.properties, &self.settings, &self.tags].into_iter();
        for (_, value) in values.flat_map(Map::iter) {
            value.each_deferred(visit);
        }
    }
}

/// The blueprint's tags below the component's, below the kind's own. Terraform's provider knows
/// the blueprint's.
fn tags(
    stack: &Stack<'_>,
    unit: &Unit,
    emitted: &Emitted,
    emit: &Emit,
    type_name: &str,
    target: Target,
) -> Result<Map, Failure> {
    let facts = stack.catalog.provider(target).get(type_name);
    if facts.is_none_or(|facts| facts.tags().is_none()) {
        return Ok(Map::default());
    }
    let mut tags = match target {
        Target::CloudFormation => stack.resolved.envelope.tags.clone(),
        Target::Terraform => Map::default(),
    };
    let own = emit.tags.as_ref().map(|own| stack.evaluate_with(unit, &emitted.bound, own));
    let own = own.transpose()?.unwrap_or_default();
    for (key, value) in own.as_map().into_iter().flat_map(Map::iter) {
        tags.set(key.text.clone(), value.on(target));
    }
    for (key, value) in stack.component(unit).tags.iter() {
        tags.set(key.text.clone(), value.clone());
    }
    Ok(tags)
}

/// The resources that the kind says must be there first.
fn waits(stack: &Stack<'_>, unit: &Unit, emit: &Emit) -> Result<Vec<ResourceId>, Failure> {
    let emitted = stack.emitted(unit)?;
    let first = emitted.into_iter().filter(|other| emit.after.contains(&other.resource.resource));
    Ok(first.map(|other| other.resource).collect())
}

/// Whoever reads an output waits for what the output says is `ready`; what it reads already
/// through a reference need not be said, and nothing waits for itself.
pub(super) fn add_waits(resources: &mut [Resource]) {
    let there: BTreeSet<ResourceId> = resources.iter().map(|one| one.id.clone()).collect();
    for resource in resources {
        let mut waits = std::mem::take(&mut resource.waits);
        let mut referred = BTreeSet::new();
        resource.each_deferred(&mut |deferred| {
            if let Deferred::Attribute { resource, ready, .. } = deferred {
                referred.insert(resource.clone());
                waits.extend(ready.iter().cloned());
            }
        });
        waits.retain(|id| *id != resource.id && there.contains(id) && !referred.contains(id));
        waits.sort();
        waits.dedup();
        resource.waits = waits;
    }
}
