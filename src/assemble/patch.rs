//! Patches: what a user changes in the generated properties.

use super::Resource;
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, meant_or_known};
use crate::merge;
use crate::value::{Data, Key, Map, Target, Value};
use std::collections::BTreeSet;

/// Applies `patch.<target>` of a component to its resources.
pub(super) fn apply(
    component: &Map,
    target: Target,
    resources: &mut [Resource],
    catalog: &Catalog,
) -> Vec<Diagnostic> {
    let patches = component.get("patch").and_then(|patch| patch.get(target.word()));
    let patches = patches.and_then(Value::as_map).into_iter().flat_map(Map::iter);
    let mut findings = vec![];
    for (path, patch) in patches {
        match resources.iter_mut().find(|resource| *resource.path == *path.text) {
            Some(resource) => patch_one(resource, target, patch, catalog),
            None => findings.push(unknown(path, resources)),
        }
    }
    findings
}

fn unknown(path: &Key, resources: &[Resource]) -> Diagnostic {
    let known: Vec<&str> = resources.iter().map(|resource| &*resource.path).collect();
    let help = meant_or_known(&path.text, known);
    let title = format!("there is no resource `{}` to patch", path.text);
    Diagnostic::new("unknown-patch", title).label_key(path, "").help(help)
}

fn patch_one(resource: &mut Resource, target: Target, patch: &Value, catalog: &Catalog) {
    let facts = catalog.provider(target).get(&resource.type_name);
    let is_block = |path: &str| {
        path == "timeouts" || path == "lifecycle" || facts.is_some_and(|facts| facts.is_block(path))
    };
    let old = Value::from(resource.properties.clone());
    let patch = match target {
        Target::CloudFormation => patch.clone(),
        Target::Terraform => as_blocks(patch, Some(&old), "", &is_block, &mut resource.blocks),
    };
    let merged = merge::patch(&old, &patch, &|_| false);
    resource.properties = merged.as_map().cloned().unwrap_or_default();
}

/// A mapping where a block stands changes the only block of that name, or becomes the only one.
fn as_blocks(
    patch: &Value,
    old: Option<&Value>,
    path: &str,
    is_block: &dyn Fn(&str) -> bool,
    blocks: &mut BTreeSet<String>,
) -> Value {
    let Some(map) = patch.as_map() else { return patch.clone() };
    let mut members = Map::default();
    for (key, value) in map.iter() {
        let below =
            if path.is_empty() { key.text.to_string() } else { format!("{path}.{}", key.text) };
        let before = old.and_then(|old| old.get(&key.text));
        if !(is_block(&below) || blocks.contains(&below)) {
            let value = as_blocks(value, before, &below, is_block, blocks);
            members.0.push((key.clone(), value));
            continue;
        }
        blocks.insert(below.clone());
        let before = before.and_then(Value::as_list).unwrap_or_default();
        let value = match &value.data {
            Data::Map(_) => {
                let only = before.first().filter(|_| before.len() == 1);
                let inner = as_blocks(value, only, &below, is_block, blocks);
                let base = only.cloned().unwrap_or_else(|| Map::default().into());
                vec![merge::patch(&base, &inner, &|_| false)].into()
            }
            Data::List(list) => {
                let inner = list.iter().map(|item| as_blocks(item, None, &below, is_block, blocks));
                inner.collect::<Vec<_>>().into()
            }
            _ => value.clone(),
        };
        members.0.push((key.clone(), value));
    }
    Value::from(members).from_origin(patch.origin.clone())
}
