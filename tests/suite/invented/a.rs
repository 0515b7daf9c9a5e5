//! Queues in order, by name, that become one document with addresses of other components in it.
use super::order::{backwards, decides_nothing_else};
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("depot", world().make(&blueprint()))]
}

fn world() -> World {
    World::of(&["a-document"])
}

fn blueprint() -> String {
    fixture("a-document/depot.yaml")
}

#[test]
fn queues_become_a_document() {
    let made = world().make(&blueprint());
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let template = made.fragments("cloudformation/template.yaml", &["Plan"]);
    let module = made.fragments("terraform/plan.tf", &["plan"]);
    snapshot("invented-document", &format!("{template}\n{module}"));
    let by_hand = made.file("terraform/outputs.tf");
    assert!(!by_hand.contains("by_hand"), "what exists is not generated: {by_hand}");
}

#[test]
fn a_document_of_literals_is_plain_text() {
    let text = blueprint().replace("to: bulk", "to: by-hand").replace("to: small", "to: by-hand");
    let made = world().make(&text);
    let plan = made.fragments("cloudformation/template.yaml", &["Plan"]);
    let value = plan.lines().find(|line| line.trim_start().starts_with("Value:")).unwrap();
    assert!(!value.contains("!Sub"), "{value}");
    assert_eq!(value.matches("arn:aws:sqs:eu-central-1:111122223333:by-hand").count(), 3);
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let complaints = [
        ("share_percent: 40", "share_percent: 46"),
        ("scans: 3", "scans: 21"),
        ("scans: 3", "scan: 3"),
        ("weight_grams: 30000", "weight_grams: 0.5"),
        ("share_percent: 45", "share_percent: 0"),
        ("to: bulk", "to: plan"),
        ("to: small", "too: small"),
    ];
    let told = complaints.map(|(old, new)| world().complaint(&blueprint(), old, new));
    snapshot("invented-document-refused", &told.join("\n\n"));
}

#[test]
fn the_order_of_components_decides_nothing_else() {
    decides_nothing_else(&world(), &blueprint());
}

#[test]
fn the_order_of_queues_is_that_of_the_document() {
    let turned = world().make(&backwards(&blueprint(), "lanes"));
    let plan = turned.file("terraform/plan.tf");
    let at = |lane: &str| plan.find(&format!("= \"{lane}\"\n")).expect("the lane");
    assert!(at("odd") < at("letters") && at("letters") < at("heavy"), "{plan}");
    let template = turned.file("cloudformation/template.yaml");
    let at = |lane: &str| template.find(&format!(r#"\"name\":\"{lane}\""#)).expect("the lane");
    assert!(at("odd") < at("letters") && at("letters") < at("heavy"), "{template}");
}
