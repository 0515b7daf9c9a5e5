//! What a change to a blueprint does to what is running: resources and properties by identity,
//! never text.

pub mod artifacts;
mod causes;
mod compare;
mod consequences;
pub mod deployer;
mod describe;
mod home;
mod openness;
mod sayings;
mod sides;

pub use causes::{Cause, Versions};
pub use compare::PropertyChange;
pub use describe::Described;
pub use home::{Beside, Home};
pub use sayings::{Said, Sayings, Topic};
pub use sides::sides;

use crate::catalog::Outcome;
use crate::provider::{Effect, Facts};
use crate::value::Target;
use serde::Serialize;
use serde_json::Value as Json;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One stack on one target, before or after.
#[derive(Debug, Default)]
pub struct Side {
    /// Its blueprint's document, environments laid over.
    pub document: Json,
    /// Its resources, by address.
    pub resources: BTreeMap<String, Described>,
    /// Its components' parameters, by the components' ids.
    pub parameters: BTreeMap<String, Json>,
    /// What its kinds say of what changed since the side before it.
    pub told: Vec<Told>,
    /// What it says of itself.
    pub sayings: Sayings,
    /// Whether a stack set deploys it, which deletes the stacks that it no longer carries.
    pub is_fleet: bool,
    /// Where it is, where that is known.
    pub home: Option<Home>,
}

/// What a kind says of a change of one of its parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// The component.
    pub component: String,
    /// The path of the parameter.
    pub parameter: String,
    /// What the change comes to.
    pub effect: Outcome,
    /// It in words.
    pub say: String,
}

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is new.
    Add,
    /// It is changed in place.
    Change,
    /// It is changed in place or replaced: the service decides.
    MayReplace,
    /// It goes, and a new one comes.
    Replace,
    /// It goes.
    Remove,
}

/// What becomes of the data of a resource that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It stays, outside the stack.
    Kept,
    /// The deployment is refused.
    Refused,
    /// It is lost.
    Lost,
}

/// One resource that is not as it was.
#[derive(Debug, Serialize)]
pub struct Change {
    /// What becomes of it.
    pub action: Action,
    /// Its logical id, or its Terraform address.
    pub address: String,
    /// Its type on the target.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The component that it belongs to.
    pub component: String,
    /// That component's id.
    #[serde(skip)]
    pub component_id: String,
    /// What differs; nothing for what is new or goes.
    pub properties: Vec<PropertyChange>,
    /// What becomes of its data, where it holds some and goes.
    pub data: Option<Fate>,
    /// What is allowed that was not, in words.
    pub broadened: Vec<String>,
}

/// Everything that differs between two sides of one stack on one target.
#[derive(Debug, Default, Serialize)]
pub struct Difference {
    /// What was written differently in the blueprint, environments laid over.
    pub written: Vec<PropertyChange>,
    /// The stack that stays beside the new one, where they are two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// What the components' kinds say of that.
    pub told: Vec<Told>,
    /// What the stack says of itself, and did not.
    pub said: Vec<Said>,
    /// Which lines of the blueprint move which properties, where that was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// The resources that differ, the weightiest first.
    pub changes: Vec<Change>,
    /// Addresses of which the blueprint says in `removed` what becomes of them.
    #[serde(skip)]
    pub settled: Vec<String>,
    /// What says what the changes do: packages and their versions.
    pub facts: Vec<String>,
}

/// What a pipeline can refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something is replaced, or may be.
    Replace,
    /// Data is lost.
    DataLoss,
    /// What runs stops for a while.
    Interruption,
    /// A change holds after a reboot.
    Reboot,
    /// The service refuses the change.
    Refused,
    /// More is allowed than before.
    Broadened,
    /// No source says what a change does.
    Unknown,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Replace,
        Self::DataLoss,
        Self::Interruption,
        Self::Reboot,
        Self::Refused,
        Self::Broadened,
        Self::Unknown,
    ];

    /// As it is written on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::DataLoss => "data-loss",
            Self::Interruption => "interruption",
            Self::Reboot => "reboot",
            Self::Refused => "refused",
            Self::Broadened => "broadened",
            Self::Unknown => "unknown",
        }
    }
}

impl Difference {
    /// Whether there is anything to tell.
    pub fn is_something(&self) -> bool {
        !self.changes.is_empty() || !self.told.is_empty() || !self.said.is_empty()
    }

    /// Whether it is deployed to other accounts or regions than it was.
    pub fn is_elsewhere(&self) -> bool {
        self.said.iter().any(|said| said.topic == Topic::Deployments)
    }

    /// The classes that something in it is of.
    pub fn classes(&self) -> impl Iterator<Item = Class> {
        let told = self.told.iter().filter_map(|told| match told.effect {
            Outcome::DataLoss => Some(Class::DataLoss),
            Outcome::Replacement => Some(Class::Replace),
            Outcome::Interruption => Some(Class::Interruption),
            Outcome::Reboot => Some(Class::Reboot),
            Outcome::ServiceLimit => Some(Class::Refused),
            Outcome::LessProtection => None,
        });
        self.changes.iter().flat_map(Change::classes).chain(told)
    }
}

impl Change {
    /// A resource, and what becomes of it; nothing else is known of that yet.
    fn of(resource: &Described, action: Action) -> Self {
        Self {
            action,
            address: resource.address.clone(),
            type_name: resource.type_name.clone(),
            component: resource.component.clone(),
            component_id: resource.component_id.clone(),
            properties: vec![],
            data: None,
            broadened: vec![],
        }
    }

    /// The classes that it is of.
    pub fn classes(&self) -> impl Iterator<Item = Class> {
        let replaces = matches!(self.action, Action::Replace | Action::MayReplace);
        let any = |effect| self.properties.iter().any(|one| one.effect == Some(effect));
        let refused = self.data == Some(Fate::Refused) || any(Effect::Refused);
        let all = [
            (Class::Replace, replaces),
            (Class::DataLoss, self.data == Some(Fate::Lost)),
            (Class::Broadened, !self.broadened.is_empty()),
            (Class::Refused, refused),
            (Class::Unknown, any(Effect::Unknown)),
        ];
        all.into_iter().filter_map(|(class, is)| is.then_some(class))
    }
}

/// Compares two sides of a stack. A side that is not there has no resources.
pub fn diff(old: &Side, new: &Side, target: Target, facts: &Facts) -> Difference {
    let homes = old.home.as_ref().zip(new.home.as_ref());
    if let Some(beside) = homes.and_then(|(old, new)| old.left_for(new)) {
        // Nothing of what is there is touched, so all of the new stack is added.
        let added = diff(&Side::default(), new, target, facts);
        let written = compare::trees(&old.document, &new.document);
        let said = new.sayings.since(&old.sayings);
        return Difference { written, said, told: vec![], beside: Some(beside), ..added };
    }
    let addresses = old.resources.keys().chain(new.resources.keys());
    let mut addresses: Vec<&String> = addresses.collect();
    addresses.sort();
    addresses.dedup();
    let mut changes: Vec<Change> = addresses
        .into_iter()
        .filter_map(|address| change(old.resources.get(address), new.resources.get(address), facts))
        .collect();
    consequences::follow_references(&mut changes, old, new, target, facts);
    let mut settled = vec![];
    for change in &mut changes {
        let farewell = consequences::farewell(change, &new.document, target);
        let before = old.resources.get(&change.address);
        change.data = consequences::fate(change, before, farewell, target, facts);
        settled.extend(farewell.map(|_| change.address.clone()));
    }
    changes.sort_by_key(|change| Reverse(weight(change)));
    let written = if old.document.is_null() || new.document.is_null() {
        vec![]
    } else {
        compare::trees(&old.document, &new.document)
    };
    let said = new.sayings.since(&old.sayings);
    let mut told = new.told.clone();
    if !new.document.is_null() && said.iter().any(Said::leaves_deployments) {
        told.extend(lost_where_it_left(old, target));
    }
    told.splice(0..0, consequences::moved(&old.document, &new.document));
    Difference {
        written,
        beside: None,
        told,
        said,
        settled,
        causes: vec![],
        changes,
        facts: facts.sources(),
    }
}

/// What a stack set deletes with the stacks that it no longer carries.
fn lost_where_it_left(old: &Side, target: Target) -> Vec<Told> {
    let deletes = old.is_fleet && target == Target::CloudFormation;
    let held = old.resources.values().filter(|one| deletes && !one.protected);
    let held = held.filter(|one| one.holds_data == Some(true)).map(|one| Told {
        component: one.component.clone(),
        parameter: "deploy".into(),
        effect: Outcome::DataLoss,
        say: format!("{} is deleted where the stack set no longer deploys", one.address),
    });
    held.collect()
}

/// Data first, then what goes; within these the addresses keep their order.
fn weight(change: &Change) -> (Option<Fate>, Action) {
    (change.data, change.action)
}

/// How one resource differs; none where it does not.
fn change(old: Option<&Described>, new: Option<&Described>, facts: &Facts) -> Option<Change> {
    let one = new.or(old)?;
    let broadened = || openness::of(old, one, facts);
    match (old, new) {
        (None, Some(_)) => Some(Change { broadened: broadened(), ..Change::of(one, Action::Add) }),
        (Some(_), None) => Some(Change::of(one, Action::Remove)),
        (Some(old), Some(new)) => {
            let properties = consequences::properties(old, new, facts);
            let action = if old.type_name == new.type_name {
                consequences::action(&properties)
            } else {
                Action::Replace
            };
            let changed = !properties.is_empty();
            let change =
                || Change { properties, broadened: broadened(), ..Change::of(new, action) };
            changed.then(change)
        }
        (None, None) => None,
    }
}
