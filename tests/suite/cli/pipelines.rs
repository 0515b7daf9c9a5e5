//! `formwork pipeline`

use super::Place;
use crate::oracle::vendor_schema;
use std::process::Command;

const WORKFLOW: &str = ".github/workflows/formwork.yaml";
const DEPLOY: &str = "deploy/stack.sh";

#[test]
fn a_workflow_is_written_once_and_pinned() {
    let place = Place::new();
    place.run(&["pipeline", "github"]).exits(0);
    let text = place.read(WORKFLOW);
    assert!(text.contains(concat!("\"", env!("CARGO_PKG_VERSION"), "\"")), "{text}");
    let document: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert!(document["jobs"].as_mapping().unwrap().len() >= 4, "{text}");
    let ours = include_str!("../../../.github/workflows/release.yml");
    let used: Vec<&str> =
        text.lines().chain(ours.lines()).filter_map(|line| line.split("uses: ").nth(1)).collect();
    assert!(used.len() > 5, "{used:?}");
    for action in used {
        let commit = action.split(['@', ' ']).nth(1).unwrap_or_default();
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{action}");
    }
    place.run(&["pipeline", "github"]).exits(2).says(&["is there already"]);
    place.run(&["pipeline", "githob"]).exits(2).says(&["github"]);
}

/// A stack as `list --stacks` tells it, through the steps of the workflow, with an `aws` that says
/// what it was asked.
#[test]
#[cfg(unix)]
fn a_stack_is_shown_before_it_is_carried_out() {
    let place = Place::with(super::PLANT);
    place.run(&["pipeline", "github"]).exits(0);
    place.run(&["generate", "plant-a.yaml"]).exits(0);
    let list = ["list", "--stacks", "plant-a.yaml", "--format", "json"];
    let document: serde_json::Value = serde_json::from_str(&place.run(&list).exits(0).out).unwrap();
    let stack = document["stacks"][0].to_string();
    let stub = "#!/bin/sh\necho \"$@\" >> \"$ASKED\"\ncase \"$2\" in describe-stacks) \
         echo 'Stack with id plant-a-dev does not exist' >&2; exit 255;; esac\n";
    place.write("bin/aws", stub);
    let run = |command: &str| {
        let script = format!(
            "chmod +x bin/aws; [ -d .git ] || (git init -q && git -c user.name=x -c user.email=x@x \
             commit -q --allow-empty -m x); PATH=\"$PWD/bin:$PATH\" bash {DEPLOY} {command}"
        );
        let mut shell = Command::new("sh");
        shell.current_dir(place.path("")).args(["-c", &script]).env("STACK", &stack);
        let output = shell.env("ASKED", place.path("asked")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let asked = place.read("asked");
        std::fs::remove_file(place.path("asked")).unwrap();
        asked
    };
    if Command::new("jq").arg("--version").output().is_err() {
        crate::oracle::say("SKIPPED a_stack_is_shown_before_it_is_carried_out: it needs jq");
        return;
    }
    let prepared = run("prepare");
    assert!(prepared.contains("create-change-set --stack-name plant-a-dev"), "{prepared}");
    assert!(prepared.contains("--change-set-type CREATE"), "{prepared}");
    assert!(prepared.contains("describe-change-set"), "{prepared}");
    assert!(!prepared.contains("execute-change-set"), "nothing is carried out: {prepared}");
    let done = run("carry-out");
    assert!(done.contains("execute-change-set --stack-name plant-a-dev"), "{done}");
    assert!(done.contains("wait stack-create-complete"), "{done}");
    assert!(!done.contains("create-change-set"), "what was shown is what is done: {done}");
}

#[test]
fn hosts_would_take_their_files() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let workflows = ["vendor.github-workflows"];
    let place = Place::new();
    place.run(&["pipeline", "github"]).exits(0);
    place.run(&["pipeline", "gitlab", "-o", "gitlab"]).exits(0);
    for (schema, file) in [
        (&workflows[..], place.path(".github/workflows/formwork.yaml")),
        (&workflows[..], root.join(".github/workflows/release.yml")),
        (&["vendor.github-actions"][..], root.join("action.yml")),
        (
            &["vendor.gitlab-ci", "--data-transform", "gitlab-ci"][..],
            place.path("gitlab/.gitlab-ci.yml"),
        ),
    ] {
        let Some(wrong) = vendor_schema(schema, &file) else { return };
        assert!(wrong.is_empty(), "{}:\n{wrong}", file.display());
    }
}

#[test]
fn every_host_has_the_same_way_to_deploy() {
    let place = Place::new();
    for host in ["github", "gitlab", "codebuild"] {
        place.run(&["pipeline", host, "-o", host]).exits(0);
        let same = place.read(&format!("{host}/deploy/stack.sh"));
        assert!(same.starts_with("#!/usr/bin/env bash"), "{host}");
    }
    place.run(&["pipeline", "jenkins"]).exits(2).says(&["no pipelines for `jenkins`", "gitlab"]);
}
