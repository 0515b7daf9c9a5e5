//! Outside judges: real tools that say whether what Formwork generates is right.
//!
//! A judge is a function or a type that gives `None` where its tool is missing, after saying so.
//! A test then returns: it is skipped on a laptop. Where `CI=true`, a missing judge is a failure.
//! The tools from the package index are installed by the first test that needs them.
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use tempfile::TempDir;

pub use cdk::{Pair, cdk};
pub use cfn_lint::{Finding, cfn_lint};
pub use checkov::{Failure, checkov};
pub use editor::{Answer, Problem, Question, editor};
pub use moto::{Deployment, Moto};
pub use provider::provider_6;
pub use runs::{starter, state_machine, vendor_schema};
pub use terraform::{Plan, Terraform, Workspace};
pub use venv::aws;
pub use yaml::read_yaml;

mod cdk;
mod cfn_lint;
mod editor;
mod checkov;
mod mirror;
mod moto;
mod node;
mod once;
mod process;
mod provider;
mod runs;
mod selftest;
mod terraform;
mod venv;
mod yaml;

/// The folder of pinned requirements and scripts.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");

/// A temporary folder of files that judges look at.
pub struct Tree {
    folder: TempDir,
}

impl Tree {
    /// Writes each text to its path below a new folder, which goes when the tree is dropped.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
            fs::write(&path, text).expect("a file of the tree");
        }
        Self { folder }
    }

    /// The folder that everything is below.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Where the file or folder of this name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }
}

/// What was found, or nothing, once the absence was said: loud enough for `CI=true` to fail.
fn or_skip<T: Clone>(judge: &str, found: &Result<T, String>) -> Option<T> {
    let why = match found {
        Ok(found) => return Some(found.clone()),
        Err(why) => why,
    };
    let current = thread::current();
    let test = current.name().unwrap_or("a test");
    let ci = env::var("CI").is_ok_and(|value| value == "true");
    assert!(!ci, "{test} needs {judge}, and this machine lacks it: {why}");
    say(&format!("SKIPPED {test}: it needs {judge}, and this machine lacks it: {why}"));
    None
}

/// Speaks past the test runner, which swallows what passing tests print.
pub fn say(text: &str) {
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(stderr(), "{text}");
}
