//! What we ship: every blueprint and every example generates, to artifacts that were reviewed.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use formwork::assemble::{Resource, remembered};
use formwork::provider::Effect;
use formwork::value::{Map, Target, Value};

use crate::snapshot::{self, delta};
use crate::stacks::{ALL, Made, OURS, examples, shipped};

/// The environment whose artifacts are reviewed whole; of the others, what differs.
const WHOLE: &str = "prod";

#[test]
fn every_stack_generates_on_both_targets() {
    let mut targets: BTreeMap<&str, BTreeSet<Target>> = BTreeMap::new();
    for made in ALL.iter() {
        targets.entry(&made.stack).or_default().insert(made.output.target);
        assert!(!made.output.artifacts.is_empty(), "{}", made.stack);
    }
    // A stack set for whatever account joins is nothing that Terraform could be.
    targets.remove("fleet.prod");
    for (stack, targets) in &targets {
        assert_eq!(targets.len(), Target::ALL.len(), "{stack}");
    }
    assert!(targets.len() >= shipped().len() + examples().len());
}

#[test]
fn shipped_blueprints_have_the_artifacts_that_were_reviewed() {
    for case in shipped() {
        for target in Target::ALL {
            let stacks: Vec<_> =
                ALL.iter().filter(|m| m.case == case.name && m.output.target == target).collect();
            let is_whole = |made: &&&Made| made.output.environment.as_deref() == Some(WHOLE);
            let whole = stacks.iter().find(is_whole).unwrap_or_else(|| panic!("{}", case.name));
            for (path, text) in pieces(whole) {
                // What an alarm means is the same on both targets.
                let of = if path == "RUNBOOK.md" { String::new() } else { format!("{target}.") };
                snapshot::snapshot(&format!("{}.{of}{path}", whole.stack), &text);
            }
            for other in stacks.iter().filter(|made| !is_whole(made)) {
                let name = format!("{}.{target}.delta", other.stack);
                snapshot::snapshot(&name, &delta_of(whole, other));
            }
        }
    }
}

/// What one stack has in place of what another has, but for their names.
fn delta_of(old: &Made, new: &Made) -> String {
    let environment = |made: &Made| made.output.environment.clone().expect("an environment");
    let (from, to) = (environment(new), environment(old));
    let same = |text: &str| {
        let names = text.replace(&format!("-{from}"), &format!("-{to}"));
        names.replace(&format!("environment {from}"), &format!("environment {to}"))
    };
    let (old, new) = (pieces(old), pieces(new));
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut all = String::new();
    for path in paths {
        let text = |pieces: &BTreeMap<_, String>| pieces.get(path).cloned().unwrap_or_default();
        let differs = delta(&text(&old), &same(&text(&new)));
        if !differs.is_empty() {
            write!(all, "== {path}\n{differs}").expect("a string");
        }
    }
    all
}

#[test]
fn examples_have_the_resources_that_were_reviewed() {
    let mut first: BTreeMap<(String, Target), String> = BTreeMap::new();
    for case in examples() {
        let kind = case.name.split('.').next().expect("a kind").to_owned();
        for made in ALL.iter().filter(|made| made.case == case.name) {
            let target = made.output.target;
            // What exists already has no resources: its neighbours' kinds show the rest.
            let Some(own) = own_piece(made) else { continue };
            match first.get(&(kind.clone(), target)) {
                None => {
                    snapshot::snapshot(&format!("{}.{target}", case.name), &own);
                    first.insert((kind.clone(), target), own);
                }
                Some(first) => {
                    let differs = delta(first, &own);
                    // What has little in common is far shorter as a whole.
                    let short = differs.len() < 2 * own.len();
                    let (end, text) = if short { (".delta", differs) } else { ("", own) };
                    snapshot::snapshot(&format!("{}.{target}{end}", case.name), &text);
                }
            }
        }
    }
}

/// What the component that is the example has for itself.
fn own_piece(made: &Made) -> Option<String> {
    let path = match made.output.target {
        Target::CloudFormation => "template.example.yaml",
        Target::Terraform => "example.tf",
    };
    pieces(made).remove(path)
}

/// The artifacts, the one large one taken apart by component.
pub fn pieces(made: &Made) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (path, text) in made.texts() {
        let template = text.split_once("\nResources:\n").filter(|_| path == "template.yaml");
        let Some((head, rest)) = template else {
            all.insert(path.to_owned(), text.to_owned());
            continue;
        };
        let (resources, tail) = rest.split_once("\n\nOutputs:\n").unwrap_or((rest, ""));
        all.insert(path.to_owned(), format!("{head}\nOutputs:\n{tail}"));
        for resources in resources.split("\n\n") {
            let component = resources.split("# components.").nth(1).expect("a component is named");
            let component = component.split(' ').next().expect("a component is named");
            let path = format!("template.{component}.yaml");
            assert!(
                all.insert(path, format!("{resources}\n")).is_none(),
                "{component} stands once"
            );
        }
    }
    all
}

/// Ids, addresses and create-only values are for ever: a change of one replaces what users run.
#[test]
fn golden_ids_stay() {
    let name = "golden-ids";
    let mut now = String::new();
    for case in shipped() {
        for line in identities(&case.text) {
            writeln!(now, "{} {line}", case.name).expect("a string");
        }
    }
    let promised = snapshot::read(name).unwrap_or_default();
    let kept: BTreeSet<&str> = now.lines().collect();
    let lost: Vec<_> = promised.lines().filter(|line| !kept.contains(line)).collect();
    // An update of the snapshots does not get past this: whoever means it edits the file.
    assert!(lost.is_empty(), "these were promised for ever:\n{}", lost.join("\n"));
    snapshot::snapshot(name, &now);
}

/// A line for each resource, with the values that a change of replaces it.
fn identities(text: &str) -> Vec<String> {
    let mut lines = vec![];
    OURS.assembled(text, |stack, assembled| {
        let target = assembled.target;
        let environment = stack.resolved.envelope.environment.as_deref().unwrap_or("-");
        for resource in &assembled.resources {
            let values: Vec<_> = create_only(resource, target)
                .into_iter()
                .map(|(path, value)| format!("{path}={}", remembered(stack, target, value)))
                .collect();
            let address = resource.full_address(target);
            let values = values.join(" ");
            let line = format!("{environment} {target} {address} {} {values}", resource.type_name);
            lines.push(line.trim_end().to_owned());
        }
    });
    lines
}

/// The values, with their paths, that a change of may replace the resource.
pub fn create_only(resource: &Resource, target: Target) -> Vec<(String, &Value)> {
    fn walk<'v>(
        at: &str,
        value: &'v Value,
        replaces: &dyn Fn(&str) -> bool,
        found: &mut Vec<(String, &'v Value)>,
    ) {
        if let Some(map) = value.as_map() {
            return members(at, map, replaces, found);
        }
        match value.as_list() {
            Some(items) if items.iter().any(|item| item.as_map().is_some()) => {
                for item in items {
                    walk(at, item, replaces, found);
                }
            }
            _ if replaces(at) => found.push((at.to_owned(), value)),
            _ => {}
        }
    }
    fn members<'v>(
        at: &str,
        map: &'v Map,
        replaces: &dyn Fn(&str) -> bool,
        found: &mut Vec<(String, &'v Value)>,
    ) {
        for (key, value) in map.iter() {
            let path =
                if at.is_empty() { key.text.to_string() } else { format!("{at}.{}", key.text) };
            walk(&path, value, replaces, found);
        }
    }
    let facts = OURS.catalog.provider(target).get(&resource.type_name);
    let facts = facts.unwrap_or_else(|| panic!("no facts about {}", resource.type_name));
    let replaces = |path: &str| matches!(facts.effect(path), Effect::Replace | Effect::MayReplace);
    let mut found = vec![];
    members("", &resource.properties, &replaces, &mut found);
    found
}
