//! The rules that kinds' files say.

use crate::assemble::Plain;
use crate::catalog::Rule;
use crate::derive::{Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::{Expression, Failure};
use crate::value::{Origin, Target, Value};
use jiff::civil::Date;
use std::sync::Arc;

type Bound = Vec<(Arc<str>, Value)>;

/// The findings of a unit's own rules. What exists already has no parameters, so it is asked what
/// looks at its outputs, and at what it collects, alone.
pub(super) fn unit(
    stack: &Stack<'_>,
    unit: &Unit,
    as_of: Date,
) -> Result<Vec<Diagnostic>, Failure> {
    let mut findings = vec![];
    let exists = stack.component(unit).exists();
    for rule in unit.kind.rules.iter().filter(|rule| !exists || rule.looks_beyond_parameters()) {
        for bound in stack.each(unit, &rule.each)? {
            if let Some(finding) = ask(stack, unit, rule, &bound, as_of)? {
                findings.push(finding);
            }
        }
    }
    Ok(findings)
}

fn ask(
    stack: &Stack<'_>,
    unit: &Unit,
    rule: &Rule,
    bound: &Bound,
    as_of: Date,
) -> Result<Option<Diagnostic>, Failure> {
    if !stack.holds(unit, bound, rule.when.as_ref())?
        || !stack.holds(unit, bound, Some(&rule.deny))?
        || !due(stack, unit, rule, bound, as_of)?
    {
        return Ok(None);
    }
    let plain = Plain { stack, target: Target::CloudFormation };
    let text = |expression: &Expression| {
        Ok::<_, Failure>(plain.text(&stack.evaluate_with(unit, bound, expression)?))
    };
    let component = stack.component(unit);
    let mut finding = Diagnostic::of(rule.name.clone(), rule.severity, text(&rule.message)?);
    for at in &rule.at {
        let value = stack.evaluate_with(unit, bound, at)?;
        finding = labelled(finding, &value, at);
    }
    if finding.labels.is_empty() {
        finding = finding.label_key(&component.key, "of this component");
    }
    if let Some(help) = &rule.help {
        finding = finding.help(text(help)?);
    }
    finding.dated = rule.dated.is_some();
    Ok(Some(finding.about(component.name())))
}

/// Draws the lines that a value came from. A default has none of its own, so what it was left
/// out of is drawn, and says so.
fn labelled(finding: Diagnostic, value: &Value, at: &Expression) -> Diagnostic {
    let name = at.paths().first().map(|path| path.join(".")).unwrap_or_default();
    let default = matches!(value.origin, Origin::Default(_));
    let text = match (default, value.is_null()) {
        (false, _) => String::new(),
        (true, true) => format!("`{name}` is not set"),
        (true, false) => format!("`{name}` has its default"),
    };
    let places = value.origin.spans().iter().filter(|span| span.in_blueprint());
    places.fold(finding, |finding, span| finding.label(span.clone(), text.clone()))
}

/// Whether a rule with a date has come to it.
fn due(
    stack: &Stack<'_>,
    unit: &Unit,
    rule: &Rule,
    bound: &Bound,
    as_of: Date,
) -> Result<bool, Failure> {
    let Some(dated) = &rule.dated else { return Ok(true) };
    let value = stack.evaluate_with(unit, bound, dated)?;
    let date = value.as_str().and_then(|text| text.parse::<Date>().ok());
    date.map(|date| date <= as_of)
        .ok_or_else(|| Failure::new("`dated` is a date, as in \"2027-06-30\"").at(dated.span()))
}
