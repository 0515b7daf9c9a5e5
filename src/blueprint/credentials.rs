//! Credentials that stand in a blueprint as text.

use crate::diagnostic::Diagnostic;
use crate::source::Source;
use crate::value::{Data, Key, Map, Value};
use regex_lite::Regex;
use std::sync::LazyLock;

/// What is unmistakable, and what it is. More would take ids and hashes for secrets.
const LOOKS: [(&str, &str); 4] = [
    (r"\b(AKIA|ASIA)[0-9A-Z]{16}\b", "an access key"),
    (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)",
        "a private key",
    ),
    (
        r"\b(gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})",
        "a token",
    ),
    (r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@$]+@", "a password in an address"),
];

fn looks() -> impl Iterator<Item = &'static (Regex, &'static str)> {
    static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let compile =
            |(pattern, what): &(&str, &'static str)| Some((Regex::new(pattern).ok()?, *what));
        LOOKS.iter().filter_map(compile).collect()
    });
    COMPILED.iter()
}

/// Keeps every credential in a text from being drawn, by whatever finding.
pub(super) fn conceal(source: &Source) {
    for (look, _) in looks() {
        look.find_iter(&source.text).for_each(|found| source.conceal(found.range()));
    }
}

/// A finding for each text that looks like a credential.
pub(super) fn find(document: &Value) -> Vec<Diagnostic> {
    let mut findings = vec![];
    visit(document, "", None, &mut findings);
    findings
}

fn visit(value: &Value, path: &str, key: Option<&Key>, findings: &mut Vec<Diagnostic>) {
    match &value.data {
        Data::Text(text) => {
            let look = looks().find(|(look, _)| look.is_match(text));
            findings.extend(look.map(|(_, what)| finding(path, key, what)));
        }
        Data::List(list) => list.iter().for_each(|item| visit(item, path, key, findings)),
        Data::Map(map) => members(map, path, findings),
        _ => {}
    }
}

fn members(map: &Map, path: &str, findings: &mut Vec<Diagnostic>) {
    for (key, value) in map.iter() {
        let below =
            if path.is_empty() { key.text.to_string() } else { format!("{path}.{}", key.text) };
        visit(value, &below, Some(key), findings);
    }
}

/// The key is drawn, and not the value.
fn finding(path: &str, key: Option<&Key>, what: &str) -> Diagnostic {
    let title = format!("`{path}` holds what looks like {what}");
    let finding = Diagnostic::new("secret-literal", title)
        .help("take it out, and make it void: whoever reads the blueprint has it")
        .help("where a secret is needed, write `{secret: ARN, key: NAME}`");
    key.into_iter().fold(finding, |finding, key| finding.label_key(key, "the value of this key"))
}
