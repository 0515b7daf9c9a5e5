//! cfn-lint: types, properties, values and regions of `CloudFormation` templates.
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::process::run;
use super::venv;

/// Something that cfn-lint has against a template.
#[derive(Debug, Deserialize)]
#[serde(from = "Entry")]
pub struct Finding {
    /// The template.
    pub file: PathBuf,
    /// The rule's id, such as `E3002`.
    pub rule: String,
    /// `Error`, `Warning` or `Informational`.
    pub level: String,
    /// What is wrong.
    pub message: String,
    /// The line that it begins at.
    pub line: usize,
}

/// All that cfn-lint finds in the templates, informational and experimental rules included, in
/// each of the regions (its default where none is named). One process looks at all of them, in
/// half a second each: give it many.
pub fn cfn_lint(templates: &[impl AsRef<Path>], regions: &[&str]) -> Option<Vec<Finding>> {
    assert!(!templates.is_empty(), "without a template it would wait for one");
    let programs = venv::cfn_lint_and_moto()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = venv::tool(&programs, "cfn-lint", folder.path());
    command.args(["--include-checks", "I", "--include-experimental", "--format", "json"]);
    if !regions.is_empty() {
        command.arg("--regions").args(regions);
    }
    command.arg("--template").args(templates.iter().map(AsRef::as_ref));
    let limit = Duration::from_mins(1) + Duration::from_secs(10) * count(templates.len());
    // The exit code is a set of bits: 2 errors, 4 warnings, 8 informational findings.
    let run =
        run(&mut command, limit).exits_with(&[0, 2, 4, 6, 8, 10, 12, 14]).expect("cfn-lint ends");
    Some(serde_json::from_str(&run.stdout).expect("cfn-lint writes JSON"))
}

fn count(templates: usize) -> u32 {
    u32::try_from(templates).expect("not that many templates")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    filename: PathBuf,
    level: String,
    location: Location,
    message: String,
    rule: Rule,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    start: Start,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Start {
    line_number: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    id: String,
}

impl From<Entry> for Finding {
    fn from(entry: Entry) -> Self {
        Self {
            file: entry.filename,
            rule: entry.rule.id,
            level: entry.level,
            message: entry.message,
            line: entry.location.start.line_number,
        }
    }
}
