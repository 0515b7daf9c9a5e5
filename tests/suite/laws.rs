//! What holds for every diff.
use std::collections::{BTreeMap, BTreeSet};

use formwork::blueprint;
use formwork::catalog::{Sort, embedded};
use formwork::diff::{Action, Difference, Side, diff, sides};
use formwork::source::{Author, Source};
use formwork::value::Target;
use serde_yaml::{Mapping, Value};

use crate::changes::{CASES, Changes, changed, difference};
use crate::oracle::say;
use crate::stacks::{Case, OURS, examples, shipped};

/// The one environment of a blueprint on each target; none where it has an error.
fn described(text: &str, before: &[(Target, Side)]) -> Option<Vec<(Target, Side)>> {
    let source = Source::new("blueprint.yaml", text, Author::Blueprint);
    let blueprint = blueprint::parse(&source).ok()?;
    let environment = blueprint.stacks().into_iter().next()?;
    let read_file = |path: &str| Ok(path.as_bytes().to_vec());
    sides(&OURS.session(), &blueprint, environment.as_ref(), &read_file, before).ok()
}

fn differences(old: &[(Target, Side)], new: &[(Target, Side)]) -> Vec<Difference> {
    let pairs = old.iter().zip(new);
    let diff = |((target, old), (_, new)): (&(Target, Side), &(Target, Side))| {
        diff(old, new, *target, OURS.catalog.provider(*target))
    };
    pairs.map(diff).collect()
}

fn addresses(difference: &Difference, action: Action) -> BTreeSet<&str> {
    let changes = difference.changes.iter().filter(|one| one.action == action);
    changes.map(|one| one.address.as_str()).collect()
}

#[test]
fn what_comes_one_way_goes_the_other() {
    for (case, target) in CASES.iter().flat_map(|case| Target::ALL.map(|target| (case, target))) {
        let before = changed(case, "dev", &BTreeMap::new());
        for round in &Changes::of(case).rounds {
            let after = changed(case, "dev", round);
            let forth = difference(&before, &after, "dev", target);
            let back = difference(&after, &before, "dev", target);
            let [added, removed] = [Action::Add, Action::Remove];
            assert_eq!(addresses(&forth, added), addresses(&back, removed), "{case} {round:?}");
            assert_eq!(addresses(&forth, removed), addresses(&back, added), "{case} {round:?}");
            // Each value that becomes another becomes itself again.
            for change in forth.changes.iter().filter(|one| one.action == Action::Change) {
                let twin = back.changes.iter().find(|one| one.address == change.address);
                let twin =
                    twin.unwrap_or_else(|| panic!("{case}: {} goes one way", change.address));
                for one in change.properties.iter().filter(|one| one.through.is_none()) {
                    let returns = twin.properties.iter().any(|other| {
                        (&other.path, &other.old, &other.new) == (&one.path, &one.new, &one.old)
                    });
                    assert!(returns, "{case} {}: {}", change.address, one.path);
                }
            }
        }
    }
}

/// A tree whose mappings are turned round, down to a depth.
fn turned(value: &Value, depth: usize) -> Value {
    let Some(map) = value.as_mapping().filter(|_| depth > 0) else { return value.clone() };
    let member = |(key, value): (&Value, &Value)| (key.clone(), turned(value, depth - 1));
    let mut members: Vec<_> = map.iter().map(member).collect();
    members.reverse();
    Mapping::from_iter(members).into()
}

#[test]
fn the_order_of_keys_means_nothing_but_where_it_does() {
    for case in shipped() {
        let document: Value = serde_yaml::from_str(&case.text).expect("YAML");
        // Keys of the blueprint, its components, and theirs.
        let text = serde_yaml::to_string(&turned(&document, 3)).expect("YAML");
        let environments = document["environments"].as_mapping().expect("environments");
        for name in environments.keys().filter_map(Value::as_str) {
            for target in Target::ALL {
                let told = difference(&case.text, &text, name, target);
                assert!(told.changes.is_empty(), "{} {name}: {:#?}", case.name, told.changes);
            }
        }
    }
    let warehouse =
        shipped().into_iter().find(|one| one.text.contains("        etl:\n")).expect("queues");
    let mut document: Value = serde_yaml::from_str(&warehouse.text).expect("YAML");
    let queues = &mut document["components"]["cluster"]["workload_management"]["queues"];
    *queues = turned(queues, 1);
    let text = serde_yaml::to_string(&document).expect("YAML");
    let told = difference(&warehouse.text, &text, "prod", Target::Terraform);
    let paths: Vec<_> = told.changes.iter().flat_map(|one| &one.properties).collect();
    let order = paths.iter().find(|one| one.path.contains("wlm_json_configuration"));
    let order = order.expect("the queues are looked through in order");
    let names = |value: &serde_json::Value| value[0].as_str().map(String::from);
    assert_eq!(names(&order.old).as_deref(), Some("dashboard"), "{order:?}");
    assert_eq!(names(&order.new).as_deref(), Some("etl"), "{order:?}");
}

#[test]
fn an_overlay_that_says_the_same_changes_nothing() {
    let retention = [("retention_hours".into(), 24.into())];
    let said = [("readings".to_owned(), Mapping::from_iter(retention).into())];
    let case = "sensor-streaming";
    let before = changed(case, "dev", &BTreeMap::new());
    let after = changed(case, "dev", &said.into());
    for target in Target::ALL {
        assert!(difference(&before, &after, "dev", target).changes.is_empty());
    }
}

/// Other values that a parameter may have, as its schema says.
fn candidates(schema: &Value, old: &Value) -> Vec<Value> {
    let number = |key: &str| schema[key].as_i64();
    let all = match (schema["enum"].as_sequence(), schema["type"].as_str()) {
        (Some(words), _) => words.clone(),
        (_, Some("boolean")) => vec![true.into(), false.into()],
        (_, Some("integer" | "number")) => {
            let from = old.as_i64().or(number("minimum")).unwrap_or(1);
            [from + 1, from * 2, from - 1].map(Value::from).into()
        }
        _ => vec![],
    };
    all.into_iter().filter(|one| one != old).collect()
}

/// The parameters with their schemas, those within others by their path.
fn parameters(schemas: &Value, path: &[String]) -> Vec<(Vec<String>, Value)> {
    let all = schemas.as_mapping().into_iter().flatten();
    let own = |(name, schema): (&Value, &Value)| {
        let path = [path, &[name.as_str().unwrap_or_default().to_owned()]].concat();
        let inner = parameters(&schema["properties"], &path);
        [vec![(path, schema.clone())], inner].concat()
    };
    all.flat_map(own).collect()
}

fn with(text: &str, path: &[String], schema: &Value) -> Vec<String> {
    let document: Value = serde_yaml::from_str(text).expect("YAML");
    let steps = ["components", "example"].into_iter().chain(path.iter().map(String::as_str));
    let old = steps.clone().fold(&document, |value, step| value.get(step).unwrap_or(&Value::Null));
    let old = if old.is_null() { &schema["default"] } else { old };
    let changed = |new: Value| {
        let mut document = document.clone();
        let place = steps.clone().fold(&mut document, |value, step| {
            if !value.is_mapping() {
                *value = Mapping::new().into();
            }
            value.as_mapping_mut().expect("a mapping").entry(step.into()).or_insert(Value::Null)
        });
        *place = new;
        serde_yaml::to_string(&document).expect("YAML")
    };
    candidates(schema, old).into_iter().map(changed).collect()
}

/// Whether another value of a parameter changes something of an example, on some target; none
/// where no other value is sound by itself.
fn matters(cases: &[&Case], path: &[String], schema: &Value) -> Option<bool> {
    let mut tried = None;
    for case in cases {
        let Some(before) = described(&case.text, &[]) else { continue };
        for text in with(&case.text, path, schema) {
            let Some(after) = described(&text, &before) else { continue };
            if differences(&before, &after).iter().any(|one| !one.changes.is_empty()) {
                return Some(true);
            }
            tried = Some(false);
        }
    }
    tried
}

/// A parameter that changes nothing is dead, but for those that say `affects: check`.
#[test]
fn every_number_switch_and_word_matters() {
    let (files, all) = (embedded().files, examples());
    let (mut tried, mut dead) = (0, vec![]);
    for kind in OURS.catalog.kinds(Sort::Kind) {
        let text = &files[format!("catalog/kinds/{kind}.yaml").as_str()];
        let document: Value = serde_yaml::from_str(text).expect("YAML");
        let own = format!("{kind}.");
        let cases: Vec<&Case> = all.iter().filter(|case| case.name.starts_with(&own)).collect();
        for (path, schema) in parameters(&document["parameters"], &[]) {
            let checks = schema["affects"] == "check" || schema["withheld"] == true;
            if checks || candidates(&schema, &Value::Null).is_empty() {
                continue;
            }
            match matters(&cases, &path, &schema) {
                Some(true) => tried += 1,
                Some(false) => dead.push(format!("{kind}.{}", path.join("."))),
                None => {}
            }
        }
    }
    say(&format!("{tried} numbers, switches and words of kinds matter"));
    assert!(tried > 100, "{tried}");
    assert!(dead.is_empty(), "{dead:#?}");
}
