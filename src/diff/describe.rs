//! Resources in a form that two runs can be compared in.

use crate::assemble::{Assembled, Resource, remembered};
use crate::catalog::Holds;
use crate::derive::Stack;
use crate::value::{Data, Deferred, Map, Target, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A resource, its values spelled by what they are.
#[derive(Debug, Default)]
pub struct Described {
    /// Its logical id, or its Terraform address.
    pub address: String,
    /// Its type on the target.
    pub type_name: String,
    /// The component that it belongs to.
    pub component: String,
    /// That component's id.
    pub component_id: String,
    /// Its properties; JSON inside texts is a tree like all others.
    pub properties: Json,
    /// The paths of those that Terraform leaves as it finds them.
    pub ignored: Vec<String>,
    /// Whether it holds data; none where nobody says.
    pub holds_data: Option<bool>,
    /// Whether its data outlives it.
    pub protected: bool,
    /// What it refers to.
    pub references: Vec<Reference>,
}

/// A property that reads an attribute of another resource.
#[derive(Debug)]
pub struct Reference {
    /// The property, as the provider facts name it.
    pub path: String,
    /// The other resource's address.
    pub address: String,
    /// What is read of it.
    pub attribute: String,
}

/// The resources of a stack on a target, by address.
pub fn describe(stack: &Stack<'_>, assembled: &Assembled) -> BTreeMap<String, Described> {
    let describe = |resource: &Resource| {
        let described = described(stack, assembled, resource);
        (described.address.clone(), described)
    };
    assembled.resources.iter().map(describe).collect()
}

fn described(stack: &Stack<'_>, assembled: &Assembled, resource: &Resource) -> Described {
    let target = assembled.target;
    let protection = resource.protection;
    let ignored = resource.ignore.iter().filter(|_| target == Target::Terraform);
    Described {
        address: resource.full_address(target),
        type_name: resource.type_name.clone(),
        component: resource.component.to_string(),
        component_id: resource.component_id.to_string(),
        properties: remembered(stack, target, &whole(stack, resource, target).into()),
        ignored: ignored.map(|(path, _)| path.replace("[0]", "")).collect(),
        holds_data: protection.map(|one| one.holds != Holds::No),
        protected: protection.is_some_and(|one| one.protect && one.holds != Holds::No),
        references: references(assembled, resource),
    }
}

/// The properties with the tags among them, as the target has them in the end.
fn whole(stack: &Stack<'_>, resource: &Resource, target: Target) -> Map {
    let mut all = resource.properties.clone();
    let facts = stack.catalog.provider(target).get(&resource.type_name);
    let Some(tagging) = facts.and_then(crate::provider::ResourceType::tags) else { return all };
    let mut tags = stack.resolved.envelope.tags.clone();
    for (key, value) in resource.tags.iter() {
        tags.set(key.clone(), value.clone());
    }
    if !tags.is_empty() {
        all.set(&*tagging.property, tags.into());
    }
    all
}

fn references(assembled: &Assembled, resource: &Resource) -> Vec<Reference> {
    let mut found = vec![];
    for (key, value) in resource.properties.iter() {
        walk(&value.on(assembled.target), &key.text, &mut |path, deferred| {
            let Deferred::Attribute { resource, attribute, .. } = deferred else { return };
            found.extend(assembled.get(resource).map(|other| Reference {
                path: path.to_string(),
                address: other.full_address(assembled.target),
                attribute: attribute.to_string(),
            }));
        });
    }
    found
}

/// Visits what is deferred, with its path; items of lists are no step.
fn walk(value: &Value, path: &str, visit: &mut dyn FnMut(&str, &Deferred)) {
    match &value.data {
        Data::Map(map) => {
            map.iter().for_each(|(key, value)| walk(value, &format!("{path}.{}", key.text), visit));
        }
        Data::List(list) => list.iter().for_each(|value| walk(value, path, visit)),
        _ => value.each_deferred(&mut |deferred| visit(path, deferred)),
    }
}
