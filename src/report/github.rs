//! GitHub's annotations: lines that a step prints, and a table for the job's summary.

use super::first_place;
use crate::diagnostic::Diagnostic;
use std::fmt::Write;

/// How many annotations of each level GitHub shows for one step.
const SHOWN: usize = 10;

/// The findings as workflow commands, errors first. What GitHub would leave out is not printed:
/// it stands in the summary.
pub fn annotations(findings: &[Diagnostic]) -> String {
    let of = |error: bool| findings.iter().filter(move |one| one.is_error() == error).take(SHOWN);
    of(true).chain(of(false)).map(annotation).collect()
}

fn annotation(finding: &Diagnostic) -> String {
    let mut properties = vec![];
    if let Some(place) = first_place(finding) {
        properties.push(format!("file={}", property(place.file)));
        properties.push(format!("line={},endLine={}", place.line, place.end_line));
        // A column without its line's end is refused across lines.
        if place.line == place.end_line {
            properties.push(format!("col={},endColumn={}", place.column, place.end_column));
        }
    }
    properties.push(format!("title={}", property(&finding.rule)));
    let title = [finding.title.clone()];
    let message = text(&title.iter().chain(&finding.help).cloned().collect::<Vec<_>>().join("\n"));
    format!("::{} {}::{message}\n", finding.severity.word(), properties.join(","))
}

/// Every finding, as a table for the file that `GITHUB_STEP_SUMMARY` names.
pub fn summary(findings: &[Diagnostic]) -> String {
    let mut table = String::from("| | place | finding | what to do |\n|---|---|---|---|\n");
    for finding in findings {
        let place = first_place(finding)
            .map_or_else(String::new, |place| format!("`{}:{}`", place.file, place.line));
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(
            table,
            "| {} | {place} | **{}**: {} | {} |",
            finding.severity.word(),
            finding.rule,
            cell(&finding.title),
            cell(&finding.help.join("; ")),
        );
    }
    table
}

fn text(value: &str) -> String {
    value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(value: &str) -> String {
    text(value).replace(':', "%3A").replace(',', "%2C")
}
