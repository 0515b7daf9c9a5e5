//! Protected holders of data.

use super::tests::{Place, output, rules};
use super::{Holder, Output, apply, plan};
use crate::blueprint::Removal;
use crate::value::Target;
use serde_json::{Value, json};

const ADDRESS: &str = "x_stream.readings";

fn holder(component: &str, address: &str, name: Value) -> Holder {
    Holder {
        address: address.into(),
        component_id: component.into(),
        create_only: [("key".into(), Value::Null), ("name".into(), name)].into(),
        type_name: "x_stream".into(),
    }
}

fn before() -> Output {
    let holders = vec![holder("readings", ADDRESS, json!("plant-readings"))];
    Output { holders, ..output(&[("main.tf", "one")]) }
}

fn after(change: impl FnOnce(&mut Output)) -> Output {
    let mut after = Output { artifacts: output(&[("main.tf", "two")]).artifacts, ..before() };
    change(&mut after);
    after
}

#[test]
fn a_holder_that_stays_is_no_problem_and_is_remembered() {
    let place = Place::with(&before());
    assert_eq!(place.generate(&after(|_| {})).problems, []);
    let manifest: Value = serde_json::from_str(&place.text(".formwork.json")).unwrap();
    let expected = json!([{
        "address": ADDRESS,
        "component": "readings",
        "create_only": {"key": null, "name": "plant-readings"},
        "type": "x_stream",
    }]);
    assert_eq!(manifest["holders"], expected);
}

#[test]
fn a_holder_that_vanishes_is_a_problem_that_force_does_not_solve() {
    let place = Place::with(&before());
    let next = after(|next| next.holders.clear());
    let refused = place.force(&next);
    assert_eq!(
        (rules(&refused.problems), place.text("main.tf")),
        (vec!["protected-data-removed"], "one".into())
    );
    let problem = &refused.problems[0];
    assert_eq!(problem.component.as_deref(), Some("readings"));
    let choices =
        ["`removed: {readings: {keep: [x_stream.readings]}}`", "`removed: {readings: destroy}`"];
    assert!(choices.iter().all(|choice| problem.help.contains(choice)), "{}", problem.help);
}

#[test]
fn the_blueprint_can_say_what_becomes_of_a_holder() {
    let keep = |address: &str| Some(Removal::Keep(vec![address.into()]));
    let cases = [
        (keep(ADDRESS), Target::Terraform, true),
        (Some(Removal::Destroy), Target::Terraform, true),
        // What is not listed would be deleted by Terraform, and is kept by CloudFormation.
        (keep("x_stream.other"), Target::Terraform, false),
        (keep("x_stream.other"), Target::CloudFormation, true),
        (None, Target::CloudFormation, false),
    ];
    for (said, target, settled) in cases {
        let place = Place::with(&Output { target, ..before() });
        let next = after(|next| {
            next.holders.clear();
            next.target = target;
            next.removed.extend(said.clone().map(|said| ("readings".into(), said)));
        });
        assert_eq!(place.generate(&next).problems.is_empty(), settled, "{said:?} {target}");
    }
}

#[test]
fn a_holder_that_is_no_longer_protected_is_free() {
    let place = Place::with(&before());
    let next = after(|next| {
        next.holders.clear();
        next.unprotected.push(ADDRESS.into());
    });
    assert_eq!(place.generate(&next).problems, []);
    assert_eq!(place.generate(&after(|next| next.holders.clear())).problems, []);
}

#[test]
fn a_replacement_is_a_problem() {
    let set = |path: &str, value: Value| {
        after(|next| drop(next.holders[0].create_only.insert(path.into(), value)))
    };
    let cases = [
        (set("name", json!("other")), Some("`name` was \"plant-readings\" and becomes \"other\"")),
        (set("key", json!("k")), Some("`key` was null and becomes \"k\"")),
        (after(|next| next.holders[0].create_only.clear()), Some("becomes null")),
        (after(|next| next.holders[0].type_name = "y".into()), Some("its type was x_stream")),
        // A property that an earlier release did not know as create-only.
        (set("mode", json!("m")), None),
    ];
    for (next, change) in cases {
        let place = Place::with(&before());
        let problems = place.force(&next).problems;
        let Some(change) = change else {
            assert_eq!(problems, []);
            continue;
        };
        assert_eq!(rules(&problems), ["protected-data-replaced"], "{change}");
        for part in [change, "protect: false", "new `id`", "removed: {readings: destroy}"] {
            assert!(problems[0].help.contains(part), "{part}: {}", problems[0].help);
        }
    }
}

#[test]
fn a_new_id_with_an_entry_for_the_old_one_is_no_problem() {
    let place = Place::with(&before());
    let next = after(|next| {
        next.holders = vec![holder("readings-2", "x_stream.readings_2", json!("other"))];
        next.removed.push(("readings".into(), Removal::Destroy));
    });
    assert_eq!(place.generate(&next).problems, []);
}

#[test]
fn holders_of_both_sides_are_remembered_until_a_run_has_finished() {
    let place = Place::with(&before());
    let moved = after(|next| {
        next.holders = vec![holder("readings-2", "x_stream.readings_2", json!("other"))];
        next.removed.push(("readings".into(), Removal::Destroy));
    });
    let mut steps = 0;
    let mut gate = || {
        steps += 1;
        if steps <= 3 { Ok(()) } else { Err(std::io::ErrorKind::StorageFull.into()) }
    };
    super::apply::run(&place.plan(&moved), false, &mut gate).unwrap_err();
    let neither = after(|next| next.holders.clear());
    let plan = plan(place.out.path(), &neither).unwrap();
    assert_eq!(rules(&apply(&plan, true).unwrap().problems), ["protected-data-removed"; 2]);
}
