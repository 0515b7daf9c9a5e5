//! Findings in machine formats.

use crate::diagnostic::{Diagnostic, Label};
use serde::Serialize;

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
#[must_use]
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
