//! `.formwork.json`: what we wrote into a folder, so that we know it again.

use super::{Holder, Output, WriteError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path};

/// The manifest's file name.
pub(super) const NAME: &str = ".formwork.json";

/// What every file that serves the writing alone begins with; no artifact does.
pub(super) const PREFIX: &str = ".formwork";

const FORMAT: u64 = 1;

/// SHA-256 of files by their path in the folder.
pub(super) type Hashes = BTreeMap<String, String>;

/// The content of the file; its fields stand in the order of the alphabet.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Manifest {
    pub artifacts: Hashes,
    pub blueprint: String,
    pub environment: Option<String>,
    format: u64,
    #[serde(default)]
    pub holders: Vec<Holder>,
    /// Present while a run is under way: what the files held that it replaces and removes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacing: Option<Hashes>,
    pub target: String,
}

impl Manifest {
    /// The manifest that stands in the folder when the output is written.
    pub fn of(output: &Output) -> Result<Self, WriteError> {
        let mut artifacts = Hashes::new();
        for artifact in &output.artifacts {
            let path = artifact.path.as_str();
            if !is_plain(path) || artifacts.insert(path.into(), sha256(&artifact.bytes)).is_some() {
                let reason = "a bug: it is not a plain relative path, or there are two of it";
                return Err(WriteError::new("write", path, invalid(reason)));
            }
        }
        let mut holders = output.holders.clone();
        holders.sort_by(|one, two| one.address.cmp(&two.address));
        Ok(Self {
            artifacts,
            blueprint: output.blueprint.clone(),
            environment: output.environment.clone(),
            format: FORMAT,
            holders,
            replacing: None,
            target: output.target.word().to_owned(),
        })
    }

    /// The manifest that stands there in the meantime. Holders stay until the end: whoever deploys
    /// what an interrupted run left may still have either.
    pub fn under_way(&self, old: Option<&Self>, replacing: Hashes) -> Self {
        let mut now = Self { replacing: Some(replacing), ..self.clone() };
        let gone = |old: &&Holder| self.holders.iter().all(|new| new.address != old.address);
        now.holders.extend(old.iter().flat_map(|old| &old.holders).filter(gone).cloned());
        now
    }

    /// Reads what [`Manifest::render`] made. Its paths are checked like our own: they decide what
    /// is overwritten and removed.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, WriteError> {
        let error = |source| WriteError::new("read", file, source);
        let json: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| error(e.into()))?;
        if json.get("format").and_then(serde_json::Value::as_u64) != Some(FORMAT) {
            let reason = "it is not a manifest that this release of formwork knows";
            return Err(error(invalid(reason)));
        }
        let manifest: Self = serde_json::from_value(json).map_err(|e| error(e.into()))?;
        if let Some(path) = manifest.paths().into_iter().find(|path| !is_plain(path)) {
            return Err(error(invalid(&format!("it names `{path}`, outside the folder"))));
        }
        Ok(manifest)
    }

    /// The bytes of the file.
    pub fn render(&self) -> Result<Vec<u8>, WriteError> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| (text + "\n").into_bytes())
            .map_err(|error| WriteError::new("write", NAME, error.into()))
    }

    /// Every path that it names.
    pub fn paths(&self) -> BTreeSet<&str> {
        self.artifacts
            .keys()
            .chain(self.replacing.iter().flatten().map(|(path, _)| path))
            .map(String::as_str)
            .collect()
    }

    /// The hashes of the file of that path that are ours.
    pub fn hashes(&self, path: &str) -> impl Iterator<Item = &str> {
        let replacing = self.replacing.as_ref().and_then(|hashes| hashes.get(path));
        self.artifacts.get(path).into_iter().chain(replacing).map(String::as_str)
    }
}

/// SHA-256 as hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Whether a path leads to a file below the folder, in one spelling, and not to one of ours.
fn is_plain(path: &str) -> bool {
    let segments = Path::new(path).components().map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let segments: Option<Vec<_>> = segments.collect();
    let same = segments.is_some_and(|segments| segments.join("/") == path);
    same && !path.is_empty() && !path.starts_with(PREFIX)
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_plain_relative_paths_are_written() {
        for good in ["template.yaml", "assets/ab12-clean.py", "a/b/c", "..a"] {
            assert!(is_plain(good), "{good}");
        }
        let bad = ["", "/a", "../a", "a/../b", "a//b", "./a", "a/.", "a/", ".formwork.json"];
        for bad in bad {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
