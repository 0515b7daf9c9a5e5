//! DEPLOY.md and RUNBOOK.md: what a person does with a stack. The texts are templates.

use crate::assemble::{Assembled, Plain, Resource};
use crate::blueprint::Removal;
use crate::catalog::{Catalog, Holds};
use crate::derive::{Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::{Expression, Failure};
use crate::resolve::{Asset, Component};
use crate::value::Value;
use handlebars::{Handlebars, no_escape};
use serde_json::{Map as Json, Value as Any, json};
use std::fmt::Write as _;
use std::rc::Rc;

/// What the printed artifacts say of themselves.
#[derive(Debug, Default)]
pub struct Facts {
    /// The parameters or variables that the deployer is asked for.
    pub asked: Vec<String>,
    /// The size of the template in bytes.
    pub size: usize,
}

/// File names and texts of the guides of a stack.
pub fn guides(
    stack: &Stack<'_>,
    assembled: &Assembled,
    facts: &Facts,
    header: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let guide = Guide { stack, assembled, plain: Plain { stack, target: assembled.target } };
    let texts = registry(stack.catalog)?;
    let render = |name: &str, context: &Any| {
        let text = texts.render(name, context);
        text.map_err(|error| Failure::new(format!("templates/guide/{name}.md.hbs: {error}")))
    };
    let deploy = render(&format!("deploy-{}", assembled.target), &guide.deploy(facts, header)?)?;
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

/// The texts, which use handlebars as it is.
fn registry(catalog: &Catalog) -> Result<Handlebars<'_>, Failure> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    for name in catalog.names("templates/guide/", ".md.hbs") {
        let Some((path, text)) = catalog.file(&format!("templates/guide/{name}.md.hbs")) else {
            continue;
        };
        let registered = registry.register_template_string(name, text);
        registered.map_err(|error| Failure::new(format!("{path}: {error}")))?;
    }
    Ok(registry)
}

struct Guide<'s, 'a> {
    stack: &'s Stack<'a>,
    assembled: &'s Assembled,
    plain: Plain<'s, 'a>,
}

impl Guide<'_, '_> {
    fn deploy(&self, facts: &Facts, header: &str) -> Result<Any, Failure> {
        let envelope = &self.stack.resolved.envelope;
        let protected: Vec<&Resource> = self.protected().collect();
        let mut before = self.steps(|unit| unit.kind.before.as_ref())?;
        before.extend(self.uploads());
        let source = self.template_source(facts, &mut before);
        let destroyed = envelope.removed.iter().filter(|(_, what)| *what == Removal::Destroy);
        let destroyed: Vec<&str> = destroyed.map(|(id, _)| &**id).collect();
        let ids: Vec<String> = protected
            .iter()
            .map(|one| format!("`{}`", one.full_address(self.assembled.target)))
            .collect();
        Ok(json!({
            "header": header,
            "description": envelope.description.as_deref().map(prose),
            "prefix": *envelope.prefix,
            "stack_name": *envelope.stack_name,
            "region": *envelope.region,
            "account": envelope.account.as_deref(),
            "backend": envelope.backend.is_some(),
            "termination_protection": envelope.termination_protection,
            "components": self.components(),
            "parameters": facts.asked,
            "before": numbered(before),
            "after": numbered(self.steps(|unit| unit.kind.after.as_ref())?),
            "protected": protected.iter().map(|one| self.holder(one)).collect::<Vec<_>>(),
            "protected_ids": ids.join(", "),
            "destroyed": destroyed,
            "template_source": source,
            "options": self.options(facts),
        }))
    }

    fn protected(&self) -> impl Iterator<Item = &Resource> {
        self.assembled.resources.iter().filter(|one| one.protection.is_some_and(|one| one.protect))
    }

    fn holder(&self, resource: &Resource) -> Any {
        let name = self.plain.text(&resource.name);
        let name = if name.is_empty() { resource.address.clone() } else { name };
        let snapshot = resource.protection.is_some_and(|one| one.holds == Holds::Snapshot);
        json!({"component": *resource.component, "name": name, "snapshot": snapshot})
    }

    fn components(&self) -> Vec<Any> {
        let purpose = |component: &Component| {
            let own = component.description.as_deref();
            let text = own.unwrap_or(&component.kind.summary);
            let there = if component.exists() { " (exists already)" } else { "" };
            format!("{}{there}", prose(text))
        };
        let components = self.stack.resolved.components.iter();
        let row = |one: &Component| json!({"name": **one.name(), "kind": *one.kind.name, "purpose": purpose(one)});
        components.map(row).collect()
    }

    /// A section's steps of every unit, in the components' order.
    fn steps(
        &self,
        section: impl Fn(&Rc<Unit>) -> Option<&Expression>,
    ) -> Result<Vec<Json<String, Any>>, Failure> {
        let mut steps = vec![];
        for component in self.stack.sound_components() {
            for unit in self.stack.units_of(&component)? {
                let Some(section) = section(&unit) else { continue };
                let value = self.stack.evaluate(&unit, section)?;
                let said = |step: &&Value| step.get("say").is_some_and(|say| self.is_said(say));
                let there = value.as_list().unwrap_or_default().iter().filter(said);
                steps.extend(there.map(|step| self.step(step)));
            }
        }
        Ok(steps)
    }

    /// Whether a step is one of this target: the other may have nothing to say.
    fn is_said(&self, say: &Value) -> bool {
        !self.plain.text(say).is_empty()
    }

    fn step(&self, step: &Value) -> Json<String, Any> {
        let text = |name| step.get(name).map(|value| self.plain.text(value));
        let json = step.get("json").map(|value| format!("{:#}", self.plain.json(value)));
        let mut members = Json::new();
        members.insert("say".into(), json!(text("say").map(|say| prose(&say))));
        members.insert("command".into(), json!(text("command")));
        members.insert("json".into(), json!(json));
        members
    }

    /// A user's files that are read from the bucket of artifacts.
    fn uploads(&self) -> Vec<Json<String, Any>> {
        let resolved = &self.stack.resolved;
        let Some(bucket) = resolved.envelope.artifacts.as_ref().map(|one| &one.bucket) else {
            return vec![];
        };
        let region = &resolved.envelope.region;
        let upload = |asset: &Asset| {
            let key = asset.key.as_ref()?;
            let command =
                format!("aws s3 cp \"{}\" \"s3://{bucket}/{key}\" --region {region}", asset.path);
            Some(told("Upload what the stack reads from the bucket of artifacts:", &command))
        };
        resolved.assets.iter().filter_map(upload).collect()
    }

    /// How commands name the template: as a file, or in the bucket where it is too large for that.
    fn template_source(&self, facts: &Facts, before: &mut Vec<Json<String, Any>>) -> String {
        let envelope = &self.stack.resolved.envelope;
        let Some(artifacts) =
            envelope.artifacts.as_ref().filter(|_| too_large(self.stack.catalog, facts))
        else {
            return "--template-body file://template.yaml".into();
        };
        let (bucket, region) = (&artifacts.bucket, &envelope.region);
        let key = format!("{}{}.yaml", artifacts.prefix, envelope.stack_name);
        let command = format!("aws s3 cp template.yaml \"s3://{bucket}/{key}\" --region {region}");
        before.push(told("Upload the template, which is too large to be sent along:", &command));
        format!("--template-url \"https://{bucket}.s3.{region}.amazonaws.com/{key}\"")
    }

    fn options(&self, facts: &Facts) -> String {
        let capabilities = self.capabilities().join(" ");
        let role = self.stack.resolved.envelope.role_arn.as_deref().unwrap_or_default();
        let asked = facts.asked.iter();
        let asked = asked.map(|name| format!("ParameterKey={name},ParameterValue=VALUE"));
        let asked = asked.collect::<Vec<_>>().join(" ");
        let flags = [("capabilities", &*capabilities), ("role-arn", role), ("parameters", &*asked)];
        let mut options = String::new();
        for (flag, value) in flags.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(options, " --{flag} {value}");
        }
        options
    }

    /// What CloudFormation wants to have acknowledged for the types in this template.
    fn capabilities(&self) -> Vec<String> {
        let deploy = self.stack.catalog.data("deploy");
        let entries = deploy.get("acknowledged").and_then(Value::as_list).unwrap_or_default();
        let there = |entry: &&Value| {
            let types = entry.get("types").and_then(Value::as_list).unwrap_or_default();
            let mut types = types.iter().filter_map(Value::as_str);
            types.any(|begin| {
                self.assembled.resources.iter().any(|one| one.type_name.starts_with(begin))
            })
        };
        let wanted =
            entries.iter().filter(there).filter_map(|entry| entry.get("capability")?.as_str());
        wanted.map(String::from).collect()
    }

    fn alarms(&self) -> Result<Vec<Any>, Failure> {
        let mut alarms = vec![];
        for component in self.stack.sound_components() {
            for unit in self.stack.units_of(&component)? {
                let Some(runbook) = &unit.kind.runbook else { continue };
                let value = self.stack.evaluate(&unit, runbook)?;
                for entry in value.as_list().unwrap_or_default() {
                    alarms.push(self.alarm(&component, entry));
                }
            }
        }
        Ok(alarms)
    }

    fn alarm(&self, component: &Unit, entry: &Value) -> Any {
        let text = |name| entry.get(name).map(|value| self.plain.text(value)).unwrap_or_default();
        let steps = entry.get("do").and_then(Value::as_list).unwrap_or_default().iter();
        let steps = steps.enumerate().map(
            |(index, step)| json!({"number": index + 1, "say": prose(&self.plain.text(step))}),
        );
        json!({
            "alarm": text("alarm"),
            "component": **self.stack.component(component).name(),
            "means": capital(&prose(&text("means"))),
            "do": steps.collect::<Vec<_>>(),
        })
    }
}

/// Whether a template must be read from a bucket.
#[must_use]
pub fn too_large(catalog: &Catalog, facts: &Facts) -> bool {
    let deploy = catalog.data("deploy");
    let largest = deploy.get("largest_inline_template").and_then(crate::catalog::number);
    largest.is_some_and(|largest| crate::catalog::number(&size(facts)).is_some_and(|s| s > largest))
}

fn size(facts: &Facts) -> Value {
    i64::try_from(facts.size).unwrap_or(i64::MAX).into()
}

/// The finding for a template that is too large where no bucket is named.
#[must_use]
pub fn no_bucket(stack: &Stack<'_>, facts: &Facts) -> Option<Diagnostic> {
    let envelope = &stack.resolved.envelope;
    if envelope.artifacts.is_some() || !too_large(stack.catalog, facts) {
        return None;
    }
    let title = format!(
        "the template of {} has {} bytes and must be read from a bucket",
        envelope.prefix, facts.size
    );
    let help = "write `artifacts: {bucket: NAME}` at the top of the blueprint";
    Some(Diagnostic::new("artifacts-missing", title).help(help))
}

fn told(say: &str, command: &str) -> Json<String, Any> {
    let mut members = Json::new();
    members.insert("say".into(), json!(say));
    members.insert("command".into(), json!(command));
    members.insert("json".into(), Any::Null);
    members
}

fn numbered(steps: Vec<Json<String, Any>>) -> Vec<Any> {
    let number = |(index, mut step): (usize, Json<String, Any>)| {
        step.insert("number".into(), json!(index + 1));
        Any::Object(step)
    };
    steps.into_iter().enumerate().map(number).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// A text on one line, with nothing in it that Markdown or HTML would read as their own.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '|' => out.push_str("\\|"),
            '<' => out.push_str("&lt;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
