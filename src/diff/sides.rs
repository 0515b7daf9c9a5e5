//! A blueprint to what can be compared of it.

use super::Side;
use super::describe::describe;
use crate::assemble::{assemble, remembered};
use crate::blueprint::Blueprint;
use crate::check;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::generate::Session;
use crate::resolve::{ReadFile, resolve};
use crate::value::Target;
use std::sync::Arc;

/// One environment of a blueprint on each of its targets. Fails with what is wrong with it.
pub fn sides(
    session: &Session<'_>,
    blueprint: &Blueprint,
    environment: Option<&Arc<str>>,
    read_file: &ReadFile<'_>,
) -> Result<Vec<(Target, Side)>, Vec<Diagnostic>> {
    let variant = blueprint.variant(environment)?;
    let (resolved, found) = resolve(&variant, session.catalog, read_file)?;
    let stack = Stack::new(&resolved, session.catalog);
    let findings = check::check(&stack, found, session.as_of).findings;
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings);
    }
    let side = |target: &Target| {
        let assembled = assemble(&stack, session.templates, *target)?;
        let document = remembered(&stack, *target, &variant.document);
        Ok((*target, Side { document, resources: describe(&stack, &assembled) }))
    };
    resolved.envelope.targets.iter().map(side).collect()
}
