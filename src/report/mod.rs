//! Findings in machine formats. Each is made from the same findings, and points at blueprints.

mod github;
mod gitlab;
mod junit;
mod sarif;

pub use github::{annotations, summary};
pub use gitlab::code_quality;
pub use junit::junit;
pub use sarif::sarif;

use crate::diagnostic::{Diagnostic, Label};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The version of the JSON format: new members come without a new version, changed ones do not.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    environments: &'a [String],
    dated: bool,
    help: &'a [String],
    places: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
}

/// The findings as one JSON document, described by `catalog/schema/findings.schema.json`.
pub fn json(findings: &[Diagnostic]) -> String {
    let findings = findings.iter().map(finding).collect();
    pretty(&Report { version: VERSION, findings })
}

/// A document of ours, indented, with a line break at its end.
pub(crate) fn pretty(document: &impl Serialize) -> String {
    // Texts, numbers and lists of them can always be said in JSON.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

fn finding(finding: &Diagnostic) -> Finding<'_> {
    Finding {
        rule: &finding.rule,
        severity: finding.severity.word(),
        title: &finding.title,
        component: finding.component.as_deref(),
        environments: &finding.environments,
        dated: finding.dated,
        help: &finding.help,
        places: finding.labels.iter().map(place).collect(),
    }
}

fn place(label: &Label) -> Place<'_> {
    let source = &label.span.source;
    let (line, column) = source.line_column(label.span.start);
    let (end_line, end_column) = source.line_column(label.span.end);
    Place { file: &source.name, line, column, end_line, end_column, text: &label.text }
}

/// Where a finding is, for formats that know one place.
fn first_place(finding: &Diagnostic) -> Option<Place<'_>> {
    finding.labels.first().map(place)
}

/// What stays the same about a finding while lines move: its rule, file, component and words.
fn fingerprint(finding: &Diagnostic) -> String {
    let file = finding.labels.first().map_or("", |label| &*label.span.source.name);
    let component = finding.component.as_deref().unwrap_or_default();
    let said = [&*finding.rule, file, component, &finding.title].join("\0");
    format!("{:x}", Sha256::digest(said))[..32].into()
}
