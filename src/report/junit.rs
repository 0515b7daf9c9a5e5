//! The XML of `JUnit`, which every pipeline can read.

use super::first_place;
use crate::diagnostic::Diagnostic;
use std::fmt::Write;

/// A test case for each finding; an error is a failure, a warning passes and says what it found.
/// Where nothing was found there is one case, so that nobody takes the report for lost.
pub fn junit(findings: &[Diagnostic]) -> String {
    let failures = findings.iter().filter(|finding| finding.is_error()).count();
    let tests = findings.len().max(1);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("name=\"formwork\" tests=\"{tests}\" failures=\"{failures}\"");
    let _ = writeln!(xml, "<testsuites {counts}>\n  <testsuite {counts} errors=\"0\">");
    if findings.is_empty() {
        xml += "    <testcase classname=\"formwork\" name=\"check\"/>\n";
    }
    for finding in findings {
        xml += &case(finding);
    }
    xml + "  </testsuite>\n</testsuites>\n"
}

fn case(finding: &Diagnostic) -> String {
    let place = first_place(finding);
    let file = place.as_ref().map_or("formwork", |place| place.file);
    let at = place.as_ref().map_or_else(String::new, |place| {
        format!("{}:{}:{}\n", place.file, place.line, place.column)
    });
    let told = escaped(&format!("{at}{}", finding.help.join("\n")));
    let rule = escaped(&finding.rule);
    let body = if finding.is_error() {
        let title = escaped(&finding.title);
        format!("<failure type=\"{rule}\" message=\"{title}\">{told}</failure>")
    } else {
        format!("<system-out>{}\n{told}</system-out>", escaped(&finding.title))
    };
    let file = escaped(file);
    format!("    <testcase classname=\"{file}\" name=\"{rule}\">{body}</testcase>\n")
}

/// Text for XML 1.0, which has no words for most control characters.
fn escaped(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(allowed).fold(String::new(), |mut all, c| {
        match c {
            '&' => all += "&amp;",
            '<' => all += "&lt;",
            '>' => all += "&gt;",
            '"' => all += "&quot;",
            other => all.push(other),
        }
        all
    })
}
