//! `explain FILE`: why a stack is as it is, and who may do what.

use super::Place;
use crate::snapshot::snapshot;
use crate::stacks::shipped;

const CATALOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/rules");

const JOBS: &str = "\
formwork: 1
name: plant-a
description: Figures for the morning
region: eu-central-1
components:
  load: {kind: example-job, batch_seconds: 2, description: Fetches the figures}
  report: {kind: example-job, after: load}
objectives:
  load-to-report: {path: [load, report], latency_seconds: 5}
environments:
  dev: {components: {load: {batch_seconds: 90}}}
  prod: {}
";

const ARCHIVE: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  readings: {kind: kinesis-stream}
  archive: {kind: data-bucket}
  archiver: {kind: firehose-archive, source: readings, destination: archive}
";

#[test]
fn a_blueprint_is_explained() {
    let place = Place::with(JOBS);
    let explain = ["explain", "plant-a.yaml", "--catalog", CATALOG, "--env", "prod"];
    let ran = place.run(&explain).exits(0);
    let told = "\
plant-a, prod: Figures for the morning

Components
  load (example-job): Fetches the figures
    - Collects what comes within 2 s
  report (example-job): Stands for what a job needs

Objectives
  load-to-report: promises 5 s; usually takes 2.4 s, at worst 4 s
    - load: 2200 ms, at worst 3000 ms: writes every 2 s (2026-11-01, https://example.com/jobs)
    - report: 200 ms, at worst 1000 ms: writes every 0 s (2026-11-01, https://example.com/jobs)

Not chosen
  Doing it by hand, for example-job: takes longer than 3 s (2026-11-02, https://example.com/hands)

";
    assert_eq!(ran.out, told);
}

#[test]
fn a_missed_objective_is_explained_all_the_same() {
    let place = Place::with(JOBS);
    let ran = place.run(&["explain", "plant-a.yaml", "--catalog", CATALOG]).exits(1);
    let ran =
        ran.says(&["error[objective-missed]", "promised here", "takes 90.2 s: writes every 90 s"]);
    ran.prints(&[
        "plant-a, dev: ",
        "usually takes 90.4 s, at worst without bound",
        "plant-a, prod",
    ]);
}

#[test]
fn access_is_explained() {
    let place = Place::with(ARCHIVE);
    let ran = place.run(&["explain", "plant-a.yaml", "--access"]).exits(0);
    ran.prints(&[
        "archiver.delivery: Lets the delivery read the stream",
        "kinesis:GetRecords",
        "on arn:aws:kinesis:eu-central-1:ACCOUNT_ID:stream/plant-a-readings\n",
        "by readings.read\n",
        "by archive.write\n",
    ]);
}

#[test]
fn flags_of_files_go_with_files() {
    let place = Place::with(ARCHIVE);
    let ran = place.run(&["explain", "kinesis-stream", "--access"]).exits(2);
    ran.says(&["`kinesis-stream` is no blueprint"]);
    let ran = place.run(&["explain", "plant-a.yaml", "--env", "prod"]).exits(2);
    ran.says(&["there are no environments: leave `--env` out"]);
    place.run(&["explain", "missing.yaml"]).exits(2).says(&["cannot read missing.yaml"]);
}

/// Who may do what, for a reviewer of permissions to read.
#[test]
fn access_of_every_shipped_blueprint_is_what_was_reviewed() {
    for case in shipped() {
        let place = Place::with(&case.text);
        let asked = ["explain", "plant-a.yaml", "--env", "prod", "--access"];
        snapshot(&format!("access.{}", case.name), &place.run(&asked).exits(0).out);
    }
}

/// A `*` that a service forces says so on its line, or on the one above.
#[test]
fn a_wildcard_says_why() {
    let files = formwork::catalog::embedded().files;
    let own = files.iter().filter(|(path, _)| path.starts_with("catalog/kinds/"));
    let mut bare = vec![];
    for (path, text) in own {
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let wild = line.contains("resources: [\"*\"]") || line.contains("actions: [\"*\"]");
            // A key's own policy speaks of the key alone, and says `*` for it.
            let of_itself = path.ends_with("encryption-key.yaml");
            let said = lines[at.saturating_sub(1)..=at].iter().any(|line| line.contains(" # "));
            if wild && !of_itself && !said {
                bare.push(format!("{path}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(bare.is_empty(), "{}", bare.join("\n"));
}

#[test]
fn what_was_not_chosen_is_told_once() {
    let place = Place::with(
        &shipped().into_iter().find(|one| one.name == "sensor-streaming").unwrap().text,
    );
    let ran = place.run(&["explain", "plant-a.yaml"]).exits(0);
    assert!(ran.out.matches("\nComponents\n").count() > 1, "{}", ran.out);
    assert_eq!(ran.out.matches("Not chosen\n").count(), 1, "{}", ran.out);
    assert!(!ran.out.contains(" 1 units"), "{}", ran.out);
}

#[test]
fn grants_are_told_with_what_values_stand_for() {
    let place = Place::new();
    let kind = "\
kind: example-clock
summary: Keeps the time
values:
  reading: [ssm:GetParameter, ssm:GetParameters]
emits:
  main: {cloudformation: \"AWS::SSM::Parameter\", terraform: aws_ssm_parameter, why: Says the time}
outputs:
  name: {cloudformation: main.Ref, terraform: main.name}
grants:
  read:
    - {actions: \"${reading}\", resources: [\"*\"]}
    - {actions: [ssm:PutParameter], resources: [\"*\"]}
examples:
  minimal: {}
";
    place.write("company/catalog/kinds/example-clock.yaml", kind);
    let ran = place.run(&["--catalog", "company", "explain", "example-clock"]).exits(0);
    ran.prints(&["  read\n    ssm:GetParameter, ssm:GetParameters\n    ssm:PutParameter\n"]);
}
