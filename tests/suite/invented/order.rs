//! The order in which a blueprint says things decides the order in which they are written, and
//! nothing else.
use super::{Made, World};

/// The mapping under `key` (at any depth) with its members in reverse, everything else as it is.
pub fn backwards(text: &str, key: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_key = |line: &&str| line.trim() == format!("{key}:");
    let at = lines.iter().position(is_key).unwrap_or_else(|| panic!("no `{key}:` in\n{text}"));
    let depth = |line: &str| line.len() - line.trim_start().len();
    let inside = |line: &&&str| depth(line) > depth(lines[at]);
    let end = at + 1 + lines[at + 1..].iter().take_while(inside).count();
    let mut members: Vec<Vec<&str>> = vec![];
    for line in &lines[at + 1..end] {
        if depth(line) == depth(lines[at + 1]) {
            members.push(vec![]);
        }
        members.last_mut().unwrap().push(line);
    }
    assert!(members.len() > 1, "`{key}` has several members");
    let members = members.into_iter().rev().flatten();
    let all = lines[..=at].iter().copied().chain(members).chain(lines[end..].iter().copied());
    all.fold(String::new(), |text, line| text + line + "\n")
}

/// Every resource, output and lookup of a stack, each with the file that it stands in, sorted.
fn blocks(made: &Made) -> Vec<String> {
    let mut all = vec![];
    for (path, text) in &made.files {
        if path.rsplit('.').next() == Some("tf") {
            all.extend(text.split("\n\n").map(|block| format!("{path}\n{}", block.trim_end())));
        } else if path.ends_with("template.yaml") {
            all.extend(template_blocks(text).into_iter().map(|block| format!("{path}\n{block}")));
        }
    }
    all.sort();
    all
}

/// Below the template's own description, every member of a section, with the section's name.
fn template_blocks(text: &str) -> Vec<String> {
    let mut section = "";
    let mut all: Vec<String> = vec![];
    for line in text.lines().skip_while(|line| *line != "Resources:") {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match line.len() - line.trim_start().len() {
            0 => section = line,
            2 => all.push(format!("{section}\n{line}")),
            _ => {
                let last = all.last_mut().unwrap();
                last.push('\n');
                last.push_str(line);
            }
        }
    }
    all
}

/// Turns the components round: the template is another text, made of the same blocks.
pub fn decides_nothing_else(world: &World, text: &str) {
    let (one, other) = (world.make(text), world.make(&backwards(text, "components")));
    let template = "cloudformation/template.yaml";
    assert_ne!(one.file(template), other.file(template), "the order is kept");
    let (one, other) = (blocks(&one), blocks(&other));
    assert!(one.len() > 10, "{one:#?}");
    assert_eq!(one, other);
}

#[test]
fn members_are_turned_round() {
    let text = "a: 1\nof:\n  one: 1\n  two:\n    x: 1\n    y: 2\n  three: 3\nz: 1\n";
    let turned = "a: 1\nof:\n  three: 3\n  two:\n    x: 1\n    y: 2\n  one: 1\nz: 1\n";
    assert_eq!(backwards(text, "of"), turned);
    assert_eq!(backwards(text, "two"), text.replace("x: 1\n    y: 2", "y: 2\n    x: 1"));
}
