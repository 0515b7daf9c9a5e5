//! `show`, `new`, `list` and `explain`.

use super::{PLANT, Place, keeps_schema};

const CHAIN: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  key: {kind: encryption-key}
  alerts: {kind: alert-topic, key: none, subscriptions: {ops: {email: ops@example.com}}}
  readings: {kind: kinesis-stream}
environments:
  dev: {}
  prod:
    components:
      readings: {retention_hours: 168}
";

fn shown(arguments: &[&str]) -> String {
    let place = Place::with(CHAIN);
    let ran = place.run(&[&["show", "plant-a.yaml"][..], arguments].concat()).exits(0);
    ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_value_is_shown_with_where_it_came_from() {
    let text = shown(&["--env", "prod"]);
    for row in [
        "name = plant-a plant-a.yaml:2:7",
        "prefix = plant-a-prod made from the names",
        "targets = [cloudformation, terraform] default",
        "components.alerts.key = null plant-a.yaml:6:36",
        "components.alerts.subscriptions.ops.email = ops@example.com plant-a.yaml:6:71",
        "components.readings.key = key the only component that offers key",
        "components.readings.retention_hours = 168 plant-a.yaml:12:35",
        "components.readings.capacity.mode = on-demand default of kinesis-stream",
        "components.readings.capacity.shards = null not set",
    ] {
        assert!(text.contains(row), "no `{row}` in\n{text}");
    }
    assert!(!text.contains("ops.key"), "{text}");
}

#[test]
fn one_value_can_be_asked_for() {
    let path = "components.readings.retention_hours";
    let text = shown(&["--env", "dev", path]);
    assert_eq!(text, "components.readings.retention_hours = 24 default of kinesis-stream");
    let text = shown(&["--env", "dev", "components.readings.capacity"]);
    assert_eq!(text.matches(" = ").count(), 2, "{text}");
    let place = Place::with(CHAIN);
    let show = ["show", "plant-a.yaml", "--env", "dev"];
    let unknown = |path: &'static str| place.run(&[&show[..], &[path]].concat()).exits(2);
    unknown("components.readings.retention").says(&["did you mean", path]);
    unknown("readings.key").says(&["did you mean `components.readings.key`?"]);
}

#[test]
fn one_environment_is_shown() {
    let place = Place::with(CHAIN);
    place.run(&["show", "plant-a.yaml"]).exits(2).says(&["--env", "there is dev, prod"]);
    let ran = place.run(&["show", "plant-a.yaml", "--env", "test"]).exits(2);
    ran.says(&["there is no environment `test`", "there is dev, prod"]);
    let single = Place::with(&CHAIN[..CHAIN.find("environments").unwrap()]);
    single.run(&["show", "plant-a.yaml", "prefix"]).exits(0).prints(&["prefix = plant-a "]);
}

#[test]
fn what_is_shown_to_machines_keeps_its_schema() {
    let place = Place::with(CHAIN);
    let ran = place.run(&["show", "plant-a.yaml", "--env", "prod", "--format", "json"]).exits(0);
    let document = keeps_schema("show", &ran.out);
    let rows = document["values"].as_array().unwrap();
    let row = |path: &str| rows.iter().find(|row| row["path"] == path).unwrap();
    let hours = row("components.readings.retention_hours");
    assert_eq!((&hours["value"], &hours["places"][0]["line"]), (&168.into(), &12.into()));
    assert_eq!(row("components.readings.key")["value"], "key");
}

#[test]
fn a_broken_blueprint_is_told_and_not_shown() {
    let place = Place::with(&CHAIN.replace("hours: 168", "hours: 1"));
    let ran = place.run(&["show", "plant-a.yaml", "--env", "prod"]).exits(1);
    assert_eq!(ran.out, "");
    ran.says(&["error[out-of-range]"]);
}

#[test]
fn a_new_blueprint_generates() {
    let place = Place::new();
    let new = ["new", "sensor-streaming", "--name", "plant-b", "--region", "us-east-1"];
    let text = place.run(&new).exits(0).out;
    place.run_with(&text, &["generate", "-"]).exits(0);
    assert!(place.path("stacks/plant-b/prod/cloudformation/template.yaml").exists());
    let shipped = place.run(&["new", "sensor-streaming"]).exits(0).out;
    let changed: Vec<_> = text.lines().zip(shipped.lines()).filter(|(a, b)| a != b).collect();
    // What is named by an ARN or a host is in the new region, too.
    let moved = |(new, old): &&(&str, &str)| old.replace("eu-central-1", "us-east-1") == *new;
    assert_eq!(changed.iter().filter(|one| !moved(one)).count(), 1, "{changed:?}");
    assert!(!text.contains("eu-central-1"), "{text}");
    // A comment stays, and stays in its column.
    let (new, old) = changed[0];
    assert!(new.starts_with("name: plant-b ") && old.starts_with("name: sensor-streaming "));
    assert_eq!(new.find('#').unwrap(), old.find('#').unwrap());
    assert!(changed.contains(&("region: us-east-1", "region: eu-central-1")));
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let place = Place::with(PLANT);
    let new = ["new", "sensor-streaming", "-o", "plant-a.yaml"];
    place.run(&new).exits(2).says(&["cannot write plant-a.yaml", "remove it first"]);
    assert_eq!(place.read("plant-a.yaml"), PLANT);
    let ran = place.run(&["new", "sensor-streaming", "-o", "plant-b.yaml"]).exits(0);
    assert_eq!(ran.out, "wrote plant-b.yaml\n");
    place.run(&["check", "plant-b.yaml"]).exits(0);
}

#[test]
fn what_a_blueprint_cannot_be_called_is_refused() {
    let place = Place::new();
    let new = |more: &[&str]| place.run(&[&["new", "sensor-streaming"][..], more].concat());
    new(&["--name", "Plant A"]).exits(2).says(&["error[wrong-name]"]);
    new(&["--region", "frankfurt"]).exits(2).says(&["`region`"]);
    for trick in ["x # y", "x\nprefix: y", "[x]", ""] {
        new(&["--name", trick]).exits(2).says(&["error"]);
    }
    let ran = place.run(&["new", "sensor-streeming"]).exits(2);
    ran.says(&["did you mean `sensor-streaming`?"]);
}

#[test]
fn kinds_and_architectures_are_listed() {
    let place = Place::new();
    let ran = place.run(&["list"]).exits(0);
    let ran = ran.prints(&["Architectures\n", "\n  sensor-streaming  ", "\nKinds\n"]);
    assert!(ran.out.contains("An ordered, replayable stream of records"), "{}", ran.out);
    let document = keeps_schema("list", &place.run(&["list", "--format", "json"]).exits(0).out);
    let kinds = document["kinds"].as_array().unwrap();
    let stream = kinds.iter().find(|kind| kind["name"] == "kinesis-stream").unwrap();
    assert_eq!(stream["offers"], serde_json::json!(["record-stream", "shared-data"]));
}

#[test]
fn stacks_are_listed_for_pipelines() {
    let place = Place::with(PLANT);
    place.write("plant-b.yaml", "formwork: 1\nname: B\n");
    let list = ["list", "--format", "json", "--stacks", "plant-a.yaml"];
    let document = keeps_schema("stacks", &place.run(&list).exits(0).out);
    let stacks = document["stacks"].as_array().unwrap();
    assert_eq!(stacks.len(), 4);
    let last = serde_json::json!({
        "blueprint": "plant-a", "environment": "prod", "target": "terraform",
        "region": "eu-central-1", "prefix": "plant-a-prod", "file": "plant-a.yaml",
        "account": null, "artifacts": null, "role_arn": null, "stack_name": "plant-a-prod",
        "folder": "stacks/plant-a/prod/terraform", "termination_protection": false,
        "id": "plant-a.prod.terraform", "stack_set": false, "regions": null,
        "workspace": null, "variables": {}, "role_arn_in_account": null,
    });
    assert_eq!(stacks[3], last);
    let ran = place.run(&[&list[..], &["plant-b.yaml"]].concat()).exits(1);
    assert_eq!(keeps_schema("stacks", &ran.out)["stacks"].as_array().unwrap().len(), 4);
    ran.says(&["error[wrong-name]"]);
}

#[test]
fn stacks_that_have_changed_are_told_apart() {
    let place = Place::with(PLANT);
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.current_dir(place.path("")).args(["-c", "user.name=x", "-c", "user.email=x@x"]);
        assert!(git.args(arguments).output().unwrap().status.success(), "{arguments:?}");
    };
    let changed = || {
        let list = ["list", "--stacks", "plant-a.yaml", "--changed-since", "HEAD"];
        let ran = place.run(&[&list[..], &["--format", "json"]].concat()).exits(0);
        let document = keeps_schema("stacks", &ran.out);
        let stacks = document["stacks"].as_array().unwrap().clone();
        let changed = stacks.into_iter().filter(|stack| stack["changed"] == true);
        changed.map(|stack| stack["folder"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    git(&["init", "-q"]);
    git(&["add", "plant-a.yaml"]);
    git(&["commit", "-qm", "a blueprint"]);
    assert_eq!(changed(), [""; 0], "the blueprint is what it was");
    place.run(&["generate", "plant-a.yaml"]).exits(0);
    assert_eq!(changed().len(), 4, "none of the stacks was there");
    git(&["add", "."]);
    git(&["commit", "-qm", "stacks"]);
    assert_eq!(changed(), [""; 0]);
    place.write("plant-a.yaml", PLANT.replace("retention_hours: 24", "retention_hours: 48"));
    place.run(&["generate", "plant-a.yaml"]).exits(0);
    let dev = ["stacks/plant-a/dev/cloudformation", "stacks/plant-a/dev/terraform"];
    assert_eq!(changed(), dev);
    place.write("stacks/plant-a/prod/terraform/DEPLOY.md", "for people");
    assert_eq!(changed(), dev, "words for people deploy nothing");
    let list = ["list", "--stacks", "plant-a.yaml", "--changed-since", "nothing"];
    place.run(&list).exits(2).says(&["no revision `nothing`"]);
}

#[test]
fn rules_kinds_and_parameters_are_explained() {
    let place = Place::new();
    let explain = |word: &'static str| place.run(&["explain", word]);
    explain("unknown-key").exits(0).prints(&["unknown-key: error\n"]);
    explain("shards-follow-mode").exits(0).prints(&["shards-follow-mode: error of kinesis-stream"]);
    explain("kinesis-stream").exits(0).prints(&[
        "kinesis-stream: An ordered, replayable stream of records\n",
        "retention_hours: a whole number from 24 to 8760, in hours, default 24\n",
        "mode: on-demand | provisioned, default on-demand\n",
        "AWS::Kinesis::Stream, aws_kinesis_stream\n",
        "kinesis:PutRecord",
        "iterator-age: a reader has fallen",
        "  provisioned:\n    kind: kinesis-stream\n    capacity:\n",
    ]);
    let ran = explain("kinesis-stream.capacity.shards").exits(0);
    ran.prints(&["kinesis-stream.capacity.shards\n", "a whole number from 1 to 20000, optional"]);
    explain("kinesis-stream.shard_count").exits(2).says(&["capacity: {mode: provisioned"]);
    explain("kinesis-stream.retention").exits(2).says(&["`kinesis-stream.retention_hours`?"]);
    explain("kinesis-stream.retention_hours.x").exits(2).says(&["has no parameter `x`"]);
    explain("unknown-kay").exits(2).says(&["did you mean `unknown-key`?"]);
}
