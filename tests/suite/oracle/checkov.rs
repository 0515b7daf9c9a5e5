//! checkov: the security baseline, of both targets.
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::process::run;
use super::venv;

/// What checkov says about a folder.
#[derive(Debug, Default)]
pub struct Scan {
    /// How many checks passed: none means that it looked at nothing.
    pub passed: usize,
    /// How many checks a comment or metadata beside a resource suppressed.
    pub suppressed: usize,
    /// The checks that failed.
    pub failed: Vec<Failure>,
    /// Files that it could not parse, and so did not check.
    pub unread: Vec<PathBuf>,
}

/// A check that a resource fails.
#[derive(Debug, Deserialize)]
pub struct Failure {
    /// The check's id, such as `CKV_AWS_7`.
    #[serde(rename = "check_id")]
    pub check: String,
    /// What it demands.
    #[serde(rename = "check_name")]
    pub demand: String,
    /// The resource, by address or logical id.
    pub resource: String,
    /// The file that declares it.
    #[serde(rename = "file_abs_path")]
    pub file: PathBuf,
}

/// Checks all templates and Terraform modules below `root`, in one process: starting it takes
/// most of the time, so put everything below one folder.
pub fn checkov(root: &Path) -> Option<Scan> {
    let programs = venv::checkov()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = venv::tool(&programs, "checkov", folder.path());
    command.args(["--skip-download", "--compact", "--output", "json", "--soft-fail"]);
    // Several folders in one call would be reported several times.
    command.arg("--directory").arg(root).args(["--framework", "cloudformation", "terraform"]);
    let run = run(&mut command, Duration::from_mins(5)).exits_with(&[0]).expect("checkov ends");
    Some(scan(serde_json::from_str(&run.stdout).expect("checkov writes JSON")))
}

fn scan(output: Value) -> Scan {
    // A list for several frameworks, one report for one, a bare summary for none.
    let reports = match output {
        Value::Array(reports) => reports,
        report if report.get("results").is_some() => vec![report],
        _ => Vec::new(),
    };
    let mut scan = Scan::default();
    for report in reports {
        let report: Report = serde_json::from_value(report).expect("a report of checkov");
        scan.passed += report.summary.passed;
        scan.suppressed += report.summary.skipped;
        scan.failed.extend(report.results.failed_checks);
        scan.unread.extend(report.results.parsing_errors);
    }
    scan
}

#[derive(Deserialize)]
struct Report {
    results: Results,
    summary: Summary,
}

#[derive(Deserialize)]
struct Results {
    failed_checks: Vec<Failure>,
    parsing_errors: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Summary {
    passed: usize,
    skipped: usize,
}
