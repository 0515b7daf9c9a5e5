//! Blueprints: the document, its envelope, and its environments.

mod credentials;
mod envelope;
mod environments;
mod fleet;
mod fleet_checks;
mod schema;

pub use envelope::{Artifacts, Envelope, Iam, NamePattern, Removal};
pub(crate) use environments::is_name;
pub use fleet::{Deployment, Fleet};
pub(crate) use schema::quotes;
pub use schema::{COMPONENT_KEYS, warm_up};

use crate::diagnostic::Diagnostic;
use crate::source::Source;
use crate::value::{Key, Value};
use crate::yaml::{self, Tags};
use std::sync::Arc;

/// A file that a user wrote.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// The file.
    pub source: Arc<Source>,
    /// What it says, without its environments.
    pub document: Value,
    /// Its environments, in the order of the file; abstract ones are bases of others only.
    pub environments: Vec<Environment>,
}

/// A named overlay.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub key: Key,
    /// The environment that it stands upon.
    pub extends: Option<Value>,
    /// It is no stack of its own.
    pub is_abstract: bool,
    /// What it changes.
    pub overlay: Value,
}

/// A blueprint for one environment: the overlays are merged, the envelope is valid.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The environment; `None` where the blueprint has none.
    pub environment: Option<Arc<str>>,
    /// The merged document.
    pub document: Value,
}

impl Variant {
    /// The same blueprint in another of its regions.
    #[must_use]
    pub fn in_region(&self, region: &Value) -> Self {
        let mut document = self.document.as_map().cloned().unwrap_or_default();
        let mut deploy = document.get("deploy").and_then(Value::as_map).cloned();
        if let Some(deploy) = &mut deploy {
            let others = deploy.get("regions").and_then(Value::as_list).unwrap_or_default();
            let others = others.iter().filter(|other| *other != region).cloned();
            let regions: Vec<Value> = std::iter::once(region.clone()).chain(others).collect();
            deploy.set("regions", regions.into());
        }
        document.set("region", region.clone());
        document.set("deploy", deploy.map_or(Value::NULL, Value::from));
        let document = Value::from(document).from_origin(self.document.origin.clone());
        Self { environment: self.environment.clone(), document }
    }
}

/// Reads a blueprint. A finding keeps the rest from being looked at.
pub fn parse(source: &Arc<Source>) -> Result<Blueprint, Vec<Diagnostic>> {
    credentials::conceal(source);
    let whole = yaml::read(source, Tags::Refused).map_err(|finding| vec![*finding])?;
    let Some(map) = whole.as_map() else {
        let title = format!("a blueprint is a mapping, not {}", whole.type_name());
        return Err(vec![Diagnostic::new("wrong-type", title).label_value(&whole, "")]);
    };
    let mut document = map.clone();
    document.0.retain(|(key, _)| &*key.text != "environments");
    let environments = map.get("environments").map_or(Ok(vec![]), environments::read)?;
    let document = Value::from(document).from_origin(whole.origin.clone());
    Ok(Blueprint { source: source.clone(), document, environments })
}

impl Blueprint {
    /// The name, as far as it is known before anything is validated.
    pub fn name(&self) -> Option<&str> {
        self.document.get("name").and_then(Value::as_str)
    }

    /// The environments that are stacks; one `None` where there are no environments at all.
    pub fn stacks(&self) -> Vec<Option<Arc<str>>> {
        if self.environments.is_empty() {
            return vec![None];
        }
        let real = self.environments.iter().filter(|environment| !environment.is_abstract);
        real.map(|environment| Some(environment.key.text.clone())).collect()
    }

    /// The blueprint for one of its [`stacks`](Self::stacks), merged and valid as an envelope.
    pub fn variant(&self, environment: Option<&Arc<str>>) -> Result<Variant, Vec<Diagnostic>> {
        let document = environments::merge(self, environment.map(|name| &**name))?;
        // A credential is told alone: what else is wrong with it could repeat it.
        let credentials = credentials::find(&document);
        if !credentials.is_empty() {
            return Err(credentials);
        }
        let findings = schema::validate(&document);
        if findings.is_empty() {
            Ok(Variant { environment: environment.cloned(), document })
        } else {
            Err(findings)
        }
    }
}
