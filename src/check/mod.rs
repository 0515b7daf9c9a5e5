//! What a stack does not allow: the rules of its kinds, and the few about the whole graph.

mod accept;
mod graph;
mod names;
mod rules;

pub(crate) use accept::unused;

use crate::assemble::finding;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use jiff::civil::Date;

/// What was found in a stack.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings that nobody accepted.
    pub findings: Vec<Diagnostic>,
    /// Entries of `accept` that silenced nothing here.
    pub unused_accepts: Vec<Span>,
}

/// Asks every rule of every component, as of a day; `found` are findings made before, which may
/// be accepted too.
#[must_use]
pub fn check(stack: &Stack<'_>, found: Vec<Diagnostic>, as_of: Date) -> Checked {
    let mut findings = found;
    for component in stack.sound_components() {
        let checked = stack.units_of(&component).and_then(|units| {
            let mut findings = vec![];
            for unit in units {
                findings.extend(rules::unit(stack, &unit, as_of)?);
                findings.extend(names::unit(stack, &unit)?);
            }
            // Outputs of which nobody asks are derived too, so that what is broken is found.
            stack.all_outputs(&component)?;
            Ok(findings)
        });
        match checked {
            Ok(checked) => findings.extend(checked),
            Err(failure) => findings.extend(finding(stack, &component, &failure)),
        }
    }
    findings.extend(graph::stack(stack));
    accept::apply(stack, findings, as_of)
}
