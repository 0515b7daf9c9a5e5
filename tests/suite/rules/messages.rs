//! How findings read where several things come together.
use formwork::diagnostic::Diagnostic;

use super::run::{Run, run};
use crate::snapshot::snapshot;

const HEAD: &str = "formwork: 1\nname: plant-a\nregion: eu-central-1\n";

fn told(name: &str, rest: &str) -> Run {
    let run = run(&format!("{HEAD}{rest}"));
    snapshot(&format!("message-{name}"), &run.told());
    run
}

fn labels(finding: &Diagnostic) -> Vec<(usize, &str)> {
    let labels = finding.labels.iter();
    labels.map(|label| (label.span.line_column().0, label.span.text())).collect()
}

#[test]
fn a_conflict_between_base_and_overlay_draws_both() {
    let run = told(
        "two-places",
        "components:
  readings: {kind: kinesis-stream, capacity: {mode: on-demand}}
environments:
  base:
    abstract: true
    components: {readings: {capacity: {shards: 4}}}
  dev: {extends: base}
  test: {extends: base}
  prod: {}
",
    );
    let [finding] = run.findings.as_slice() else { panic!("one finding") };
    assert_eq!(labels(finding), [(9, "4"), (5, "on-demand")]);
    assert_eq!(finding.environments, ["dev", "test"]);
}

#[test]
fn a_default_is_said_to_be_one() {
    let run =
        told("default", "components:\n  readings: {kind: kinesis-stream, capacity: {shards: 4}}\n");
    let [finding] = run.findings.as_slice() else { panic!("one finding") };
    assert!(finding.labels.iter().any(|label| label.text == "`capacity.mode` has its default"));
}

#[test]
fn settings_of_every_component_say_what_they_take() {
    let with = |setting| format!("components:\n  readings: {{kind: kinesis-stream, {setting}}}\n");
    told("accept", &with("accept: {some-rule: {reason: known, because: 1}}"));
    told("alarm-off", &with("alarms: {write-throttled: {off: true}}"));
}

#[test]
fn all_mistakes_are_told_by_their_places() {
    let run = told(
        "several",
        "account: 111122223333
protect: yes
targets: [cloudformatoin]
components:
  readings: {kind: kinesis-stream, description: 5, tags: {line: 4}}
",
    );
    let lines: Vec<_> = run.findings.iter().map(|finding| labels(finding)[0].0).collect();
    assert_eq!(lines.len(), 5);
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn parameters_are_told_what_they_take() {
    told(
        "types",
        "components:
  readings:
    kind: kinesis-stream
    retention_hours: \"48\"
    capacity: {Mode: on-demand, shard: 2}
    shardMetrics: [ALL]
  archive: {kind: data-bucket, transitions: {glacier: 3}}
  archiver:
    kind: firehose-archive
    source: readings
    destination: archive
    prefix: 2026
    newline: yes
    time_zone: [UTC]
  alerts: {kind: alert-topic, subscriptions: [ops]}
",
    );
}

#[test]
fn what_has_the_wrong_form_is_told_the_right_one() {
    told(
        "forms-of-the-envelope",
        "artifacts: {bucket: acme-artifacts, prefix: plant-a}
tags: [plant]
components:
  a: {kind: kinesis-stream, names: x}
  b: {kind: kinesis-stream, roles: x}
  c: {kind: kinesis-stream, accept: [x]}
  d: {kind: kinesis-stream, existing: foo}
  e: {kind: kinesis-stream, accept: {some-rule: known}}
",
    );
    told(
        "forms-of-parameters",
        "components:
  a:
    kind: kinesis-stream
    retention_hours: eleven
    capacity: 5
    consumers: [aggregator]
    shard_metrics: {all: true}
  alerts: {kind: alert-topic, subscriptions: {ops: ops@example.com}}
",
    );
}

#[test]
fn who_depends_on_a_mistake_is_not_blamed() {
    let run = told(
        "blame",
        "components:
  readings: {kind: kinesis-straem}
  archive: {kind: data-bucket, expire_days: 0}
  archiver: {kind: firehose-archive, source: readings, destination: archive}
  copier: {kind: firehose-archive, source: events, destination: archive}
  events: {kind: kinesis-stream, retention_hours: 1, capacity: {shards: 2}}
objectives:
  stored: {path: [readings, archiver, archive], latency_seconds: 900}
  copied: {path: [events, copier, archive], latency_seconds: 900}
",
    );
    let rules: Vec<_> = run.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["unknown-kind", "out-of-range", "out-of-range"]);
}

#[test]
fn what_follows_from_a_mistake_is_not_told() {
    let run = run(&format!(
        "{HEAD}components:\n  key: {{kind: encryption-key}}\n  alerts: {{kind: alert-topic, \
         subscriptions: {{ops: {{}}}}}}\n  a: {{kind: kinesis-stream}}\n"
    ));
    assert_eq!(
        run.rules().into_iter().collect::<Vec<_>>(),
        ["one-endpoint-each"],
        "{}",
        run.told()
    );
}

#[test]
fn secrets_are_nowhere_repeated() {
    let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let one = |rest: &str| format!("components:\n  a: {{{rest}}}\n");
    let key_text = "-----BEGIN RSA PRIVATE KEY-----\n      hunter2";
    for rest in [
        one(&format!("kind: kinesis-stream, description: {key}, retention_hours: x")),
        one(&format!("kind: kinesis-stream, tags: {{t: {key}}}, b: 1")),
        one(&format!("kind: {key}}}\n  a: {{")),
        format!("prefix: {key}\ncomponents: {{}}\n"),
        one("kind: example-job, password: hunter2, lable: x"),
        one("kind: example-job, lable: x, password: \"hunter2\""),
        one("kind: data-bucket, description: \"ftp://me:hunter2@example.com/\""),
        format!("components:\n  a:\n    kind: data-bucket\n    description: |\n      {key_text}\n"),
    ] {
        let run = run(&format!("{HEAD}{rest}"));
        let told = run.told();
        assert!(run.has_errors(), "{rest}");
        assert!(!told.contains("hunter2"), "{told}");
        assert!(!told.contains(&key), "{told}");
    }
}

#[test]
fn a_parameter_is_one_thing() {
    told(
        "parameters",
        "components:
  one: {kind: example-job, label: {parameter: size}}
  two: {kind: example-job, workers: {parameter: size}}
  three: {kind: example-job, label: {ssm: /jobs/a-b}}
  four: {kind: example-job, label: {ssm: /jobs/a/b}}
  five: {kind: example-job, label: {parameter: for-each}}
  six: {kind: example-job, label: {parameter: size}}
",
    );
}

#[test]
fn secrets_that_a_target_shows_are_warned_of() {
    told(
        "secrets",
        "components:
  one: {kind: example-job, password: {parameter: password}}
  two: {kind: example-job, password: {secret: \"arn:aws:secretsmanager:eu-central-1:111122223333:secret:x\"}}
",
    );
}

#[test]
fn a_value_raises_the_providers_bound_where_it_is_used() {
    let versions = |reach: &str| {
        let run = run(&format!("{HEAD}components:\n  a: {{kind: example-job{reach}}}\n"));
        let files = run.outputs().flat_map(|output| output.artifacts.clone());
        let files: Vec<_> = files.filter(|file| file.path == "versions.tf").collect();
        String::from_utf8(files[0].bytes.clone()).expect("a text")
    };
    assert!(versions("").contains(">= 5.100, < 7.0"));
    assert!(versions(", reach: near").contains(">= 5.100, < 7.0"));
    assert!(versions(", reach: far").contains(">= 6.20.0, < 7.0"));
}
