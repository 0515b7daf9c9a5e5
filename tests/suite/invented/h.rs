//! A company's kinds and parts in place of ours, and its narrower ones over ours.
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("lines", company().make(&lines())), ("rules", World::of(&[]).make(&rules()))]
}

fn company() -> World {
    World::of(&["h-company"])
}

fn lines() -> String {
    fixture("h-company/lines.yaml")
}

fn rules() -> String {
    fixture("h-company/rules.yaml")
}

const TEMPLATE: &str = "cloudformation/template.yaml";

#[test]
fn a_kind_of_the_same_name_stands_in_place_of_ours() {
    let made = company().make(&lines());
    let template =
        made.fragments(TEMPLATE, &["Readings", "ArchiverDelivery", "ArchiverDeliveryPolicy"]);
    let module = made.fragments("terraform/readings.tf", &["readings"]);
    let role = made.fragments("terraform/archiver.tf", &["archiver_delivery"]);
    snapshot("invented-company-kinds", &format!("{template}\n{module}\n{role}"));
}

#[test]
fn a_kind_that_extends_ours_narrows_it() {
    let made = company().make(&lines());
    let template = made.fragments(TEMPLATE, &["Raw", "Lake", "Vault"]);
    snapshot("invented-company-buckets", &template);
    assert!(!template.contains("Transitions"), "what is taken away leaves nothing:\n{template}");
    let raw = made.file("terraform/raw.tf");
    assert!(raw.contains("noncurrent_days = 90") && !raw.contains("transition"), "{raw}");
}

#[test]
fn a_kind_that_extends_its_own_name_extends_the_layer_below() {
    let world = World::of(&["h-company", "h-team"]);
    let made = world.make(&lines());
    let raw = made.file("terraform/raw.tf");
    assert!(raw.contains("noncurrent_days = 60"), "the team's default:\n{raw}");
    assert!(raw.contains("CostCentre"), "the company's tag:\n{raw}");
    let vault = made.file("terraform/vault.tf");
    assert!(vault.contains("noncurrent_days = 60"), "what extends it has it too:\n{vault}");
    let role = made.fragments("terraform/archiver.tf", &["archiver_delivery"]);
    for line in ["Owner = \"archiver\"", "Team  = \"factory\"", "/acme/"] {
        assert!(role.contains(line), "{line} in\n{role}");
    }
    let transitions = world.complaint(&lines(), "expire_days: 365", "transitions: {GLACIER: 30}");
    assert!(transitions.contains("`data-bucket` has no `transitions`"), "{transitions}");
}

#[test]
fn our_roles_keep_a_company_s_rules() {
    let made = World::of(&[]).make(&rules());
    let template = made.fragments(TEMPLATE, &["ArchiverDelivery"]);
    let module = made.fragments("terraform/archiver.tf", &["archiver_delivery"]);
    snapshot("invented-role-rules", &format!("{template}\n{module}"));
    let free = rules().replace("iam:\n", "tags:\n");
    let free = World::of(&[]).make(&free);
    for file in [TEMPLATE, "terraform/archiver.tf"] {
        let role = free.file(file).to_lowercase();
        assert!(!role.contains("boundary =") && !role.contains("permissionsboundary"), "{role}");
    }
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let complaints = [
        ("expire_days: 365", "expire_days: 4000"),
        ("expire_days: 365", "transitions: {GLACIER: 30}"),
        (", expire_days: 730", ""),
        ("{kind: vault-bucket}", "{kind: vault-bucket, expire_days: 30}"),
        ("lines: 4", "capacity: {mode: on-demand}"),
        ("lines: 4", "lines: 4, key: none"),
        (
            "destination: lake}",
            "destination: lake}\n  \
             second: {kind: firehose-archive, source: readings, destination: raw}",
        ),
    ];
    let told = complaints.map(|(old, new)| company().complaint(&lines(), old, new));
    snapshot("invented-company-refused", &told.join("\n\n"));
}

#[test]
fn what_a_company_gets_wrong_is_told_at_its_own_lines() {
    let kinds = [
        (
            "data-bucket",
            "kind: data-bucket\nextends: data-bucket\nparameters: {transition: null}\n",
        ),
        ("data-bucket", "kind: data-bucket\nextends: data-bukket\n"),
        (
            "firehose-archive",
            "kind: firehose-archive\nextends: firehose-archive\n\
             parameters: {prefix: {withheld: true, default: null}}\n",
        ),
        ("pipe", "kind: pipe\nsummary: A pipe\noffers: [object-store]\n"),
    ];
    let told = kinds.map(|(name, text)| World::broken(&format!("catalog/kinds/{name}.yaml"), text));
    snapshot("invented-company-broken", &told.join("\n\n"));
}
