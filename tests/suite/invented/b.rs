//! Fleets by name: inside their cluster on one target, resources of their own on the other.
use super::order::backwards;
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("studio", world().make(&blueprint()))]
}

fn world() -> World {
    World::of(&["b-fleets"])
}

fn blueprint() -> String {
    fixture("b-fleets/studio.yaml")
}

#[test]
fn fleets_lie_inside_on_one_target_and_outside_on_the_other() {
    let made = world().make(&blueprint());
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let template = made.fragments("cloudformation/template.yaml", &["FarmProfile", "Farm"]);
    let module = made.fragments("terraform/farm.tf", &["farm_fleet_nightly", "farm_fleet_drafts"]);
    snapshot("invented-fleets", &format!("{template}\n{module}"));
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let complaints = [
        ("count: 2", "count: 10"),
        ("weight: 16", "weight: 100"),
        ("spot_percent: 75", "spot_percent: 10"),
        ("m7g.4xlarge", "m7g"),
        ("weight: 16, ", ""),
        ("spot_percent: 75", "spot_percent: 101"),
        ("      nightly:", "      Nightly:"),
    ];
    let told = complaints.map(|(old, new)| world().complaint(&blueprint(), old, new));
    snapshot("invented-fleets-refused", &told.join("\n\n"));
}

/// Fleets and machines turned round are the same blocks, under the same addresses.
#[test]
fn ids_and_content_follow_names_and_no_positions() {
    let text = blueprint();
    let [one, other] = [text.clone(), backwards(&text, "fleets")].map(|text| world().make(&text));
    let path = "terraform/farm.tf";
    assert_ne!(one.file(path), other.file(path));
    for (name, id) in [("nightly", "farm_fleet_nightly"), ("drafts", "farm_fleet_drafts")] {
        assert_eq!(one.fragments(path, &[id]), other.fragments(path, &[id]), "{name}");
    }
    let fleets = |made: &Made| {
        let farm = made.fragments("cloudformation/template.yaml", &["Farm"]);
        let mut fleets: Vec<_> = farm.split("          - Name: ").map(str::to_owned).collect();
        fleets[1..].sort();
        fleets
    };
    assert_eq!(fleets(&one).len(), 3);
    assert_eq!(fleets(&one), fleets(&other));
}

/// A machine's name is a key, so an overlay can change one without the others.
#[test]
fn an_environment_changes_one_machine() {
    let overlay = "environments:\n  small:\n    components:\n      farm: \
                   {fleets: {nightly: {types: {m7g.xlarge: {count: 1}}}}}\n";
    let made = world().make(&(blueprint() + overlay));
    let nightly = made.fragments("small/terraform/farm.tf", &["farm_fleet_nightly"]);
    // 4 × 1 + 16 × 2 units, three quarters of them spare.
    assert!(nightly.contains("target_on_demand_capacity = 9\n"), "{nightly}");
    assert!(nightly.contains("target_spot_capacity      = 27\n"), "{nightly}");
}
