//! `diff` as a reviewer meets it: a branch of a repository, an upgrade, a folder beside another.

use std::process::Command;

use formwork::catalog::embedded;

use super::{PLANT, Place, keeps_schema};
use crate::snapshot::snapshot;

/// A repository with what `files` hold, on `main`.
struct Repository(Place);

impl Repository {
    fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self(Place::new());
        for (path, text) in files {
            repository.0.write(path, text);
        }
        repository.git(&["init", "-q", "-b", "main"]);
        repository.git(&["add", "."]);
        repository.git(&["commit", "-q", "-m", "before"]);
        repository.git(&["checkout", "-q", "-b", "change"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let mut git = Command::new("git");
        let ran = git.current_dir(self.0.path("")).args(who).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}

fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

/// A stream is renamed, records are kept longer, a policy is opened, and a queue goes.
#[test]
fn a_branch_is_told_in_one_comment() {
    let files = embedded().files;
    let [plant, warehouse] = ["sensor-streaming", "redshift-concurrency-scaling"]
        .map(|name| files[format!("blueprints/{name}.yaml").as_str()].to_string());
    let files = [("plant.yaml", plant.as_str()), ("warehouse.yaml", warehouse.as_str())];
    let repository = Repository::with(&files);
    let wide = "{Statement: [{Effect: Allow, Principal: {AWS: 111122223333}, Action: 's3:*', Resource: '*'}]}";
    let plant = edited(
        &plant,
        &[
            ("  readings:\n", "  measurements:\n"),
            ("sink: readings}", "sink: measurements}"),
            ("source: readings", "source: measurements"),
            ("path: [readings,", "path: [measurements,"),
            ("      readings: {capacity", "      measurements: {capacity"),
            ("retention_hours: 168 ", "retention_hours: 240 "),
            (
                "  archive: {kind: data-bucket, ",
                &format!(
                    "  archive: {{kind: data-bucket, patch: {{terraform: {{policy: {{policy: {wide}}}}}}}, "
                ),
            ),
        ],
    );
    let etl = warehouse.find("        etl:\n").unwrap();
    let default = warehouse.find("      default_queue:").unwrap();
    let warehouse = [&warehouse[..etl], &warehouse[default..]].concat();
    repository.0.write("plant.yaml", plant);
    repository.0.write("warehouse.yaml", warehouse);
    let diff = ["diff", "--base", "main", ".", "--env", "prod", "--target", "terraform"];
    let comment = repository.0.run(&[&diff[..], &["--format", "markdown"]].concat()).exits(0);
    snapshot("review", &comment.out);
    let classes = "replace,data-loss,broadened,reboot";
    repository.0.run(&[&diff[..], &["--fail-on", classes]].concat()).exits(1);
    let json = repository.0.run(&[&diff[..], &["--format", "json"]].concat()).exits(0);
    let report = keeps_schema("diff", &json.out);
    let causes = report["stacks"][1]["causes"].as_array().unwrap();
    let queue = causes.iter().find(|one| one["written"][0].to_string().contains("queues.etl"));
    assert!(queue.unwrap()["moves"].as_array().unwrap().len() > 1, "{causes:#?}");
}

#[test]
fn the_base_has_the_catalog_that_it_had() {
    let kind = "kind: kinesis-stream\nextends: kinesis-stream\nparameters:\n  retention_hours: {default: 48}\n";
    let blueprint = PLANT.replace("    retention_hours: 168\n", "");
    let repository = Repository::with(&[
        ("plant.yaml", &blueprint),
        ("formwork.yaml", "catalogs: [ours]\n"),
        ("ours/catalog/kinds/kinesis-stream.yaml", kind),
    ]);
    let diff = ["diff", "--base", "main", "plant.yaml", "--env", "prod", "--target", "terraform"];
    repository.0.run(&diff).exits(0).prints(&["nothing changes"]);
    let longer = kind.replace("48", "72");
    repository.0.write("ours/catalog/kinds/kinesis-stream.yaml", longer);
    repository.0.run(&diff).exits(0).prints(&["retention_period: 48 becomes 72\n"]);
    repository.0.write("formwork.yaml", "");
    repository.0.run(&diff).exits(0).prints(&["retention_period: 48 becomes 24\n"]);
}

#[test]
fn an_upgrade_is_told_by_what_lies_there() {
    let place = Place::with(PLANT);
    place.run(&["generate", "plant-a.yaml"]).exits(0);
    let diff = ["diff", "--generated", "stacks", "plant-a.yaml", "--exit-code"];
    let ran = place.run(&diff).exits(0);
    assert_eq!(ran.out.matches("nothing changes").count(), 4, "{}", ran.out);
    // As if another version had written it.
    let [module, template] = [
        "stacks/plant-a/prod/terraform/readings.tf",
        "stacks/plant-a/prod/cloudformation/template.yaml",
    ];
    let edit = |path: &str, old: &str, new: &str| {
        place.write(path, edited(&place.read(path), &[(old, new)]));
    };
    edit(module, "retention_period = 168", "retention_period = 100");
    edit(module, "plant-a-prod-readings\"", "plant-a-readings\"");
    edit(template, "RetentionPeriodHours: 168", "RetentionPeriodHours: 100");
    place.run(&diff).exits(1).prints(&[
        "aws_kinesis_stream.readings (aws_kinesis_stream) is replaced; its data is protected",
        "    retention_period: 100 becomes 168\n",
        "    RetentionPeriodHours: 100 becomes 168\n",
        "files that differ\n    + readings.tf\n",
    ]);
    place.write("plant-a.yaml", PLANT.replace("  prod: {}\n", ""));
    place.run(&diff).exits(1).prints(&["plant-a, prod, Terraform: ", "is removed"]);
    place.write(module, "resource \"aws_kinesis_stream\" {");
    place.run(&diff).exits(2).says(&["readings.tf: line 1", "--check"]);
}

const HADOOP: &str = "\
formwork: 1
name: hadoop
region: eu-central-1
artifacts: {bucket: acme-files}
components:
  network: {kind: vpc}
  logs: {kind: data-bucket}
  jobs:
    kind: emr-cluster
    applications: [Spark]
    log_bucket: logs
    capacity:
      primary: {instance_types: {m7g.xlarge: {}}}
      core: {instance_types: {r7g.xlarge: {}}, on_demand_units: 2}
    bootstrap_actions: {clean: {script: {file: clean.sh}}}
";

#[test]
fn an_upgrade_reads_assets_where_they_lie() {
    let place = Place::new();
    place.write("clean.sh", "#!/bin/sh\n");
    place.write("hadoop.yaml", HADOOP);
    place.run(&["generate", "hadoop.yaml"]).exits(0);
    let diff = ["diff", "--generated", "stacks", "hadoop.yaml", "--exit-code"];
    let ran = place.run(&diff).exits(0);
    assert!(!ran.out.contains("files that differ"), "{}", ran.out);
}

#[test]
fn what_is_left_of_a_fleet_is_told_and_refused() {
    let place = Place::new();
    let guard = "formwork: 1\nname: guard\nregion: eu-central-1\ntargets: [cloudformation]\n\
        artifacts: {bucket: \"acme-{region}\"}\ndeploy:\n  \
        organizational_units: [ou-ab12-34cd56ef]\n  regions: [eu-central-1, eu-west-1]\n\
        components:\n  trail: {kind: data-bucket, protect: false}\n";
    place.write("old.yaml", guard);
    place.write("new.yaml", edited(guard, &[("eu-central-1, eu-west-1", "eu-central-1")]));
    let diff = ["diff", "old.yaml", "new.yaml", "--fail-on", "data-loss"];
    place.run(&diff).exits(1).prints(&[
        "trail.deploy: Trail is deleted where the stack set no longer deploys",
        "where it is deployed\n    - ou-ab12-34cd56ef: eu-west-1\n",
    ]);
    let back = ["diff", "new.yaml", "old.yaml", "--fail-on", "data-loss"];
    place.run(&back).exits(0).prints(&["    + ou-ab12-34cd56ef: eu-west-1\n"]);
    let differs = ["diff", "new.yaml", "old.yaml", "--exit-code", "--format", "markdown"];
    place.run(&differs).exits(1).prints(&["**This is deployed elsewhere than before.**"]);
}

#[test]
fn folders_are_compared_by_the_names_of_their_blueprints() {
    let place = Place::new();
    let named = |name: &str| PLANT.replace("plant-a", name);
    place.write("old/a.yaml", named("plant-a"));
    place.write("old/b.yaml", named("plant-b"));
    place.write("new/moved.yaml", named("plant-a").replace("hours: 168", "hours: 200"));
    place.write("new/c.yaml", named("plant-c"));
    let ran = place.run(&["diff", "old", "new", "--env", "prod", "--target", "terraform"]);
    ran.exits(0).prints(&[
        "plant-a, prod, Terraform: 1 changed\n",
        "plant-b, prod, Terraform: ",
        "is removed",
        "plant-c, prod, Terraform: ",
        "is added",
    ]);
    place.run(&["diff", "old/a.yaml", "old/a.yaml", "--exit-code"]).exits(0);
}

#[test]
fn protected_data_that_goes_is_told_with_what_to_write() {
    let place = Place::with(PLANT);
    place.write(
        "new.yaml",
        PLANT
            .replace("  readings:\n    kind", "  other:\n    kind")
            .replace("readings: {", "other: {"),
    );
    let ran = place.run(&["diff", "plant-a.yaml", "new.yaml", "--env", "prod"]).exits(0);
    ran.prints(&["`removed: {readings: {keep: [aws_kinesis_stream.readings]}}`, or `removed: {readings: destroy}`"]);
}

/// However much differs, a host takes the comment, and it says how much is not in it.
#[test]
fn a_comment_fits_and_says_what_is_left_out() {
    let place = Place::new();
    let stack = |index: usize, hours: u32| {
        let stream =
            |one| format!("  s{index}x{one}: {{kind: kinesis-stream, retention_hours: {hours}}}\n");
        let streams = (0..60).map(stream).collect::<Vec<_>>().concat();
        format!("formwork: 1\nname: plant-{index}\nregion: eu-central-1\ncomponents:\n{streams}")
    };
    for index in 0..8 {
        place.write(&format!("old/{index}.yaml"), stack(index, 168));
        place.write(&format!("new/{index}.yaml"), stack(index, 24));
    }
    let comment = place.run(&["diff", "old", "new", "--format", "markdown"]).exits(0).out;
    assert!(comment.len() < 65_536, "{}", comment.len());
    assert!(comment.contains("more, which `formwork diff` tells"), "{}", &comment[..2_000]);
    assert!(comment.contains("more changes are told by `formwork diff`"));
}
