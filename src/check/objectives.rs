//! Whether objectives can be kept.

use crate::derive::Stack;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::objective::{Hop, Objective, objectives};
use crate::value::Value;

/// The findings about the objectives of a stack.
pub(super) fn stack(stack: &Stack<'_>) -> Vec<Diagnostic> {
    let mut findings = vec![];
    for objective in objectives(stack) {
        let unknown = objective.unknown.iter().map(|at| unknown(stack, at));
        let before = findings.len();
        findings.extend(unknown);
        if !objective.sound {
            continue;
        }
        findings.extend(objective.hops.windows(2).filter_map(|pair| apart(stack, pair)));
        if findings.len() == before {
            findings.extend(missed(stack, &objective));
        }
    }
    findings
}

fn unknown(stack: &Stack<'_>, at: &Value) -> Diagnostic {
    let name = at.as_str().unwrap_or_default();
    let known = stack.resolved.components.iter().map(|component| &**component.name());
    let title = format!("there is no component `{name}`");
    Diagnostic::new("unknown-reference", title)
        .label_value(at, "")
        .help_if(did_you_mean(name, known))
}

/// The finding for neighbours of which neither refers to the other.
fn apart(stack: &Stack<'_>, pair: &[Hop]) -> Option<Diagnostic> {
    let [one, other] = pair else { return None };
    let refers = |from: &Hop, to: &Hop| stack.component(&from.unit).refers_to(to.unit.component);
    if refers(one, other) || refers(other, one) {
        return None;
    }
    let name = |hop: &Hop| stack.component(&hop.unit).name().clone();
    let title = format!("nothing flows from `{}` to `{}`", name(one), name(other));
    let finding = Diagnostic::new("broken-path", title).label_value(&other.at, "");
    Some(finding.help("write the components in between, or refer from one to the other"))
}

/// The finding for a path that usually takes longer than it promises; the slowest hop is drawn.
fn missed(stack: &Stack<'_>, objective: &Objective) -> Option<Diagnostic> {
    let (typical, promised) = (objective.typical(), objective.promised());
    let (slowest, latency) = objective.slowest().filter(|_| typical > promised)?;
    let component = stack.component(&slowest.unit);
    let seconds = |milliseconds: f64| milliseconds / 1000.0;
    let title = format!(
        "`{}` promises {} s, and its path usually takes {} s",
        objective.name.text,
        seconds(promised),
        seconds(typical)
    );
    let because = format!("takes {} s: {}", seconds(latency.typical), latency.because);
    let finding = Diagnostic::new("objective-missed", title)
        .label_value(&objective.latency_seconds, "promised here")
        .label_key(&component.key, because);
    let help = format!("take `{}` out of the path, or promise what it can keep", component.name());
    Some(finding.help(help))
}
