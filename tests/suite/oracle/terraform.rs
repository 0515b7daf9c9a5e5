//! Terraform itself, with the real AWS provider, on a copy of a stack and against an emulator.
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use std::{env, fs, io, thread};

use serde_json::Value;
use tempfile::TempDir;

use super::once::made_once;
use super::process::{command, run, share};
use super::{FILES, Moto, Tree, mirror, or_skip, say};

static FOUND: LazyLock<Result<Terraform, String>> = LazyLock::new(find);

const LIMIT: Duration = Duration::from_mins(3);

/// Validating two folders at a time keeps two processors busy.
const AT_ONCE: usize = 2;

/// The program, and the folder that it takes the provider from.
#[derive(Clone)]
pub struct Terraform {
    program: PathBuf,
    mirror: PathBuf,
}

impl Terraform {
    /// The program that `TERRAFORM` names, or the one on the path; the provider from a mirror on
    /// this machine, or downloaded once.
    pub fn find() -> Option<Self> {
        or_skip("terraform with the AWS provider", &FOUND)
    }

    /// What a shell needs so that `terraform` is this one, with the provider of this machine.
    pub fn in_a_shell(&self) -> (Option<&Path>, String) {
        let folder = self.program.parent().filter(|folder| !folder.as_os_str().is_empty());
        (folder, format!("-plugin-dir={}", self.mirror.display()))
    }

    /// Lays what makes a stack talk to the emulator into its folder.
    pub fn lay_over(folder: &Path) {
        fs::copy(Path::new(FILES).join(OVERRIDE), folder.join(OVERRIDE)).expect("a stack");
    }

    /// What `terraform fmt` would write differently below `root`, or cannot read: lines that name
    /// the files, as seen from there; none where all is well.
    pub fn fmt_check(&self, root: &Path) -> Vec<String> {
        let mut command = terraform(&self.program, root);
        let run = run(command.args(["fmt", "-check", "-recursive", "-no-color"]), LIMIT);
        assert!(run.code.is_some(), "terraform fmt does not end");
        run.stdout.lines().chain(run.stderr.lines()).map(str::to_owned).collect()
    }

    /// Errors and warnings in the folders, deprecations included, each beginning with its folder
    /// and file. Two seconds a folder, so give it many: it works at two at a time.
    pub fn validate(&self, folders: &[impl AsRef<Path>]) -> Vec<String> {
        let folders: Vec<&Path> = folders.iter().map(AsRef::as_ref).collect();
        let all = |share: &[&Path]| -> Vec<String> {
            share.iter().flat_map(|folder| self.validate_one(folder)).collect()
        };
        thread::scope(|scope| {
            let shares = folders.chunks(folders.len().div_ceil(AT_ONCE).max(1));
            let workers: Vec<_> = shares.map(|share| scope.spawn(move || all(share))).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
        })
    }

    fn validate_one(&self, folder: &Path) -> Vec<String> {
        let found = match Workspace::copy(self, folder, None) {
            Ok(workspace) => workspace.validate(),
            Err(output) => vec![output],
        };
        found.iter().map(|each| format!("{}: {each}", folder.display())).collect()
    }

    /// A copy of the stack in `folder`, initialised, that talks to the emulator.
    pub fn open(&self, folder: &Path, emulator: &Moto) -> Result<Workspace, String> {
        Workspace::copy(self, folder, Some(emulator))
    }

    /// What Terraform itself takes the expressions for, each as it would stand at the right of
    /// `=`. Exact, but for Unicode: Terraform turns every string into its composed form (NFC).
    pub fn evaluate(&self, expressions: &[&str]) -> Result<Vec<Value>, String> {
        let mut outputs = String::new();
        for (index, text) in expressions.iter().enumerate() {
            write!(outputs, "output \"v{index}\" {{\n  value = {text}\n}}\n").expect("a string");
        }
        let folder = Tree::new([("main.tf", outputs.as_str())]).folder;
        let plan = Workspace { terraform: self.clone(), folder, endpoint: None }.plan()?;
        let values = &plan.json["planned_values"]["outputs"];
        let value = |index| values[format!("v{index}")]["value"].clone();
        Ok((0..expressions.len()).map(value).collect())
    }
}

/// Laid over a stack so that it talks to the emulator.
const OVERRIDE: &str = "formwork_override.tf";

/// A copy of a stack, apart from the original.
pub struct Workspace {
    terraform: Terraform,
    folder: TempDir,
    endpoint: Option<String>,
}

/// What Terraform would do.
#[derive(Debug)]
pub struct Plan {
    /// The addresses of resources, and the names of outputs, that would change.
    pub changes: Vec<String>,
    /// The whole plan, as `terraform show -json` tells it.
    pub json: Value,
}

impl Workspace {
    fn copy(terraform: &Terraform, stack: &Path, emulator: Option<&Moto>) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        copy_files(stack, folder.path())
            .and_then(|()| fs::copy(Path::new(FILES).join(OVERRIDE), folder.path().join(OVERRIDE)))
            .map_err(|error| format!("{}: {error}", stack.display()))?;
        let endpoint = emulator.map(|emulator| emulator.endpoint.clone());
        let copy = Self { terraform: terraform.clone(), folder, endpoint };
        let mirror = format!("-plugin-dir={}", terraform.mirror.display());
        copy.run(&["init", "-no-color", &mirror], LIMIT, &[0])?;
        Ok(copy)
    }

    /// Errors and warnings, each beginning with its file.
    pub fn validate(&self) -> Vec<String> {
        let output = match self.run(&["validate", "-json"], LIMIT, &[0, 1]) {
            Ok(output) => output,
            Err(output) => return vec![output],
        };
        let report: Value = serde_json::from_str(&output).expect("terraform writes JSON");
        let found = report["diagnostics"].as_array().expect("diagnostics");
        found.iter().map(diagnostic).collect()
    }

    /// A plan, saved for [`Self::apply`]; or what went wrong.
    pub fn plan(&self) -> Result<Plan, String> {
        self.run(&["plan", "-no-color", "-out=saved.tfplan"], LIMIT, &[0])?;
        self.shown()
    }

    /// What another version of the stack, which lies in `folder`, would change; nothing is asked
    /// of the emulator.
    pub fn plan_instead(&self, folder: &Path) -> Result<Plan, String> {
        let failed = |error: io::Error| error.to_string();
        for entry in fs::read_dir(self.folder.path()).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') {
                fs::remove_dir_all(path).map_err(failed)?;
            } else if name != OVERRIDE && path.extension().is_some_and(|one| one == "tf") {
                fs::remove_file(path).map_err(failed)?;
            }
        }
        copy_files(folder, self.folder.path()).map_err(failed)?;
        self.run(&["plan", "-no-color", "-refresh=false", "-out=saved.tfplan"], LIMIT, &[0])?;
        self.shown()
    }

    fn shown(&self) -> Result<Plan, String> {
        let shown = self.run(&["show", "-json", "saved.tfplan"], LIMIT, &[0])?;
        let json: Value = serde_json::from_str(&shown).expect("terraform writes JSON");
        Ok(Plan { changes: changes(&json), json })
    }

    /// Carries the saved plan out, within `limit`: some types never get ready on an emulator.
    pub fn apply(&self, limit: Duration) -> Result<(), String> {
        self.run(&["apply", "-no-color", "saved.tfplan"], limit, &[0]).map(drop)
    }

    fn run(&self, arguments: &[&str], limit: Duration, codes: &[i32]) -> Result<String, String> {
        let mut command = terraform(&self.terraform.program, self.folder.path());
        if let Some(endpoint) = &self.endpoint {
            command.env("AWS_ENDPOINT_URL", endpoint);
        }
        let ended = run(command.args(arguments), limit).exits_with(codes);
        ended
            .map(|run| run.stdout)
            .map_err(|said| format!("terraform {}: {said}", arguments.join(" ")))
    }
}

fn find() -> Result<Terraform, String> {
    let program = env::var_os("TERRAFORM").map_or_else(|| "terraform".into(), PathBuf::from);
    let output = terraform(&program, Path::new(FILES))
        .args(["version", "-json"])
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let version: Value = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
    let platform = version["platform"].as_str().ok_or("terraform names no platform")?;
    let mirror = mirror::find(platform).map_or_else(|| download(&program), Ok)?;
    Ok(Terraform { program, mirror })
}

/// Lets Terraform fetch the provider once: where it then keeps it has the layout of a mirror.
fn download(program: &Path) -> Result<PathBuf, String> {
    let recipe = fs::read_to_string(Path::new(FILES).join("provider.tf"));
    let recipe = recipe.map_err(|error| error.to_string())?;
    let folder = made_once("aws-provider", &recipe, |folder, lock| {
        fs::write(folder.join("main.tf"), &recipe).map_err(|error| error.to_string())?;
        say("Downloading the AWS provider for terraform: once, some minutes");
        let mut init = terraform(program, folder);
        run(init.stdin(share(lock)).args(["init", "-no-color"]), Duration::from_mins(15))
            .exits_with(&[0])
            .map(drop)
    })?;
    Ok(folder.join(".terraform/providers"))
}

/// Terraform without questions, without the machine's credentials and configuration.
fn terraform(program: &Path, folder: &Path) -> Command {
    let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
    let mut command = command(program, folder);
    command
        .envs([("TF_IN_AUTOMATION", "1"), ("TF_INPUT", "0"), ("CHECKPOINT_DISABLE", "1")])
        .envs([("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")])
        .envs([("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_EC2_METADATA_DISABLED", "true")])
        // Otherwise Timestream's calls leave the machine, whatever the endpoint.
        .env("AWS_ENABLE_ENDPOINT_DISCOVERY", "false");
    for file in ["TF_CLI_CONFIG_FILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        command.env(file, nothing);
    }
    command
}

fn changes(plan: &Value) -> Vec<String> {
    let acts = |change: &Value| {
        let actions = change["actions"].as_array().expect("a change has actions");
        actions.iter().any(|action| action != "no-op" && action != "read")
    };
    let resources = plan["resource_changes"].as_array().into_iter().flatten();
    let outputs = plan["output_changes"].as_object().into_iter().flatten();
    let resources = resources.filter(|each| acts(&each["change"])).map(address);
    let outputs = outputs.filter(|(_, change)| acts(change)).map(|(name, _)| name.clone());
    resources.chain(outputs).collect()
}

fn address(change: &Value) -> String {
    change["address"].as_str().expect("a resource has an address").to_owned()
}

fn diagnostic(found: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let range = &found["range"];
    let [file, severity] = [text(&range["filename"]), text(&found["severity"])];
    let [summary, detail] = [text(&found["summary"]), text(&found["detail"])];
    format!("{file}:{}: {severity}: {summary}: {detail}", range["start"]["line"])
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy_files(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
