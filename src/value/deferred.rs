//! What is known only when a stack is deployed, or spelled differently on each target.

use super::{Data, Map, Origin, Target, Value};
use std::sync::Arc;

/// Index of a component or part in its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(pub u32);

/// One generated resource, the same on both targets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId {
    /// The component or part that emits it.
    pub unit: UnitId,
    /// Its word under `emits` in the kind's file.
    pub resource: Arc<str>,
    /// The keys of the items it stands for, outermost first; empty without `each`.
    pub items: Arc<[Arc<str>]>,
}

/// What can be placed and joined, and compared with null; nothing can be calculated with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Deferred {
    /// An attribute of a resource of this stack, in the words of one target.
    Attribute {
        /// The resource.
        resource: ResourceId,
        /// `Ref`, `Arn`, … on CloudFormation; `arn`, `id`, … on Terraform.
        attribute: Arc<str>,
        /// Resources that must exist before one that reads this (an output's `ready`).
        ready: Arc<[ResourceId]>,
    },
    /// Something read from the account or the deployer; `catalog/lookups.yaml` spells it.
    Lookup {
        /// Its name there: `account_id`, `zone`, `parameter`, `ssm`, …
        lookup: Arc<str>,
        /// What the lookup is told, by name (a parameter's name and type, a path, an index).
        arguments: Arc<Map>,
    },
    /// Texts and other deferred values, one after the other.
    Join(Vec<Value>),
    /// One value, spelled differently on each target.
    Targets {
        /// On CloudFormation.
        cloudformation: Value,
        /// On Terraform.
        terraform: Value,
    },
    /// A short hash of a resource's properties, for names that change with the content.
    ContentHash(ResourceId),
    /// A document that stands in a property as JSON text.
    Json(Value),
}

impl Value {
    /// Whether it, or anything in it, is known only at deployment.
    pub fn is_deferred(&self) -> bool {
        match &self.data {
            Data::Deferred(_) => true,
            Data::List(list) => list.iter().any(Self::is_deferred),
            Data::Map(map) => map.iter().any(|(_, value)| value.is_deferred()),
            _ => false,
        }
    }

    /// Calls `visit` with each deferred value in the tree, joins and both spellings included.
    pub fn each_deferred<'a>(&'a self, visit: &mut dyn FnMut(&'a Deferred)) {
        match &self.data {
            Data::List(list) => {
                for value in list.iter() {
                    value.each_deferred(visit);
                }
            }
            Data::Map(map) => {
                for (_, value) in map.iter() {
                    value.each_deferred(visit);
                }
            }
            Data::Deferred(deferred) => {
                visit(deferred);
                match &**deferred {
                    Deferred::Join(parts) => parts.iter().for_each(|p| p.each_deferred(visit)),
                    Deferred::Targets { cloudformation, terraform } => {
                        cloudformation.each_deferred(visit);
                        terraform.each_deferred(visit);
                    }
                    Deferred::Json(value) => value.each_deferred(visit),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The value as one target spells it: choices between the targets are made, joins made flat.
    #[must_use]
    pub fn on(&self, target: Target) -> Self {
        self.rewritten(&|deferred| match deferred {
            Deferred::Targets { cloudformation, terraform } => Some(match target {
                Target::CloudFormation => cloudformation.on(target),
                Target::Terraform => terraform.on(target),
            }),
            _ => None,
        })
    }

    /// The tree with other values in the place of deferred ones, inside joins and documents too;
    /// where `change` gives none, the value stays.
    #[must_use]
    pub fn rewritten(&self, change: &dyn Fn(&Deferred) -> Option<Self>) -> Self {
        let data = match &self.data {
            Data::List(list) => Data::List(list.iter().map(|v| v.rewritten(change)).collect()),
            Data::Map(map) => {
                let members = map.iter().map(|(key, v)| (key.clone(), v.rewritten(change)));
                Data::Map(members.collect::<Map>().into())
            }
            Data::Deferred(deferred) => {
                if let Some(changed) = change(deferred) {
                    return Self { origin: self.origin.and(&changed.origin), ..changed };
                }
                inside(deferred, change).unwrap_or_else(|| self.data.clone())
            }
            data => data.clone(),
        };
        Self { data, origin: self.origin.clone() }
    }
}

/// A deferred value with what is inside it rewritten; `None` where there is nothing inside.
fn inside(deferred: &Deferred, change: &dyn Fn(&Deferred) -> Option<Value>) -> Option<Data> {
    Some(match deferred {
        Deferred::Join(parts) => join(parts.iter().map(|part| part.rewritten(change))).data,
        Deferred::Json(value) => Data::Deferred(Deferred::Json(value.rewritten(change)).into()),
        Deferred::Targets { cloudformation, terraform } => {
            let (cloudformation, terraform) =
                (cloudformation.rewritten(change), terraform.rewritten(change));
            Data::Deferred(Deferred::Targets { cloudformation, terraform }.into())
        }
        _ => return None,
    })
}

/// Puts texts and deferred values one after the other: a text where all are texts, the value
/// itself where there is only one. Joins among the parts are made flat.
pub fn join(parts: impl IntoIterator<Item = Value>) -> Value {
    let mut flat: Vec<Value> = vec![];
    let mut origin = Origin::Nowhere;
    for part in parts {
        origin = origin.and(&part.origin);
        push_joined(&mut flat, part);
    }
    let data = match flat.as_slice() {
        [] => Data::Text("".into()),
        [one] => one.data.clone(),
        _ => Data::Deferred(Arc::new(Deferred::Join(flat))),
    };
    Value { data, origin }
}

fn push_joined(flat: &mut Vec<Value>, part: Value) {
    if let Data::Deferred(deferred) = &part.data
        && let Deferred::Join(inner) = &**deferred
    {
        for value in inner {
            push_joined(flat, value.clone());
        }
        return;
    }
    match (flat.last_mut(), part.as_str()) {
        (_, Some("")) => {}
        (Some(Value { data: Data::Text(last), .. }), Some(text)) => {
            *last = format!("{last}{text}").into();
        }
        _ => flat.push(part),
    }
}
