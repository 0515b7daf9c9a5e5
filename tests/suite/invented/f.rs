//! What one component gathers, it passes on to the next: three times over, and never in a circle.
use super::order::decides_nothing_else;
use super::{Made, World, fixture};
use crate::snapshot::snapshot;
use formwork::catalog::Layer;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("office", world().make(&blueprint()))]
}

fn world() -> World {
    World::of(&["f-relay"])
}

fn blueprint() -> String {
    fixture("f-relay/office.yaml")
}

const TEMPLATE: &str = "cloudformation/template.yaml";

#[test]
fn what_is_gathered_is_passed_on() {
    let made = world().make(&blueprint());
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let template = made.fragments(TEMPLATE, &["InvoicesPolicy", "Wax", "Audit"]);
    let module = made.file("terraform/audit.tf");
    let ledger = &module[module.find("resource").expect("the ledger")..];
    snapshot("invented-relay", &format!("{template}\n{ledger}"));
    assert!(!made.file(TEMPLATE).contains("EmptyPolicy"), "nobody fills it");
}

#[test]
fn where_nothing_is_gathered_nothing_arrives() {
    let lines = |line: &&str| !line.contains("timetable");
    let text: Vec<_> = blueprint().lines().filter(lines).map(|line| format!("{line}\n")).collect();
    let made = world().make(&text.concat());
    let end = made.fragments(TEMPLATE, &["Wax", "Audit"]);
    assert!(!end.contains("events.amazonaws.com"), "{end}");
    assert!(end.contains(r#"{\"entries\":[],"#), "{end}");
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let hourly = "  hourly: {kind: timetable, into: invoices, every_minutes: 60}\n";
    let more = ["a", "b"].map(|name| hourly.replace("hourly", name)).concat() + hourly;
    let crowded = world().complaint(&blueprint(), hourly, &more);
    let two = world().complaint(
        &blueprint(),
        "  wax: {kind: wax}",
        "  wax: {kind: wax}\n  w2: {kind: wax}",
    );
    let unsealed = world().complaint(&blueprint(), "  wax: {kind: wax}\n", "");
    snapshot("invented-relay-refused", &[crowded, two, unsealed].join("\n\n"));
}

#[test]
fn the_order_of_components_decides_nothing_else() {
    decides_nothing_else(&world(), &blueprint());
}

/// Two kinds, each of which promises what it has gathered, and gathers what the other promises.
#[test]
fn a_circle_is_spelled_out() {
    let capabilities = "echo:\n  summary: Says what it hears\n  outputs: {heard: {type: string}}\n  \
                        collects: {words: {type: string}}\n";
    let kind = |name: &str| {
        let text = format!(
            "kind: {name}\nsummary: Says what it hears\noffers: [echo]\n\
             parameters:\n  to: {{reference: echo, description: Who hears it}}\n\
             outputs: {{heard: {{value: '${{join(\" \", collected.words)}}'}}}}\n\
             collects: [words]\ncontributes: {{to: {{words: ['${{outputs.heard}}']}}}}\n"
        );
        (format!("catalog/kinds/{name}.yaml").into(), text.into())
    };
    let files = [("catalog/capabilities.yaml".into(), capabilities.into())];
    let files = files.into_iter().chain([kind("wall"), kind("cave")]).collect();
    let world = World::over([Layer { name: String::new(), files }]);
    let text = "formwork: 1\nname: alps\nregion: eu-central-1\ncomponents:\n  \
                north: {kind: wall, to: deep}\n  deep: {kind: cave, to: north}\n";
    let made = world.make(text);
    assert!(made.files.is_empty());
    snapshot("invented-circle", &made.findings.join("\n\n"));
}
