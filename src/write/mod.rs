//! Compares generated artifacts with an output folder, and writes them.
//!
//! [`plan`] looks and says what it finds; [`apply`] writes a plan; [`vanished`] and [`prune`] deal
//! with the stacks that a blueprint no longer has. Everything rests on the manifest that lies
//! beside the artifacts: bytes whose hash it holds are ours, all others are somebody's.

mod apply;
mod holders;
mod lock;
mod manifest;
mod plan;
mod prune;

#[cfg(test)]
mod data_tests;
#[cfg(test)]
mod interruption_tests;
#[cfg(test)]
mod stacks_tests;
#[cfg(test)]
mod tests;

pub use apply::{Written, apply};
pub use plan::{Plan, Problem, Reason, State, plan};
pub use prune::{Stack, prune, vanished};

use crate::blueprint::Removal;
use crate::value::Target;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it lies in the output's folder: relative, separated by `/`.
    pub path: String,
    /// The whole content.
    pub bytes: Vec<u8>,
}

/// A protected holder of data: what the manifest remembers of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Holder {
    /// Logical id on CloudFormation, `type.name` on Terraform.
    pub address: String,
    /// The id of the component that generates it.
    #[serde(rename = "component")]
    pub component_id: String,
    /// The values of the properties that cannot change without a replacement, by path. One that is
    /// not set belongs here as null: so a value that appears is told from a property that only a
    /// later release knows to be create-only.
    pub create_only: BTreeMap<String, serde_json::Value>,
    /// The target's word for what it is.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// Everything generated from one blueprint, for one environment and target.
#[derive(Clone, Debug)]
pub struct Output {
    /// The blueprint's name.
    pub blueprint: String,
    /// The environment; none where the blueprint has none.
    pub environment: Option<String>,
    /// The target.
    pub target: Target,
    /// The files.
    pub artifacts: Vec<Artifact>,
    /// The holders of data that are protected.
    pub holders: Vec<Holder>,
    /// The addresses of those that are not.
    pub unprotected: Vec<String>,
    /// What is said under `removed`, by component id.
    pub removed: Vec<(Arc<str>, Removal)>,
}

impl Output {
    /// The folder that this output has below `out`.
    pub fn folder(&self, out: &Path) -> PathBuf {
        folder(out, &self.blueprint, self.environment.as_deref(), self.target)
    }

    fn contents(&self) -> BTreeMap<&str, &[u8]> {
        self.artifacts.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())).collect()
    }
}

fn folder(out: &Path, blueprint: &str, environment: Option<&str>, target: Target) -> PathBuf {
    let stack = out.join(blueprint);
    environment.map_or(stack.clone(), |environment| stack.join(environment)).join(target.word())
}

/// The file system refused something, or what we generated cannot be a file.
#[derive(Debug)]
pub struct WriteError {
    /// The file or folder concerned.
    pub path: PathBuf,
    /// What could not be done to it: a verb.
    pub action: &'static str,
    /// Why.
    pub source: io::Error,
}

impl WriteError {
    fn new(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self { path: path.into(), action, source }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.source.to_string();
        // The number of an error differs between systems and helps nobody.
        let reason = reason.split(" (os error").next().unwrap_or_default();
        write!(f, "cannot {} {}: {reason}", self.action, self.path.display())
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
