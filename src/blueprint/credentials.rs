//! Credentials that stand in a blueprint as text.

use crate::diagnostic::Diagnostic;
use crate::source::Source;
use crate::value::{Data, Key, Map, Value};
use regex_lite::Regex;
use std::sync::OnceLock;

/// Something unmistakable; more would take ids and hashes for secrets.
struct Look {
    what: &'static str,
    /// One of these is in every text that matches: looking for them is quick.
    signs: &'static [&'static str],
    pattern: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Look {
    const fn new(
        what: &'static str,
        signs: &'static [&'static str],
        pattern: &'static str,
    ) -> Self {
        Self { what, signs, pattern, compiled: OnceLock::new() }
    }

    /// The pattern, where a text can match it at all.
    fn pattern_for(&self, text: &str) -> Option<&Regex> {
        let signed = self.signs.iter().any(|sign| text.contains(sign));
        signed.then(|| self.compiled.get_or_init(|| Regex::new(self.pattern).ok()).as_ref())?
    }
}

static LOOKS: [Look; 4] = [
    Look::new("an access key", &["AKIA", "ASIA"], r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    Look::new(
        "a private key",
        &["-----BEGIN "],
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)",
    ),
    Look::new(
        "a token",
        &["gh", "glpat-", "xox"],
        r"\b(gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})",
    ),
    Look::new("a password in an address", &["://"], r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@$]+@"),
];

/// Keeps every credential in a text from being drawn, by whatever finding.
pub(super) fn conceal(source: &Source) {
    for pattern in LOOKS.iter().filter_map(|look| look.pattern_for(&source.text)) {
        pattern.find_iter(&source.text).for_each(|found| source.conceal(found.range()));
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
            let fits = |look: &&Look| look.pattern_for(text).is_some_and(|one| one.is_match(text));
            findings.extend(LOOKS.iter().find(fits).map(|look| finding(path, key, look.what)));
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
