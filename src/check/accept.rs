//! Warnings that a component accepts, with a reason.

use super::Checked;
use crate::catalog::{Part, Sort};
use crate::derive::Stack;
use crate::diagnostic::{Diagnostic, RULES, did_you_mean};
use crate::resolve::{Accept, Component};
use jiff::civil::Date;
use std::sync::Arc;

/// Silences what is accepted; an entry that has expired still does, and says so.
pub(super) fn apply(stack: &Stack<'_>, findings: Vec<Diagnostic>, as_of: Date) -> Checked {
    let mut checked = Checked { findings, unused_accepts: vec![] };
    // Of a component with an error nothing more was asked, so nothing is known to be unused.
    for component in stack.resolved.components.iter().filter(|component| !component.broken) {
        for accept in &component.accept {
            let accepted = |finding: &Diagnostic| {
                !finding.is_error()
                    && finding.rule == accept.rule.text
                    && finding.component.as_ref() == Some(component.name())
            };
            let before = checked.findings.len();
            checked.findings.retain(|finding| !accepted(finding));
            if checked.findings.len() == before {
                checked.unused_accepts.push(unused(stack, component, accept));
            } else {
                checked.findings.extend(expired(accept, as_of));
            }
        }
    }
    checked
}

fn expired(accept: &Accept, as_of: Date) -> Option<Diagnostic> {
    let until = accept.until.as_ref()?;
    let date = until.as_str().and_then(|text| text.parse::<Date>().ok());
    let title = match date {
        Some(date) if date >= as_of => return None,
        Some(date) => format!("`{}` was accepted until {date}", accept.rule.text),
        None => {
            let finding = Diagnostic::new("wrong-pattern", "`until` is no date");
            let finding = finding.label_value(until, "");
            return Some(finding.help("write it as 2027-06-30"));
        }
    };
    let mut finding = Diagnostic::new("expired-accept", title).label_value(until, "until then");
    finding.dated = true;
    Some(finding.help("look again: mend what it says, or give a new date and a reason"))
}

/// What is said of an entry that silences nothing in any environment.
fn unused(stack: &Stack<'_>, component: &Component, accept: &Accept) -> Diagnostic {
    let word = &*accept.rule.text;
    let known = rules(stack, component);
    let (title, help) = if known.iter().any(|rule| **rule == *word) {
        let title = format!("`{word}` finds nothing here that could be accepted");
        (title, "take it away; errors cannot be accepted".into())
    } else {
        let near = did_you_mean(word, known.iter().map(|rule| &**rule));
        let help = near.unwrap_or_else(|| "take it away; findings name their rules".into());
        (format!("there is no rule `{word}`"), help)
    };
    Diagnostic::new("unused-accept", title).label_key(&accept.rule, "").help(help)
}

/// The names of all rules that may find something in a component.
fn rules(stack: &Stack<'_>, component: &Component) -> Vec<Arc<str>> {
    let sort = |part: &Part| stack.catalog.kind(Sort::Part, &part.part);
    let parts = component.kind.parts.iter().filter_map(sort);
    let kinds = parts.chain([component.kind.clone()]);
    let own =
        kinds.flat_map(|kind| kind.rules.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>());
    own.chain(RULES.iter().map(|rule| rule.name.into())).collect()
}
