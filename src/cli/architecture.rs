//! What `formwork explain` says of a blueprint: why it is as it is, and who may do what.

use super::Context;
use super::batch::{Batch, Job};
use super::stop::{Exit, Stop};
use crate::access::{Access, Permission, access};
use crate::assemble::Plain;
use crate::check;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::explanation::{Alternative, Explanation, Told, explanation};
use crate::expression::Failure;
use crate::generate;
use crate::objective::{Evidence, Hop, Latency, Objective};
use crate::resolve::Resolved;
use crate::value::Target;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Lines are broken here.
const WIDTH: usize = 100;

/// Explains each stack of a blueprint, or that of one environment, under a heading.
pub(super) fn run(
    context: &Context,
    file: PathBuf,
    environment: Option<&str>,
    only_access: bool,
) -> Result<Exit, Stop> {
    let batch = Batch::read(context, &[file]);
    let wanted: Vec<String> = environment.into_iter().map(String::from).collect();
    batch.require_environments(&wanted)?;
    context.console.say_findings(&batch.findings);
    let mut exit = batch.exit.max(Exit::of(&batch.findings, &[], false));
    let mut not_chosen = vec![];
    for job in &batch.jobs {
        let stacks = job.blueprint.stacks().into_iter();
        for name in stacks.filter(|name| environment.is_none() || name.as_deref() == environment) {
            exit = exit.max(stack(context, job, name.as_ref(), only_access, &mut not_chosen)?);
        }
    }
    if !not_chosen.is_empty() {
        context.console.data(&format!("Not chosen\n{}\n", not_chosen.concat()));
    }
    Ok(exit)
}

/// One stack; what is wrong with it is told instead. What was not chosen is gathered, since one
/// environment hardly chooses otherwise than another.
fn stack(
    context: &Context,
    job: &Job,
    environment: Option<&Arc<str>>,
    only_access: bool,
    not_chosen: &mut Vec<String>,
) -> Result<Exit, Stop> {
    let session = context.session(None);
    let read_file = |path: &str| job.asset(path);
    let resolved = generate::resolved(&session, &job.blueprint, environment, &read_file);
    let (resolved, found) = match resolved {
        Ok(resolved) => resolved,
        Err(findings) => {
            context.console.say_findings(&findings);
            return Ok(Exit::of(&findings, &[], false));
        }
    };
    let stack = Stack::new(&resolved, &context.catalog);
    let findings = check::check(&stack, found, session.as_of).findings;
    context.console.say_findings(&findings);
    // What a broken objective has to say is what somebody came for.
    let explainable = |finding: &Diagnostic| &*finding.rule == "objective-missed";
    if findings.iter().all(|finding| !finding.is_error() || explainable(finding)) {
        let said = text(&stack, only_access, not_chosen);
        let said = said.map_err(|failure| Stop::new(failure.message))?;
        context.console.data(&said);
    }
    Ok(Exit::of(&findings, &[], false))
}

fn text(
    stack: &Stack<'_>,
    only_access: bool,
    not_chosen: &mut Vec<String>,
) -> Result<String, Failure> {
    let target = stack.resolved.envelope.targets.first().copied();
    let plain = Plain { stack, target: target.unwrap_or(Target::CloudFormation) };
    let mut text = heading(stack.resolved);
    if only_access {
        access(&plain)?.iter().for_each(|one| text += &who(one));
    } else {
        let explanation = explanation(&plain)?;
        text += &why(&explanation);
        for line in explanation.alternatives.iter().map(alternative) {
            if !not_chosen.contains(&line) {
                not_chosen.push(line);
            }
        }
    }
    Ok(text + "\n")
}

fn heading(resolved: &Resolved) -> String {
    let envelope = &resolved.envelope;
    let mut text = envelope.name.to_string();
    if let Some(environment) = &envelope.environment {
        let _ = write!(text, ", {environment}");
    }
    if let Some(description) = &envelope.description {
        let _ = write!(text, ": {description}");
    }
    text + "\n"
}

fn why(explanation: &Explanation) -> String {
    let mut text = String::from("\nComponents\n");
    explanation.components.iter().for_each(|one| text += &component(one));
    if !explanation.objectives.is_empty() {
        text += "\nObjectives\n";
        explanation.objectives.iter().for_each(|one| text += &objective(one));
    }
    text
}

fn component(told: &Told) -> String {
    let first = format!("{} ({}): {}", told.name, told.kind, told.purpose);
    let lines = told.lines.iter().map(|line| wrapped(&format!("- {line}"), 4, 6));
    wrapped(&first, 2, 6) + &lines.collect::<String>()
}

fn objective(objective: &Objective) -> String {
    wrapped(&objective.summary(), 2, 6) + &objective.hops.iter().map(hop).collect::<String>()
}

fn hop(hop: &Hop) -> String {
    let name = hop.at.as_str().unwrap_or_default();
    wrapped(&format!("- {name}: {}", hop.latency.as_ref().map_or("not known".into(), takes)), 4, 6)
}

fn takes(latency: &Latency) -> String {
    let worst = latency.worst.map_or("without bound".into(), |worst| format!("{worst} ms"));
    let (because, evidence) = (&latency.because, read(&latency.evidence));
    format!("{} ms, at worst {worst}: {because}{evidence}", latency.typical)
}

fn alternative(one: &Alternative) -> String {
    let Alternative { name, chosen, because, evidence } = one;
    let chosen = chosen.join(" and ");
    wrapped(&format!("{name}, for {chosen}: {because}{}", read(evidence)), 2, 6)
}

fn read(evidence: &Evidence) -> String {
    match (evidence.source.as_str(), evidence.checked.as_str()) {
        ("", _) => String::new(),
        (source, "") => format!(" ({source})"),
        (source, checked) => format!(" ({checked}, {source})"),
    }
}

fn who(access: &Access) -> String {
    let why = access.why.as_deref().unwrap_or("given from outside");
    let permissions = access.permissions.iter().map(permission);
    let carried = |policy| wrapped(&format!("and what {policy} allows"), 2, 6);
    let first = wrapped(&format!("{}: {why}", access.role), 0, 4);
    let carries = access.carries.iter().map(carried);
    format!("\n{first}{}{}", permissions.collect::<String>(), carries.collect::<String>())
}

fn permission(permission: &Permission) -> String {
    let effect = if permission.effect == "Allow" { "" } else { "not " };
    let mut text = wrapped(&format!("{effect}{}", permission.actions.join(", ")), 2, 6);
    permission.resources.iter().for_each(|one| text += &wrapped(&format!("on {one}"), 6, 10));
    if let Some(conditions) = &permission.conditions {
        text += &wrapped(&format!("if {conditions}"), 6, 10);
    }
    if let Some(by) = &permission.granted_by {
        text += &wrapped(&format!("by {by}"), 6, 10);
    }
    text
}

/// A paragraph, its first line and its others indented.
fn wrapped(text: &str, first: usize, others: usize) -> String {
    let (mut all, mut line) = (String::new(), " ".repeat(first));
    let mut empty = true;
    for word in text.split_whitespace() {
        let (here, long) = (line.chars().count(), word.chars().count());
        // A word that fits on no line stays where it is.
        if !empty && here + 1 + long > WIDTH && others + long <= WIDTH {
            all = all + &line + "\n";
            (line, empty) = (" ".repeat(others), true);
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    all + &line + "\n"
}
