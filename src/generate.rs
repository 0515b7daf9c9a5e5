//! One blueprint to everything that would be written: the whole way of the data, without a disk.

use crate::assemble::{Assembled, Plain, assemble};
use crate::blueprint::{Blueprint, Envelope, Removal};
use crate::catalog::{Catalog, Holds};
use crate::check::{self, Checked};
use crate::derive::Stack;
use crate::diagnostic::{Diagnostic, once_each};
use crate::expression::Failure;
use crate::guide;
use crate::resolve::{ReadFile, Resolved, resolve};
use crate::source::Span;
use crate::template::Templates;
use crate::value::{Target, Value};
use crate::verify::verify;
use crate::write::{self, Artifact, Holder, Output};
use crate::{cloudformation, terraform};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every run shares.
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
#[must_use]
pub fn blueprint(
    session: &Session<'_>,
    blueprint: &Blueprint,
    request: &Request<'_>,
) -> (Vec<Generated>, Vec<Diagnostic>) {
    let mut found = vec![];
    let mut generated = vec![];
    let mut unused: Vec<(Span, usize)> = vec![];
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
        for span in checked.unused_accepts {
            match unused.iter_mut().find(|(other, _)| *other == span) {
                Some((_, count)) => *count += 1,
                None => unused.push((span, 1)),
            }
        }
        generated.push(made);
    }
    let all = request.environments.is_empty();
    let nowhere = unused.into_iter().filter(|(_, count)| all && *count == stacks);
    found.extend(nowhere.map(|(span, _)| (None, check::unused(&span))));
    (generated, once_each(found))
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
    let sound = !checked.findings.iter().any(Diagnostic::is_error);
    for target in &resolved.envelope.targets {
        if sound && (request.targets.is_empty() || request.targets.contains(target)) {
            match output(session, &stack, *target, request.artifacts) {
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

/// What one stack writes on one target.
fn output(
    session: &Session<'_>,
    stack: &Stack<'_>,
    target: Target,
    artifacts: bool,
) -> Result<Option<Output>, Vec<Diagnostic>> {
    let assembled = assemble(stack, session.templates, target)?;
    let findings = verify(&assembled);
    if !findings.is_empty() {
        return Err(findings);
    }
    if !artifacts {
        return Ok(None);
    }
    let files = files(stack, &assembled).map_err(|failure| {
        let finding = Diagnostic::new("broken-catalog", failure.message.clone());
        vec![failure.span.into_iter().fold(finding, |finding, span| finding.label(span, ""))]
    })?;
    let envelope = &stack.resolved.envelope;
    Ok(Some(Output {
        blueprint: envelope.name.to_string(),
        environment: envelope.environment.as_deref().map(String::from),
        target,
        artifacts: files,
        holders: holders(stack, &assembled),
        unprotected: unprotected(&assembled),
        removed: removed(&envelope.removed),
    }))
}

/// The comment that every artifact begins with: what made it, from what.
fn header(envelope: &Envelope) -> Vec<String> {
    let environment = envelope.environment.as_ref();
    let environment = environment.map_or(String::new(), |name| format!(", environment {name}"));
    vec![format!(
        "Made by formwork from the blueprint {}{environment}. \
         Do not edit: change the blueprint and generate again.",
        envelope.name
    )]
}

fn files(stack: &Stack<'_>, assembled: &Assembled) -> Result<Vec<Artifact>, Failure> {
    let envelope = &stack.resolved.envelope;
    let header = header(envelope);
    let (texts, facts) = match assembled.target {
        Target::CloudFormation => {
            let template = cloudformation::template(stack, assembled, &header)?;
            let policy = cloudformation::stack_policy(assembled);
            let facts = guide::Facts { asked: template.parameters, size: template.text.len() };
            let policy = policy.map(|policy| ("stack-policy.json".to_string(), policy));
            let texts = std::iter::once(("template.yaml".to_string(), template.text));
            (texts.chain(policy).collect::<Vec<_>>(), facts)
        }
        Target::Terraform => {
            let kept = envelope.removed.iter().filter_map(|(_, removal)| match removal {
                Removal::Keep(addresses) => Some(addresses),
                Removal::Destroy => None,
            });
            // Addresses with a dot are Terraform's; logical ids have none.
            let kept = kept.flatten().filter(|address| address.contains('.'));
            let kept: Vec<String> = kept.map(ToString::to_string).collect();
            let folder = terraform::folder(stack, assembled, &header, &kept)?;
            (folder.files, guide::Facts { asked: folder.variables, size: 0 })
        }
    };
    let guides = guide::guides(stack, assembled, &facts, &header)?;
    let texts = texts.into_iter().chain(guides);
    let artifact = |(path, text): (String, String)| Artifact { path, bytes: text.into_bytes() };
    let assets = stack.resolved.assets.iter();
    let assets = assets.map(|one| Artifact { path: one.path.clone(), bytes: one.bytes.clone() });
    Ok(texts.map(artifact).chain(assets).collect())
}

/// The protected holders of data, with every property that would replace them.
fn holders(stack: &Stack<'_>, assembled: &Assembled) -> Vec<Holder> {
    let plain = Plain { stack, target: assembled.target };
    let facts = stack.catalog.provider(assembled.target);
    let protected = assembled
        .resources
        .iter()
        .filter(|resource| resource.protection.is_some_and(|protection| protection.protect));
    let holder = |resource: &crate::assemble::Resource| {
        let paths = facts
            .get(&resource.type_name)
            .into_iter()
            .flat_map(super::provider::ResourceType::create_only);
        let properties = Value::from(resource.properties.clone());
        let value = |path: &str| {
            path.split('.').try_fold(&properties, |value, step| {
                let only = value.as_list().filter(|list| list.len() == 1).map(|list| &list[0]);
                only.unwrap_or(value).get(step)
            })
        };
        let create_only = paths.map(|path| {
            let value = value(path).map_or(serde_json::Value::Null, |value| plain.json(value));
            (path.to_string(), value)
        });
        Holder {
            component_id: resource.component_id.to_string(),
            address: resource.full_address(assembled.target),
            type_name: resource.type_name.clone(),
            create_only: create_only.collect(),
        }
    };
    protected.map(holder).collect()
}

fn unprotected(assembled: &Assembled) -> Vec<String> {
    let open = assembled.resources.iter().filter(|resource| {
        resource.protection.is_some_and(|one| !one.protect && one.holds != Holds::No)
    });
    open.map(|resource| resource.full_address(assembled.target)).collect()
}

fn removed(removed: &[(Arc<str>, Removal)]) -> BTreeMap<String, write::Removal> {
    let removal = |(id, removal): &(Arc<str>, Removal)| {
        let removal = match removal {
            Removal::Keep(addresses) => {
                write::Removal::Keep(addresses.iter().map(ToString::to_string).collect())
            }
            Removal::Destroy => write::Removal::Destroy,
        };
        (id.to_string(), removal)
    };
    removed.iter().map(removal).collect()
}

/// Stacks of one run that cannot live beside one another.
#[must_use]
pub fn collisions(stacks: &[(&Blueprint, &Envelope)]) -> Vec<Diagnostic> {
    let mut findings = vec![];
    for (index, (blueprint, envelope)) in stacks.iter().enumerate() {
        for (other_blueprint, other) in &stacks[..index] {
            let Some((rule, title, help)) = collide(envelope, other) else { continue };
            let finding = Diagnostic::new(rule, title).help(help);
            let finding = label_name(label_name(finding, blueprint), other_blueprint);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

fn label_name(finding: Diagnostic, blueprint: &Blueprint) -> Diagnostic {
    match blueprint.document.get("name") {
        Some(name) => finding.label_value(name, "in this blueprint"),
        None => finding,
    }
}

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
        return Some(("same-prefix", title, "give one of them another `prefix`"));
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
