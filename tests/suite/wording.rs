//! No wording of ours or of a user's replaces a resource: a better sentence must not cost data.
use std::collections::BTreeMap;

use formwork::assemble::{Plain, remembered};
use formwork::catalog::{Layer, embedded};
use serde_yaml::{Mapping, Value};

use crate::shipped::create_only;
use crate::stacks::{Case, Engine, OURS, examples, shipped};

/// Stands at the end of every text that people read.
const SUFFIX: &str = " (in other words)";

/// Keys of a kind's file whose texts people read, and nothing else does.
const WORDING: [&str; 8] =
    ["summary", "description", "why", "means", "do", "message", "help", "say"];

/// Our catalog in other words.
fn reworded() -> Layer {
    let mut layer = embedded();
    let mut changed = 0;
    for (path, text) in &mut layer.files {
        let kind = path.starts_with("catalog/kinds/") || path.starts_with("catalog/parts/");
        if kind && path.ends_with(".yaml") {
            let mut document: Value = serde_yaml::from_str(text).expect("a kind's file");
            changed += reword_kind(document.as_mapping_mut().expect("a kind"));
            *text = serde_yaml::to_string(&document).expect("YAML").into();
        }
    }
    assert!(changed > 50, "{changed} texts are reworded");
    layer
}

/// Sections that hold wording under its own keys; in others a key may be a parameter's name.
fn reword_kind(kind: &mut Mapping) -> usize {
    let mut changed = 0;
    for (key, value) in kind.iter_mut() {
        changed += match key.as_str().expect("a section") {
            "summary" | "description" => reword(value),
            "emits" | "alarms" | "rules" | "parts" | "before" | "after" => reword_below(value),
            _ => 0,
        };
    }
    changed
}

fn reword_below(value: &mut Value) -> usize {
    match value {
        Value::Mapping(map) => map
            .iter_mut()
            .map(|(key, value)| match key.as_str() {
                Some(key) if WORDING.contains(&key) => reword(value),
                _ => reword_below(value),
            })
            .sum(),
        Value::Sequence(items) => items.iter_mut().map(reword_below).sum(),
        _ => 0,
    }
}

/// Adds the suffix to a text, or to each text of a list, unless it hands on another's words.
fn reword(value: &mut Value) -> usize {
    match value {
        Value::String(text) if !(text.starts_with("${") && text.ends_with('}')) => {
            text.push_str(SUFFIX);
            1
        }
        Value::Sequence(items) => items.iter_mut().map(reword).sum(),
        _ => 0,
    }
}

/// The same blueprint, described in other words.
fn redescribed(case: &Case) -> String {
    let mut document: Value = serde_yaml::from_str(&case.text).expect("a blueprint");
    let described = |value: Option<&Value>| {
        let old = value.and_then(Value::as_str).unwrap_or("Nothing was said");
        Value::from(format!("{old}{SUFFIX}"))
    };
    let description = described(document.get("description"));
    document["description"] = description;
    let components = document["components"].as_mapping_mut().expect("components");
    for (_, component) in components.iter_mut() {
        let description = described(component.get("description"));
        component["description"] = description;
    }
    serde_yaml::to_string(&document).expect("YAML")
}

/// By address: the values that a change of replaces the resource; and how often the suffix stands
/// in the others.
fn fixed(engine: &Engine, text: &str) -> (BTreeMap<String, String>, usize) {
    let (mut all, mut reworded) = (BTreeMap::new(), 0);
    engine.assembled(text, |stack, assembled| {
        let target = assembled.target;
        let environment = stack.resolved.envelope.environment.as_deref().unwrap_or("-");
        let plain = Plain { stack, target };
        for resource in &assembled.resources {
            let whole = plain.json(&resource.properties.clone().into()).to_string() + &resource.why;
            reworded += whole.matches(SUFFIX).count();
            for (path, value) in create_only(resource, target) {
                let at = format!("{environment} {} {path}", resource.full_address(target));
                all.entry(at)
                    .or_insert_with(String::new)
                    .push_str(&remembered(stack, target, value).to_string());
            }
        }
    });
    (all, reworded)
}

#[test]
fn no_wording_replaces_a_resource() {
    let other_words = Engine::new(vec![reworded()]);
    let mut reworded = 0;
    for case in shipped().iter().chain(&examples()) {
        let (before, none) = fixed(&OURS, &case.text);
        let (after, some) = fixed(&other_words, &redescribed(case));
        assert_eq!(none, 0, "{}", case.name);
        let differs = |(at, value): &(&String, &String)| after.get(*at) != Some(*value);
        let lost: Vec<_> = before.iter().filter(differs).collect();
        assert!(lost.is_empty(), "{}: a change of wording replaces {lost:#?}", case.name);
        assert_eq!(before.len(), after.len(), "{}", case.name);
        reworded += some;
    }
    assert!(reworded > 100, "only {reworded} texts reach the resources");
    let findings = other_words.catalog.take_findings();
    assert!(findings.is_empty(), "{findings:#?}");
}
