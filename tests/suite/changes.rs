//! What `diff` says of a change, held against what Terraform plans for it.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use formwork::blueprint;
use formwork::diff::{Action, Change, Difference, diff, sides};
use formwork::provider::Effect;
use formwork::source::{Author, Source};
use formwork::value::Target;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

use crate::stacks::{OURS, shipped};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/changes");

/// Changes of one environment of a shipped blueprint.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// What is changed at once, by the path below `components`.
    pub rounds: Vec<BTreeMap<String, Value>>,
    /// Addresses of which Terraform says something else, and why.
    #[serde(default)]
    pub disagreements: BTreeMap<String, String>,
}

/// What becomes of a resource, and the properties that replace it, by their first steps.
type Fates = BTreeMap<String, (&'static str, BTreeSet<String>)>;

impl Changes {
    pub fn of(case: &str) -> Self {
        let text = std::fs::read_to_string(Path::new(FOLDER).join(format!("{case}.yaml")));
        serde_yaml::from_str(&text.expect("changes of each architecture")).expect("changes")
    }
}

/// A shipped blueprint with some changes of an environment.
pub fn changed(case: &str, environment: &str, round: &BTreeMap<String, Value>) -> String {
    let case = shipped().into_iter().find(|one| one.name == case).expect("it is shipped");
    let mut document: Value = serde_yaml::from_str(&case.text).expect("YAML");
    for (path, new) in round {
        let steps = ["environments", environment, "components"].into_iter().chain(path.split('.'));
        let place = steps.fold(&mut document, |value, step| {
            if !value.is_mapping() {
                *value = Mapping::new().into();
            }
            value.as_mapping_mut().expect("a mapping").entry(step.into()).or_insert(Value::Null)
        });
        merge(place, new);
    }
    serde_yaml::to_string(&document).expect("YAML")
}

fn merge(place: &mut Value, new: &Value) {
    match (place.as_mapping_mut(), new.as_mapping()) {
        (Some(old), Some(new)) => {
            for (key, value) in new {
                merge(old.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        _ => *place = new.clone(),
    }
}

/// What `diff` says of two texts of a blueprint, for an environment, on Terraform.
pub fn difference(old: &str, new: &str, environment: &str) -> Difference {
    let name = Some(environment.into());
    let read_file = |path: &str| Ok(path.as_bytes().to_vec());
    let side = |text: &str, before: &[_]| {
        let source = Source::new("blueprint.yaml", text, Author::Blueprint);
        let blueprint = blueprint::parse(&source).expect("a blueprint");
        let sides = sides(&OURS.session(), &blueprint, name.as_ref(), &read_file, before);
        sides.unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"))
    };
    let old = side(old, &[]);
    let new = side(new, &old);
    let of = |sides: &[(Target, _)]| sides.iter().position(|one| one.0 == Target::Terraform);
    let (before, after) = (of(&old).expect("a target"), of(&new).expect("a target"));
    let facts = OURS.catalog.provider(Target::Terraform);
    diff(&old[before].1, &new[after].1, Target::Terraform, facts)
}

/// What differs between the two accounts, by address.
pub fn disagreements(said: &Difference, planned: &[Json]) -> BTreeMap<String, String> {
    let (said, planned) = (fates(said), planned_fates(planned));
    let addresses: BTreeSet<&String> = said.keys().chain(planned.keys()).collect();
    let told = |fate: Option<&(&str, BTreeSet<String>)>| match fate {
        None => "nothing".to_owned(),
        Some((action, replaced)) if replaced.is_empty() => (*action).to_owned(),
        Some((action, replaced)) => format!("{action} by {replaced:?}"),
    };
    let differs =
        addresses.into_iter().filter(|address| !agree(said.get(*address), planned.get(*address)));
    let line = |address: &String| {
        let [ours, theirs] = [&said, &planned].map(|fates| told(fates.get(address)));
        (address.clone(), format!("we say {ours}, Terraform {theirs}"))
    };
    differs.map(line).collect()
}

fn agree(
    said: Option<&(&str, BTreeSet<String>)>,
    planned: Option<&(&str, BTreeSet<String>)>,
) -> bool {
    match (said, planned) {
        (Some((said, why)), Some((planned, because))) => {
            let perhaps = *said == "may replace" && ["change", "replace"].contains(planned);
            perhaps || said == planned && because.is_subset(why)
        }
        _ => false,
    }
}

fn fates(difference: &Difference) -> Fates {
    let fate = |change: &Change| {
        let action = match change.action {
            Action::Add => "add",
            Action::Change => "change",
            Action::MayReplace => "may replace",
            Action::Replace => "replace",
            Action::Remove => "remove",
        };
        let replaces = change.properties.iter().filter(|one| one.effect == Some(Effect::Replace));
        let first = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
        (change.address.clone(), (action, replaces.map(|one| first(&one.path)).collect()))
    };
    difference.changes.iter().map(fate).collect()
}

fn planned_fates(planned: &[Json]) -> Fates {
    let fate = |change: &Json| {
        let words: Vec<_> =
            change["change"]["actions"].as_array()?.iter().map(Json::as_str).collect();
        let action = match words.as_slice() {
            [Some("create")] => "add",
            [Some("update")] => "change",
            [Some("delete")] => "remove",
            [Some(_), Some(_)] => "replace",
            _ => return None,
        };
        let paths = change["change"]["replace_paths"].as_array().into_iter().flatten();
        let first = |path: &Json| path[0].as_str().map(String::from);
        Some((change["address"].as_str()?.to_owned(), (action, paths.filter_map(first).collect())))
    };
    planned.iter().filter_map(fate).collect()
}

/// Each change alone does something on Terraform, or says in the diff why it does not.
#[test]
fn every_change_is_told() {
    for case in ["sensor-streaming", "redshift-concurrency-scaling", "emr-migration"] {
        let changes = Changes::of(case);
        let before = changed(case, "dev", &BTreeMap::new());
        assert!(difference(&before, &before, "dev").changes.is_empty());
        for round in &changes.rounds {
            let after = changed(case, "dev", round);
            assert!(!difference(&before, &after, "dev").changes.is_empty(), "{case} {round:?}");
        }
    }
}
