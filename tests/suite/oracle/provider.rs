//! The AWS provider 6.x, by its schema: Terraform itself runs with the oldest one that we allow.
use std::path::Path;
use std::time::Duration;

use super::process::run;
use super::{FILES, venv};

/// What provider 6.x would have against the Terraform files below `root`, deprecations and
/// changed defaults included: a line each.
pub fn provider_6(root: &Path) -> Option<Vec<String>> {
    let programs = venv::cfn_lint_and_moto()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = venv::tool(&programs, "python", folder.path());
    command.arg("-B").arg(Path::new(FILES).join("provider_6.py")).arg(root);
    let run = run(&mut command, Duration::from_mins(1)).exits_with(&[0, 1]).expect("it ends");
    assert!(run.stderr.contains(" files, "), "it says what it read: {}", run.stderr);
    Some(run.stdout.lines().map(str::to_owned).collect())
}
