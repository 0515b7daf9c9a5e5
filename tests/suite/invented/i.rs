//! Grants that none of our kinds asks for, and a company's may: each gives what it names.
use std::collections::BTreeMap;

use super::order::decides_nothing_else;
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("reports", world().make(&blueprint()))]
}

/// The blueprint, and the file of the kind that it needs.
pub fn reports() -> (String, BTreeMap<String, String>) {
    let kind = "catalog/kinds/asker.yaml";
    (blueprint(), BTreeMap::from([(kind.to_owned(), fixture(&format!("i-asker/{kind}")))]))
}

fn world() -> World {
    World::of(&["i-asker"])
}

fn blueprint() -> String {
    fixture("i-asker/reports.yaml")
}

#[test]
fn what_databases_offer_is_granted() {
    let made = world().make(&blueprint());
    assert!(made.findings.is_empty(), "{}", made.findings.join("\n"));
    let ids = ["OfOrders", "NewAccessPolicy", "OldAccessPolicy"];
    snapshot("invented-asker", &made.fragments("cloudformation/template.yaml", &ids));
}

#[test]
fn the_order_of_components_decides_nothing_else() {
    decides_nothing_else(&world(), &blueprint());
}
