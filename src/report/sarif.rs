//! SARIF 2.1.0, which code scanning reads.

use super::{fingerprint, first_place, place, pretty};
use crate::diagnostic::Diagnostic;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = concat!(
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/",
    "schemas/sarif-schema-2.1.0.json"
);

/// The findings as one run. `page` gives a rule's page, as Markdown, where it has one.
pub fn sarif(findings: &[Diagnostic], page: impl Fn(&str) -> Option<String>) -> String {
    let mut rules: BTreeMap<&str, &Diagnostic> = BTreeMap::new();
    for finding in findings {
        rules.entry(&finding.rule).or_insert(finding);
    }
    let names: Vec<&str> = rules.keys().copied().collect();
    let index = |rule: &str| names.iter().position(|name| *name == rule);
    let described = |(name, finding): (&&str, &&Diagnostic)| {
        let page = page(name).unwrap_or_else(|| finding.title.clone());
        let mut lines = page.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        json!({
            "id": name,
            "shortDescription": {"text": lines.next().unwrap_or(&finding.title)},
            "help": {"text": page, "markdown": page},
            "defaultConfiguration": {"level": finding.severity.word()},
        })
    };
    let result = |finding: &Diagnostic| {
        let here = first_place(finding).map(|place| location(&place, ""));
        let related = finding.labels.iter().skip(1);
        json!({
            "ruleId": &*finding.rule,
            "ruleIndex": index(&finding.rule),
            "level": finding.severity.word(),
            "message": {"text": message(finding)},
            "locations": here.into_iter().collect::<Vec<_>>(),
            "relatedLocations":
                related.map(|label| location(&place(label), &label.text)).collect::<Vec<_>>(),
            "partialFingerprints": {"formwork/v1": fingerprint(finding)},
        })
    };
    pretty(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "formwork",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(described).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    }))
}

fn message(finding: &Diagnostic) -> String {
    let help = finding.help.iter().map(|help| format!("\nhelp: {help}"));
    finding.title.clone() + &help.collect::<String>()
}

fn location(place: &super::Place<'_>, text: &str) -> Value {
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": place.file.replace('\\', "/")},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }});
    if !text.is_empty() {
        location["message"] = json!({"text": text});
    }
    location
}
