//! DEPLOY.md and RUNBOOK.md: what a person does with a stack. The texts are templates.

mod markdown;
mod steps;

use crate::assemble::{Assembled, Plain, Resource, of_region, placeholder};
use crate::blueprint::{Deployment, Envelope, Fleet, Removal};
use crate::catalog::{self, Holds};
use crate::cloudformation::capabilities;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use crate::resolve::{Asset, Component};
use crate::template::Templates;
use crate::value::{Deferred, Target, Value};
use markdown::{cell, code, literal, prose, shell};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// What the printed artifacts say of themselves.
#[derive(Debug, Default)]
pub struct Facts {
    /// The parameters or variables that the deployer is asked for, and what each is for.
    pub asked: Vec<(String, String)>,
    /// The size of the template in bytes.
    pub size: usize,
    /// Its key, where it is read from the bucket of artifacts.
    pub template_key: String,
}

/// File names and texts of the guides of a stack. A text that cannot be made is a fault of the
/// catalog.
pub fn guides(
    stack: &Stack<'_>,
    assembled: &Assembled,
    templates: &Templates,
    facts: &Facts,
    header: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let guide = Guide { stack, assembled, plain: Plain { stack, target: assembled.target } };
    let texts = templates.texts(stack.catalog, assembled.target)?;
    let render = |name: &str, context: &Json| {
        let text = texts.render(name, context);
        text.map_err(|error| Failure::new(format!("templates/guide: {name}: {error}")))
    };
    let (fleet, target) = (&stack.resolved.envelope.fleet, assembled.target);
    let stack_set = fleet.is_some() && target == Target::CloudFormation;
    let text = if stack_set { "stack_set" } else { "deploy" };
    let deploy = render(text, &guide.deploy(facts, header)?)?;
    let mut guides = vec![("DEPLOY.md".to_string(), deploy)];
    let alarms = guide.alarms()?;
    if !alarms.is_empty() {
        let envelope = &stack.resolved.envelope;
        let context = json!({
            "header": header, "prefix": *envelope.prefix, "region": guide.region(),
            "fleet": envelope.fleet.is_some(), "alarms": alarms,
        });
        guides.push(("RUNBOOK.md".into(), render("runbook", &context)?));
    }
    Ok(guides)
}

struct Guide<'s, 'a> {
    stack: &'s Stack<'a>,
    assembled: &'s Assembled,
    plain: Plain<'s, 'a>,
}

impl Guide<'_, '_> {
    /// What the text of DEPLOY.md reads.
    fn deploy(&self, facts: &Facts, header: &str) -> Result<Json, Failure> {
        let envelope = &self.stack.resolved.envelope;
        let before = self.steps(|unit| unit.kind.before.as_ref())?;
        let large = too_large(self.stack, facts) || envelope.fleet.is_some();
        let large = large && self.assembled.target == Target::CloudFormation;
        Ok(json!({
            "header": header,
            "prefix": *envelope.prefix,
            "stack_name": envelope.deployed_as(),
            "stack_set_name": *envelope.stack_name,
            "description": envelope.description.as_deref().map(literal),
            "region": self.region(),
            "home": *envelope.region,
            "fleet": envelope.fleet.as_ref().map(fleet),
            "account": envelope.account.as_deref(),
            "components": self.components(),
            "asked": asked(facts),
            "reads": self.reads(),
            "first_upload": before.len() + 1,
            "uploads": self.uploads(facts, large),
            "large": large.then(|| self.large(facts)),
            "before": before,
            "after": self.steps(|unit| unit.kind.after.as_ref())?,
            "removal": self.steps(|unit| unit.kind.removal.as_ref())?,
            "capabilities": capabilities(self.stack, self.assembled).join(" "),
            "role": envelope.role_arn.as_deref().map(shell),
            "termination_protection": envelope.termination_protection,
            "backend": backend(envelope),
            "protected": self.holders(true),
            "unprotected": self.holders(false),
            "once_protected": !envelope.removed.is_empty() || !self.holders(false).is_empty(),
            "kept": removed(envelope, |removal| *removal != Removal::Destroy),
            "destroyed": removed(envelope, |removal| *removal == Removal::Destroy),
        }))
    }

    /// The region that commands are for; in a fleet, each of its regions.
    fn region(&self) -> String {
        self.plain.text(&Value::lookup("region"))
    }

    fn components(&self) -> Vec<Json> {
        let row = |one: &Component| {
            let own = one.description.as_deref().map(literal);
            json!({
                "name": **one.name(),
                "kind": *one.kind.name,
                "exists": one.exists(),
                "purpose": cell(&own.unwrap_or_else(|| prose(&one.kind.summary))),
            })
        };
        let components = self.stack.resolved.components.iter();
        components.filter(|one| !one.implied).map(row).collect()
    }

    /// What must be there to be read when the stack is deployed.
    fn reads(&self) -> Vec<Json> {
        let mut reads = BTreeMap::new();
        for resource in &self.assembled.resources {
            resource.each_deferred(&mut |deferred| {
                let Deferred::Lookup { arguments, .. } = deferred else { return };
                let text = |name| arguments.get(name).and_then(Value::as_str);
                for sort in ["ssm", "secret"] {
                    if let Some(name) = text(sort) {
                        reads.entry((sort, name)).or_insert(text("used_for"));
                    }
                }
            });
        }
        let read = |((sort, name), purpose): ((&str, &str), Option<&str>)| {
            let secret = sort == "secret";
            json!({"secret": secret, "name": code(name), "purpose": purpose.map(code)})
        };
        reads.into_iter().map(read).collect()
    }

    /// Files that must lie in the bucket of artifacts before they are read from there.
    fn uploads(&self, facts: &Facts, large: bool) -> Vec<Json> {
        let resolved = &self.stack.resolved;
        let Some(artifacts) = &resolved.envelope.artifacts else { return vec![] };
        let upload = |path: &str, key: &str, region: &str| {
            let bucket = shell(&artifacts.bucket_in(region));
            json!({"path": shell(path), "bucket": bucket, "key": shell(key), "region": region})
        };
        let here = self.region();
        let asset = |one: &Asset| Some(upload(&one.path, one.key.as_ref()?, &here));
        let mut uploads: Vec<_> = resolved.assets.iter().filter_map(asset).collect();
        let home = &resolved.envelope.region;
        uploads.extend(large.then(|| upload("template.yaml", &facts.template_key, home)));
        uploads
    }

    /// Where a template lies that is not sent along.
    fn large(&self, facts: &Facts) -> Json {
        let envelope = &self.stack.resolved.envelope;
        let bucket = envelope.artifacts.as_ref().map(|one| one.bucket_in(&envelope.region));
        let suffix = of_region(self.stack.catalog, &envelope.region, "url_suffix");
        let bucket = bucket.as_deref().map(shell);
        json!({"bucket": bucket, "key": shell(&facts.template_key), "url_suffix": suffix})
    }

    fn holders(&self, protect: bool) -> Vec<Json> {
        let target = self.assembled.target;
        let holder = |one: &Resource| {
            let protection = one.protection.filter(|it| it.holds != Holds::No)?;
            let name = self.plain.text(&one.name);
            (protection.protect == protect).then(|| {
                json!({
                    "component": *one.component,
                    "address": code(&one.full_address(target)),
                    "name": (!name.is_empty()).then(|| code(&name)),
                    "snapshot": protection.holds == Holds::Snapshot,
                })
            })
        };
        self.assembled.resources.iter().filter_map(holder).collect()
    }
}

fn asked(facts: &Facts) -> Vec<Json> {
    let asked = |(name, purpose): &(String, String)| {
        let value = placeholder(name);
        json!({"name": name, "value": value, "purpose": literal(purpose)})
    };
    facts.asked.iter().map(asked).collect()
}

/// Where a fleet is carried to.
fn fleet(fleet: &Fleet) -> Json {
    let deployment = |one: Deployment<'_>| {
        let workspace = one.workspace();
        json!({"account": one.account, "region": one.region, "workspace": workspace})
    };
    let deployments: Vec<Json> = fleet.deployments().into_iter().map(deployment).collect();
    json!({
        "deployments": deployments,
        "units": fleet.units().map(code).collect::<Vec<_>>(),
        "regions": fleet.region_names().map(code).collect::<Vec<_>>(),
        "accounts": fleet.accounts.iter().map(|one| code(one)).collect::<Vec<_>>(),
        "takes_role": fleet.role_arn.is_some(),
        "automatic": fleet.said.get("auto_deployment").and_then(Value::as_bool) == Some(true),
        "delegated": fleet.said.get("call_as").and_then(Value::as_str) == Some("delegated_admin"),
    })
}

fn backend(envelope: &Envelope) -> Option<Json> {
    let (kind, settings) = envelope.backend_with_key()?;
    let key = settings.get("key").and_then(Value::as_str);
    Some(json!({"kind": code(&kind), "key": key.map(code)}))
}

fn removed(envelope: &Envelope, which: impl Fn(&Removal) -> bool) -> Vec<String> {
    let removed = envelope.removed.iter().filter(|(_, removal)| which(removal));
    removed.map(|(id, _)| code(id)).collect()
}

/// Whether a template must be read from a bucket.
fn too_large(stack: &Stack<'_>, facts: &Facts) -> bool {
    let deploy = stack.catalog.data("deploy");
    let largest = deploy.get("largest_inline_template").and_then(catalog::number);
    let size = u32::try_from(facts.size).map_or(f64::INFINITY, f64::from);
    largest.is_some_and(|largest| size > largest)
}

/// The finding for a template that is too large where no bucket is named.
pub fn no_bucket(stack: &Stack<'_>, facts: &Facts) -> Option<Diagnostic> {
    let envelope = &stack.resolved.envelope;
    if envelope.artifacts.is_some() || !too_large(stack, facts) {
        return None;
    }
    let title = format!(
        "the template of {} has {} bytes and must be read from a bucket",
        envelope.prefix, facts.size
    );
    let help = "write `artifacts: {bucket: NAME}` at the top of the blueprint";
    Some(Diagnostic::new("artifacts-missing", title).help(help))
}
