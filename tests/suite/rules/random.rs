//! Whatever stands in a file, it is a blueprint or a finding; never a panic, never our bug.
use std::time::Duration;

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;

use formwork::value::Target;

use super::run::run_some;

const SHIPPED: &str = include_str!("../../../blueprints/sensor-streaming.yaml");

/// What is wrong in some way in most places.
const WORDS: [&str; 32] = [
    "none",
    "null",
    "~",
    "true",
    "yes",
    "-1",
    "0",
    "3.5",
    "1e400",
    "0815",
    "99999999999999999999",
    "''",
    "\"\"",
    "[]",
    "{}",
    "[1, [2]]",
    "{a: {b: c}}",
    "{parameter: x}",
    "{ssm: /a/b}",
    "{secret: arn}",
    "{file: a.py}",
    "*a",
    "&a b",
    "!Ref x",
    "é",
    "\u{202e}",
    "\"\\0\"",
    "readings",
    "archive",
    "key",
    "kinesis-stream",
    "{{resolve:ssm:x}}",
];

#[test]
fn changed_blueprints_are_generated_or_refused() {
    let (mut all, mut generated) = (0, 0);
    arbtest(|u| {
        all += 1;
        generated += usize::from(sound(&changed(u)?, *u.choose(&Target::ALL)?));
        Ok(())
    })
    .budget(Duration::from_secs(12))
    .run();
    assert!(generated > 0 && generated < all, "{generated} of {all} were generated");
}

#[test]
fn random_texts_are_refused() {
    arbtest(|u| {
        let bytes: Vec<u8> = u.arbitrary()?;
        sound(&String::from_utf8_lossy(&bytes), Target::Terraform);
        Ok(())
    })
    .budget(Duration::from_secs(2));
}

/// Whatever is found is told, and is not a mistake of ours. Whether the blueprint is generated.
fn sound(text: &str, target: Target) -> bool {
    let run = run_some(text, target);
    let told = run.told();
    assert!(!run.rules().contains("broken-catalog"), "{text}\n{told}");
    let generated = run.outputs().count() > 0;
    assert!(run.has_errors() || generated || run.stacks.is_empty(), "{text}");
    generated
}

/// The shipped blueprint with some of its lines and values changed.
fn changed(u: &mut Unstructured<'_>) -> Result<String> {
    let mut lines: Vec<String> = SHIPPED.lines().map(String::from).collect();
    for _ in 0..u.int_in_range(1..=4)? {
        let at = u.choose_index(lines.len())?;
        match u.int_in_range(0..=6)? {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => lines[at] = renamed(u, &lines[at])?,
            3 => lines[at] = format!("  {}", lines[at]),
            4 => lines[at] = spliced(u, &lines[at])?,
            _ => lines[at] = revalued(u, &lines[at])?,
        }
    }
    Ok(lines.join("\n"))
}

/// Another value after one of the colons.
fn revalued(u: &mut Unstructured<'_>, line: &str) -> Result<String> {
    let colons: Vec<_> = line.match_indices(": ").map(|(at, _)| at + 2).collect();
    if colons.is_empty() {
        return Ok(format!("{line} {}", u.choose(&WORDS)?));
    }
    let at = *u.choose(&colons)?;
    let rest = line[at..].find([',', '}']).map_or("", |end| &line[at + end..]);
    Ok(format!("{}{}{rest}", &line[..at], u.choose(&WORDS)?))
}

fn renamed(u: &mut Unstructured<'_>, line: &str) -> Result<String> {
    let letters: Vec<_> = line.char_indices().filter(|(_, c)| c.is_alphabetic()).collect();
    if letters.is_empty() {
        return Ok(line.into());
    }
    let (at, c) = *u.choose(&letters)?;
    let other = *u.choose(&["x", "", "_", "-", "A", "é"])?;
    Ok(format!("{}{other}{}", &line[..at], &line[at + c.len_utf8()..]))
}

/// Random characters somewhere in the line.
fn spliced(u: &mut Unstructured<'_>, line: &str) -> Result<String> {
    let ends: Vec<_> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
    let at = *u.choose(&ends)?;
    let length = u.int_in_range(1..=8)?;
    let bytes = u.bytes(length.min(u.len()))?;
    Ok(format!("{}{}{}", &line[..at], String::from_utf8_lossy(bytes), &line[at..]))
}
