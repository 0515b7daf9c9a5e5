//! Findings in the formats of pipelines.

use super::{PLANT, Place, Ran};
use serde_json::Value;

/// An error and a warning, one of them with a word that XML and workflow commands must escape.
const MISTAKES: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  readings: {kind: kinesis-stream, \"a<b>,:%\": 1}
  devices: {kind: iot-topic-rule, topic: \"#\", sink: readings}
";

fn check(blueprint: &str, format: &str) -> String {
    let place = Place::with(blueprint);
    place.run(&["check", "plant-a.yaml", "--format", format]).exits(1).out
}

#[test]
fn sarif_is_what_its_schema_says() {
    let schema = include_str!("../../oracles/sarif-2.1.0.json");
    // Two of its patterns have a bracket too many.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let report: Value = serde_json::from_str(&check(MISTAKES, "sarif")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let run = &report["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        let rule = &run["tool"]["driver"]["rules"][index];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().len() > 60, "{rule} teaches");
    }
}

#[test]
fn a_fingerprint_stays_while_lines_move() {
    let of = |blueprint: &str| {
        let report: Value = serde_json::from_str(&check(blueprint, "gitlab")).unwrap();
        let all = report.as_array().unwrap().iter();
        all.map(|one| one["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let moved = MISTAKES.replace("components:", "description: |\n  One\n  Two\ncomponents:");
    assert_eq!(of(MISTAKES), of(&moved));
    assert_eq!(of(MISTAKES).len(), 2);
    assert_ne!(of(MISTAKES)[0], of(MISTAKES)[1]);
}

#[test]
fn annotations_are_lines_of_their_own() {
    let out = check(MISTAKES, "github");
    let expected = "\
::error file=plant-a.yaml,line=5,endLine=5,col=36,endColumn=45,title=unknown-key::\
`kinesis-stream` has no `a<b>,:%25`";
    assert!(out.starts_with(expected), "{out}");
    assert_eq!(out.lines().filter(|line| line.starts_with("::")).count(), out.lines().count());
}

#[test]
fn what_github_leaves_out_stands_in_the_summary() {
    let many: Vec<_> = (0..14).map(|n| format!("    wrong{n}: 1")).collect();
    let many = many.join("\n");
    let head = "formwork: 1\nname: plant-a\nregion: eu-central-1\ncomponents:\n  readings:\n";
    let place = Place::with(&format!("{head}    kind: kinesis-stream\n{many}"));
    let summary = place.path("summary.md");
    let mut command = place.command("", &["check", "plant-a.yaml", "--format", "github"]);
    let told = Ran::of(command.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap());
    assert_eq!(told.exits(1).out.lines().count(), 10);
    let table = std::fs::read_to_string(summary).unwrap();
    assert_eq!(table.lines().filter(|line| line.starts_with("| error |")).count(), 14);
}

#[test]
fn junit_is_xml_and_counts_right() {
    let out = check(MISTAKES, "junit");
    assert!(out.contains("tests=\"2\" failures=\"1\""), "{out}");
    assert!(out.contains("message=\"`kinesis-stream` has no `a&lt;b&gt;,:%`\""), "{out}");
    assert!(out.ends_with("</testsuites>\n"));
}

#[test]
fn a_report_without_findings_is_a_report() {
    for (format, expected) in [
        ("sarif", "\"results\": []"),
        ("gitlab", "[]"),
        ("junit", "<testcase classname=\"formwork\" name=\"check\"/>"),
    ] {
        let place = Place::with(PLANT);
        let ran = place.run(&["check", "plant-a.yaml", "--format", format]).exits(0);
        assert!(ran.out.contains(expected), "{}", ran.out);
    }
}
