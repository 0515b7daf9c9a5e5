//! `formwork pipeline`

use super::Place;
use crate::oracle::vendor_schema;
use std::process::Command;

const WORKFLOW: &str = ".github/workflows/formwork.yaml";
const CALLED: &str = ".github/workflows/formwork-deploy.yaml";
const DEPLOY: &str = "deploy/stack.sh";

#[test]
fn a_workflow_is_written_once_and_pinned() {
    let place = Place::new();
    place.run(&["pipeline", "github"]).exits(0);
    let text = place.read(WORKFLOW);
    assert!(text.contains(concat!("\"", env!("CARGO_PKG_VERSION"), "\"")), "{text}");
    let document: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert!(document["jobs"].as_mapping().unwrap().len() >= 3, "{text}");
    let deploy = place.read(CALLED);
    let ours = include_str!("../../../.github/workflows/release.yml");
    let used: Vec<&str> = [&*text, &deploy, ours].into_iter().flat_map(str::lines).collect();
    let used = used.into_iter().filter_map(|line| line.split("uses: ").nth(1));
    let used: Vec<&str> = used.filter(|used| !used.starts_with("./")).collect();
    assert!(used.len() > 10, "{used:?}");
    for action in used {
        let commit = action.split(['@', ' ']).nth(1).unwrap_or_default();
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{action}");
    }
    place.run(&["pipeline", "github"]).exits(0);
    place.run(&["pipeline", "gitlab"]).exits(0);
    assert!(place.read(".gitlab-ci.yml").contains("stages:"), "what is the same is no reason");
    place.write(DEPLOY, "mine");
    place.run(&["pipeline", "github"]).exits(2).says(&["stack.sh is there already, and differs"]);
    assert_eq!(place.read(DEPLOY), "mine");
    place.run(&["pipeline", "githob"]).exits(2).says(&["github"]);
}

/// Writes down what it is asked, and by whom; there are no stacks.
#[cfg(unix)]
const STUB: &str = "#!/bin/sh
echo \"${AWS_ROLE_ARN:-} ${0##*/} $@\" >> \"$ASKED\"
case \"$2\" in
  describe-stacks) echo 'Stack with id x does not exist' >&2; exit 255 ;;
  get-caller-identity) echo 123456789012 ;;
esac
";

/// Runs `stack.sh`, and says what it asked of `aws` and `terraform`, and as whom.
#[cfg(unix)]
struct Deployer {
    place: Place,
    stacks: serde_json::Value,
}

#[cfg(unix)]
impl Deployer {
    /// None without jq.
    fn new() -> Option<Self> {
        if Command::new("jq").arg("--version").output().is_err() {
            crate::oracle::say("SKIPPED what stack.sh does: it needs jq");
            return None;
        }
        let place = Place::with(super::PLANT);
        place.run(&["pipeline", "codebuild"]).exits(0);
        place.run(&["generate", "plant-a.yaml"]).exits(0);
        let list = ["list", "--stacks", "plant-a.yaml", "--format", "json"];
        let mut stacks: serde_json::Value =
            serde_json::from_str(&place.run(&list).exits(0).out).unwrap();
        stacks["commit"] = "0123456789ab".into();
        for program in ["aws", "terraform"] {
            place.write(&format!("bin/{program}"), STUB);
        }
        Some(Self { place, stacks })
    }

    fn asks(&self, script: &str, succeeds: bool) -> String {
        self.place.write("stacks.json", self.stacks.to_string());
        self.place.write("asked", "");
        let script = format!("chmod +x bin/*; PATH=\"$PWD/bin:$PATH\" bash {script}");
        let mut shell = Command::new("sh");
        shell.current_dir(self.place.path("")).args(["-c", &script]);
        shell.env("ASKED", self.place.path("asked"));
        let output = shell.env("AWS_ROLE_ARN", "arn:aws:iam::{0}:role/x").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), succeeds, "{said}");
        self.place.read("asked")
    }
}

#[track_caller]
#[cfg(unix)]
fn has(asked: &str, texts: &[&str]) {
    for text in texts {
        assert!(asked.contains(text), "no `{text}` in\n{asked}");
    }
}

#[test]
#[cfg(unix)]
fn a_stack_is_shown_before_it_is_carried_out() {
    let Some(mut deployer) = Deployer::new() else { return };
    deployer.stacks["stacks"][0]["account"] = "123456789012".into();
    let prepared = deployer.asks("deploy/stack.sh prepare plant-a dev", true);
    has(&prepared, &["create-change-set --stack-name plant-a-dev", "--change-set-type CREATE"]);
    has(&prepared, &["describe-change-set", "formwork-0123456789ab", "arn:aws:iam::123456789012:"]);
    assert!(!prepared.contains("execute-change-set"), "nothing is carried out: {prepared}");
    let done = deployer.asks("deploy/stack.sh carry-out plant-a dev", true);
    has(&done, &["execute-change-set --stack-name plant-a-dev", "wait stack-create-complete"]);
    assert!(!done.contains("create-change-set"), "what was shown is what is done: {done}");
    deployer.asks("deploy/stack.sh prepare plant-a test", false);
    deployer.stacks["stacks"][0]["account"] = "111122223333".into();
    let refused = deployer.asks("deploy/stack.sh prepare plant-a dev", false);
    assert!(!refused.contains("create-change-set"), "another account: {refused}");
}

/// A large template and a stack set's are both read from the bucket, under the same name.
#[test]
#[cfg(unix)]
fn a_stack_set_finds_its_template_and_its_files_in_the_buckets() {
    let Some(mut deployer) = Deployer::new() else { return };
    let folder = "stacks/plant-a/dev/cloudformation";
    deployer.place.write(&format!("{folder}/template.yaml"), "x".repeat(60_000));
    deployer.place.write(&format!("{folder}/assets/file"), "");
    let stack = &mut deployer.stacks["stacks"][0];
    stack["artifacts"] = serde_json::json!({"bucket": "b-{region}", "prefix": "p/"});
    let key = "p/plant-a-dev-4a719560eed2.yaml";
    let large = deployer.asks("deploy/stack.sh prepare plant-a dev", true);
    has(&large, &["assets s3://b-eu-central-1/p/", &format!("s3://b-eu-central-1/{key}")]);
    has(
        &large,
        &[&format!("--template-url https://b-eu-central-1.s3.eu-central-1.amazonaws.com/{key}")],
    );
    let stack = &mut deployer.stacks["stacks"][0];
    stack["stack_set"] = true.into();
    stack["regions"] = serde_json::json!(["eu-central-1", "eu-west-1"]);
    let set = deployer.asks("deploy/stack.sh prepare plant-a dev", true);
    has(
        &set,
        &["--region eu-west-1 assets s3://b-eu-west-1/p/", &format!("s3://b-eu-central-1/{key}")],
    );
    has(&set, &["--template-body file://stack-set.yaml"]);
    assert!(!set.contains("--template-url"), "{set}");
}

#[test]
#[cfg(unix)]
fn a_fleet_has_a_workspace_and_a_plan_for_each_deployment() {
    let Some(mut deployer) = Deployer::new() else { return };
    let folder = deployer.stacks["stacks"][0]["folder"].clone();
    let at = |region: &str| {
        let account = "222233334444";
        serde_json::json!({
            "blueprint": "plant-a", "environment": "dev", "target": "terraform", "folder": folder,
            "prefix": "plant-a-dev", "region": region, "account": account,
            "workspace": format!("{account}-{region}"), "role_arn_in_account": "arn",
            "variables": {"account_id": account, "region": region},
        })
    };
    deployer.stacks["stacks"] = serde_json::json!([at("eu-central-1"), at("eu-west-1")]);
    let prepared = deployer.asks("deploy/stack.sh prepare plant-a dev", true);
    has(&prepared, &["workspace select -or-create 222233334444-eu-west-1"]);
    has(
        &prepared,
        &["-var account_id=222233334444 -var region=eu-west-1 -out 222233334444-eu-west-1.tfplan"],
    );
    assert!(!prepared.contains("get-caller-identity"), "the provider refuses: {prepared}");
    let done = deployer.asks("deploy/stack.sh carry-out plant-a dev", true);
    has(&done, &["apply -input=false -no-color 222233334444-eu-central-1.tfplan"]);
    assert!(!done.contains("plan -input"), "{done}");
}

#[test]
#[cfg(unix)]
fn what_fails_holds_up_no_other_blueprint() {
    let Some(deployer) = Deployer::new() else { return };
    deployer.place.write(
        "changed.json",
        r#"[{"blueprint": "other", "environments": [{"environment": "dev"}]},
            {"blueprint": "plant-a", "environments": [{"environment": "dev"},
                                                      {"environment": "prod"}]}]"#,
    );
    let done = deployer.asks("deploy/each.sh carry-out dev", false);
    has(&done, &["execute-change-set --stack-name plant-a-dev"]);
    assert!(!done.contains("plant-a-prod"), "{done}");
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
        (&workflows[..], place.path(CALLED)),
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
