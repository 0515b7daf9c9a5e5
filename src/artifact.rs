//! All that one stack writes on one target.

use crate::assemble::{Assembled, Resource, remembered};
use crate::blueprint::{Envelope, Removal};
use crate::catalog::Holds;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::guide::{self, Facts};
use crate::template::Templates;
use crate::value::{Target, Value};
use crate::verify::template_size;
use crate::write::{Artifact, Holder, Output};
use crate::{cloudformation, terraform};

/// The artifacts of a verified stack, and what a manifest must remember of it.
pub fn output(
    stack: &Stack<'_>,
    assembled: &Assembled,
    templates: &Templates,
) -> Result<Output, Vec<Diagnostic>> {
    let envelope = &stack.resolved.envelope;
    let artifacts = artifacts(stack, assembled, templates).map_err(|finding| vec![finding])?;
    Ok(Output {
        blueprint: envelope.name.to_string(),
        environment: envelope.environment.as_deref().map(String::from),
        target: assembled.target,
        artifacts,
        holders: holders(stack, assembled),
        unprotected: unprotected(assembled),
        removed: envelope.removed.clone(),
    })
}

/// What every artifact that can hold a comment begins with: what made it, from what.
fn header(envelope: &Envelope) -> String {
    let environment = envelope.environment.as_ref();
    let environment = environment.map_or(String::new(), |name| format!(", environment {name}"));
    let name = &envelope.name;
    format!(
        "Made by formwork from the blueprint {name}{environment}. \
         Do not edit: change the blueprint and generate again."
    )
}

fn artifacts(
    stack: &Stack<'_>,
    assembled: &Assembled,
    templates: &Templates,
) -> Result<Vec<Artifact>, Diagnostic> {
    let header = header(&stack.resolved.envelope);
    let (texts, facts) = match assembled.target {
        Target::CloudFormation => template(stack, assembled, &header)?,
        Target::Terraform => folder(stack, assembled, &header)?,
    };
    let guides = guide::guides(stack, assembled, templates, &facts, &header)?;
    let texts: Vec<_> = texts.into_iter().chain(guides).collect();
    // A program is written where a file of the folder names it.
    let named = |path: &str| texts.iter().any(|(_, text)| text.contains(path));
    let programs = stack.catalog.program_files().filter(|(path, _)| named(path));
    let programs: Vec<_> = programs.map(|(path, bytes)| Artifact { path, bytes }).collect();
    let artifact = |(path, text): (String, String)| Artifact { path, bytes: text.into_bytes() };
    let assets = stack.resolved.assets.iter();
    let assets = assets.map(|one| Artifact { path: one.path.clone(), bytes: one.bytes.clone() });
    Ok(texts.into_iter().map(artifact).chain(assets).chain(programs).collect())
}

const TEMPLATE: &str = "template.yaml";
const STACK_POLICY: &str = "stack-policy.json";
const STACK_SET: &str = "stack-set.yaml";

type Texts = (Vec<(String, String)>, Facts);

fn template(stack: &Stack<'_>, assembled: &Assembled, header: &str) -> Result<Texts, Diagnostic> {
    let template = cloudformation::template(stack, assembled, &[header.into()])?;
    if let Some(finding) = template_size(assembled, &template.text) {
        return Err(finding);
    }
    let envelope = &stack.resolved.envelope;
    let facts = Facts {
        asked: template.parameters.clone(),
        size: template.text.len(),
        template_key: cloudformation::template_key(envelope, &template.text),
    };
    if let Some(finding) = guide::no_bucket(stack, &facts) {
        return Err(finding);
    }
    // A stack policy is a stack's own; the stacks of a stack set have none.
    let beside = match envelope.fleet {
        Some(_) => {
            let stack_set =
                cloudformation::stack_set(stack, assembled, &template, &[header.into()])?;
            Some((STACK_SET, stack_set))
        }
        None => cloudformation::stack_policy(assembled).map(|policy| (STACK_POLICY, policy)),
    };
    let own = [(TEMPLATE, template.text)].into_iter().chain(beside);
    Ok((own.map(|(path, text)| (path.to_string(), text)).collect(), facts))
}

fn folder(stack: &Stack<'_>, assembled: &Assembled, header: &str) -> Result<Texts, Diagnostic> {
    let removed = stack.resolved.envelope.removed.iter();
    let kept = removed.filter_map(|(_, removal)| match removal {
        Removal::Keep(addresses) => Some(addresses),
        Removal::Destroy => None,
    });
    // Addresses with a dot are Terraform's; logical ids have none.
    let kept = kept.flatten().filter(|address| address.contains('.'));
    let kept: Vec<String> = kept.map(ToString::to_string).collect();
    let folder = terraform::folder(stack, assembled, &[header.into()], &kept)?;
    Ok((folder.files, Facts { asked: folder.variables, ..Facts::default() }))
}

/// The protected holders of data, with every property that would replace them.
fn holders(stack: &Stack<'_>, assembled: &Assembled) -> Vec<Holder> {
    let remember = |value: &Value| remembered(stack, assembled.target, value);
    let facts = stack.catalog.provider(assembled.target);
    let protected = assembled
        .resources
        .iter()
        .filter(|resource| resource.protection.is_some_and(|protection| protection.protect));
    let holder = |resource: &Resource| {
        let paths = facts
            .get(&resource.type_name)
            .into_iter()
            .flat_map(crate::provider::ResourceType::create_only);
        let properties = Value::from(resource.properties.clone());
        let value = |path: &str| {
            path.split('.').try_fold(&properties, |value, step| {
                let only = value.as_list().filter(|list| list.len() == 1).map(|list| &list[0]);
                only.unwrap_or(value).get(step)
            })
        };
        let create_only = paths.map(|path| {
            let value = value(path).map_or(serde_json::Value::Null, remember);
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
