//! The whole way of a change, by the steps of the pipelines that `formwork pipeline` writes: from a
//! review to stacks that are deployed, and a second, changed deployment. The cloud is an emulator,
//! `gh` and `curl` keep what they are told, and each job begins with a checkout and its artifacts.
#![cfg(unix)]

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

use super::Place;
use crate::oracle::{Moto, Terraform, aws, say, vendor_schema};

const STREAM: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
targets: [terraform]
terraform:
  backend:
    s3: {bucket: acme-state, region: eu-central-1, use_path_style: true, use_lockfile: true}
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

/// What `gh` and `curl` answer: the comments that are there; else they keep what they are given.
const GH: &str = "#!/bin/sh
case \"$*\" in *--paginate*) touch \"$DESK/comments\"; jq -r \"$5\" \"$DESK/comments\" ;; *)
  echo \"$@\" >> \"$DESK/asked\"
  jq -n --rawfile body diff.md '[{id: 5, $body}]' > \"$DESK/comments\" ;;
esac
";
const CURL: &str = "#!/bin/sh
case \"$*\" in *--request*)
  echo \"$@\" >> \"$DESK/asked\"
  jq -n --rawfile body diff.md '[{id: 5, $body}]' > \"$DESK/comments\" ;;
*) cat \"$DESK/comments\" 2> /dev/null || echo '[]' ;; esac
";

/// What jobs leave in a checkout.
const LEFT: &str =
    "/*.json\n/*.xml\n/diff.md\n/pipeline.yml\n.terraform*\n*.tfplan\n*_override.tf\n";

/// Where pipelines run.
struct Host {
    name: &'static str,
    /// Whether what the change does passes.
    review: fn(&Repository, base: &str) -> bool,
    /// What a push to the main branch deploys, in its order.
    push: fn(&Repository, before: &str) -> Vec<String>,
    /// How the comment is written, and how it is replaced.
    comments: [&'static str; 2],
}

struct Repository {
    place: Place,
    /// What is outside of it: programs, and what they were told.
    desk: Place,
    environment: Vec<(&'static str, OsString)>,
}

impl Repository {
    fn new(moto: &Moto, terraform: &Terraform, aws: &Path) -> Self {
        let (place, desk) = (Place::new(), Place::new());
        let (program, mirror) = terraform.in_a_shell();
        for (name, text) in [("gh", GH), ("curl", CURL), ("cargo", "#!/bin/sh\n")] {
            desk.write(&format!("bin/{name}"), text);
        }
        desk.write("asked", "");
        place.write(".gitignore", LEFT);
        let own = Path::new(env!("CARGO_BIN_EXE_formwork")).parent();
        let stubs = desk.path("bin");
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
        ] {
            environment.push((name, value.into()));
        }
        for (name, file) in [
            ("DESK", ""),
            ("HOME", ""),
            ("GITHUB_STEP_SUMMARY", "summary"),
            ("GITHUB_OUTPUT", "output"),
            ("CI_PROJECT_DIR", "project"),
        ] {
            environment.push((name, desk.path(file).into()));
        }
        let repository = Self { place, desk, environment };
        repository.does("chmod +x \"$DESK\"/bin/*; git init -q -b main", &[]);
        repository.does("aws s3 mb s3://acme-state --region eu-central-1", &[]);
        repository
    }

    fn shell(&self, script: &str, more: &[(&str, &str)]) -> Output {
        let mut shell = Command::new("bash");
        shell.current_dir(self.place.path("")).args(["-e", "-c", script]);
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

    fn passes(&self, script: &str, more: &[(&str, &str)]) -> bool {
        self.shell(script, more).status.success()
    }

    fn commit(&self, message: &str) {
        let who = "-c user.name=Test -c user.email=test@example.com";
        self.does(&format!("git add .; git {who} commit -q -m '{message}'"), &[]);
    }

    /// What generating leaves, and a commit of it.
    fn writes(&self, stream: &str, message: &str) {
        self.place.write("blueprints/plant-a.yaml", stream);
        self.does("formwork generate blueprints -q", &[]);
        self.commit(message);
    }

    /// A job on a machine that has a checkout and the artifacts of the jobs before it.
    #[track_caller]
    fn job(&self, script: &str, more: &[(&str, &str)]) -> String {
        self.does(
            "git clean -fdxq -e stacks.json -e changed.json -e pipeline.yml -e '*.tfplan'",
            &[],
        );
        for file in self.does("git ls-files 'stacks/*.tf'", &[]).lines() {
            let folder = self.place.path(file).parent().unwrap().to_owned();
            Terraform::lay_over(&folder);
            let name = folder.join("formwork_override.tf");
            let text = fs::read_to_string(&name).unwrap();
            fs::write(name, text.replace("backend \"local\" {}", "")).unwrap();
        }
        self.does(script, more)
    }

    fn yaml(&self, file: &str) -> Value {
        serde_yaml::from_str(&self.place.read(file)).unwrap()
    }

    /// The last line that a step of GitHub has said, as JSON.
    fn output(&self) -> Vec<Json> {
        let output = self.desk.read("output");
        let changed = output.lines().last().unwrap().strip_prefix("changed=").unwrap();
        serde_json::from_str(changed).unwrap()
    }
}

fn lines(commands: &Value) -> impl Iterator<Item = &str> {
    commands.as_sequence().into_iter().flatten().filter_map(Value::as_str)
}

/// The commands of a job's steps, each as GitHub runs it.
fn steps(workflow: &Value, job: &str) -> Vec<String> {
    // What GitHub's own default shell has not, unless a workflow names it.
    let bash = workflow["defaults"]["run"]["shell"].as_str() == Some("bash");
    let set = if bash { "set -o pipefail\n" } else { "" };
    let steps = workflow["jobs"][job]["steps"].as_sequence().unwrap();
    let commands = steps.iter().filter_map(|step| step["run"].as_str());
    commands.map(|command| format!("{set}{command}")).collect()
}

const GITHUB: Host = Host {
    name: "github",
    review: |repository, base| {
        let workflow = repository.yaml(".github/workflows/formwork.yaml");
        let given = [("BASE", base), ("NUMBER", "7"), ("COMMENTS", "repos/acme/plants/issues")];
        steps(&workflow, "check").iter().all(|step| repository.passes(step, &given))
    },
    push: |repository, before| {
        let workflow = repository.yaml(".github/workflows/formwork.yaml");
        for step in steps(&workflow, "stacks") {
            repository.job(&step, &[("BEFORE", before)]);
        }
        let workflow = repository.yaml(".github/workflows/formwork-deploy.yaml");
        let mut done = vec![];
        for one in repository.output() {
            let blueprint = one["blueprint"].as_str().unwrap();
            // Preparing may be done again.
            for job in ["prepare", "prepare", "deploy"] {
                for at in one["environments"].as_array().unwrap() {
                    let at = at["environment"].as_str().unwrap();
                    for step in steps(&workflow, job) {
                        repository.job(&step, &[("BLUEPRINT", blueprint), ("ENVIRONMENT", at)]);
                    }
                    done.extend((job == "deploy").then(|| format!("{blueprint} {at}")));
                }
            }
        }
        done
    },
    comments: [
        "issues/7/comments -F body=@diff.md",
        "-X PATCH repos/acme/plants/issues/comments/5",
    ],
};

/// A job with all that it extends.
fn extended(jobs: &Value, name: &str) -> Mapping {
    let job = jobs[name].as_mapping().unwrap();
    let base = jobs[name]["extends"].as_str().map(|base| extended(jobs, base));
    let mut all = base.unwrap_or_default();
    for (key, value) in job {
        match (all.get_mut(key).and_then(Value::as_mapping_mut), value.as_mapping()) {
            (Some(under), Some(over)) => under.extend(over.clone()),
            _ => drop(all.insert(key.clone(), value.clone())),
        }
    }
    all
}

/// A job's commands, as GitLab runs them: in one shell, with the job's variables.
fn script(jobs: &Value, name: &str) -> String {
    let job = Value::Mapping(extended(jobs, name));
    let variables = job["variables"].as_mapping().into_iter().flatten();
    let variables = variables.map(|(name, value)| {
        format!("export {}=\"{}\"", name.as_str().unwrap(), value.as_str().unwrap())
    });
    let commands = ["before_script", "script"].into_iter().flat_map(|part| lines(&job[part]));
    let commands = commands.map(String::from);
    ["set -o pipefail".to_owned()]
        .into_iter()
        .chain(variables)
        .chain(commands)
        .collect::<Vec<_>>()
        .join("\n")
}

const GITLAB: Host = Host {
    name: "gitlab",
    review: |repository, base| {
        let given = [
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
            ("CI_PROJECT_ID", "3"),
            ("GITLAB_TOKEN", "token"),
        ];
        repository.passes(&script(&repository.yaml(".gitlab-ci.yml"), "check"), &given)
    },
    push: |repository, before| {
        let given = [("CI_COMMIT_BEFORE_SHA", before), ("CI_PIPELINE_ID", "1"), ("AWS_TOKEN", "x")];
        repository.job(&script(&repository.yaml(".gitlab-ci.yml"), "stacks"), &given);
        let schema = ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
        let wrong = vendor_schema(&schema, &repository.place.path("pipeline.yml"));
        assert_eq!(wrong.unwrap_or_default(), "");
        let jobs = repository.yaml("pipeline.yml");
        let mut done: Vec<String> = vec![];
        let mut deployed = vec![];
        for name in jobs.as_mapping().unwrap().keys().filter_map(Value::as_str) {
            let job = Value::Mapping(match name {
                "image" | "stages" => continue,
                hidden if hidden.starts_with('.') => continue,
                name => extended(&jobs, name),
            });
            for need in job["needs"].as_sequence().unwrap() {
                let need = need.as_str().or_else(|| need["job"].as_str()).unwrap();
                assert!(need == "stacks" || done.iter().any(|done| done == need), "{name}: {need}");
            }
            repository.job(&script(&jobs, name), &given);
            done.push(name.to_owned());
            if let Some(what) = name.strip_prefix("deploy ") {
                assert_eq!(job["when"].as_str(), Some("manual"));
                assert_eq!(job["environment"]["name"].as_str(), what.split(' ').nth(1));
                deployed.push(what.to_owned());
            }
        }
        deployed
    },
    comments: ["--request POST", "--request PUT"],
};

/// The commands of some phases, as `CodeBuild` runs them.
fn phases(buildspec: &Value, names: &[&str]) -> String {
    let commands = names.iter().flat_map(|name| lines(&buildspec["phases"][*name]["commands"]));
    commands.collect::<Vec<_>>().join("\n")
}

const CODEBUILD: Host = Host {
    name: "codebuild",
    review: |repository, _| {
        repository.passes(&phases(&repository.yaml("buildspec.yml"), &["pre_build"]), &[])
    },
    push: |repository, _| {
        let prepare = phases(&repository.yaml("buildspec.yml"), &["build"]);
        repository.job(&prepare, &[]);
        let deploy = phases(&repository.yaml("buildspec-deploy.yml"), &["build"]);
        let mut done = vec![];
        for environment in ["dev", "prod"] {
            let said = repository.job(&deploy, &[("ENVIRONMENT", environment)]);
            done.extend(said.lines().filter_map(|line| line.strip_prefix("== ")).map(String::from));
        }
        done
    },
    comments: ["", ""],
};

fn a_change_goes_from_a_review_to_what_is_deployed(host: &Host, order: &[&str], changed: &[&str]) {
    let (Some(moto), Some(terraform), Some(aws)) = (Moto::start(), Terraform::find(), aws()) else {
        return;
    };
    if Command::new("jq").arg("--version").output().is_err() {
        return say("SKIPPED the story of a pipeline: it needs jq");
    }
    let repository = Repository::new(&moto, &terraform, &aws);
    repository.place.write("blueprints/office.yaml", TOPIC);
    repository.does(&format!("formwork pipeline {}", host.name), &[]);
    repository.writes(STREAM, "first");
    let deployed = (host.push)(&repository, "0000000000000000000000000000000000000000");
    assert_eq!(deployed, order);
    let retention = |stream: &str| {
        let ask = format!(
            "aws kinesis describe-stream-summary --region eu-central-1 --stream-name {stream}"
        );
        let told: Json = serde_json::from_str(&repository.does(&ask, &[])).unwrap();
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
    let review = || (host.review)(&repository, &base);
    assert!(!review(), "what lies there is not what the blueprint says");
    repository.writes(&STREAM.replace("48", "72"), "longer");
    assert!(review());
    let asked = || repository.desk.read("asked");
    let [first, again] = host.comments;
    assert!(asked().contains(first), "{}", asked());
    assert!(again.is_empty() || !asked().contains(again), "{}", asked());
    if !first.is_empty() {
        let comment = repository.place.read("diff.md");
        assert!(comment.contains("retention_hours: 48 becomes 72"), "{comment}");
    }
    let deployed = (host.push)(&repository, &base);
    assert_eq!(deployed, changed, "nothing else has changed");
    assert_eq!(retention("plant-a-dev-readings"), Some(72));
    assert_eq!(retention("plant-a-prod-readings"), Some(168));

    repository.writes(&STREAM.replace("48", "24"), "shorter");
    assert!(!review(), "what loses data is refused");
    assert!(asked().contains(again), "one comment, which is replaced: {}", asked());
}

#[test]
fn a_change_goes_all_the_way_on_github() {
    let order = ["office dev", "plant-a dev", "plant-a prod"];
    a_change_goes_from_a_review_to_what_is_deployed(&GITHUB, &order, &["plant-a dev"]);
}

#[test]
fn a_change_goes_all_the_way_on_gitlab() {
    let order = ["office dev", "plant-a dev", "plant-a prod"];
    a_change_goes_from_a_review_to_what_is_deployed(&GITLAB, &order, &["plant-a dev"]);
}

#[test]
fn a_change_goes_all_the_way_on_codebuild() {
    let order = ["office.dev.cloudformation", "plant-a.dev.terraform", "plant-a.prod.terraform"];
    let changed = ["plant-a.dev.terraform"];
    a_change_goes_from_a_review_to_what_is_deployed(&CODEBUILD, &order, &changed);
}
