//! What `diff` says of a change, held against what Terraform plans and the CDK says of it.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use formwork::blueprint;
use formwork::diff::{Action, Change, Difference, artifacts, diff, sides};
use formwork::provider::Effect;
use formwork::source::{Author, Source};
use formwork::value::Target;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use serde_yaml::{Mapping, Value};

use crate::oracle::{Pair, cdk, say};
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
    pub terraform: BTreeMap<String, String>,
    /// Logical ids of which the CDK says something else, and why.
    #[serde(default)]
    pub cdk: BTreeMap<String, String>,
}

/// What becomes of a resource, and the properties that replace it, by their first steps.
type Fate = (&'static str, BTreeSet<String>);

/// What becomes of each resource, by address.
pub type Fates = BTreeMap<String, Fate>;

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

/// What `diff` says of two texts of a blueprint, for an environment, on a target.
pub fn difference(old: &str, new: &str, environment: &str, target: Target) -> Difference {
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
    let of = |sides: &[(Target, _)]| sides.iter().position(|one| one.0 == target);
    let (before, after) = (of(&old).expect("a target"), of(&new).expect("a target"));
    diff(&old[before].1, &new[after].1, target, OURS.catalog.provider(target))
}

/// What differs between what we say and what another does, by address.
pub fn disagreements(said: &Difference, others: &Fates) -> BTreeMap<String, String> {
    let said = fates(said);
    let addresses: BTreeSet<&String> = said.keys().chain(others.keys()).collect();
    let told = |fate: Option<&Fate>| match fate {
        None => "nothing".to_owned(),
        Some((action, replaced)) if replaced.is_empty() => (*action).to_owned(),
        Some((action, replaced)) => format!("{action} by {replaced:?}"),
    };
    let differs = |address: &&String| !agree(said.get(*address), others.get(*address));
    let line = |address: &String| {
        let [ours, theirs] = [&said, others].map(|fates| told(fates.get(address)));
        (address.clone(), format!("we say {ours}, they {theirs}"))
    };
    addresses.into_iter().filter(differs).map(line).collect()
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

/// What Terraform's plan says.
pub fn planned(planned: &[Json]) -> Fates {
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

/// What is said twice, and how often it is the same: the known disagreements must still be some.
#[derive(Default)]
pub struct Tally {
    agreed: usize,
    wrong: Vec<String>,
    known: BTreeSet<String>,
}

impl Tally {
    pub fn add(
        &mut self,
        round: &BTreeMap<String, Value>,
        said: &Difference,
        others: &Fates,
        known: &BTreeMap<String, String>,
    ) {
        let differs = disagreements(said, others);
        self.agreed += others.keys().filter(|address| !differs.contains_key(*address)).count();
        for (address, what) in differs {
            if known.contains_key(&address) {
                self.known.insert(address);
            } else {
                self.wrong.push(format!("{:?} {address}: {what}", round.keys()));
            }
        }
    }

    pub fn settle(
        self,
        case: &str,
        changes: &Changes,
        known: &BTreeMap<String, String>,
        who: &str,
    ) {
        let count: usize = changes.rounds.iter().map(BTreeMap::len).sum();
        let (agreed, differ) = (self.agreed, self.known.len());
        let told = format!("{case}: {who} says of {count} changes what diff says");
        say(&format!("{told}: {agreed} resources alike, {differ} known to differ"));
        let idle: Vec<_> = known.keys().filter(|one| !self.known.contains(*one)).collect();
        assert!(idle.is_empty(), "{case}: no disagreement any more: {idle:?}");
        let wrong = &self.wrong;
        assert!(wrong.is_empty(), "{case}: {} differ\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// The architectures whose changes are tried.
pub const CASES: [&str; 3] = ["sensor-streaming", "redshift-concurrency-scaling", "emr-migration"];

/// Nothing is told of nothing; something of each round, on both targets.
#[test]
fn every_change_is_told() {
    for (case, target) in CASES.iter().flat_map(|case| Target::ALL.map(|target| (*case, target))) {
        let before = changed(case, "dev", &BTreeMap::new());
        assert!(difference(&before, &before, "dev", target).changes.is_empty());
        for round in &Changes::of(case).rounds {
            let after = changed(case, "dev", round);
            let told = difference(&before, &after, "dev", target);
            assert!(!told.changes.is_empty(), "{case} {round:?}");
        }
    }
}

#[test]
fn the_cdk_says_of_templates_what_diff_says() {
    let target = Target::CloudFormation;
    let mut pairs = vec![];
    for case in CASES {
        let before = template(&changed(case, "dev", &BTreeMap::new()));
        for round in &Changes::of(case).rounds {
            let new = template(&changed(case, "dev", round));
            pairs.push(Pair { old: before.clone(), new });
        }
    }
    let Some(impacts) = cdk(&pairs) else { return };
    let mut impacts = impacts.into_iter();
    for case in CASES {
        let changes = Changes::of(case);
        let before = changed(case, "dev", &BTreeMap::new());
        let mut tally = Tally::default();
        for round in &changes.rounds {
            let after = changed(case, "dev", round);
            let mut said = difference(&before, &after, "dev", target);
            // The CDK reads templates: what follows a reference is told where it is replaced.
            let [old, new] = [&before, &after].map(|text| template(text));
            said.changes.retain(|change| {
                let text = |template: &Json| template["Resources"][&change.address].clone();
                change.action != Action::Change || text(&old) != text(&new)
            });
            let fate = |(id, impact): (String, String)| {
                let action = match impact.as_str() {
                    "WILL_CREATE" => "add",
                    "WILL_UPDATE" => "change",
                    "MAY_REPLACE" => "may replace",
                    "WILL_REPLACE" => "replace",
                    "WILL_DESTROY" | "WILL_ORPHAN" => "remove",
                    _ => return None,
                };
                Some((id, (action, BTreeSet::new())))
            };
            let impacts = impacts.next().expect("an answer to each").into_iter();
            tally.add(round, &said, &impacts.filter_map(fate).collect(), &changes.cdk);
        }
        tally.settle(case, &changes, &changes.cdk, "the CDK");
    }
}

/// The template of the dev environment, its resources as `diff` reads them.
fn template(blueprint: &str) -> Json {
    let (stacks, findings) = OURS.generate(blueprint);
    let dev = stacks.iter().find(|stack| stack.environment.as_deref() == Some("dev"));
    let outputs = dev.into_iter().flat_map(|stack| &stack.outputs);
    let output = outputs.into_iter().find(|output| output.target == Target::CloudFormation);
    let output = output.unwrap_or_else(|| panic!("{findings:#?}"));
    let file = output.artifacts.iter().find(|file| file.path == "template.yaml");
    let text = std::str::from_utf8(&file.expect("a template").bytes).expect("text");
    let side = artifacts::side(Target::CloudFormation, [("template.yaml", text)].into_iter());
    let resources = side.expect("a template").resources.into_iter().map(|(id, one)| {
        let resource = json!({"Type": one.type_name, "Properties": long(&one.properties)});
        (id, resource)
    });
    json!({ "Resources": resources.collect::<serde_json::Map<_, _>>() })
}

/// `Fn::GetAtt` as the CDK knows it.
fn long(value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let member = |(key, inner): (&String, &Json)| match (key.as_str(), inner.as_str()) {
                ("Fn::GetAtt", Some(text)) => (key.clone(), text.splitn(2, '.').collect::<Json>()),
                _ => (key.clone(), long(inner)),
            };
            Json::Object(map.iter().map(member).collect())
        }
        Json::Array(items) => items.iter().map(long).collect(),
        other => other.clone(),
    }
}
