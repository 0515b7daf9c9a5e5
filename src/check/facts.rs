//! Types of resources of which nobody says what their changes do.

use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use std::collections::BTreeSet;

/// A finding for each type that a stack has and that no layer of the catalog knows, at the first
/// component that has it.
pub(super) fn stack(stack: &Stack<'_>) -> Result<Vec<Diagnostic>, Failure> {
    let mut told = BTreeSet::new();
    let mut findings = vec![];
    for component in stack.sound_components() {
        for unit in stack.units_of(&component)? {
            for (emit, target) in unit.kind.emits.iter().flat_map(|emit| {
                stack.resolved.envelope.targets.iter().map(move |target| (emit, *target))
            }) {
                let Some(type_name) = emit.type_on(target) else { continue };
                if stack.catalog.provider(target).get(type_name).is_some()
                    || !told.insert(type_name.clone())
                {
                    continue;
                }
                let title = format!(
                    "nobody says what changes of {type_name} do, and whether it holds data"
                );
                let help = format!(
                    "add it to catalog/provider/{target}.json of the layer that has the kind, as \
                     CONTRIBUTING.md shows"
                );
                let component = stack.component(&component);
                findings.push(
                    Diagnostic::new("type-without-facts", title)
                        .label_key(&component.key, "of this component")
                        .label_key(&emit.resource, "generated here")
                        .help(help)
                        .about(component.name()),
                );
            }
        }
    }
    Ok(findings)
}
