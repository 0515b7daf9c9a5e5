//! Types of resources of which nobody says what their changes do.

use crate::catalog::Emit;
use crate::derive::{Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use std::collections::BTreeSet;

/// A finding for each resource whose types no layer of the catalog knows, at the first component
/// that has it.
pub(super) fn stack(stack: &Stack<'_>) -> Result<Vec<Diagnostic>, Failure> {
    let mut told = BTreeSet::new();
    let mut findings = vec![];
    for component in stack.sound_components() {
        for unit in stack.units_of(&component)? {
            for emit in &unit.kind.emits {
                let types = unknown_types(stack, emit);
                if !types.is_empty() && told.insert(types.clone()) {
                    findings.push(finding(stack, &component, emit, &types));
                }
            }
        }
    }
    Ok(findings)
}

/// Those of the types that a resource has on the stack's targets.
fn unknown_types(stack: &Stack<'_>, emit: &Emit) -> Vec<String> {
    let unknown = stack.resolved.envelope.targets.iter().filter_map(|target| {
        let name = emit.type_on(*target)?;
        stack.catalog.provider(*target).get(name).is_none().then(|| name.to_string())
    });
    unknown.collect()
}

fn finding(stack: &Stack<'_>, component: &Unit, emit: &Emit, types: &[String]) -> Diagnostic {
    let types = types.join(" and ");
    let title = format!("nobody says what changes of {types} do, and whether it holds data");
    let component = stack.component(component);
    Diagnostic::new("type-without-facts", title)
        .label_key(&component.key, "of this component")
        .label_key(&emit.resource, "generated here")
        .help(
            "say it in catalog/provider/cloudformation.json and terraform.json beside the kind; \
             `formwork explain type-without-facts` shows how",
        )
        .about(component.name())
}
