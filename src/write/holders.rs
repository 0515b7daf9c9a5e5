//! Protected holders of data that a change to the blueprint would remove or replace.

use super::{Holder, Output, Problem};
use crate::blueprint::Removal;
use crate::value::Target;
use serde_json::Value;
use std::collections::BTreeMap;

/// The rule that a holder does not vanish unsaid.
pub(super) const REMOVED: &str = "protected-data-removed";
/// The rule that a holder is not replaced unsaid.
pub(super) const REPLACED: &str = "protected-data-replaced";

/// Compares the holders of the manifest with those of now.
pub(super) fn problems(old: &[Holder], output: &Output) -> Vec<Problem> {
    let mut lost: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut problems = Vec::new();
    let protected = old.iter().filter(|holder| !output.unprotected.contains(&holder.address));
    for holder in protected {
        match output.holders.iter().find(|new| new.address == holder.address) {
            Some(new) => problems.extend(replaced(holder, new)),
            None if is_settled(holder, output) => {}
            None => lost.entry(&holder.component_id).or_default().push(&holder.address),
        }
    }
    problems.extend(lost.iter().map(|(component, addresses)| removed(component, addresses)));
    problems
}

/// Whether the blueprint says what becomes of it. Terraform deletes what it is not told to forget;
/// on CloudFormation the policy that is deployed already keeps it.
fn is_settled(holder: &Holder, output: &Output) -> bool {
    let said = output.removed.iter().find(|(id, _)| **id == *holder.component_id);
    match said.map(|(_, removal)| removal) {
        Some(Removal::Keep(kept)) if output.target == Target::Terraform => {
            kept.iter().any(|address| **address == *holder.address)
        }
        said => said.is_some(),
    }
}

fn removed(component: &str, addresses: &[&str]) -> Problem {
    let list = addresses.join(", ");
    Problem {
        rule: REMOVED,
        path: None,
        component: Some(component.to_owned()),
        message: format!("protected data of `{component}` would be removed: {list}"),
        help: format!("write {}", choice(component, &list)),
    }
}

/// Both entries that a blueprint may have for what it no longer generates.
fn choice(component: &str, addresses: &str) -> String {
    format!(
        "`removed: {{{component}: {{keep: [{addresses}]}}}}` to let go of it and keep the data, \
         or `removed: {{{component}: destroy}}` to delete the data with it"
    )
}

fn replaced(old: &Holder, new: &Holder) -> Option<Problem> {
    let before = old.create_only.iter().map(|(path, value)| (path.as_str(), value));
    let changes: Vec<_> = before
        .map(|(path, value)| (path, value, new.create_only.get(path).unwrap_or(&Value::Null)))
        .filter(|(_, before, after)| before != after)
        .map(|(path, before, after)| format!("`{path}` was {before} and becomes {after}"))
        .chain(changed_type(old, new))
        .collect();
    let Holder { address, component_id: component, .. } = old;
    let choice = choice(component, address);
    (!changes.is_empty()).then(|| Problem {
        rule: REPLACED,
        path: None,
        component: Some(component.clone()),
        message: format!("protected data of `{component}` would be replaced: {address}"),
        help: format!(
            "{}; set it back, or write `protect: false` in the component to lose the data, or give \
             the component a new `id` and write {choice}",
            changes.join(", "),
        ),
    })
}

fn changed_type(old: &Holder, new: &Holder) -> Option<String> {
    let (before, after) = (&old.type_name, &new.type_name);
    (before != after).then(|| format!("its type was {before} and becomes {after}"))
}
