//! Which lines of a blueprint move which properties: each changed one is applied alone to the old
//! blueprint. Those that are no blueprint alone are tried together with the others of their
//! component; what is none even then is told as the step from all the others to the whole.

use super::sides::sides_of;
use super::{Change, Difference, PropertyChange, Side, diff};
use crate::blueprint::Variant;
use crate::generate::Session;
use crate::resolve::ReadFile;
use crate::value::{Data, Map, Target, Value};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// More changed lines are told as a whole: each costs as much as generating a stack.
const MOST: usize = 40;

/// Lines of a blueprint, and what they move.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    /// The paths of what was written differently.
    pub written: Vec<String>,
    /// The properties that differ by it; for a resource that comes or goes, its address alone.
    pub moves: Vec<String>,
}

type Steps = Vec<Arc<str>>;

/// Two versions of one environment of a blueprint. Files are read as they are now, for both.
pub struct Versions<'a> {
    /// What the catalog and its templates are.
    pub session: &'a Session<'a>,
    /// The version before.
    pub old: &'a Variant,
    /// The version after.
    pub new: &'a Variant,
    /// Reads files beside the new blueprint.
    pub read_file: &'a ReadFile<'a>,
}

impl Versions<'_> {
    /// What each change of the blueprint moves, on each target that both versions have.
    pub fn causes(&self) -> Vec<(Target, Vec<Cause>)> {
        let leaves = leaves(&self.old.document, &self.new.document);
        let (groups, rest) = if leaves.len() > MOST {
            (vec![], leaves.clone())
        } else {
            self.groups(leaves.clone())
        };
        let mut all: Vec<(Target, Vec<Cause>)> = Target::ALL.map(|one| (one, vec![])).into();
        for group in &groups {
            self.add(&mut all, group, [&[], group]);
        }
        // What is no blueprint by itself is what is left to do when all else is done.
        if !rest.is_empty() {
            self.add(&mut all, &rest, [&groups.concat(), &leaves]);
        }
        all
    }

    /// Adds what differs between two states of the blueprint, each with some of its changes.
    fn add(&self, all: &mut [(Target, Vec<Cause>)], group: &[Steps], states: [&[Steps]; 2]) {
        let [Some(before), Some(after)] = states.map(|changes| self.with(changes)) else { return };
        for (target, causes) in all {
            let of = |sides: &'_ [(Target, Side)]| sides.iter().position(|(one, _)| one == target);
            let (Some(old), Some(new)) = (of(&before), of(&after)) else { continue };
            let facts = self.session.catalog.provider(*target);
            causes.push(Cause {
                written: group.iter().map(|steps| steps.join(".")).collect(),
                moves: moves(&diff(&before[old].1, &after[new].1, *target, facts)),
            });
        }
    }

    /// Changes that are a blueprint by themselves or together, and what is none in any way.
    fn groups(&self, leaves: Vec<Steps>) -> (Vec<Vec<Steps>>, Vec<Steps>) {
        let stands = |group: &[Steps]| self.with(group).is_some();
        let alone = |leaf: &Steps| stands(std::slice::from_ref(leaf));
        let (sound, mut fallen): (Vec<_>, Vec<_>) = leaves.into_iter().partition(alone);
        let mut groups: Vec<Vec<Steps>> = sound.into_iter().map(|leaf| vec![leaf]).collect();
        let component = |steps: &Steps| steps.get(..2).map(<[_]>::to_vec);
        let mut rest = vec![];
        while let Some(first) = fallen.first().map(component) {
            let (group, others): (Vec<_>, Vec<_>) =
                fallen.into_iter().partition(|leaf| component(leaf) == first);
            if stands(&group) {
                groups.push(group);
            } else {
                rest.extend(group);
            }
            fallen = others;
        }
        (groups, rest)
    }

    /// The old blueprint with some of the changes; none where that is no blueprint.
    fn with(&self, changes: &[Steps]) -> Option<Vec<(Target, Side)>> {
        let change =
            |document: Value, steps: &Steps| set(&document, steps, at(&self.new.document, steps));
        let document = changes.iter().fold(self.old.document.clone(), change);
        let variant = Variant { document, environment: self.old.environment.clone() };
        sides_of(self.session, &variant, self.read_file, &[]).ok()
    }
}

/// The paths at which two documents differ; what is no mapping on both sides is one value.
fn leaves(old: &Value, new: &Value) -> Vec<Steps> {
    let (Data::Map(one), Data::Map(other)) = (&old.data, &new.data) else {
        return if old == new { vec![] } else { vec![vec![]] };
    };
    let names: BTreeSet<&str> = one.names().chain(other.names()).collect();
    let below = |name: &str| {
        let of = |map: &Map| map.get(name).cloned().unwrap_or_default();
        let inner = leaves(&of(one), &of(other));
        let name: Arc<str> = name.into();
        inner.into_iter().map(move |steps| [vec![name.clone()], steps].concat())
    };
    names.into_iter().flat_map(below).collect()
}

fn at<'a>(document: &'a Value, steps: &[Arc<str>]) -> Option<&'a Value> {
    steps.iter().try_fold(document, |value, step| value.get(step))
}

/// A document with another value at a path, or with none there.
fn set(document: &Value, steps: &[Arc<str>], value: Option<&Value>) -> Value {
    let Some((step, rest)) = steps.split_first() else {
        return value.cloned().unwrap_or_default();
    };
    let mut map = document.as_map().cloned().unwrap_or_default();
    if rest.is_empty() && value.is_none() {
        map.0.retain(|(key, _)| key.text != *step);
    } else {
        let inner = set(&map.get(step).cloned().unwrap_or_default(), rest, value);
        map.set(step.clone(), inner);
    }
    Value::from(map).from_origin(document.origin.clone())
}

fn moves(difference: &Difference) -> Vec<String> {
    let of = |change: &Change| {
        let path = |one: &PropertyChange| format!("{}: {}", change.address, one.path);
        let paths: Vec<String> = change.properties.iter().map(path).collect();
        if paths.is_empty() { vec![change.address.clone()] } else { paths }
    };
    let mut moves: Vec<String> = difference.changes.iter().flat_map(of).collect();
    moves.sort();
    moves.dedup();
    moves
}
