//! What a blueprint says about the stack as a whole, typed.

use super::{Fleet, Variant};
use crate::diagnostic::Diagnostic;
use crate::value::{Map, Target, Value, join};
use std::sync::Arc;

/// The envelope of one stack.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The blueprint's name.
    pub name: Arc<str>,
    /// The environment, if there are any.
    pub environment: Option<Arc<str>>,
    /// What the stack is for.
    pub description: Option<Arc<str>>,
    /// Where it is deployed.
    pub region: Arc<str>,
    /// The only account that it may be deployed to.
    pub account: Option<Arc<str>>,
    /// The accounts and regions that it is carried to, if there are many.
    pub fleet: Option<Fleet>,
    /// On every resource that can carry them.
    pub tags: Map,
    /// The default for components that hold data.
    pub protect: bool,
    /// Begins physical names.
    pub prefix: Arc<str>,
    /// How physical names are made.
    pub naming: NamePattern,
    /// What is generated.
    pub targets: Vec<Target>,
    /// Where files lie that are read from a bucket.
    pub artifacts: Option<Artifacts>,
    /// What holds for every role.
    pub iam: Iam,
    /// Terraform's backend: its type and settings.
    pub backend: Option<(Arc<str>, Map)>,
    /// More settings of Terraform's provider.
    pub provider: Map,
    /// The name of the `CloudFormation` stack.
    pub stack_name: Arc<str>,
    /// Whether the `CloudFormation` stack refuses to be deleted.
    pub termination_protection: bool,
    /// The role that `CloudFormation` acts with.
    pub role_arn: Option<Arc<str>>,
    /// What becomes of holders of data that are no longer generated, by component id.
    pub removed: Vec<(Arc<str>, Removal)>,
    /// Paths with a latency that they promise.
    pub objectives: Map,
}

/// A bucket that exists.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// Its name; `{region}` in it stands for the region that is deployed to.
    pub bucket: Arc<str>,
    /// What keys in it begin with: empty, or ending in `/`.
    pub prefix: Arc<str>,
}

/// What holds for every role there is.
#[derive(Clone, Debug, Default)]
pub struct Iam {
    /// The ARN of the policy that bounds it; `{account}` in it is the account that is deployed to.
    pub permissions_boundary: Option<Arc<str>>,
    /// Its path.
    pub path: Option<Arc<str>>,
    /// How its name is made.
    pub role_names: Option<NamePattern>,
}

/// What becomes of data that is no longer generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It stays; Terraform forgets these addresses.
    Keep(Vec<Arc<str>>),
    /// It goes.
    Destroy,
}

/// A pattern of physical names.
#[derive(Clone, Debug)]
pub struct NamePattern {
    /// As it was written, `{prefix}-{component}` when it was not.
    pub text: Value,
}

const PLACEHOLDERS: [&str; 6] = ["prefix", "name", "environment", "component", "region", "account"];

impl Artifacts {
    /// The name of the bucket, as it is in the region that is deployed to.
    pub fn bucket_here(&self) -> Value {
        here(&self.bucket, "{region}", "region")
    }

    /// The name of the bucket in a region.
    pub fn bucket_in(&self, region: &str) -> String {
        self.bucket.replace("{region}", region)
    }
}

impl Iam {
    /// The policy that bounds every role, as it is in the account that is deployed to.
    pub fn boundary_here(&self) -> Value {
        let boundary = self.permissions_boundary.as_ref();
        boundary.map_or(Value::NULL, |boundary| here(boundary, "{account}", "account_id"))
    }
}

/// A text with a placeholder in it that is known where it is deployed.
fn here(text: &str, placeholder: &str, lookup: &str) -> Value {
    let mut parts = vec![];
    for (index, text) in text.split(placeholder).enumerate() {
        parts.extend((index > 0).then(|| Value::lookup(lookup)));
        parts.push(Value::from(text));
    }
    join(parts)
}

impl NamePattern {
    fn usual() -> Self {
        Self { text: Value::from("{prefix}-{component}") }
    }

    fn read(value: &Value, environment: bool) -> Result<Self, Diagnostic> {
        let pattern = Self { text: value.clone() };
        let names = pattern.pieces().into_iter().filter_map(Result::ok).collect::<Vec<_>>();
        let refuse =
            |title: String| Diagnostic::new("naming-pattern", title).label_value(value, "");
        if let Some(unknown) = names.iter().find(|name| !PLACEHOLDERS.contains(name)) {
            let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
            return Err(
                refuse(format!("there is no `{{{unknown}}}`")).help(format!("known: {known}"))
            );
        }
        if !names.contains(&"component") {
            let title = "a naming pattern holds `{component}`, or all names would be one";
            return Err(refuse(title.into()).help("write for example \"acme-{component}\""));
        }
        if names.contains(&"environment") && !environment {
            let title = "`{environment}` has no meaning in a blueprint without environments";
            return Err(refuse(title.into()).help("take it out, or add `environments`"));
        }
        Ok(pattern)
    }

    /// Texts (`Err`) and names of placeholders (`Ok`), in order.
    pub fn pieces(&self) -> Vec<Result<&str, &str>> {
        let mut pieces = vec![];
        let mut rest = self.text.as_str().unwrap_or_default();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            pieces.extend([Err(before), Ok(name)]);
            rest = tail;
        }
        pieces.push(Err(rest));
        pieces.retain(|piece| *piece != Err(""));
        pieces
    }

    /// Whether the pattern has that placeholder.
    pub fn has(&self, placeholder: &str) -> bool {
        self.pieces().contains(&Ok(placeholder))
    }
}

impl Envelope {
    /// Types what the schema has already found valid; what is left to find is between values.
    pub fn read(variant: &Variant) -> Result<Self, Vec<Diagnostic>> {
        let document = &variant.document;
        let text = |path: &[&str]| at(document, path).and_then(Value::as_str).map(Arc::from);
        let map = |path: &[&str]| at(document, path).and_then(Value::as_map).cloned();
        let pattern = |path: &[&str]| {
            let value = at(document, path);
            value.map(|value| NamePattern::read(value, variant.environment.is_some())).transpose()
        };
        let (naming, role_names) = match (pattern(&["naming"]), pattern(&["iam", "role_names"])) {
            (Ok(naming), Ok(roles)) => (naming, roles),
            (one, other) => return Err([one.err(), other.err()].into_iter().flatten().collect()),
        };
        let name: Arc<str> = text(&["name"]).unwrap_or_default();
        let prefix = text(&["prefix"]).unwrap_or_else(|| match &variant.environment {
            Some(environment) => format!("{name}-{environment}").into(),
            None => name.clone(),
        });
        let protection = at(document, &["cloudformation", "termination_protection"]);
        let fleet = Fleet::read(document);
        let usual = if fleet.is_some() { Fleet::naming } else { NamePattern::usual };
        let envelope = Self {
            environment: variant.environment.clone(),
            description: text(&["description"]),
            region: text(&["region"]).unwrap_or_default(),
            account: text(&["account"]),
            tags: map(&["tags"]).unwrap_or_default(),
            protect: document.get("protect").and_then(Value::as_bool).unwrap_or(true),
            naming: naming.unwrap_or_else(usual),
            targets: targets(document),
            artifacts: text(&["artifacts", "bucket"]).map(|bucket| Artifacts {
                bucket,
                prefix: text(&["artifacts", "prefix"]).unwrap_or_default(),
            }),
            iam: Iam {
                permissions_boundary: text(&["iam", "permissions_boundary"]),
                path: text(&["iam", "path"]),
                role_names,
            },
            backend: map(&["terraform", "backend"]).and_then(backend),
            provider: map(&["terraform", "provider"]).unwrap_or_default(),
            stack_name: text(&["cloudformation", "stack_name"]).unwrap_or_else(|| prefix.clone()),
            termination_protection: protection.and_then(Value::as_bool).unwrap_or_default(),
            role_arn: text(&["cloudformation", "role_arn"]),
            removed: removed(document),
            objectives: map(&["objectives"]).unwrap_or_default(),
            fleet,
            name,
            prefix,
        };
        let fleet = envelope.fleet.as_ref();
        let findings = fleet.map_or(vec![], |fleet| fleet.findings(document, &envelope));
        if findings.is_empty() { Ok(envelope) } else { Err(findings) }
    }

    /// The name of the stack that is deployed on `CloudFormation`: that of a fleet holds its stack
    /// set, and does not take the place of a stack that was there before.
    pub fn deployed_as(&self) -> String {
        let ending = if self.fleet.is_some() { "-stack-set" } else { "" };
        format!("{}{ending}", self.stack_name)
    }

    /// The settings of the Terraform backend with its key filled in: a backend that keeps states
    /// under keys and has none gets `<prefix>.tfstate`.
    pub fn backend_with_key(&self) -> Option<(Arc<str>, Map)> {
        let (kind, mut settings) = self.backend.clone()?;
        let keyed = ["bucket", "container_name", "storage_account_name"];
        if settings.get("key").is_none() && settings.names().any(|name| keyed.contains(&name)) {
            settings.set("key", Value::from(format!("{}.tfstate", self.prefix)));
        }
        Some((kind, settings))
    }
}

fn at<'a>(document: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(document, |value, step| value.get(step))
}

fn targets(document: &Value) -> Vec<Target> {
    let Some(list) = document.get("targets").and_then(Value::as_list) else {
        return Target::ALL.to_vec();
    };
    let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    Target::ALL.into_iter().filter(|target| words.contains(&target.word())).collect()
}

fn backend(backend: Map) -> Option<(Arc<str>, Map)> {
    let (kind, settings) = backend.0.into_iter().next()?;
    Some((kind.text, settings.as_map().cloned().unwrap_or_default()))
}

fn removed(document: &Value) -> Vec<(Arc<str>, Removal)> {
    let entries = document.get("removed").and_then(Value::as_map);
    let removal = |value: &Value| match value.get("keep").and_then(Value::as_list) {
        Some(list) => Removal::Keep(list.iter().filter_map(Value::as_str).map(Arc::from).collect()),
        None => Removal::Destroy,
    };
    let entries = entries.into_iter().flat_map(Map::iter);
    entries.map(|(key, value)| (key.text.clone(), removal(value))).collect()
}
