//! DEPLOY.md and RUNBOOK.md: what a person does with a stack. The texts are templates.

mod markdown;
mod steps;

use crate::assemble::{Assembled, Plain, Resource};
use crate::blueprint::{Envelope, Removal};
use crate::catalog::{self, Holds};
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::expression::Failure;
use crate::resolve::{Asset, Component};
use crate::template::Templates;
use crate::value::{Deferred, Value};
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
    let deploy = render("deploy", &guide.deploy(facts, header)?)?;
    let mut guides = vec![("DEPLOY.md".to_string(), deploy)];
    let alarms = guide.alarms()?;
    if !alarms.is_empty() {
        let envelope = &stack.resolved.envelope;
        let context = json!({
            "header": header, "prefix": *envelope.prefix, "region": *envelope.region,
            "alarms": alarms,
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
        let large = too_large(self.stack, facts);
        Ok(json!({
            "header": header,
            "prefix": *envelope.prefix,
            "stack_name": *envelope.stack_name,
            "description": envelope.description.as_deref().map(literal),
            "region": *envelope.region,
            "account": envelope.account.as_deref(),
            "components": self.components(),
            "asked": asked(facts),
            "reads": self.reads(),
            "first_upload": before.len() + 1,
            "uploads": self.uploads(large),
            "large": large.then(|| self.large()),
            "before": before,
            "after": self.steps(|unit| unit.kind.after.as_ref())?,
            "removal": self.steps(|unit| unit.kind.removal.as_ref())?,
            "capabilities": self.capabilities().join(" "),
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
    fn uploads(&self, large: bool) -> Vec<Json> {
        let resolved = &self.stack.resolved;
        let Some(artifacts) = &resolved.envelope.artifacts else { return vec![] };
        let bucket = shell(&artifacts.bucket);
        let upload = |path: &str, key: &str| {
            let (path, key) = (shell(path), shell(key));
            json!({"path": path, "bucket": bucket, "key": key})
        };
        let asset = |one: &Asset| Some(upload(&one.path, one.key.as_ref()?));
        let mut uploads: Vec<_> = resolved.assets.iter().filter_map(asset).collect();
        uploads.extend(large.then(|| upload("template.yaml", &self.template_key())));
        uploads
    }

    fn template_key(&self) -> String {
        let envelope = &self.stack.resolved.envelope;
        let prefix = envelope.artifacts.as_ref().map_or("", |one| &one.prefix);
        format!("{prefix}{}.yaml", envelope.stack_name)
    }

    /// Where a template lies that is too large to be sent along.
    fn large(&self) -> Json {
        let bucket = self.stack.resolved.envelope.artifacts.as_ref().map(|one| shell(&one.bucket));
        let suffix = self.plain.of_region("url_suffix");
        json!({"bucket": bucket, "key": shell(&self.template_key()), "url_suffix": suffix})
    }

    /// What CloudFormation wants to have acknowledged for the types in this template.
    fn capabilities(&self) -> Vec<String> {
        let deploy = self.stack.catalog.data("deploy");
        let entries = deploy.get("acknowledged").and_then(Value::as_list).unwrap_or_default();
        let wanted = |entry: &Value| {
            let begin = entry.get("types")?.as_str()?;
            let resources = self.assembled.resources.iter();
            let mut there = resources.filter(|one| one.type_name.starts_with(begin)).peekable();
            there.peek()?;
            let named = there.any(|one| !one.name.is_null());
            entry.get(if named { "named" } else { "unnamed" })?.as_str().map(String::from)
        };
        entries.iter().filter_map(wanted).collect()
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
    let asked =
        |(name, purpose): &(String, String)| json!({"name": name, "purpose": literal(purpose)});
    facts.asked.iter().map(asked).collect()
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
#[must_use]
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
