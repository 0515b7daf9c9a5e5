//! What a stack says of itself besides its resources: who may do what, what it comes to, and what
//! is doubtful in it. Two stacks are compared by the lines that came and went.

use crate::access::{Access, Permission, access};
use crate::assemble::Plain;
use crate::diagnostic::Diagnostic;
use crate::explanation::explanation;
use crate::expression::Failure;
use crate::value::Target;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What lines are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The accounts and regions that it is deployed to.
    Deployments,
    /// Who may do what to what, and by which grant.
    Access,
    /// What components come to: bounds of cost, shares at risk; and what objectives promise.
    Figures,
    /// Findings that are no errors.
    Findings,
    /// Artifacts that are other than they were.
    Files,
}

impl Topic {
    /// What stands above its lines.
    pub fn title(self) -> &'static str {
        match self {
            Self::Deployments => "where it is deployed",
            Self::Access => "who may do what",
            Self::Figures => "what it comes to",
            Self::Findings => "findings",
            Self::Files => "files that differ",
        }
    }
}

/// The lines of a topic that only one of two stacks has.
#[derive(Debug, PartialEq, Serialize)]
pub struct Said {
    /// What they are about.
    pub topic: Topic,
    /// What the old stack says alone.
    pub gone: Vec<String>,
    /// What the new one says alone.
    pub new: Vec<String>,
}

impl Said {
    /// Whether it is about accounts and regions, some of which are left.
    pub fn leaves_deployments(&self) -> bool {
        self.topic == Topic::Deployments && !self.gone.is_empty()
    }
}

/// A line, in two pieces around the one thing by which others may differ from it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    before: String,
    item: String,
    after: String,
}

/// All lines of a stack.
#[derive(Debug, Default)]
pub struct Sayings(BTreeMap<Topic, Vec<Line>>);

impl Sayings {
    /// What the stack that `plain` spells says, with what was found in it.
    pub(super) fn of(plain: &Plain<'_, '_>, findings: &[Diagnostic]) -> Result<Self, Failure> {
        let access = access(plain)?.iter().flat_map(permissions).collect();
        let explained = explanation(plain)?;
        let lines = explained
            .components
            .iter()
            .flat_map(|told| told.lines.iter().map(|line| whole(format!("{}: {line}", told.name))));
        let objectives = explained.objectives.iter().map(|one| whole(one.summary()));
        let figures = lines.chain(objectives).collect();
        let found = |finding: &Diagnostic| whole(format!("{}: {}", finding.rule, finding.title));
        let findings = findings.iter().map(found).collect();
        let deployments = deployments(plain).into_iter().map(whole).collect();
        Ok(Self(BTreeMap::from([
            (Topic::Deployments, deployments),
            (Topic::Access, access),
            (Topic::Figures, figures),
            (Topic::Findings, findings),
        ])))
    }

    /// What came and went since `old`; nothing of a topic where nothing did.
    pub(super) fn since(&self, old: &Self) -> Vec<Said> {
        let none = vec![];
        let said = |topic: Topic| {
            let [old, new] = [old, self].map(|side| side.0.get(&topic).unwrap_or(&none));
            let only = |these: &[Line], others: &[Line]| {
                joined(these.iter().filter(|line| !others.contains(line)))
            };
            let said = Said { topic, gone: only(old, new), new: only(new, old) };
            (!said.gone.is_empty() || !said.new.is_empty()).then_some(said)
        };
        let topics = [Topic::Deployments, Topic::Access, Topic::Figures, Topic::Findings];
        topics.into_iter().filter_map(said).collect()
    }
}

/// Every account and region, or organizational unit and region.
fn deployments(plain: &Plain<'_, '_>) -> Vec<String> {
    let envelope = &plain.stack.resolved.envelope;
    let there = |account: Option<&str>, region: &str| match account {
        Some(account) => format!("account {account} in {region}"),
        None => region.to_string(),
    };
    let Some(fleet) = &envelope.fleet else {
        return vec![there(envelope.account.as_deref(), &envelope.region)];
    };
    let deployments = fleet.deployments();
    let deployments = deployments.iter().map(|one| there(one.account, one.region));
    let units = fleet.units().filter(|_| plain.target == Target::CloudFormation);
    let units: Vec<&str> = units.collect();
    match units.as_slice() {
        [] => deployments.collect(),
        units => deployments
            .flat_map(|there| units.iter().map(move |unit| format!("{unit}: {there}")))
            .collect(),
    }
}

fn whole(text: String) -> Line {
    Line { before: text, item: String::new(), after: String::new() }
}

/// A line for each action.
fn permissions(access: &Access) -> Vec<Line> {
    let lines = |one: &Permission| {
        let verb = if one.effect == "Allow" { "may" } else { "may not" };
        let mut after = format!(" on {}", one.resources.join(", "));
        if let Some(conditions) = &one.conditions {
            let _ = write!(after, " if {conditions}");
        }
        if let Some(by) = &one.granted_by {
            let _ = write!(after, ", by {by}");
        }
        let before = format!("{} {verb} ", access.role);
        let line = move |item: &String| Line {
            before: before.clone(),
            item: item.clone(),
            after: after.clone(),
        };
        one.actions.iter().map(line).collect::<Vec<_>>()
    };
    access.permissions.iter().flat_map(lines).collect()
}

/// Lines that differ in their items alone are one.
fn joined<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<String> {
    let mut all: Vec<Line> = vec![];
    for line in lines {
        let same = |one: &&mut Line| one.before == line.before && one.after == line.after;
        match all.iter_mut().find(same) {
            Some(one) if one.item == line.item => {}
            Some(one) => one.item = format!("{}, {}", one.item, line.item),
            None => all.push(line.clone()),
        }
    }
    all.into_iter().map(|line| line.before + &line.item + &line.after).collect()
}
