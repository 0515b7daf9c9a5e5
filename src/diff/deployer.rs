//! What a deployer says it will do, held against a difference.
//!
//! A diff knows two blueprints and no account. `terraform show -json` and a change set of
//! `CloudFormation` know the account too: whatever they would do that the diff does not say is
//! something that nobody reviewed.

use super::{Action, Difference};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// What a deployer will do with one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Its Terraform address, or its logical id.
    pub address: String,
    /// What becomes of it.
    pub action: Action,
    /// It is not as it was deployed: somebody changed it since.
    pub drifted: bool,
}

/// What came of the comparison.
#[derive(Debug, Default, Serialize)]
pub struct Verdict {
    /// What the deployer will do and the diff does not say, nor drift explains.
    pub unforeseen: Vec<Planned>,
    /// What the deployer sets back because somebody changed it.
    pub drift: Vec<Planned>,
    /// What the diff says and the deployer will not do: most often, it is deployed already.
    pub missing: Vec<String>,
    /// How many resources both say the same of.
    pub agreed: usize,
}

/// Reads what `terraform show -json PLAN` prints. None where it is something else.
pub fn terraform_plan(plan: &Json) -> Option<Vec<Planned>> {
    let changes = plan.get("resource_changes")?.as_array()?;
    let drift = plan.get("resource_drift").and_then(Json::as_array);
    let drifted: Vec<&str> =
        drift.into_iter().flatten().filter_map(|one| one.get("address")?.as_str()).collect();
    let planned = changes.iter().filter_map(|change| {
        let managed = change.get("mode")?.as_str()? == "managed";
        let actions = change.get("change")?.get("actions")?.as_array()?;
        let actions: Vec<&str> = actions.iter().filter_map(Json::as_str).collect();
        let action = match actions.as_slice() {
            ["create"] => Action::Add,
            ["update"] => Action::Change,
            ["delete" | "forget"] => Action::Remove,
            ["delete", "create"] | ["create", "delete" | "forget"] => Action::Replace,
            _ => return None,
        };
        let address = change.get("address")?.as_str()?;
        let planned =
            Planned { address: address.into(), action, drifted: drifted.contains(&address) };
        managed.then_some(planned)
    });
    Some(planned.collect())
}

/// Reads what `aws cloudformation describe-change-set` prints. None where it is something else.
pub fn change_set(description: &Json) -> Option<Vec<Planned>> {
    let changes = description.get("Changes")?.as_array()?;
    let planned = changes.iter().filter_map(|change| {
        let change = change.get("ResourceChange")?;
        let word = |name: &str| change.get(name).and_then(Json::as_str);
        let action = match (word("Action")?, word("Replacement")) {
            ("Add" | "Import", _) => Action::Add,
            ("Remove", _) => Action::Remove,
            ("Modify" | "SyncWithActual", Some("True")) => Action::Replace,
            ("Modify", _) if only_words(change) => return None,
            ("Modify", _) if details(change).next().is_some() => in_place(change)?,
            ("Modify" | "SyncWithActual", Some("Conditional")) => Action::MayReplace,
            ("Modify" | "SyncWithActual", _) => Action::Change,
            _ => return None,
        };
        let drifted = matches!(word("ResourceDriftStatus"), Some("MODIFIED" | "DELETED"));
        Some(Planned { address: word("LogicalResourceId")?.into(), action, drifted })
    });
    Some(planned.collect())
}

fn details(change: &Json) -> impl Iterator<Item = &Json> {
    change.get("Details").and_then(Json::as_array).into_iter().flatten()
}

/// Whether nothing changes but what a template says about a resource.
fn only_words(change: &Json) -> bool {
    change.get("Scope").is_some_and(|scope| *scope == json!(["Metadata"]))
}

/// What becomes of a resource that is not certain to be replaced. The service lists whatever refers
/// to something that changes, and decides later whether it changes too (`Dynamic`): only what it
/// is certain of counts. None where it is certain of nothing.
fn in_place(change: &Json) -> Option<Action> {
    let certain = details(change).filter(|detail| detail["Evaluation"] != "Dynamic");
    let recreates = certain.map(|detail| &detail["Target"]["RequiresRecreation"]);
    let may = |recreates: &Json| {
        if *recreates == "Conditionally" { Action::MayReplace } else { Action::Change }
    };
    recreates.map(may).max()
}

/// Holds what a deployer will do against what a diff says.
pub fn held_against(planned: &[Planned], difference: &Difference) -> Verdict {
    let mut verdict = Verdict::default();
    for one in planned {
        let said = difference.changes.iter().find(|change| change.address == one.address);
        if said.is_some_and(|said| foresees(said.action, one.action)) {
            verdict.agreed += 1;
        } else if one.drifted {
            verdict.drift.push(one.clone());
        } else {
            verdict.unforeseen.push(one.clone());
        }
    }
    let is_planned = |address: &str| planned.iter().any(|one| one.address == address);
    let said = difference.changes.iter().map(|change| &change.address);
    verdict.missing = said.filter(|address| !is_planned(address)).cloned().collect();
    verdict
}

/// Whether whoever reads one action is not surprised by the other: less may come than was said.
fn foresees(said: Action, done: Action) -> bool {
    let in_place = matches!(done, Action::Change | Action::MayReplace);
    match said {
        Action::Replace | Action::MayReplace => in_place || done == Action::Replace,
        _ => said == done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Change, Described};

    fn planned(address: &str, action: Action, drifted: bool) -> Planned {
        Planned { address: address.into(), action, drifted }
    }

    fn difference(changes: &[(&str, Action)]) -> Difference {
        let change = |(address, action): &(&str, Action)| {
            let resource = Described { address: (*address).into(), ..Described::default() };
            Change::of(&resource, *action)
        };
        Difference { changes: changes.iter().map(change).collect(), ..Difference::default() }
    }

    #[test]
    fn a_plan_is_read() {
        let plan = json!({
            "resource_changes": [
                {"address": "a.b", "mode": "managed", "change": {"actions": ["no-op"]}},
                {"address": "a.c", "mode": "managed", "change": {"actions": ["update"]}},
                {"address": "a.d", "mode": "managed", "change": {"actions": ["delete", "create"]}},
                {"address": "data.a.e", "mode": "data", "change": {"actions": ["read"]}},
            ],
            "resource_drift": [{"address": "a.c"}],
        });
        let expected =
            vec![planned("a.c", Action::Change, true), planned("a.d", Action::Replace, false)];
        assert_eq!(terraform_plan(&plan), Some(expected));
        assert_eq!(terraform_plan(&json!({"Changes": []})), None);
    }

    #[test]
    fn a_change_set_is_read() {
        let modified = |id: &str, replacement: &str, evaluation: &str| {
            let recreation = if replacement == "False" { "Never" } else { "Conditionally" };
            let target = json!({"RequiresRecreation": recreation});
            json!({"ResourceChange": {
                "Action": "Modify", "LogicalResourceId": id, "Replacement": replacement,
                "Details": [{"Evaluation": evaluation, "Target": target}],
            }})
        };
        let reader = json!({"ResourceChange": {
            "Action": "Modify", "LogicalResourceId": "Reader", "Replacement": "Conditional",
            "Details": [
                {"Evaluation": "Dynamic", "Target": {"RequiresRecreation": "Conditionally"}},
                {"Evaluation": "Static", "Target": {"RequiresRecreation": "Never"}},
            ],
        }});
        let words = json!({"ResourceChange": {
            "Action": "Modify", "LogicalResourceId": "Words", "Replacement": "False",
            "Scope": ["Metadata"], "Details": [{"Evaluation": "Static"}],
        }});
        let description = json!({"Changes": [
            reader,
            words,
            modified("Listener", "False", "Dynamic"),
            modified("Stream", "True", "Static"),
            modified("Topic", "False", "Static"),
            modified("Policy", "Conditional", "Dynamic"),
            modified("Key", "Conditional", "Static"),
            {"ResourceChange": {"Action": "Add", "LogicalResourceId": "New"}},
        ]});
        let expected = vec![
            planned("Reader", Action::Change, false),
            planned("Stream", Action::Replace, false),
            planned("Topic", Action::Change, false),
            planned("Key", Action::MayReplace, false),
            planned("New", Action::Add, false),
        ];
        assert_eq!(change_set(&description), Some(expected));
    }

    #[test]
    fn what_nobody_reviewed_is_unforeseen() {
        let said = difference(&[
            ("a", Action::Change),
            ("b", Action::MayReplace),
            ("c", Action::Add),
            ("f", Action::Replace),
        ]);
        let done = [
            planned("a", Action::Replace, false),
            planned("b", Action::Replace, false),
            planned("d", Action::Change, true),
            planned("e", Action::Remove, false),
            planned("f", Action::Change, false),
        ];
        let verdict = held_against(&done, &said);
        let addresses = |all: &[Planned]| all.iter().map(|one| one.address.clone()).collect();
        let unforeseen: Vec<String> = addresses(&verdict.unforeseen);
        let drift: Vec<String> = addresses(&verdict.drift);
        assert_eq!(unforeseen, ["a", "e"]);
        assert_eq!(drift, ["d"]);
        assert_eq!(verdict.missing, ["c"]);
        assert_eq!(verdict.agreed, 2);
    }
}
