//! Every rule has a page and something that produces it; every page is executed.
mod messages;
mod page;
mod queues;
mod random;
mod run;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use formwork::catalog::{Catalog, embedded};
use formwork::diagnostic::rule;

use crate::snapshot::snapshot;
use page::{Page, pages};
use run::{Run, known, run_blocks};

/// Pages with blueprints; those with commands are about writing.
fn pages_of_blueprints() -> impl Iterator<Item = Page> {
    pages().into_iter().filter(|page| page.wrong[0].language != "console")
}

fn pages_of_commands() -> impl Iterator<Item = Page> {
    pages().into_iter().filter(|page| page.wrong[0].language == "console")
}

/// The one blueprint of each side of a page, with the files of a catalog beside it.
pub fn blueprints_of_pages() -> Vec<(String, BTreeMap<String, String>)> {
    let sides = pages_of_blueprints().flat_map(|page| [page.wrong, page.right]);
    let one = |blocks: Vec<page::Block>| {
        let (blueprints, files): (Vec<_>, Vec<_>) =
            blocks.into_iter().partition(page::Block::is_blueprint);
        let [blueprint] = <[_; 1]>::try_from(blueprints).ok()?;
        let files = files.into_iter().filter_map(|block| Some((block.path?, block.text)));
        Some((blueprint.text, files.collect()))
    };
    sides.filter_map(one).collect()
}

#[test]
fn what_pages_call_wrong_is_found() {
    for page in pages_of_blueprints() {
        let run = run_blocks(&page.wrong);
        let told = run.told();
        assert!(run.rules().contains(page.rule.as_str()), "{}:\n{told}", page.rule);
        snapshot(&format!("rule-{}", page.rule), &told);
    }
}

#[test]
fn what_pages_call_right_is_generated() {
    for page in pages_of_blueprints() {
        let run = run_blocks(&page.right);
        let told = run.told();
        assert!(!run.has_errors(), "{}:\n{told}", page.rule);
        assert!(!run.rules().contains(page.rule.as_str()), "{}:\n{told}", page.rule);
        assert!(run.outputs().count() > 0, "{} generates nothing", page.rule);
    }
}

#[test]
fn pages_of_commands_show_what_is_said() {
    for page in pages_of_commands() {
        let told = written::executed(&page);
        assert!(written::rules(&told).all(|rule| rule == page.rule), "{told}");
        snapshot(&format!("rule-{}", page.rule), told.trim_end());
    }
}

/// Nothing is listed by hand: whatever the pages and the cases of writing find is counted.
#[test]
fn every_rule_is_found_by_something() {
    let runs: Vec<Run> = pages_of_blueprints().map(|page| run_blocks(&page.wrong)).collect();
    let told = pages_of_commands().map(|page| written::executed(&page));
    let mut found: BTreeSet<String> =
        told.flat_map(|told| written::rules(&told).collect::<Vec<_>>()).collect();
    for run in &runs {
        found.extend(run.rules().into_iter().map(String::from));
    }
    let known: BTreeSet<String> = runs.iter().flat_map(|run| run.known.clone()).collect();
    let never: Vec<_> = known.difference(&found).collect();
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(never.is_empty(), "rules that nothing produces: {never:?}");
    assert!(unknown.is_empty(), "findings of rules that stand nowhere: {unknown:?}");
}

#[test]
fn every_rule_has_a_page() {
    let known = known(&Catalog::new(vec![embedded()]));
    let pages = pages();
    let with_page: BTreeSet<_> = pages.iter().map(|page| page.rule.clone()).collect();
    let without: Vec<_> = known.difference(&with_page).collect();
    let of_nothing: Vec<_> = with_page.difference(&known).collect();
    assert!(without.is_empty(), "rules without a page in docs/rules: {without:?}");
    assert!(of_nothing.is_empty(), "pages in docs/rules without a rule: {of_nothing:?}");
    for page in &pages {
        if let Some(rule) = rule(&page.rule) {
            assert_eq!(page.summary.to_lowercase(), format!("{}.", rule.summary.to_lowercase()));
        }
    }
}
