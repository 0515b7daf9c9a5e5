//! The shape of the source: the order of imports, budgets, what nobody names, who does I/O.
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use formwork::catalog::{Sort, embedded};
use formwork::value::Target;
use regex_lite::Regex;

use crate::stacks::OURS;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Words of services that mean something else in our source, and what.
const ORDINARY: [(&str, &str); 3] = [
    ("cloudformation", "a target, whose own types stand among those of services"),
    ("iam", "the part of a blueprint's envelope that every role obeys"),
    ("ssm", "how a blueprint says that a value is looked up at deployment"),
];

/// Modules that may touch the machine; the others get what they need and give what they made.
const MACHINE: [&str; 3] = ["cli", "write", "main"];

struct File {
    /// Below `src`, with `/`.
    path: String,
    /// The module at the top that it belongs to.
    module: String,
    text: String,
}

impl File {
    /// The text before the tests at its end; nothing of a file that is all tests.
    fn code(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        if name.ends_with("tests.rs") {
            return "";
        }
        self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
    }

    /// The lines of code with their numbers, comments taken away.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.code().lines().enumerate();
        let lines = lines.map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("src/{}:{line}: {what}", self.path)
    }
}

fn source() -> Vec<File> {
    let mut files = vec![];
    let mut folders = vec![Path::new(SOURCE).to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("text");
            let path = path.strip_prefix(SOURCE).expect("below it").to_string_lossy();
            let path = path.replace('\\', "/");
            let module = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
            files.push(File { module: module.to_owned(), path, text });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(files.len() > 50, "this is not the source");
    files
}

fn none(violations: &[String]) {
    assert!(violations.is_empty(), "{} in all:\n{}", violations.len(), violations.join("\n"));
}

/// The modules in the order of `lib.rs`.
fn modules() -> Vec<String> {
    let library = fs::read_to_string(Path::new(SOURCE).join("lib.rs")).expect("lib.rs");
    let declared = Regex::new(r"(?m)^(?:pub )?mod (\w+);").expect("a pattern");
    declared.captures_iter(&library).map(|found| found[1].to_owned()).collect()
}

/// The names at the top of `crate::…` and of `use crate::{…}`.
fn imported(code: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\bcrate::(\w+)").expect("a pattern");
    let mut found: BTreeSet<String> =
        path.captures_iter(code).map(|name| name[1].to_owned()).collect();
    for group in code.split("use crate::{").skip(1) {
        let (mut depth, mut first) = (0, true);
        let mut word = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => first = true,
                c if depth == 0 && first && (c.is_alphanumeric() || c == '_') => word.push(c),
                _ if depth == 0 && !word.is_empty() => {
                    first = false;
                    found.insert(std::mem::take(&mut word));
                }
                _ => {}
            }
        }
        found.insert(word);
    }
    found
}

#[test]
fn a_module_imports_only_what_stands_before_it() {
    let order = modules();
    let rank = |name: &str| order.iter().position(|module| module == name);
    let mut violations = vec![];
    for file in source() {
        let Some(own) = rank(&file.module) else { continue };
        let code: String = file.lines().flat_map(|(_, line)| [line, "\n"]).collect();
        let later = imported(&code).into_iter().filter(|name| rank(name).is_some_and(|r| r > own));
        violations.extend(later.map(|name| file.at(1, &format!("imports `{name}`, a later one"))));
    }
    none(&violations);
}

#[test]
fn budgets_are_kept() {
    let mut violations = vec![];
    for file in source() {
        let count = file.text.lines().count();
        if count > 400 {
            violations.push(file.at(1, &format!("{count} lines")));
        }
        if file.path.matches('/').count() > 1 {
            violations.push(file.at(1, "more than two modules deep"));
        }
        for (index, line) in file.text.lines().enumerate() {
            if line.chars().count() > 100 {
                violations.push(file.at(index + 1, "longer than 100 columns"));
            }
        }
        let long = functions(&file.text).into_iter().filter(|(_, length)| *length > 60);
        violations.extend(long.map(|(at, n)| file.at(at, &format!("a function of {n} lines"))));
    }
    none(&violations);
}

/// The line that each function begins at, and its length: as far as its braces are indented.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = Regex::new(r"^\s*(?:pub(?:\([\w:]+\))? )?(?:const )?fn \w").expect("a pattern");
    let length = |start: usize| {
        let indent: String = lines[start].chars().take_while(|c| *c == ' ').collect();
        let ends = |line: &str| line == format!("{indent}}}");
        lines[start..].iter().position(|line| ends(line)).map_or(1, |end| end + 1)
    };
    let starts = (0..lines.len()).filter(|at| begins.is_match(lines[*at]));
    starts.map(|start| (start + 1, length(start))).collect()
}

#[test]
fn nothing_panics_by_itself() {
    let words = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "dbg!("];
    let mut violations = vec![];
    for file in source() {
        for (line, text) in file.lines() {
            let found = words.iter().filter(|word| text.contains(**word));
            violations.extend(found.map(|word| file.at(line, word)));
        }
    }
    none(&violations);
}

/// The names of our kinds and parts, and the middles of `AWS::Middle::Type` and `aws_middle_type`.
fn service_words() -> BTreeSet<String> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for sort in [Sort::Kind, Sort::Part] {
        for name in OURS.catalog.kinds(sort) {
            let kind = OURS.catalog.kind(sort, name).expect("a kind");
            if sort == Sort::Kind {
                words.insert(name.to_owned());
            }
            for emit in &kind.emits {
                let cloudformation = emit.type_on(Target::CloudFormation);
                words.extend(
                    cloudformation.and_then(|name| name.split("::").nth(1)).map(str::to_lowercase),
                );
                words.extend(emit.type_on(Target::Terraform).map(ToString::to_string));
            }
        }
    }
    words
}

#[test]
fn no_kind_and_no_service_is_named() {
    let words = service_words();
    assert!(words.len() > 20, "{words:?}");
    let mut violations = vec![];
    for file in source() {
        for (line, text) in file.lines() {
            let lower = text.to_lowercase();
            let named = words.iter().filter(|word| !is_ordinary(word));
            let named = named.filter(|word| has_word(&lower, word));
            violations.extend(named.map(|word| file.at(line, &format!("{word}: {}", text.trim()))));
        }
    }
    none(&violations);
}

fn is_ordinary(word: &str) -> bool {
    ORDINARY.iter().any(|(ordinary, _)| *ordinary == word)
}

#[test]
fn what_is_ordinary_is_a_service_and_said() {
    let (words, files) = (service_words(), source());
    for (word, _) in ORDINARY {
        let said = files.iter().flat_map(File::lines).any(|(_, line)| has_word(line, word));
        assert!(said && words.contains(word), "{word} needs no exception any more");
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        outside(text[..at].chars().next_back()) && outside(text[at + word.len()..].chars().next())
    })
}

#[test]
fn only_the_edges_touch_the_machine() {
    let machine = Regex::new(
        r"\bstd::(fs|env|process|time)\b|\bio::std(in|out|err)\b|\b(Instant|SystemTime)::now",
    );
    let machine = machine.expect("a pattern");
    let mut violations = vec![];
    for file in source().iter().filter(|file| !MACHINE.contains(&file.module.as_str())) {
        let found = file.lines().filter(|(_, text)| machine.is_match(text));
        violations.extend(found.map(|(line, text)| file.at(line, text.trim())));
    }
    none(&violations);
}

#[test]
fn every_module_of_the_source_is_declared() {
    let declared: BTreeSet<_> = modules().into_iter().collect();
    let entry = ["lib", "main"].map(String::from);
    let there: BTreeSet<_> =
        source().into_iter().map(|file| file.module).filter(|name| !entry.contains(name)).collect();
    assert_eq!(there, declared);
    assert!(embedded().files.len() > 20, "the catalog is embedded");
}
