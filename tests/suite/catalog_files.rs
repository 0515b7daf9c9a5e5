//! The catalog's files: what is embedded is what lies in the repository, nothing in it is wrong,
//! and whatever is made wrong in it is found at its line.
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use formwork::catalog::{Catalog, Layer, Sort, embedded};
use formwork::diagnostic::Diagnostic;
use formwork::value::Target;
use regex_lite::Regex;

use crate::mistakes::MISTAKES;
use crate::stacks::{Engine, changed, examples};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn lies_in_repository(folder: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(Path::new(ROOT).join(folder)).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let name = format!("{folder}/{name}");
        if path.is_dir() {
            lies_in_repository(&name, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            files.insert(name, text);
        }
    }
}

#[test]
fn what_is_embedded_is_what_lies_in_the_repository() {
    let mut files = BTreeMap::new();
    for folder in ["catalog", "templates", "blueprints", "docs/rules"] {
        lies_in_repository(folder, &mut files);
    }
    let embedded = embedded().files;
    for (path, text) in &embedded {
        assert_eq!(files.get(&**path).map(String::as_str), Some(&**text), "{path}");
    }
    let used = |path: &&String| {
        let data =
            ["yaml", "json", "hbs"].iter().any(|ending| path.ends_with(&format!(".{ending}")));
        // Facts are known by examples that the unit tests look up.
        data && !path.ends_with("known.json")
    };
    let missing: Vec<_> =
        files.keys().filter(used).filter(|path| !embedded.contains_key(path.as_str())).collect();
    assert!(missing.is_empty(), "not embedded: {missing:#?}");
}

#[test]
fn a_folder_and_the_binary_read_alike() {
    let mut files = BTreeMap::new();
    for folder in ["catalog", "templates"] {
        lies_in_repository(folder, &mut files);
    }
    let files = files.into_iter().map(|(path, text)| (path.into(), text.into())).collect();
    let folder = Engine::new(vec![Layer { name: "folder/".to_owned(), files }]);
    let ours = Engine::new(vec![embedded()]);
    for case in examples() {
        let [one, other] = [&folder, &ours].map(|engine| engine.generate(&case.text));
        let outputs = |made: &[formwork::generate::Generated]| {
            let outputs = made.iter().flat_map(|stack| &stack.outputs);
            outputs.map(|output| output.artifacts.clone()).collect::<Vec<_>>()
        };
        assert!(outputs(&one.0) == outputs(&other.0), "{}", case.name);
        assert_eq!(one.1.len(), other.1.len(), "{}", case.name);
    }
}

#[test]
fn nothing_is_wrong_in_ours() {
    let catalog = Catalog::new(vec![embedded()]);
    catalog.read_all();
    let findings = told(&catalog.take_findings());
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    for target in Target::ALL {
        for sort in [Sort::Kind, Sort::Part] {
            for name in catalog.kinds(sort) {
                let kind = catalog.kind(sort, name).expect("a kind");
                for emit in &kind.emits {
                    let Some(name) = emit.type_on(target) else { continue };
                    assert!(catalog.provider(target).get(name).is_some(), "no facts: {name}");
                }
            }
        }
    }
}

fn told(findings: &[Diagnostic]) -> Vec<String> {
    let place = |finding: &Diagnostic| {
        finding.labels.first().map_or_else(|| "nowhere".to_owned(), |label| label.span.to_string())
    };
    findings.iter().map(|finding| format!("{}: {}", place(finding), finding.title)).collect()
}

/// What is found in a catalog: when its files are read, or else when its examples are generated.
fn found(layer: &Layer) -> Vec<Diagnostic> {
    let catalog = Catalog::new(vec![Layer { name: String::new(), files: layer.files.clone() }]);
    catalog.read_all();
    catalog.take_findings()
}

fn found_in_use(layer: Layer, kind: &str) -> Vec<Diagnostic> {
    let engine = Engine::new(vec![layer]);
    let of_kind = |name: &str| name.starts_with(&format!("{kind}."));
    let cases = examples().into_iter().filter(|case| of_kind(&case.name));
    cases.flat_map(|case| engine.generate(&case.text).1).filter(Diagnostic::is_error).collect()
}

#[test]
fn every_mistake_is_found_at_its_line() {
    let mut missed = vec![];
    for (path, old, new, expected) in MISTAKES {
        let files = embedded().files;
        let text = files.get(*path).unwrap_or_else(|| panic!("no {path}"));
        assert!(text.contains(old), "{path} has no {old:?}");
        let text = text.replacen(old, new, 1);
        let at = text.find(new).expect("it was put there");
        let lines = places(&text, at, new.matches('\n').count() + usize::from(expected.is_empty()));
        let layer = changed(&BTreeMap::from([((*path).to_owned(), text)]));
        let kind = path.rsplit('/').next().and_then(|name| name.split('.').next());
        let look = || {
            let found = found(&layer);
            if found.is_empty() { found_in_use(layer, kind.expect("a kind")) } else { found }
        };
        let Ok(found) = catch_unwind(AssertUnwindSafe(look)) else {
            missed.push(format!("{path}: {new:?} panics"));
            continue;
        };
        let hit = |finding: &Diagnostic| {
            let place = finding.labels.first().map(|label| &label.span);
            place.is_some_and(|span| {
                span.source.name == *path && lines.contains(&span.line_column().0)
            }) && finding.title.contains(expected)
        };
        if !found.iter().any(hit) {
            let told = told(&found).join("\n    ");
            missed.push(format!("{path}:{lines:?}: {new:?} wants {expected:?}:\n    {told}"));
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), MISTAKES.len(), missed.join("\n"));
}

/// The lines of a mistake: from the key that it stands below, and to the next one where only the
/// next shows that something is missing.
fn places(text: &str, at: usize, more: usize) -> std::ops::RangeInclusive<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let line = text[..at].matches('\n').count();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let above = (0..line).rev().find(|above| indent(lines[*above]) < indent(lines[line]));
    above.unwrap_or(line) + 1..=line + 1 + more
}

/// Names that expressions begin with, and members of the namespaces that the engine knows.
fn readings(text: &str) -> Vec<Range<usize>> {
    let root = Regex::new(r"\$\{(\w+)").expect("a pattern");
    let spaces = "outputs|resources|component|stack|aws|collected|parts";
    let member = Regex::new(&format!(r"\b(?:{spaces})\.(\w+)")).expect("a pattern");
    // What a change does is asked by whoever compares two blueprints, which nothing does yet, and
    // examples are a blueprint's words.
    let section = Regex::new(r"\n\w").expect("a pattern");
    let elsewhere = ["\nchanges:", "\nexamples:"].map(|heading| {
        let from = text.find(heading).unwrap_or(text.len());
        let to = text.get(from + 1..).and_then(|rest| section.find(rest));
        from..to.map_or(text.len(), |next| from + 1 + next.start())
    });
    // So are these keys' values.
    let words = ["default:", "description:", "source:"];
    let code = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let escaped = text[..at].ends_with("$${");
        let before = text[line..at].trim_start();
        let literal = words.iter().any(|key| before.starts_with(key)) || before.starts_with('#');
        !escaped && !literal && !elsewhere.iter().any(|range| range.contains(&at))
    };
    let all = root.captures_iter(text).chain(member.captures_iter(text));
    let ranges = all.map(|found| found.get(1).expect("a group").range());
    // What a colon follows is a key of the file's own.
    let is_key = |range: &Range<usize>| text[range.end..].starts_with(": ");
    ranges.filter(|range| code(range.start) && !is_key(range)).collect()
}

#[test]
fn names_that_are_not_there_are_refused_when_a_file_is_read() {
    let (mut tried, mut missed) = (0, vec![]);
    for (path, text) in &embedded().files {
        let kind = path.starts_with("catalog/kinds/") || path.starts_with("catalog/parts/");
        for range in if kind { readings(text) } else { vec![] } {
            let mut wrong = text.to_string();
            wrong.replace_range(range.clone(), "nowhere_to_be_found");
            let layer = changed(&BTreeMap::from([(path.to_string(), wrong)]));
            tried += 1;
            if !told(&found(&layer)).iter().any(|told| told.contains("nowhere_to_be_found")) {
                let line = text[..range.start].matches('\n').count() + 1;
                let whole = text.lines().nth(line - 1).unwrap_or_default().trim();
                missed.push(format!("{path}:{line}: {} in {whole}", &text[range]));
            }
        }
    }
    assert!(tried > 100, "{tried} readings");
    assert!(missed.is_empty(), "{} of {tried}:\n{}", missed.len(), missed.join("\n"));
}

/// Whatever line is missing: a finding or nothing, never a panic.
#[test]
fn a_missing_line_never_panics() {
    let mut panics = vec![];
    for (path, text) in &embedded().files {
        let lines: Vec<&str> = text.lines().collect();
        let step = if path.starts_with("catalog/provider/") { 97 } else { 9 };
        for gone in (0..lines.len()).step_by(step) {
            let kept = lines[..gone].iter().chain(&lines[gone + 1..]);
            let kept: Vec<_> = kept.copied().collect();
            let layer = changed(&BTreeMap::from([(path.to_string(), kept.join("\n"))]));
            if catch_unwind(AssertUnwindSafe(|| found(&layer))).is_err() {
                panics.push(format!("{path}:{}: {}", gone + 1, lines[gone]));
            }
        }
    }
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}
