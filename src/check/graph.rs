//! Questions about the whole graph that no kind can ask.

use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::value::{Data, Map, Target, Value};

/// The findings about a stack as a whole.
pub(super) fn stack(stack: &Stack<'_>) -> Vec<Diagnostic> {
    let components = &stack.resolved.components;
    let mut findings = vec![];
    for (index, component) in components.iter().enumerate() {
        let referred = || components.iter().any(|other| other.refers_to(index));
        if component.exists() && !component.share && !referred() {
            let title = format!("`{}` exists already, and nothing refers to it", component.name());
            let finding = Diagnostic::new("unused-component", title);
            let finding = finding.label_key(&component.key, "").about(component.name());
            findings.push(finding.help("refer to it, or take it away"));
        }
    }
    if stack.resolved.envelope.targets.contains(&Target::CloudFormation) {
        for component in components {
            let found = dynamic_references(&component.document);
            findings.extend(found.into_iter().map(|finding| finding.about(component.name())));
        }
        findings.extend(dynamic_references(&stack.resolved.envelope.tags));
    }
    findings
}

/// CloudFormation would read the text as an instruction, wherever it stands, in keys too.
fn dynamic_references(map: &Map) -> Vec<Diagnostic> {
    fn walk(value: &Value, findings: &mut Vec<Diagnostic>) {
        match &value.data {
            Data::Text(text) if text.contains("{{resolve:") => {
                findings.push(dynamic_reference().label_value(value, ""));
            }
            Data::List(list) => list.iter().for_each(|value| walk(value, findings)),
            Data::Map(map) => findings.extend(dynamic_references(map)),
            _ => {}
        }
    }
    let mut findings = vec![];
    for (key, value) in map.iter() {
        if key.text.contains("{{resolve:") {
            findings.push(dynamic_reference().label_key(key, ""));
        }
        walk(value, &mut findings);
    }
    findings
}

fn dynamic_reference() -> Diagnostic {
    let title = "CloudFormation reads `{{resolve:` in a text as an instruction";
    let help = "write `{ssm: PATH}` or `{secret: ARN, key: NAME}` where a value is looked up";
    Diagnostic::new("dynamic-reference", title).help(help)
}
