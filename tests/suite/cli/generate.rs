//! `generate`: what is written, what is kept, and what is only looked at.

use super::{PLANT, Place};
use std::process::Stdio;

const GENERATE: [&str; 2] = ["generate", "plant-a.yaml"];
const TEMPLATE: &str = "stacks/plant-a/dev/cloudformation/template.yaml";
const STREAM: &str = "stacks/plant-a/dev/terraform/readings.tf";

fn generated() -> Place {
    let place = Place::with(PLANT);
    place.run(&GENERATE).exits(0);
    place
}

#[test]
fn each_file_that_is_written_is_told_once() {
    let place = Place::with(PLANT);
    let ran = place.run(&GENERATE).exits(0);
    let told: Vec<_> =
        ran.out.lines().map(|line| place.path(line.strip_prefix("wrote ").unwrap())).collect();
    let files = place.files("stacks").into_iter().map(|(path, _)| path);
    let files: Vec<_> = files.filter(|path| !path.ends_with(".formwork.json")).collect();
    assert_eq!(told, files);
    assert!(files.contains(&place.path(TEMPLATE)) && files.contains(&place.path(STREAM)));
    let ran = place.run(&GENERATE).exits(0);
    assert_eq!(ran.out, "");
    assert_eq!(ran.err, "nothing to do: 4 stacks are up to date\n");
}

#[test]
fn quiet_is_quiet() {
    let ran = Place::with(PLANT).run(&["generate", "plant-a.yaml", "--quiet"]).exits(0);
    assert_eq!((ran.out, ran.err), (String::new(), String::new()));
}

#[test]
fn only_what_is_asked_for_is_written() {
    let place = Place::with(PLANT);
    let only = ["--env", "dev", "--target", "terraform", "-o", "out"];
    place.run(&[&GENERATE[..], &only].concat()).exits(0);
    assert!(place.path("out/plant-a/dev/terraform/readings.tf").exists());
    assert!(!place.path("out/plant-a/dev/cloudformation").exists());
    assert!(!place.path("out/plant-a/prod").exists());
    assert!(!place.path("stacks").exists());
}

#[test]
fn what_no_blueprint_has_cannot_be_asked_for() {
    let place = Place::with(&PLANT.replace("region:", "targets: [terraform]\nregion:"));
    let ran = place.run(&[&GENERATE[..], &["--target", "cloudformation"]].concat()).exits(2);
    ran.says(&["no blueprint has the target `cloudformation`", "there is terraform"]);
    let ran = place.run(&[&GENERATE[..], &["--env", "test"]].concat()).exits(2);
    ran.says(&["there is no environment `test`", "there is dev, prod"]);
    place.run(&[&GENERATE[..], &["--target", "pulumi"]].concat()).exits(2);
    assert!(!place.path("stacks").exists());
}

#[test]
fn a_stack_with_an_error_is_not_written_and_the_others_are() {
    let place = Place::with(&PLANT.replace("retention_hours: 24", "retention_hours: 1"));
    place.run(&GENERATE).exits(1).says(&["error[out-of-range]", "1 error\n"]);
    assert!(!place.path("stacks/plant-a/dev").exists());
    assert!(place.path("stacks/plant-a/prod/terraform/readings.tf").exists());
}

#[test]
fn check_tells_each_file_that_is_not_what_it_should_be() {
    let place = Place::with(PLANT);
    let check = [&GENERATE[..], &["--check"]].concat();
    let ran = place.run(&check).exits(1);
    let help = "run `formwork generate plant-a.yaml`";
    ran.says(&["error[stale-artifact]: stacks/plant-a/dev/terraform was never generated", help]);
    assert!(!place.path("stacks").exists());

    place.run(&GENERATE).exits(0);
    place.run(&check).exits(0);
    place.write("plant-a.yaml", PLANT.replace("hours: 24", "hours: 48"));
    place.write(TEMPLATE, place.read(TEMPLATE) + "# mine\n");
    let before = place.files("");
    let ran = place.run(&check).exits(1);
    ran.says(&[
        &format!("{STREAM} is out of date"),
        &format!("{TEMPLATE} was changed by hand since it was generated"),
    ]);
    assert_eq!(place.files(""), before);
}

#[test]
fn what_a_person_changed_is_kept_until_forced() {
    let place = generated();
    let edited = place.read(TEMPLATE) + "# mine\n";
    place.write(TEMPLATE, &edited);
    let ran = place.run(&GENERATE).exits(1);
    ran.says(&["error[edited-artifact]", TEMPLATE, "`--force`"]);
    assert_eq!(place.read(TEMPLATE), edited);
    let ran = place.run(&[&GENERATE[..], &["--force"]].concat()).exits(0);
    assert_eq!(ran.out, format!("wrote {TEMPLATE}\n"));
    assert_ne!(place.read(TEMPLATE), edited);
}

#[test]
fn data_that_would_go_is_told_at_its_component() {
    let place = generated();
    place.write("plant-a.yaml", PLANT.replace("  readings:\n", "  readings:\n    id: events\n"));
    let ran = place.run(&[&GENERATE[..], &["--env", "prod"]].concat()).exits(1);
    ran.says(&["error[protected-data-removed]", "plant-a.yaml:2:7", "`removed: {readings: "]);
    let ran = place.run(&[&GENERATE[..], &["--check"]].concat()).exits(1);
    ran.says(&["error[protected-data-removed]"]);
}

#[test]
fn a_vanished_stack_is_told_and_pruned() {
    let place = Place::with(&PLANT.replace("region:", "protect: false\nregion:"));
    place.run(&GENERATE).exits(0);
    place.run(&[&GENERATE[..], &["--env", "prod"]].concat()).exits(0).says(&["nothing to do"]);
    place.write("plant-a.yaml", place.read("plant-a.yaml").replace("  prod: {}\n", ""));
    let ran = place.run(&GENERATE).exits(0);
    ran.says(&["warning[vanished-stack]: stacks/plant-a/prod/terraform", "2 warnings"]);
    assert!(place.path("stacks/plant-a/prod").exists());
    let ran = place.run(&[&GENERATE[..], &["--prune"]].concat()).exits(0);
    ran.prints(&["removed stacks/plant-a/prod/terraform/readings.tf"]);
    assert!(!place.path("stacks/plant-a/prod").exists());
    assert!(place.path(STREAM).exists());
}

#[test]
fn nothing_is_pruned_where_a_blueprint_cannot_be_read() {
    let place = generated();
    place.write("plant-b.yaml", "formwork: 1\nname: [\n");
    place.write("plant-a.yaml", PLANT.replace("  prod: {}\n", ""));
    place.run(&["generate", "plant-a.yaml", "plant-b.yaml", "--prune"]).exits(1);
    assert!(place.path("stacks/plant-a/prod/terraform/readings.tf").exists());
}

#[test]
fn blueprints_that_collide_write_nothing_and_others_do() {
    let place = Place::with(PLANT);
    place.write("same.yaml", PLANT);
    place.write("other.yaml", PLANT.replace("plant-a", "other"));
    let ran = place.run(&["generate", "plant-a.yaml", "same.yaml", "other.yaml"]).exits(1);
    ran.says(&["error[same-output]"]);
    assert!(!place.path("stacks/plant-a").exists());
    assert!(place.path("stacks/other/dev/terraform/readings.tf").exists());
}

#[test]
fn artifacts_are_printed_as_they_would_be_written() {
    let place = Place::with(PLANT);
    let ran = place.run(&[&GENERATE[..], &["--env", "dev", "--stdout"]].concat()).exits(0);
    assert!(!place.path("stacks").exists());
    place.run(&GENERATE).exits(0);
    let template = place.read(TEMPLATE);
    assert!(ran.out.contains(&format!("# ==> {TEMPLATE}\n{template}# ==> ")), "{}", ran.out);
    let ran = place.run(&[&GENERATE[..], &["--stdout", "--check"]].concat()).exits(2);
    ran.says(&["cannot be used with"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with(PLANT);
    let stdout = [&GENERATE[..], &["--stdout"]].concat();
    let mut child = place.command("", &stdout).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn the_project_file_says_where_and_what() {
    let place = Place::with(PLANT);
    place.write("formwork.yaml", "out: infra/out\ntargets: [terraform]\n");
    place.write("deep/below/plant-b.yaml", PLANT.replace("plant-a", "plant-b"));
    let ran = place.run_at("deep/below", &["generate", "plant-b.yaml"]).exits(0);
    ran.prints(&["wrote ../../infra/out/plant-b/dev/terraform/readings.tf\n"]);
    assert!(place.path("infra/out/plant-b/prod/terraform/readings.tf").exists());
    assert!(!place.path("infra/out/plant-b/prod/cloudformation").exists());
    place.write("formwork.yaml", "outs: infra\n");
    place.run(&GENERATE).exits(2).says(&["formwork.yaml: unknown field `outs`"]);
    // A blueprint of that name is none.
    place.write("formwork.yaml", PLANT.replace("plant-a", "plant-c"));
    place.run(&["generate", "formwork.yaml"]).exits(0);
    assert!(place.path("stacks/plant-c/prod/cloudformation").exists());
}
