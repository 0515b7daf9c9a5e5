//! What stacks carry that runs by itself, run against stand-ins of the services that it calls.
use std::path::Path;
use std::time::Duration;

use super::process::run;
use super::{FILES, venv};

/// How the runs of every state machine in a template go: each story with its calls and its end. A
/// run that leaves behind what it has made fails.
pub fn state_machine(template: &Path) -> Option<String> {
    runs("state_machine.py", template)
}

/// How a program of ours does that starts and stops applications, in every case.
pub fn starter(program: &Path) -> Option<String> {
    runs("starter_runs.py", program)
}

fn runs(script: &str, file: &Path) -> Option<String> {
    let programs = venv::cfn_lint_and_moto()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = venv::tool(&programs, "python", folder.path());
    command.arg("-B").arg(Path::new(FILES).join(script)).arg(file);
    let run = run(&mut command, Duration::from_mins(1)).exits_with(&[0]).expect("every run ends");
    Some(run.stdout)
}

/// What a vendor's own schema has against a pipeline's file; nothing where it keeps it. `schema`
/// is one of those that check-jsonschema carries, with what it does to a file before.
pub fn vendor_schema(schema: &[&str], file: &Path) -> Option<String> {
    let programs = venv::cfn_lint_and_moto()?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = venv::tool(&programs, "check-jsonschema", folder.path());
    command.arg("--builtin-schema").args(schema).arg(file);
    let run = run(&mut command, Duration::from_mins(1)).exits_with(&[0, 1]).expect("it ends");
    Some(if run.stdout.contains("validation done") { String::new() } else { run.stdout })
}
