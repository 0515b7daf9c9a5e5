//! `diff`: what a change to a blueprint does.

use std::process::Command;

use super::{PLANT, Place, Ran, keeps_schema};

const BEFORE: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  key: {kind: encryption-key}
  readings: {kind: kinesis-stream, retention_hours: 168, capacity: {mode: provisioned, shards: 1}}
  archive: {kind: data-bucket}
  archiver: {kind: firehose-archive, source: readings, destination: archive}
environments:
  dev: {protect: false}
  prod: {}
";

/// `diff old.yaml new.yaml`, with what is changed in the text and more arguments.
fn diff(changes: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let place = Place::new();
    place.write("old.yaml", BEFORE);
    let change = |text: String, (old, new): &(&str, &str)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    };
    place.write("new.yaml", changes.iter().fold(BEFORE.to_string(), change));
    place.run(&[&["diff", "old.yaml", "new.yaml"], arguments].concat())
}

#[test]
fn nothing_changes_where_nothing_changed() {
    let ran = diff(&[], &["--exit-code"]).exits(0);
    assert_eq!(ran.out.matches("nothing changes").count(), 4, "{}", ran.out);
    diff(&[("name: plant-a", "# a comment\nname: plant-a")], &["--exit-code"]).exits(0);
}

#[test]
fn a_change_in_place_is_told_with_what_was_written() {
    let prod = ["--env", "prod", "--target", "terraform"];
    let ran = diff(&[("hours: 168", "hours: 24")], &prod).exits(0);
    let told = "\
plant-a, prod, Terraform: 1 changed
  components.readings.retention_hours: 168 becomes 24
  data-loss: readings.retention_hours: records older than 24 hours are dropped

  aws_kinesis_stream.readings (aws_kinesis_stream) is changed in place
    retention_period: 168 becomes 24

";
    assert_eq!(ran.out, told);
    diff(&[("hours: 168", "hours: 24")], &["--exit-code"]).exits(1);
    diff(&[("hours: 168", "hours: 24")], &["--fail-on", "replace"]).exits(0);
    diff(&[("hours: 168", "hours: 24")], &["--fail-on", "replace,data-loss"]).exits(1);
    diff(&[("hours: 168", "hours: 200")], &["--fail-on", "data-loss"]).exits(0);
}

#[test]
fn what_becomes_existing_is_compared_by_its_resources() {
    let ours = "retention_hours: 168, capacity: {mode: provisioned, shards: 1}";
    let existing = "existing: {name: shared}";
    let ran = diff(&[(ours, existing)], &["--target", "cloudformation"]).exits(0);
    assert!(ran.out.contains("Readings (AWS::Kinesis::Stream)"), "{}", ran.out);
    assert!(!ran.out.contains("records older"), "{}", ran.out);
}

/// What `removed` says of data is what is told of it, and nothing is asked again.
#[test]
fn protected_data_goes_as_the_blueprint_says() {
    let without = |removed: &str| {
        let gone = [
            ("  readings: {kind", "  measurements: {kind"),
            ("source: readings", "source: measurements"),
            ("environments:", &*format!("removed: {{readings: {removed}}}\nenvironments:")),
        ];
        diff(&gone, &["--env", "prod", "--fail-on", "data-loss,refused"])
    };
    for (removed, address, fate, code) in [
        ("destroy", "aws_kinesis_stream.readings", "its data is lost", 1),
        ("destroy", "Readings", "its data is lost", 1),
        (
            "{keep: [aws_kinesis_stream.readings]}",
            "aws_kinesis_stream.readings",
            "its data stays",
            0,
        ),
        ("{keep: [aws_kinesis_stream.readings]}", "Readings", "its data stays", 0),
        ("{keep: [Readings]}", "aws_kinesis_stream.readings", "the deployment is refused", 1),
    ] {
        let ran = without(removed).exits(code);
        let mut lines = ran.out.lines();
        let line = lines.find(|line| line.starts_with(&format!("  {address} (")));
        assert!(line.is_some_and(|line| line.contains(fate)), "{removed}: {line:?}");
        let asks = ran.out.contains("asks what becomes of protected data");
        assert_eq!(asks, removed.contains("[Readings]"), "{removed}: {}", ran.out);
    }
}

/// Most resources are written alike in every region; none of them is the same one.
#[test]
fn a_stack_that_moves_is_made_anew() {
    let said = "everything below is made anew in eu-west-1, empty; what stands in eu-central-1";
    let moved = [("region: eu-central-1", "region: eu-west-1")];
    let ran = diff(&moved, &["--fail-on", "replace"]).exits(1);
    ran.prints(&[&format!("replacement: region: {said}")]);
    let comment = diff(&moved, &["--format", "markdown"]).exits(0);
    comment.prints(&["**This replaces resources.**", &format!("**replacement**: region: {said}")]);
}

#[test]
fn a_renamed_component_that_keeps_its_id_changes_nothing() {
    let renamed = [
        ("  readings: {kind", "  measurements: {id: readings, kind"),
        ("source: readings", "source: measurements"),
    ];
    let ran = diff(&renamed, &["--fail-on", "replace,data-loss"]).exits(0);
    assert!(!ran.out.contains("aws_kinesis_stream.readings"), "{}", ran.out);
}

#[test]
fn a_replacement_reaches_what_refers_to_it() {
    let renamed = [("  readings: {kind", "  readings: {names: {main: other}, kind")];
    let ran = diff(&renamed, &["--env", "dev", "--target", "cloudformation"]).exits(0);
    ran.prints(&[
        "Readings (AWS::Kinesis::Stream) is replaced; its data is lost\n",
        "    Name: \"plant-a-dev-readings\" becomes \"other\" (replaces)\n",
        "Archiver (AWS::KinesisFirehose::DeliveryStream) is replaced\n",
    ]);
    let ran = diff(&renamed, &["--env", "prod", "--target", "terraform"]).exits(0);
    ran.prints(&["is replaced; its data is protected, so the deployment is refused\n"]);
    diff(&renamed, &["--env", "dev", "--fail-on", "data-loss"]).exits(1);
    diff(&renamed, &["--env", "prod", "--fail-on", "data-loss"]).exits(0);
}

#[test]
fn what_goes_on_one_side_comes_on_the_other() {
    let place = Place::new();
    let lines = BEFORE.lines().filter(|line| !line.starts_with("  archiver"));
    place.write("old.yaml", BEFORE);
    place.write("new.yaml", lines.collect::<Vec<_>>().join("\n"));
    let addresses = |ran: &Ran, action: &str| {
        let report = keeps_schema("diff", &ran.out);
        let changes = report["stacks"][0]["changes"].as_array().unwrap().clone();
        let mut of: Vec<_> = changes.into_iter().filter(|one| one["action"] == action).collect();
        of.sort_by_key(|one| one["address"].to_string());
        of.into_iter().map(|one| one["address"].clone()).collect::<Vec<_>>()
    };
    let forth = place.run(&["diff", "old.yaml", "new.yaml", "--format", "json"]).exits(0);
    let back = place.run(&["diff", "new.yaml", "old.yaml", "--format", "json"]).exits(0);
    assert!(addresses(&forth, "remove").len() > 2);
    assert_eq!(addresses(&forth, "remove"), addresses(&back, "add"));
    assert_eq!(addresses(&forth, "add"), addresses(&back, "remove"));
}

#[test]
fn a_comment_says_first_what_counts() {
    let renamed = [("  readings: {kind", "  readings: {names: {main: other}, kind")];
    let ran = diff(&renamed, &["--format", "markdown", "--env", "dev", "--target", "terraform"]);
    let told = "\
<!-- formwork-diff -->
**This loses data.**

| stack | add | change | may replace | replace | remove |
|---|--:|--:|--:|--:|--:|
| plant-a, dev, Terraform | 0 | ";
    assert!(ran.out.starts_with(told), "{}", ran.out);
    ran.exits(0).prints(&[
        "- `aws_kinesis_stream.readings` goes, and its **data is lost** (plant-a, dev, Terraform)\n",
        "<details><summary>plant-a, dev, Terraform: ",
        "    name: \"plant-a-dev-readings\" becomes \"other\" (replaces)\n",
    ]);
    let ran = diff(&[], &["--format", "markdown"]).exits(0);
    assert_eq!(ran.out, "<!-- formwork-diff -->\n**Nothing changes.**\n");
}

#[test]
fn more_permissions_are_told() {
    let more = [("destination: archive}", "destination: archive, prefix: other/}")];
    let ran = diff(&more, &["--env", "prod", "--fail-on", "broadened"]).exits(1);
    ran.prints(&["more open: allow s3:AbortMultipartUpload", "/other/"]);
}

#[test]
fn a_branch_is_compared_with_where_it_left() {
    let place = Place::new();
    let git = |arguments: &[&str]| {
        let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let mut git = Command::new("git");
        let ran = git.current_dir(place.path("")).args(who).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    place.write("plant.yaml", BEFORE);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "before"]);
    place.write("plant.yaml", BEFORE.replace("hours: 168", "hours: 24"));
    place.write("another.yaml", BEFORE.replace("plant-a", "plant-b"));
    let ran = place.run(&["diff", "--base", "main", "plant.yaml", "--env", "prod"]).exits(0);
    ran.prints(&["retention_hours: 168 becomes 24\n"]);
    let ran = place.run(&["diff", "--base", "main", "another.yaml", "--env", "prod"]).exits(0);
    ran.prints(&["plant-b, prod, Terraform: ", "is added\n"]);
    git(&["mv", "plant.yaml", "factory.yaml"]);
    let ran = place.run(&["diff", "--base", "main", "factory.yaml", "--env", "prod"]).exits(0);
    ran.prints(&["retention_hours: 168 becomes 24\n", "plant-a, prod, Terraform: 1 changed\n"]);
    git(&["rm", "-q", "-f", "factory.yaml"]);
    let ran = place.run(&["diff", "--base", "main", ".", "--env", "dev"]).exits(0);
    ran.prints(&["plant-a, dev, Terraform: ", "is removed; its data is lost\n"]);
    place.write("factory.yaml", BEFORE);
    let ran = place.run(&["diff", "--base", "nowhere", "factory.yaml"]).exits(2);
    ran.says(&["there is no revision `nowhere`"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let place = Place::with(BEFORE);
    let ran = place.run(&["diff", "plant-a.yaml"]).exits(2);
    ran.says(&["two blueprints are compared", "--base REV"]);
    place.write("broken.yaml", BEFORE.replace("retention_hours: 168", "retention_hours: 1"));
    let ran = place.run(&["diff", "plant-a.yaml", "broken.yaml"]).exits(1);
    ran.says(&["error[out-of-range]", "broken.yaml:6"]);
}

#[test]
fn a_plan_that_does_more_than_the_diff_says_is_refused() {
    let place = Place::with(PLANT);
    place.write("new.yaml", PLANT.replace("retention_hours: 168", "retention_hours: 200"));
    let plan = |actions: &str, more: &str| {
        format!(
            r#"{{"resource_changes": [{{"address": "aws_kinesis_stream.readings",
            "mode": "managed", "change": {{"actions": [{actions}]}}}}{more}]}}"#
        )
    };
    let diff = ["diff", "plant-a.yaml", "new.yaml", "--env", "prod", "--plan", "plan.json"];
    place.write("plan.json", plan("\"update\"", ""));
    place.run(&diff).exits(0).prints(&["1 resources are planned as this diff says"]);
    place.write("plan.json", plan("\"delete\", \"create\"", ""));
    let ran = place.run(&diff).exits(1);
    ran.prints(&["not in this diff: aws_kinesis_stream.readings is replaced"]);
    place.write("plan.json", "{}");
    place.run(&diff).exits(2).says(&["plan.json is not what Terraform prints", "terraform show"]);
    let all = ["diff", "plant-a.yaml", "new.yaml", "--plan", "plan.json"];
    place.run(&all).exits(2).says(&["is of one stack", "--env"]);
}

#[test]
fn a_change_set_is_held_against_the_diff() {
    let place = Place::with(PLANT);
    place.write("new.yaml", PLANT.replace("retention_hours: 168", "retention_hours: 200"));
    place.write(
        "changes.json",
        r#"{"Changes": [
            {"ResourceChange": {"Action": "Modify", "LogicalResourceId": "Readings",
                "Replacement": "False"}},
            {"ResourceChange": {"Action": "Modify", "LogicalResourceId": "Other",
                "Replacement": "False", "ResourceDriftStatus": "MODIFIED"}}]}"#,
    );
    let diff = ["diff", "plant-a.yaml", "new.yaml", "--env", "prod", "--change-set"];
    let ran = place.run(&[&diff[..], &["changes.json", "--format", "json"]].concat()).exits(0);
    let report = keeps_schema("diff", &ran.out);
    let verdict = &report["stacks"][0]["deployer"];
    assert_eq!(verdict["agreed"], 1);
    assert_eq!(verdict["drift"][0]["address"], "Other");
}

#[test]
fn another_name_or_region_is_another_stack() {
    let cloudformation = ["--env", "prod", "--target", "cloudformation"];
    for change in [("name: plant-a", "name: plant-b"), ("eu-central-1", "eu-west-1")] {
        let ran = diff(&[change], &cloudformation).exits(0);
        let ran = ran.prints(&["this is another stack", "is made beside `plant-a-prod`", "stays"]);
        assert!(!ran.out.contains("replaced"), "{}", ran.out);
        let json = diff(&[change], &[&cloudformation[..], &["--format", "json"]].concat()).exits(0);
        keeps_schema("diff", &json.out);
        let comment = [&cloudformation[..], &["--format", "markdown"]].concat();
        diff(&[change], &comment).exits(0).prints(&["- this is another stack"]);
    }
    // Terraform's state goes on where its folder does.
    let terraform = ["--env", "prod", "--target", "terraform"];
    let ran = diff(&[("eu-central-1", "eu-west-1")], &terraform).exits(0);
    assert!(!ran.out.contains("another stack"), "{}", ran.out);
    diff(&[("name: plant-a", "name: plant-b")], &terraform).prints(&["this is another stack"]);
}
