//! What changes do: in place, replaced, data lost; and what follows from a replacement.

use super::compare::{PropertyChange, trees};
use super::describe::{Described, Reference};
use super::{Action, Change, Fate, Side, Told};
use crate::catalog::Outcome;
use crate::provider::{Effect, Facts};
use crate::value::Target;
use serde_json::Value as Json;

/// The properties that differ, each with what the provider's facts say of it.
pub(super) fn properties(old: &Described, new: &Described, facts: &Facts) -> Vec<PropertyChange> {
    let of_type = facts.get(&new.type_name);
    let mut changes = trees(&old.properties, &new.properties);
    changes.retain(|change| !new.ignored.contains(&change.fact));
    for change in &mut changes {
        change.effect = Some(of_type.map_or(Effect::Unknown, |one| one.effect(&change.fact)));
    }
    if old.protected != new.protected {
        // What becomes of it when it goes is no property of the service's.
        let [old, new] = [old, new].map(|one| one.protected.into());
        let (path, fact) = ("protect".into(), "protect".into());
        let effect = Some(Effect::Update);
        changes.push(PropertyChange { path, old, new, effect, through: None, fact });
    }
    changes
}

/// What becomes of a resource with these changes.
pub(super) fn action(properties: &[PropertyChange]) -> Action {
    let has = |effect| properties.iter().any(|one| one.effect == Some(effect));
    match (has(Effect::Replace), has(Effect::MayReplace)) {
        (true, _) => Action::Replace,
        (false, true) => Action::MayReplace,
        (false, false) => Action::Change,
    }
}

/// What refers to a value that is another afterwards is changed too; where that replaces it, it
/// goes on from there.
pub(super) fn follow_references(
    changes: &mut Vec<Change>,
    old: &Side,
    new: &Side,
    target: Target,
    facts: &Facts,
) {
    let stays = |described: &&Described| old.resources.contains_key(&described.address);
    loop {
        let mut follows = vec![];
        for described in new.resources.values().filter(stays) {
            let known = changes.iter().find(|change| change.address == described.address);
            let is_new = |reference: &&Reference| {
                let mut paths = known.iter().flat_map(|change| &change.properties);
                !paths.any(|one| one.path == reference.path)
            };
            let references = described.references.iter().filter(is_new);
            let moved = references.filter(|one| moves(one, changes, new, target));
            follows.extend(moved.map(|reference| (described, reference)));
        }
        if follows.is_empty() {
            return;
        }
        for (described, reference) in follows {
            follow(changes, described, reference, facts);
        }
    }
}

/// Whether a property that is read is another afterwards. Terraform knows what stands in the
/// configuration before a replacement, so that does not move unless it is written differently.
fn moves(reference: &Reference, changes: &[Change], new: &Side, target: Target) -> bool {
    let change = changes.iter().find(|change| change.address == reference.address);
    let Some(change) = change else { return false };
    let is_written = || {
        let other = new.resources.get(&reference.address);
        other.is_some_and(|other| other.properties.get(&reference.attribute).is_some())
    };
    if target == Target::Terraform && is_written() {
        return change.properties.iter().any(|one| one.fact == reference.attribute);
    }
    change.action == Action::Replace
}

fn follow(changes: &mut Vec<Change>, described: &Described, reference: &Reference, facts: &Facts) {
    let effect = facts.get(&described.type_name).map(|one| one.effect(&reference.path));
    let property = PropertyChange {
        path: reference.path.clone(),
        old: Json::Null,
        new: Json::Null,
        effect: Some(effect.unwrap_or(Effect::Unknown)),
        through: Some(reference.address.clone()),
        fact: reference.path.clone(),
    };
    let index = changes.iter().position(|change| change.address == described.address);
    let index = index.unwrap_or_else(|| {
        changes.push(Change::of(described, Action::Change));
        changes.len() - 1
    });
    let change = &mut changes[index];
    if !change.properties.iter().any(|one| one.path == property.path) {
        change.properties.push(property);
        change.action = change.action.max(action(&change.properties));
    }
}

/// What a blueprint says of protected data whose component has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    Keep,
    Destroy,
}

/// What `removed` says of one resource. Terraform deletes what it is not told to forget, so there
/// each address must be named.
pub(super) fn farewell(change: &Change, document: &Json, target: Target) -> Option<Farewell> {
    let said = document.get("removed")?.get(&change.component_id)?;
    let Some(kept) = said.get("keep").and_then(Json::as_array) else {
        return Some(Farewell::Destroy);
    };
    let named = kept.iter().any(|one| one.as_str() == Some(&*change.address));
    (named || target == Target::CloudFormation).then_some(Farewell::Keep)
}

/// What becomes of the data of what goes; none where there is none.
pub(super) fn fate(
    change: &Change,
    old: Option<&Described>,
    farewell: Option<Farewell>,
    target: Target,
    facts: &Facts,
) -> Option<Fate> {
    let old = old.filter(|_| matches!(change.action, Action::Replace | Action::Remove))?;
    let by_type =
        || facts.get(&old.type_name).is_some_and(super::super::provider::ResourceType::holds_data);
    if !old.holds_data.unwrap_or_else(by_type) {
        return None;
    }
    let farewell = farewell.filter(|_| change.action == Action::Remove);
    Some(match (old.protected, farewell, target) {
        (false, _, _) | (true, Some(Farewell::Destroy), _) => Fate::Lost,
        (true, Some(Farewell::Keep), _) | (true, None, Target::CloudFormation) => Fate::Kept,
        (true, None, Target::Terraform) => Fate::Refused,
    })
}

/// What becomes of a stack that is to stand elsewhere: no resource is changed in place.
pub(super) fn moved(old: &Json, new: &Json) -> Option<Told> {
    let elsewhere = |name: &&str| {
        let sides = (old.get(name).and_then(Json::as_str), new.get(name).and_then(Json::as_str));
        matches!(sides, (Some(old), Some(new)) if old != new)
    };
    let parameter = ["account", "region"].into_iter().find(elsewhere)?;
    let word = |side: &Json| side[parameter].as_str().unwrap_or_default().to_owned();
    let say = format!(
        "everything below is made anew in {}, empty; what stands in {} is not changed in place, \
         and its data does not move along",
        word(new),
        word(old)
    );
    let (component, parameter) = (String::new(), parameter.into());
    Some(Told { component, parameter, effect: Outcome::Replacement, say })
}
