//! Where a stack is: what is elsewhere afterwards is another stack, made beside the old one.

use crate::blueprint::Envelope;
use crate::value::{Map, Target};
use serde::Serialize;
use std::fmt::{Display, Formatter, Result};
use std::sync::Arc;

/// What its deployer finds a stack by.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    target: Target,
    /// Its folder among the artifacts, where Terraform keeps a state that no backend keeps.
    folder: String,
    /// The name that `CloudFormation` knows it by.
    name: String,
    /// A fleet has states and stacks of its own.
    is_fleet: bool,
    region: Arc<str>,
    account: Option<Arc<str>>,
    state: Option<(Arc<str>, Map)>,
}

/// A stack that stays as it is, and that which is made beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// The stack that stays.
    pub stays: String,
    /// The stack that is new.
    pub new: String,
}

impl Home {
    /// Where the stack of an envelope is on a target.
    pub fn of(envelope: &Envelope, target: Target) -> Self {
        let folder = [Some(&*envelope.name), envelope.environment.as_deref()];
        Self {
            target,
            folder: folder.into_iter().flatten().collect::<Vec<_>>().join("/"),
            name: envelope.deployed_as(),
            is_fleet: envelope.fleet.is_some(),
            region: envelope.region.clone(),
            account: envelope.account.clone(),
            state: envelope.backend_with_key(),
        }
    }

    /// What becomes of the stack here, where its deployer does not find it at the other place.
    pub fn left_for(&self, other: &Self) -> Option<Beside> {
        let away = matches!((&self.account, &other.account), (Some(a), Some(b)) if a != b);
        let away = away
            || match self.target {
                Target::CloudFormation => {
                    (&self.name, &self.region) != (&other.name, &other.region)
                }
                // One state goes on, whatever its stack is called: what differs is replaced.
                Target::Terraform => {
                    let same_state = self.state.is_some() && self.state == other.state;
                    let elsewhere = self.folder != other.folder && !same_state;
                    elsewhere || self.is_fleet != other.is_fleet
                }
            };
        away.then(|| Beside { stays: self.told(), new: other.told() })
    }

    fn told(&self) -> String {
        let name = match self.target {
            Target::CloudFormation => &self.name,
            Target::Terraform => &self.folder,
        };
        let account = self.account.as_ref().map(|account| format!(" of account {account}"));
        format!("`{name}` in {}{}", self.region, account.unwrap_or_default())
    }
}

impl Display for Beside {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { stays, new } = self;
        write!(
            f,
            "this is another stack: {new} is made beside {stays}, which stays as it is, with its \
             data and its cost, until it is deleted"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(target: Target, [name, region, key]: [&str; 3]) -> Home {
        let settings = Map::from_iter([("key", key.into())]);
        Home {
            target,
            folder: name.into(),
            name: name.into(),
            is_fleet: false,
            region: region.into(),
            account: None,
            state: (!key.is_empty()).then(|| ("s3".into(), settings)),
        }
    }

    #[test]
    fn a_stack_is_left_where_its_deployer_does_not_find_it() {
        for (target, one, other, left) in [
            (Target::CloudFormation, ["a", "r", ""], ["a", "r", ""], false),
            (Target::CloudFormation, ["a", "r", ""], ["b", "r", ""], true),
            (Target::CloudFormation, ["a", "r", ""], ["a", "s", ""], true),
            (Target::Terraform, ["a", "r", ""], ["b", "r", ""], true),
            (Target::Terraform, ["a", "r", ""], ["a", "s", ""], false),
            (Target::Terraform, ["a", "r", "k"], ["b", "r", "k"], false),
            (Target::Terraform, ["a", "r", "k"], ["b", "r", "l"], true),
        ] {
            let beside = home(target, one).left_for(&home(target, other));
            assert_eq!(beside.is_some(), left, "{target:?} {one:?} {other:?}");
        }
    }
}
