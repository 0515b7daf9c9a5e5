//! Texts that would break an artifact if anything pasted them: each comes out as it was written,
//! on both targets, or is refused by a finding.
use std::collections::BTreeSet;

use formwork::diagnostic::{Diagnostic, human};
use formwork::generate::Generated;
use formwork::value::Target;
use serde_yaml::{Mapping, Value};

use crate::oracle::{Terraform, read_yaml};
use crate::places::{Place, places};
use crate::reading::{Leaf, leaves, leaves_of};
use crate::stacks::{Case, Made, OURS, examples, made};

/// Stands in every text below, and nowhere else.
const MARK: &str = "qz";

const HOSTILE: &[&str] = &[
    "qz \"double\" 'single' `back` \\ back\\\\slash \\n \\u0041",
    "qz line\nbreak\r\nand\ttab",
    "qz ${b} $${c} $${ ${AWS::Region} ${!x} ${",
    "qz %{ if x } %%{ y } %{",
    "qz {{ value }} {{{x}}} {{/if}} {{",
    "{{resolve:ssm:/qz}}",
    "qz !Ref x",
    "!Ref qz",
    "!Sub ${qz}",
    "slot_1_ qz slot_1_",
    "slot_1_qz",
    "qz # no comment",
    "qz: colon",
    "- qz",
    "? qz",
    "&qz",
    "*qz",
    "%qz",
    "@qz",
    "|qz",
    "qz\u{2028}a\u{2029}b\u{85}c\u{feff}d\u{200b}e\u{a0}f",
    "qz\u{1}\u{7}\u{8}\u{b}\u{c}\u{1b}\u{7f}\u{9f}",
    "qz\u{0}",
    "qz ]]> --> */ // <!-- </x>",
    " qz both ends ",
    "\tqz\n",
    "\n\nqz\n\n",
    "qz<<EOF\nEOF\n}\nresource \"x\" \"y\" {",
    "qz \u{65e5}\u{672c}\u{8a9e} \u{e9} \u{1f980} \u{202e}txt",
    "{\"qz\": [1]",
    "qz\n# checkov:skip=CKV_AWS_7:no\nkey: value",
];

/// The last one, for where nothing cuts it.
fn long() -> String {
    format!("qz{}", " long".repeat(2048))
}

/// How often the text stands somewhere, and the places of all texts, named alike.
fn seen(made: &Made, text: &str) -> (usize, Vec<String>) {
    let leaves = leaves(made);
    let marked = leaves.iter().filter(|(_, leaf)| leaf.contains(MARK));
    let count = marked
        .inspect(|(at, leaf)| {
            let whole = leaf.contains(text);
            assert!(whole, "{}: {at}: {leaf:?} should be {text:?}", made.output.target);
        })
        .count();
    (count, shape(&leaves, text))
}

fn shape(leaves: &[Leaf], text: &str) -> Vec<String> {
    let mut shape: Vec<_> = leaves.iter().map(|(at, _)| at.replace(text, "<text>")).collect();
    shape.sort_unstable();
    shape
}

/// Whether the text may stay: a template's own description is no property.
fn is_looked_up(place: &Place, text: &str) -> bool {
    text.contains("{{resolve:") && place.path != ["description"]
}

#[test]
fn texts_come_out_as_they_were_written() {
    let places = places();
    assert!(places.len() > 20, "{places:#?}");
    for place in places {
        let plain = Case { name: place.name(), text: place.with("qzplain") };
        let expected: Vec<_> =
            made(&OURS, &plain).iter().map(|made| seen(made, "qzplain")).collect();
        // Some are said to people only, and who uses what exists need not use all of it.
        let told =
            ["description", "existing"].iter().any(|word| place.path.iter().any(|s| s == word));
        assert!(told || expected.iter().any(|(count, _)| *count > 0), "{} is unused", place.name());
        let long = long();
        let cut = place.path == ["description"];
        let long = (!cut).then_some(long.as_str());
        let mut passed = 0;
        for text in HOSTILE.iter().copied().chain(long) {
            let Ok(made) = attempt(&place, text) else { continue };
            let reaches = expected[0].0 > 0;
            assert!(!(reaches && is_looked_up(&place, text)), "{} {text:?}", place.name());
            passed += 1;
            let found: Vec<_> = made.iter().map(|made| seen(made, text)).collect();
            assert_eq!(found, expected, "{} {text:?}", place.name());
        }
        let envelope = place.path.len() < 3;
        assert!(!envelope || passed > HOSTILE.len() / 2, "{}: {passed} passed", place.name());
    }
}

/// What is generated with the text, or why it is refused: never for a fault of ours.
fn attempt(place: &Place, text: &str) -> Result<Vec<Made>, Vec<Diagnostic>> {
    let (generated, findings) = OURS.generate(&place.with(text));
    let errors: Vec<_> = findings.into_iter().filter(Diagnostic::is_error).collect();
    for error in &errors {
        let told = human(error, false);
        assert_ne!(&*error.rule, "broken-catalog", "{} {text:?}:\n{told}", place.name());
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let outputs = generated.into_iter().flat_map(|stack: Generated| stack.outputs);
    let (case, region) = (String::new, String::new);
    let made = |output| Made { case: case(), stack: place.name(), region: region(), output };
    Ok(outputs.map(made).collect())
}

/// What every text makes in the first place of each sort.
fn samples() -> Vec<(&'static str, Vec<Made>)> {
    let mut places = places();
    let mut ways = BTreeSet::new();
    places.retain(|place| ways.insert((place.path.clone(), place.is_key)));
    let made = |text: &'static str| {
        let made = places.iter().filter_map(move |place| attempt(place, text).ok());
        (text, made.flatten().collect())
    };
    HOSTILE.iter().copied().map(made).collect()
}

#[test]
fn another_reader_of_yaml_reads_the_texts() {
    let samples = samples();
    let templates = samples.iter().flat_map(|(text, all)| {
        let on = all.iter().filter(|made| made.output.target == Target::CloudFormation);
        on.map(|made| (*text, made.text("template.yaml")))
    });
    let (texts, templates): (Vec<_>, Vec<_>) = templates.unzip();
    let Some(read) = read_yaml(&templates) else { return };
    let mut whole = 0;
    for ((text, template), read) in texts.iter().zip(&templates).zip(read) {
        let document = read.unwrap_or_else(|error| panic!("{text:?}: {error}\n{template}"));
        for (at, leaf) in leaves_of(&document).iter().filter(|(_, leaf)| leaf.contains(MARK)) {
            assert!(leaf.contains(text), "{at}: {leaf:?} should be {text:?}");
            whole += 1;
        }
    }
    assert!(whole > 3 * HOSTILE.len(), "{whole} texts were read back");
}

#[test]
fn terraform_reads_the_texts() {
    let Some(terraform) = Terraform::find() else { return };
    let samples = samples();
    let lines = samples.iter().flat_map(|(text, all)| {
        let on = all.iter().filter(|made| made.output.target == Target::Terraform);
        let files = on.flat_map(Made::texts).filter(|(path, _)| is_terraform(path));
        let lines = files.flat_map(|(_, file)| file.lines().map(str::trim));
        let marked = lines.filter(|line| line.contains(MARK) && is_literal(line));
        let marked: BTreeSet<_> = marked.collect();
        marked.into_iter().map(|line| (*text, line))
    });
    let lines: Vec<_> = lines.collect();
    let object = |(_, line): &(&str, &str)| match line.strip_suffix(',') {
        Some(item) => format!("[{item}]"),
        None => format!("{{ {line} }}"),
    };
    let expressions: Vec<_> = lines.iter().map(object).collect();
    let expressions: Vec<_> = expressions.iter().map(String::as_str).collect();
    let values = terraform.evaluate(&expressions).expect("they are right");
    for ((text, line), value) in lines.iter().zip(values) {
        let leaves = leaves_of(&value);
        assert!(leaves.iter().any(|(_, leaf)| leaf.contains(text)), "{text:?} in {line}: {value}");
    }
    assert!(lines.len() > 3 * HOSTILE.len(), "{} lines were read back", lines.len());
}

/// Whatever is left out of an example, or emptied, is told by the blueprint's own lines: no kind
/// counts on what nobody must write.
#[test]
fn what_is_left_out_breaks_no_kind() {
    let mut tried = 0;
    for case in examples() {
        let blueprint: Value = serde_yaml::from_str(&case.text).expect("YAML");
        let mut paths = vec![];
        below(&blueprint["components"]["example"], &mut vec![], &mut paths);
        for (path, instead) in paths.iter().flat_map(|path| [(path, None), (path, Some(()))]) {
            let mut changed = blueprint.clone();
            let (last, above) = path.split_last().expect("a key");
            let top = &mut changed["components"]["example"];
            let map = above.iter().fold(top, |value, key| &mut value[key.as_str()]);
            let map = map.as_mapping_mut().expect("a mapping");
            match instead {
                None => drop(map.remove(last.as_str())),
                Some(()) if map[last.as_str()].is_mapping() => {
                    map.insert(last.as_str().into(), Mapping::new().into());
                }
                Some(()) => continue,
            }
            let (_, findings) = OURS.generate(&serde_yaml::to_string(&changed).expect("YAML"));
            let broken = findings.iter().find(|finding| &*finding.rule == "broken-catalog");
            let told = broken.map(|finding| human(finding, false));
            assert!(broken.is_none(), "{} without {path:?}:\n{}", case.name, told.unwrap());
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
}

/// The paths of all keys.
fn below(value: &Value, above: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    for (key, value) in value.as_mapping().into_iter().flatten() {
        above.push(key.as_str().unwrap_or_default().to_owned());
        paths.push(above.clone());
        below(value, above, paths);
        above.pop();
    }
}

fn is_terraform(path: &str) -> bool {
    path.rsplit('.').next() == Some("tf")
}

/// Whether the line is an argument or an item that says all of its value.
fn is_literal(line: &str) -> bool {
    let refers = ["data.", "aws_", "var.", "jsonencode("].iter().any(|word| line.contains(word));
    !refers && !line.starts_with('#') && !line.ends_with(['{', '['])
}
