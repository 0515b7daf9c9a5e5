//! Patches: what a user changes in the generated properties.

use super::Resource;
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, meant_or_known};
use crate::merge;
use crate::provider::{ResourceType, TagStyle, Tagging};
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
    let tagged = facts.and_then(ResourceType::tags);
    let old = Value::from(with_tags(resource, tagged));
    let patch = match target {
        Target::CloudFormation => patch.clone(),
        Target::Terraform => as_blocks(patch, Some(&old), "", &is_block, &mut resource.blocks),
    };
    let merged = merge::patch(&old, &patch, &|_| false);
    resource.properties = merged.as_map().cloned().unwrap_or_default();
    take_tags(resource, tagged);
}

/// The properties with the tags among them, so that a patch can change one of these, too.
fn with_tags(resource: &Resource, tagged: Option<&Tagging>) -> Map {
    let mut all = resource.properties.clone();
    if let Some(tagged) = tagged.filter(|_| !resource.tags.is_empty()) {
        let tags = match tagged.style {
            TagStyle::Map => Value::from(resource.tags.clone()),
            TagStyle::List => resource.tags.iter().map(pair).collect::<Vec<_>>().into(),
        };
        all.set(&*tagged.property, tags);
    }
    all
}

fn pair((key, value): (&Key, &Value)) -> Value {
    Map::from_iter([("Key", Value::from(&*key.text)), ("Value", value.clone())]).into()
}

/// Takes the tags out again, as the patch has left them.
fn take_tags(resource: &mut Resource, tagged: Option<&Tagging>) {
    let Some(tagged) = tagged else { return };
    let patched = resource.properties.get(&tagged.property);
    let unpatched = match (patched.map(|value| &value.data), tagged.style) {
        (None, _) => Some(Map::default()),
        (Some(Data::Map(map)), TagStyle::Map) => Some((**map).clone()),
        (Some(Data::List(list)), TagStyle::List) => {
            list.iter().map(unpair).collect::<Option<Vec<_>>>().map(Map)
        }
        _ => None,
    };
    // What is no tags as the engine knows them stands as it was written.
    if let Some(tags) = unpatched {
        resource.properties.0.retain(|(key, _)| *key.text != *tagged.property);
        resource.tags = tags;
    }
}

fn unpair(item: &Value) -> Option<(Key, Value)> {
    let map = item.as_map().filter(|map| map.len() == 2)?;
    Some((map.get("Key")?.as_str()?.into(), map.get("Value")?.clone()))
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
