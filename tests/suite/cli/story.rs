//! The whole way of a change, by the steps of the workflow that `formwork pipeline github` writes:
//! from a pull request to stacks that are deployed, and a second, changed deployment. The cloud is
//! an emulator, and `gh` writes down what it is told.
#![cfg(unix)]

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::Value as Json;
use serde_yaml::Value;

use super::Place;
use crate::oracle::{Moto, Terraform, aws, say};

const STREAM: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
targets: [terraform]
components:
  readings: {kind: kinesis-stream, retention_hours: 48}
environments:
  dev: {}
  prod: {components: {readings: {retention_hours: 168}}}
";

const TOPIC: &str = "\
formwork: 1
name: office
region: eu-central-1
targets: [cloudformation]
cloudformation: {termination_protection: true}
components:
  key: {kind: encryption-key}
  alerts: {kind: alert-topic, subscriptions: {ops: {email: ops@example.com}}}
environments:
  dev: {}
";

struct Repository {
    place: Place,
    environment: Vec<(&'static str, OsString)>,
}

impl Repository {
    fn new(moto: &Moto, terraform: &Terraform, aws: &Path) -> Self {
        let place = Place::new();
        let (program, mirror) = terraform.in_a_shell();
        place.write("bin/gh", "#!/bin/sh\necho \"$@\" >> \"$ASKED\"\n");
        place.write("bin/cargo", "#!/bin/sh\n");
        let left = ".terraform*\n*.tfstate*\n*.tfplan\nformwork_override.tf\n";
        place.write(".gitignore", left);
        place.write("summary", "");
        place.write("output", "");
        let own = Path::new(env!("CARGO_BIN_EXE_formwork")).parent();
        let stubs = place.path("bin");
        let before = [Some(stubs.as_path()), own, Some(aws), program];
        let before: Vec<_> = before.into_iter().flatten().map(Path::to_owned).collect();
        let rest = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(before.into_iter().chain(env::split_paths(&rest))).unwrap();
        let mut environment: Vec<(&str, OsString)> = vec![("PATH", path)];
        for (name, value) in [
            ("AWS_ENDPOINT_URL", moto.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("TF_CLI_CONFIG_FILE", "/dev/null"),
            ("TF_CLI_ARGS_init", mirror.as_str()),
            ("CHECKPOINT_DISABLE", "1"),
            ("COMMENTS", "repos/acme/plants/issues"),
            ("NUMBER", "7"),
        ] {
            environment.push((name, value.into()));
        }
        for (name, file) in
            [("GITHUB_STEP_SUMMARY", "summary"), ("GITHUB_OUTPUT", "output"), ("ASKED", "asked")]
        {
            environment.push((name, place.path(file).into()));
        }
        let repository = Self { place, environment };
        repository.shell("chmod +x bin/gh bin/cargo; git init -q -b main", &[]);
        repository
    }

    fn shell(&self, script: &str, more: &[(&str, &str)]) -> Output {
        let mut shell = Command::new("bash");
        shell.current_dir(self.place.path("")).args(["-e", "-o", "pipefail", "-c", script]);
        shell.envs(self.environment.iter().cloned()).envs(more.iter().copied());
        shell.env_remove("FORMWORK_CATALOG").output().unwrap()
    }

    #[track_caller]
    fn does(&self, script: &str, more: &[(&str, &str)]) -> String {
        let output = self.shell(script, more);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{script}\n{out}\n{err}");
        out
    }

    fn commit(&self, message: &str) {
        let who = "-c user.name=Test -c user.email=test@example.com";
        self.does(
            &format!(
                "git add blueprints stacks deploy .github; git {who} commit -q -m '{message}'"
            ),
            &[],
        );
    }

    /// The commands of a job's steps.
    fn steps(&self, job: &str) -> Vec<String> {
        let text = self.place.read(".github/workflows/formwork.yaml");
        let workflow: Value = serde_yaml::from_str(&text).unwrap();
        let steps = workflow["jobs"][job]["steps"].as_sequence().unwrap();
        steps.iter().filter_map(|step| step["run"].as_str().map(String::from)).collect()
    }

    /// What a push to the main branch does: the stacks that it deployed.
    fn push(&self, before: &str) -> Vec<String> {
        for step in self.steps("stacks") {
            self.does(&step, &[("BEFORE", before)]);
        }
        let output = self.place.read("output");
        let changed = output.lines().last().unwrap().strip_prefix("changed=").unwrap();
        let stacks: Vec<Json> = serde_json::from_str(changed).unwrap();
        for job in ["prepare", "deploy"] {
            for stack in &stacks {
                let folder = self.place.path(stack["folder"].as_str().unwrap());
                if stack["target"] == "terraform" {
                    Terraform::lay_over(&folder);
                }
                // Preparing may be done again.
                let times = if job == "prepare" { 2 } else { 1 };
                for step in (0..times).flat_map(|_| self.steps(job)) {
                    self.does(&step, &[("STACK", &stack.to_string())]);
                }
            }
        }
        stacks.iter().map(|stack| stack["prefix"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_change_goes_from_a_pull_request_to_what_is_deployed() {
    let (Some(moto), Some(terraform), Some(aws)) = (Moto::start(), Terraform::find(), aws()) else {
        return;
    };
    if Command::new("jq").arg("--version").output().is_err() {
        return say("SKIPPED the story of a pipeline: it needs jq");
    }
    let repository = Repository::new(&moto, &terraform, &aws);
    repository.place.write("blueprints/plant-a.yaml", STREAM);
    repository.place.write("blueprints/office.yaml", TOPIC);
    repository.does("formwork pipeline github; formwork generate blueprints -q", &[]);
    repository.commit("first");
    let deployed = repository.push("0000000000000000000000000000000000000000");
    assert_eq!(deployed, ["office-dev", "plant-a-dev", "plant-a-prod"]);
    let retention = |stream: &str| {
        let ask = format!(
            "aws kinesis describe-stream-summary --region eu-central-1 --stream-name {stream}"
        );
        let told = repository.does(&ask, &[]);
        let told: Json = serde_json::from_str(&told).unwrap();
        told["StreamDescriptionSummary"]["RetentionPeriodHours"].as_i64()
    };
    assert_eq!(retention("plant-a-dev-readings"), Some(48));
    assert_eq!(retention("plant-a-prod-readings"), Some(168));
    let status = "aws cloudformation describe-stacks --region eu-central-1 --stack-name office-dev \
                  --query Stacks[0].StackStatus --output text";
    assert_eq!(repository.does(status, &[]).trim(), "CREATE_COMPLETE");

    let base = repository.does("git rev-parse HEAD", &[]).trim().to_owned();
    repository.does("git checkout -q -b longer", &[]);
    repository.place.write("blueprints/plant-a.yaml", STREAM.replace("48", "72"));
    let check = || {
        let mut steps = repository.steps("check").into_iter();
        steps.all(|step| repository.shell(&step, &[("BASE", &base)]).status.success())
    };
    assert!(!check(), "what lies there is not what the blueprint says");
    repository.does("formwork generate blueprints -q", &[]);
    repository.commit("longer");
    assert!(check());
    let asked = repository.place.read("asked");
    assert!(asked.contains("repos/acme/plants/issues/7/comments -F body=@diff.md"), "{asked}");
    let comment = repository.place.read("diff.md");
    assert!(comment.contains("retention_hours: 48 becomes 72"), "{comment}");
    let deployed = repository.push(&base);
    assert_eq!(deployed, ["plant-a-dev"], "nothing else has changed");
    assert_eq!(retention("plant-a-dev-readings"), Some(72));
    assert_eq!(retention("plant-a-prod-readings"), Some(168));

    repository.place.write("blueprints/plant-a.yaml", STREAM.replace("48", "24"));
    repository.does("formwork generate blueprints -q", &[]);
    repository.commit("shorter");
    assert!(!check(), "what loses data is refused");
    assert!(fs::read_to_string(repository.place.path("summary")).unwrap().contains("loses data"));
}
