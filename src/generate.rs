//! One blueprint to everything that would be written: the whole way of the data, without a disk.

use crate::artifact;
use crate::assemble::assemble;
use crate::blueprint::{Blueprint, Envelope, Variant};
use crate::catalog::Catalog;
use crate::check::{self, Checked};
use crate::derive::Stack;
use crate::diagnostic::{Diagnostic, once_each};
use crate::fleet;
use crate::resolve::{ReadFile, Resolved, resolve};
use crate::template::Templates;
use crate::value::{Target, Value};
use crate::verify::verify;
use crate::write::Output;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What every run shares.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// The kinds.
    pub catalog: &'a Catalog,
    /// Their templates, parsed once.
    pub templates: &'a Templates,
    /// The day that dated rules are asked about.
    pub as_of: Date,
}

/// What is made of a blueprint.
pub struct Request<'a> {
    /// Only these environments; all where there are none.
    pub environments: &'a [String],
    /// Only these targets; those of the blueprint where there are none.
    pub targets: &'a [Target],
    /// Whether artifacts are made, or findings alone.
    pub artifacts: bool,
    /// Reads files beside the blueprint.
    pub read_file: &'a ReadFile<'a>,
}

/// One stack of a blueprint.
#[derive(Debug)]
pub struct Generated {
    /// Its environment.
    pub environment: Option<Arc<str>>,
    /// What holds for it, if the envelope could be read.
    pub envelope: Option<Envelope>,
    /// What would be written; empty where there is an error.
    pub outputs: Vec<Output>,
}

/// Generates the stacks of a blueprint, and says all that was found in them.
pub fn blueprint(
    session: &Session<'_>,
    blueprint: &Blueprint,
    request: &Request<'_>,
) -> (Vec<Generated>, Vec<Diagnostic>) {
    let mut found = vec![];
    let mut generated = vec![];
    let mut unused: Vec<(Diagnostic, usize)> = vec![];
    let mut stacks = 0;
    for environment in blueprint.stacks() {
        let wanted = request.environments.is_empty()
            || environment
                .as_ref()
                .is_some_and(|name| request.environments.iter().any(|w| **w == **name));
        if !wanted {
            continue;
        }
        stacks += 1;
        let (made, checked) = stack(session, blueprint, environment.as_ref(), request);
        let name = environment.as_deref().map(String::from);
        found.extend(checked.findings.into_iter().map(|finding| (name.clone(), finding)));
        for finding in checked.unused_accepts {
            match unused.iter_mut().find(|(other, _)| *other == finding) {
                Some((_, count)) => *count += 1,
                None => unused.push((finding, 1)),
            }
        }
        generated.push(made);
    }
    let all = request.environments.is_empty();
    let nowhere = unused.into_iter().filter(|(_, count)| all && *count == stacks);
    found.extend(nowhere.map(|(finding, _)| (None, finding)));
    let mut findings = once_each(found);
    for finding in findings.iter_mut().filter(|finding| finding.environments.len() == stacks) {
        // What is found in every environment does not depend on one.
        finding.environments.clear();
    }
    (generated, findings)
}

fn stack(
    session: &Session<'_>,
    blueprint: &Blueprint,
    environment: Option<&Arc<str>>,
    request: &Request<'_>,
) -> (Generated, Checked) {
    let mut made = Generated { environment: environment.cloned(), envelope: None, outputs: vec![] };
    let failed = |findings| Checked { findings, unused_accepts: vec![] };
    let variant = match blueprint.variant(environment) {
        Ok(variant) => variant,
        Err(findings) => return (made, failed(findings)),
    };
    let resolved = resolve(&variant, session.catalog, request.read_file);
    let (resolved, found) = match resolved {
        Ok(resolved) => resolved,
        Err(findings) => return (made, failed(findings)),
    };
    made.envelope = Some(resolved.envelope.clone());
    let stack = Stack::new(&resolved, session.catalog);
    let mut checked = check::check(&stack, found, session.as_of);
    let envelope = &resolved.envelope;
    checked.findings.extend(fleet::one_state(session.catalog, envelope, &variant.document));
    let regions = in_other_regions(session, &variant, envelope, request, &mut checked);
    let mut elsewhere = vec![];
    for (region, resolved, found) in &regions {
        let stack = Stack::new(resolved, session.catalog);
        fleet::add(&mut checked, check::check(&stack, found.clone(), session.as_of));
        elsewhere.push((region, stack));
    }
    let sound = !checked.findings.iter().any(Diagnostic::is_error);
    for target in &resolved.envelope.targets {
        if sound && (request.targets.is_empty() || request.targets.contains(target)) {
            match output(session, &stack, &elsewhere, *target, request.artifacts) {
                Ok(output) => made.outputs.extend(output),
                Err(findings) => checked.findings.extend(findings),
            }
        }
    }
    if checked.findings.iter().any(Diagnostic::is_error) {
        made.outputs.clear();
    }
    (made, checked)
}

/// A stack in the regions that it is carried to beside its own, and what was found there.
fn in_other_regions(
    session: &Session<'_>,
    variant: &Variant,
    envelope: &Envelope,
    request: &Request<'_>,
    checked: &mut Checked,
) -> Vec<(Value, Resolved, Vec<Diagnostic>)> {
    let mut regions = vec![];
    for region in fleet::other_regions(envelope) {
        checked.findings.extend(fleet::out_of_partition(session.catalog, envelope, region));
        match resolve(&variant.in_region(region), session.catalog, request.read_file) {
            Ok((resolved, found)) => regions.push((region.clone(), resolved, found)),
            Err(findings) => checked.findings.extend(findings),
        }
    }
    regions
}

/// What one stack writes on one target; it is the same in each region that it is carried to.
fn output(
    session: &Session<'_>,
    stack: &Stack<'_>,
    elsewhere: &[(&Value, Stack<'_>)],
    target: Target,
    artifacts: bool,
) -> Result<Option<Output>, Vec<Diagnostic>> {
    let assembled = assemble(stack, session.templates, target)?;
    let mut findings = verify(&assembled);
    for (region, stack) in elsewhere {
        let there = assemble(stack, session.templates, target)?;
        findings.extend(fleet::difference(&assembled, &there, region));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    if !artifacts {
        return Ok(None);
    }
    artifact::output(stack, &assembled, session.templates).map(Some)
}

/// Stacks of one run that cannot live beside one another.
pub fn collisions(stacks: &[(&Blueprint, &Envelope)]) -> Vec<Diagnostic> {
    let mut findings = vec![];
    let mut alike: BTreeMap<Shared<'_>, Vec<usize>> = BTreeMap::new();
    for (index, (blueprint, envelope)) in stacks.iter().enumerate() {
        let mut others = BTreeSet::new();
        for shared in Shared::of(envelope) {
            let earlier = alike.entry(shared).or_default();
            others.extend(earlier.iter().copied());
            earlier.push(index);
        }
        for (other_blueprint, other) in others.into_iter().map(|other| stacks[other]) {
            let Some((rule, title, help)) = collide(envelope, other) else { continue };
            let finding = Diagnostic::new(rule, title).help(help);
            let finding = label_cause(label_cause(finding, blueprint), other_blueprint);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// What two stacks that collide have in common, so that not every pair is compared.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Shared<'a> {
    Folder(&'a str, Option<&'a str>),
    Backend(Arc<str>, Option<Arc<str>>),
    Prefix(&'a str),
}

impl<'a> Shared<'a> {
    fn of(envelope: &'a Envelope) -> Vec<Self> {
        let backend = envelope.backend_with_key().map(|(kind, settings)| {
            let key = settings.get("key").and_then(Value::as_str);
            Self::Backend(kind, key.map(Arc::from))
        });
        let folder = Self::Folder(&envelope.name, envelope.environment.as_deref());
        let both = [folder, Self::Prefix(&envelope.prefix)];
        both.into_iter().chain(backend).collect()
    }
}

/// Draws what makes a blueprint collide: what it says of the matter, or else its name, from which
/// the rest follows.
fn label_cause(finding: Diagnostic, blueprint: &Blueprint) -> Diagnostic {
    let path: &[&str] = match &*finding.rule {
        "same-prefix" => &["prefix"],
        "same-backend" => &["terraform", "backend"],
        _ => &["name"],
    };
    let said = path.iter().try_fold(&blueprint.document, |value, step| value.get(step));
    match said.or_else(|| blueprint.document.get("name")) {
        Some(cause) => finding.label_value(cause, "in this blueprint"),
        None => finding,
    }
}

const PREFIX: &str = "give one of them another `prefix`; in one blueprint, within its environment";

fn collide(one: &Envelope, other: &Envelope) -> Option<(&'static str, String, &'static str)> {
    if one.name == other.name && one.environment == other.environment {
        let title = format!("two stacks would be written to `{}`", one.name);
        return Some(("same-output", title, "give one of the blueprints another `name`"));
    }
    let state = one.backend_with_key();
    if one.targets.contains(&Target::Terraform)
        && other.targets.contains(&Target::Terraform)
        && state.is_some()
        && state == other.backend_with_key()
    {
        let title =
            format!("`{}` and `{}` would share one Terraform state", one.prefix, other.prefix);
        return Some(("same-backend", title, "give each backend a key of its own"));
    }
    let apart = matches!((&one.account, &other.account), (Some(one), Some(other)) if one != other);
    if one.prefix == other.prefix && !apart {
        let title = format!("two stacks would name their resources `{}-…`", one.prefix);
        return Some(("same-prefix", title, PREFIX));
    }
    None
}

/// What a stack is before anything is derived: for `show` and other looks at blueprints.
pub fn resolved(
    session: &Session<'_>,
    blueprint: &Blueprint,
    environment: Option<&Arc<str>>,
    read_file: &ReadFile<'_>,
) -> Result<(Resolved, Vec<Diagnostic>), Vec<Diagnostic>> {
    resolve(&blueprint.variant(environment)?, session.catalog, read_file)
}
