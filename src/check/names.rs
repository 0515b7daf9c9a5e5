//! Physical names keep their services' limits.

use crate::catalog::Naming;
use crate::derive::{Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use crate::value::{Data, Deferred, Value};

/// As many characters as a content's hash has.
const HASH: usize = 8;

/// The findings about the names of a unit's resources.
pub(super) fn unit(stack: &Stack<'_>, unit: &Unit) -> Result<Vec<Diagnostic>, Failure> {
    let mut findings = vec![];
    for emitted in stack.emitted(unit)? {
        let emit = &unit.kind.emits[emitted.emit];
        let Some(naming) = &emit.name else { continue };
        let name = stack.physical_name(unit, &emitted)?;
        findings.extend(name_finding(stack, unit, &name, naming));
    }
    Ok(findings)
}

fn name_finding(
    stack: &Stack<'_>,
    unit: &Unit,
    name: &Value,
    naming: &Naming,
) -> Option<Diagnostic> {
    let (shown, length) = measured(stack, name);
    let (min, max) = naming.length;
    let component = stack.component(unit);
    let fits = naming.pattern.as_ref().is_none_or(|pattern| pattern.fits(&shown));
    let finding = if length < min || length > max {
        let taken = if length > max { format!("at most {max}") } else { format!("{min} or more") };
        let title = format!("the name `{shown}` has {length} characters, and {taken} are taken");
        Diagnostic::new("name-too-long", title)
    } else if !fits {
        let pattern = naming.pattern.as_ref().map_or("", |pattern| &pattern.text);
        let title = format!("the name `{shown}` does not have the form `{pattern}`");
        Diagnostic::new("name-pattern", title)
    } else {
        return None;
    };
    let made = name.span() == component.key.span.as_ref();
    let (text, help) = if made {
        let help = "change the component's `id` or the `prefix`, or choose a name with `names`";
        ("the name is made from this one", help)
    } else {
        ("chosen here", "choose another name")
    };
    Some(finding.label_origin(&name.origin, text).help(help).about(component.name()))
}

/// A name as it will be, account ids and hashes as stand-ins of the same length.
fn measured(stack: &Stack<'_>, name: &Value) -> (String, usize) {
    let mut shown = String::new();
    push(stack, name, &mut shown);
    let length = shown.chars().count();
    (shown, length)
}

fn push(stack: &Stack<'_>, value: &Value, shown: &mut String) {
    match &value.data {
        Data::Text(text) => shown.push_str(text),
        Data::Deferred(deferred) => match &**deferred {
            Deferred::Join(parts) => parts.iter().for_each(|part| push(stack, part, shown)),
            Deferred::ContentHash(_) => shown.push_str(&"0".repeat(HASH)),
            Deferred::Lookup { lookup, .. } if &**lookup == "region" => {
                shown.push_str(&stack.resolved.envelope.region);
            }
            Deferred::Lookup { lookup, .. } => {
                let length = stack.catalog.lookup(lookup).and_then(|lookup| lookup.length);
                let account = stack.resolved.envelope.account.as_deref();
                match account.filter(|account| Some(account.len()) == length) {
                    Some(account) => shown.push_str(account),
                    None => shown.push_str(&"0".repeat(length.unwrap_or_default())),
                }
            }
            _ => {}
        },
        _ => {}
    }
}
