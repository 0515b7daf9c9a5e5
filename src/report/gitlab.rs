//! GitLab's Code Quality report.

use super::{fingerprint, first_place, pretty};
use crate::diagnostic::Diagnostic;
use serde_json::{Value, json};

/// The findings as GitLab shows them beside a merge request's lines.
pub fn code_quality(findings: &[Diagnostic]) -> String {
    pretty(&findings.iter().map(issue).collect::<Vec<_>>())
}

fn issue(finding: &Diagnostic) -> Value {
    // A report without a file is refused, so what concerns none is told of the folder.
    let (path, line) = first_place(finding).map_or((".", 1), |place| (place.file, place.line));
    let help = finding.help.join("; ");
    let help = if help.is_empty() { help } else { format!(" ({help})") };
    json!({
        "description": format!("{}{help}", finding.title),
        "check_name": &*finding.rule,
        "fingerprint": fingerprint(finding),
        "severity": if finding.is_error() { "major" } else { "minor" },
        "location": {"path": path, "lines": {"begin": line}},
    })
}
