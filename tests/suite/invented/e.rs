//! Two kinds and the connection between them, three roles on one of them, references everywhere.
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("workshop", world().make(&blueprint()))]
}

fn world() -> World {
    World::of(&["e-connection"])
}

fn blueprint() -> String {
    fixture("e-connection/workshop.yaml")
}

#[test]
fn a_connection_opens_one_port_between_two_groups() {
    let made = world().make(&blueprint());
    let path = "cloudformation/template.yaml";
    let ids = ["ShelfGroup", "SorterToDiskEgress", "SorterToDiskIngress"];
    let template = made.fragments(path, &ids);
    let names = ["sorter_group", "sorter_to_disk_egress", "sorter_to_disk_ingress"];
    let module = made.fragments("terraform/sorter.tf", &names);
    snapshot("invented-connection", &format!("{template}\n{module}"));
    let door = made.fragments(path, &["SorterDoorStatusIngress"]);
    assert!(door.contains("FromPort: 8080") && door.contains("ToPort: 8080"), "{door}");
    let all = made.file(path);
    assert_eq!(all.matches("Type: AWS::EC2::SecurityGroupIngress").count(), 2, "{all}");
}

#[test]
fn nobody_who_does_not_ask_is_connected() {
    let apart = world().make(&blueprint().replace("    disk: shelf\n", ""));
    let template = apart.file("cloudformation/template.yaml");
    for word in ["AWS::EC2::SecurityGroupEgress", "SorterGroup", "elasticfilesystem:", "Volumes"] {
        assert!(!template.contains(word), "{word} in\n{template}");
    }
}

#[test]
fn each_role_may_do_what_it_is_for() {
    let made = world().make(&blueprint());
    let path = "cloudformation/template.yaml";
    let roles = ["SorterFetchingPolicy", "SorterWorkingPolicy", "SorterStartingPolicy"];
    snapshot("invented-three-roles", &made.fragments(path, &roles));
    let module = made.file("terraform/cleaner.tf");
    assert!(!module.contains("s3:GetObject"), "the cleaner reads nothing:\n{module}");
}

#[test]
fn references_in_groups_are_joined_into_documents() {
    let made = world().make(&blueprint());
    let template = made.fragments("cloudformation/template.yaml", &["Sorter"]);
    let module = made.fragments("terraform/sorter.tf", &["sorter"]);
    snapshot("invented-references", &format!("{template}\n{module}"));
}

#[test]
fn references_in_lists_and_groups_contribute() {
    let raised = |made: &Made, stream: &str| {
        made.file("cloudformation/template.yaml").contains(&format!("  {stream}IteratorAge:\n"))
    };
    let often = world().make(&blueprint());
    assert!(raised(&often, "Events"), "the list contributes a reader");
    assert!(raised(&often, "News"), "the group contributes a reader");
    let seldom = world().make(&blueprint().replace("every_minutes: 3", "every_minutes: 30"));
    assert!(raised(&seldom, "Events") && !raised(&seldom, "News"));
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let complaints = [
        ("reads: [raw, rates]", "reads: [raw, results]"),
        ("reads: [raw, rates]", "reads: [raw, events]"),
        ("bucket: results, prefix", "prefix"),
    ];
    let told = complaints.map(|(old, new)| world().complaint(&blueprint(), old, new));
    snapshot("invented-references-refused", &told.join("\n\n"));
}
