//! A blueprint to what can be compared of it.

use super::describe::describe;
use super::{Home, Sayings, Side, Told};
use crate::assemble::{Plain, assemble, finding, remembered};
use crate::blueprint::{Blueprint, Variant};
use crate::catalog::Consequence;
use crate::check;
use crate::derive::{Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use crate::generate::Session;
use crate::resolve::{ReadFile, resolve};
use crate::value::{Target, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// One environment of a blueprint on each of its targets; of what changed since `before`, the kinds
/// are asked. Fails with what is wrong with it.
pub fn sides(
    session: &Session<'_>,
    blueprint: &Blueprint,
    environment: Option<&Arc<str>>,
    read_file: &ReadFile<'_>,
    before: &[(Target, Side)],
) -> Result<Vec<(Target, Side)>, Vec<Diagnostic>> {
    sides_of(session, &blueprint.variant(environment)?, read_file, before)
}

/// The same of an environment that is laid over already.
pub(super) fn sides_of(
    session: &Session<'_>,
    variant: &Variant,
    read_file: &ReadFile<'_>,
    before: &[(Target, Side)],
) -> Result<Vec<(Target, Side)>, Vec<Diagnostic>> {
    let (resolved, found) = resolve(variant, session.catalog, read_file)?;
    let stack = Stack::new(&resolved, session.catalog);
    let findings = check::check(&stack, found, session.as_of).findings;
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings);
    }
    let side = |target: &Target| {
        let assembled = assemble(&stack, session.templates, *target)?;
        let document = remembered(&stack, *target, &variant.document);
        let parameters = parameters(&stack, *target);
        let old = before.iter().find(|(one, _)| one == target).map(|(_, side)| side);
        let told = told(&stack, *target, &parameters, old)?;
        let resources = describe(&stack, &assembled);
        let sayings = Sayings::of(&Plain { stack: &stack, target: *target }, &findings);
        let sayings = sayings.map_err(|failure| vec![failure.finding()])?;
        let is_fleet = resolved.envelope.fleet.is_some();
        let home = Some(Home::of(&resolved.envelope, *target));
        Ok((*target, Side { document, resources, parameters, told, sayings, is_fleet, home }))
    };
    resolved.envelope.targets.iter().map(side).collect()
}

/// What components say; one that exists already says nothing, so that nothing of it changes.
fn parameters(stack: &Stack<'_>, target: Target) -> BTreeMap<String, Json> {
    let ours = |unit: &Rc<Unit>| !stack.component(unit).exists();
    let of = |unit: Rc<Unit>| {
        let component = stack.component(&unit);
        let parameters = component.settled.parameters.clone().into();
        (component.id.to_string(), remembered(stack, target, &parameters))
    };
    stack.sound_components().filter(ours).map(of).collect()
}

/// What the kinds say of parameters that are not what they were.
fn told(
    stack: &Stack<'_>,
    target: Target,
    parameters: &BTreeMap<String, Json>,
    before: Option<&Side>,
) -> Result<Vec<Told>, Vec<Diagnostic>> {
    let mut all = vec![];
    for unit in stack.sound_components() {
        let id = &*stack.component(&unit).id;
        let old = before.and_then(|side| side.parameters.get(id));
        let (Some(old), Some(new)) = (old, parameters.get(id)) else { continue };
        for change in &unit.kind.changes {
            let plain = Plain { stack, target };
            let told = ask(&plain, &unit, change, [old, new]).map_err(|failure| {
                finding(stack, &unit, &failure).into_iter().collect::<Vec<_>>()
            })?;
            all.extend(told);
        }
    }
    Ok(all)
}

fn ask(
    plain: &Plain<'_, '_>,
    unit: &Unit,
    change: &Consequence,
    sides: [&Json; 2],
) -> Result<Option<Told>, Failure> {
    let at = |side: &Json| {
        let mut steps = change.at.split('.');
        steps.try_fold(side, |value, step| value.get(step)).cloned().unwrap_or_default()
    };
    let [old, new] = sides.map(at);
    if old == new {
        return Ok(None);
    }
    let bound = [(Arc::from("old"), Value::from(&old)), (Arc::from("new"), Value::from(&new))];
    if !plain.stack.holds(unit, &bound, Some(&change.when))? {
        return Ok(None);
    }
    Ok(Some(Told {
        component: plain.stack.component(unit).name().to_string(),
        parameter: change.at.to_string(),
        effect: change.outcome,
        say: plain.text(&plain.stack.evaluate_with(unit, &bound, &change.say)?),
    }))
}
