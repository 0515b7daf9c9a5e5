//! The schema of blueprints: what it allows, and what editors make of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use formwork::catalog::{Sort, embedded};
use formwork::source::{Author, Source};
use formwork::value::{Data, Value};
use formwork::yaml::{self, Tags};
use serde_json::{Value as Json, json};

use crate::oracle::{Answer, Question, editor};
use crate::stacks::OURS;

const TOP: &str = "\
# yaml-language-server: $schema=./formwork.schema.json
formwork: 1
name: plant-a
region: eu-central-1
components:
";

fn formwork(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
    let output = command.current_dir(folder).args(arguments).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn json(value: &Value) -> Json {
    match &value.data {
        Data::Boolean(boolean) => (*boolean).into(),
        Data::Integer(integer) => (*integer).into(),
        Data::Float(float) => (*float).into(),
        Data::Text(text) => text.to_string().into(),
        Data::List(list) => list.iter().map(json).collect(),
        Data::Map(map) => {
            map.iter().map(|(key, value)| (key.text.to_string(), json(value))).collect()
        }
        _ => Json::Null,
    }
}

fn read(text: &str) -> Json {
    let source = Source::new("blueprint", text, Author::Blueprint);
    json(&yaml::read(&source, Tags::Refused).expect("it reads"))
}

/// What the schema says of documents: a line for each error.
struct Judge(jsonschema::Validator);

impl Judge {
    fn new(files: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = formwork(root, &[&["schema"], files].concat());
        let schema: Json = serde_json::from_str(&text).expect("JSON");
        jsonschema::meta::validate(&schema).expect("it is a schema");
        Self(jsonschema::validator_for(&schema).expect("it compiles"))
    }

    fn errors(&self, document: &Json) -> Vec<String> {
        let errors = self.0.iter_errors(document);
        errors.map(|error| format!("{} {error}", error.instance_path())).collect()
    }
}

/// Each example of each kind as a blueprint of its own.
fn examples() -> Vec<(String, Json)> {
    let mut all = vec![];
    for name in OURS.catalog.kinds(Sort::Kind) {
        let kind = OURS.catalog.kind(Sort::Kind, name).expect("a kind");
        for (key, example) in kind.examples.iter() {
            let Json::Object(mut own) = json(example) else { panic!("an example is a mapping") };
            let mut components = own.remove("with").unwrap_or_else(|| json!({}));
            own.insert("kind".into(), name.into());
            components["it"] = own.into();
            let document = json!({
                "formwork": 1, "name": "x", "region": "eu-west-1", "components": components,
            });
            all.push((format!("{name} {}", key.text), document));
        }
    }
    all
}

#[test]
fn every_blueprint_and_example_keeps_the_schema() {
    let (general, own) = (Judge::new(&[]), Judge::new(&["blueprints"]));
    let files = embedded().files;
    let shipped = files.iter().filter(|(path, _)| path.starts_with("blueprints/"));
    let shipped: Vec<_> = shipped.map(|(path, text)| (path.to_string(), read(text))).collect();
    assert!(!shipped.is_empty(), "there are shipped blueprints");
    for (name, document) in &shipped {
        assert_eq!(own.errors(document), [""; 0], "{name}");
    }
    for (name, document) in shipped.iter().chain(&examples()) {
        assert_eq!(general.errors(document), [""; 0], "{name}");
    }
}

#[test]
fn the_schema_refuses_what_no_blueprint_says() {
    let judge = Judge::new(&[]);
    let document = |components: Json, environment: Json| {
        json!({
            "formwork": 1, "name": "x", "region": "eu-west-1", "components": components,
            "environments": {"dev": {"components": environment}},
        })
    };
    let stream = |parameters: Json| {
        let mut component = json!({"kind": "kinesis-stream"});
        component
            .as_object_mut()
            .expect("it is one")
            .extend(parameters.as_object().cloned().unwrap_or_default());
        document(json!({"readings": component}), json!({}))
    };
    assert_eq!(judge.errors(&stream(json!({}))), [""; 0]);
    for wrong in [
        json!({"retention": 24}),
        json!({"retention_hours": 23}),
        json!({"retention_hours": "a day"}),
        json!({"shard_count": 2}),
        json!({"capacity": {"mode": "on_demand"}}),
        json!({"capacity": {"shards": 1, "mod": "provisioned"}}),
        json!({"consumers": {"Archive": {}}}),
        json!({"alarms": {"nobody": {"above": 1}}}),
        json!({"accept": {"hot-shard": {}}}),
        json!({"existing": {"name": "x"}, "retention_hours": 24}),
    ] {
        assert_ne!(judge.errors(&stream(wrong.clone())), [""; 0], "{wrong}");
    }
    let archive = json!({"archiver": {"kind": "firehose-archive", "destination": "lake"}});
    assert_ne!(judge.errors(&document(archive, json!({}))), [""; 0], "it has no source");
    let change = |change: Json| document(json!({}), json!({"readings": change}));
    for right in [json!(null), json!({"capacity": null}), json!({"capacity": {"shards": 2}})] {
        assert_eq!(judge.errors(&change(right.clone())), [""; 0], "{right}");
    }
    for wrong in [json!({"capacity": {"mod": null}}), json!({"kind": "kinesis-strem"})] {
        assert_ne!(judge.errors(&change(wrong.clone())), [""; 0], "{wrong}");
    }
}

fn labels(answer: &Answer) -> Vec<&str> {
    answer.completed.iter().map(|item| &*item.label).collect()
}

#[test]
fn an_editor_completes_explains_and_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let stamped = formwork(folder.path(), &["new", "sensor-streaming"]);
    fs::write(folder.path().join("plant-a.yaml"), &stamped).expect("written");
    formwork(folder.path(), &["schema", "plant-a.yaml", "-o", "formwork.schema.json"]);
    let other_stamp = TOP.replace("yaml-language-server: $schema=", "$schema: ");
    let at = |text: &str| Question::new(folder.path(), &format!("{TOP}{text}"));
    let questions = [
        at("  readings:\n    kind: ¦\n"),
        at("  readings:\n    kind: kinesis-stream\n    ¦\n"),
        at("  readings: {kind: kinesis-stream, reten¦tion_hours: 24}\n"),
        at("  readings: {kind: kinesis-stream, retention_hors: 24}\n"),
        at("  readings: {kind: kinesis-stream, shard_count: 24}\n"),
        at("  archiver:\n    kind: firehose-archive\n    source: ¦\n"),
        at("  readings: {kind: kinesis-stream, capacity: {mode: ¦}}\n"),
        at("environments:\n  dev:\n    components:\n      readings:\n        ¦\n"),
        Question::new(folder.path(), &format!("{other_stamp}  readings: {{kind: ¦}}\n")),
        Question::new(folder.path(), &stamped),
    ];
    let Some(answers) = editor(&questions) else { return };
    let [kind, parameter, hovered, unknown, lesson, reference, value, overlay, other, whole] =
        answers.as_slice()
    else {
        panic!("an answer to each question: {answers:#?}")
    };
    let stream = kind.completed.iter().find(|item| item.label == "kinesis-stream");
    assert!(stream.is_some_and(|one| one.about.contains("An ordered, replayable stream")));
    assert!(labels(parameter).contains(&"retention_hours"), "{parameter:#?}");
    assert!(!labels(parameter).contains(&"instance_type"), "of this kind alone: {parameter:#?}");
    assert!(!labels(parameter).contains(&"shard_count"), "no names in circulation: {parameter:#?}");
    assert!(hovered.hovered.contains("How long a record can be read again"), "{hovered:#?}");
    let [problem] = unknown.problems.as_slice() else { panic!("{unknown:#?}") };
    assert_eq!((problem.line, &*problem.message), (5, "Property retention_hors is not allowed."));
    let taught = |one: &crate::oracle::Problem| one.message.contains("mode: provisioned, shards");
    assert!(lesson.problems.iter().any(taught), "{lesson:#?}");
    assert!(labels(reference).contains(&"readings"), "a name of plant-a.yaml: {reference:#?}");
    assert_eq!(labels(value), ["on-demand", "provisioned"]);
    assert!(labels(overlay).contains(&"retention_hours"), "{overlay:#?}");
    assert!(!labels(overlay).contains(&"instance_type"), "it is a stream: {overlay:#?}");
    assert!(labels(other).contains(&"kinesis-stream"), "the other stamp: {other:#?}");
    assert!(whole.problems.is_empty(), "{whole:#?}");
}
