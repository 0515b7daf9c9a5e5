//! What a stack does not allow: the rules of its kinds, and the few about the whole graph.

mod accept;
mod facts;
mod graph;
mod names;
mod objectives;
mod parameters;
mod regions;
mod rules;

use crate::assemble::finding;
use crate::derive::{Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use crate::objective;
use jiff::civil::Date;

/// What was found in a stack.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings that nobody accepted.
    pub findings: Vec<Diagnostic>,
    /// What is said of the entries of `accept` that silenced nothing here, if that is so in
    /// every environment.
    pub unused_accepts: Vec<Diagnostic>,
}

/// Asks every rule of every component, as of a day; `found` are findings made before, which may
/// be accepted too.
pub fn check(stack: &Stack<'_>, found: Vec<Diagnostic>, as_of: Date) -> Checked {
    let mut findings = found;
    let mut failures = vec![];
    for component in stack.sound_components() {
        match rules(stack, &component, as_of) {
            Ok(found) => findings.extend(found),
            Err(failure) => failures.extend(finding(stack, &component, &failure)),
        }
        failures.extend(derived(stack, &component, &mut findings));
    }
    // What cannot be derived where there is an error follows from it, and is not told.
    if !findings.iter().any(Diagnostic::is_error) {
        findings.extend(failures);
    }
    findings.extend(objectives::stack(stack));
    findings.extend(graph::stack(stack));
    findings.extend(parameters::stack(stack));
    findings.extend(regions::stack(stack, &findings));
    findings.extend(facts::stack(stack).unwrap_or_default());
    accept::apply(stack, findings, as_of)
}

/// What the rules of a component and its parts say; the component's own are asked first.
fn rules(stack: &Stack<'_>, component: &Unit, as_of: Date) -> Result<Vec<Diagnostic>, Failure> {
    let mut findings = rules::unit(stack, component, as_of)?;
    if findings.iter().any(Diagnostic::is_error) {
        return Ok(findings);
    }
    for unit in stack.units_of(component)?.iter().filter(|unit| unit.id != component.id) {
        findings.extend(rules::unit(stack, unit, as_of)?);
    }
    Ok(findings)
}

/// Derives names, and what nobody may ask for too, so that what is broken is found.
fn derived(
    stack: &Stack<'_>,
    component: &Unit,
    findings: &mut Vec<Diagnostic>,
) -> Option<Diagnostic> {
    let mut derive = || {
        for unit in stack.units_of(component)? {
            findings.extend(names::unit(stack, &unit)?);
        }
        objective::latency(stack, component)?;
        stack.all_outputs(component)
    };
    derive().err().and_then(|failure| finding(stack, component, &failure))
}
