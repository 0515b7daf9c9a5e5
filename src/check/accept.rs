//! Warnings that a component accepts, with a reason.

use super::Checked;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::resolve::Accept;
use jiff::civil::Date;

/// Silences what is accepted; an entry that has expired still does, and says so.
pub(super) fn apply(stack: &Stack<'_>, findings: Vec<Diagnostic>, as_of: Date) -> Checked {
    let mut checked = Checked { findings, unused_accepts: vec![] };
    for component in &stack.resolved.components {
        for accept in &component.accept {
            let accepted = |finding: &Diagnostic| {
                !finding.is_error()
                    && finding.rule == accept.rule.text
                    && finding.component.as_ref() == Some(component.name())
            };
            let before = checked.findings.len();
            checked.findings.retain(|finding| !accepted(finding));
            if checked.findings.len() == before {
                checked.unused_accepts.extend(accept.rule.span.clone());
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
#[must_use]
pub(crate) fn unused(key: &crate::source::Span) -> Diagnostic {
    let title = format!("`{}` finds nothing here that could be accepted", key.text());
    Diagnostic::new("unused-accept", title)
        .label(key.clone(), "")
        .help("take it away; errors cannot be accepted")
}
