//! Virtual environments with judges from the package index.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use super::once::made_once;
use super::process::{command, run, share};
use super::{FILES, or_skip, say};

static CFN_LINT_MOTO: LazyLock<Result<PathBuf, String>> =
    LazyLock::new(|| install("cfn-lint-moto"));
static AWS: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| install("awscli"));
static CHECKOV: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| install("checkov"));

/// The programs of the environment that holds cfn-lint, moto and their libraries.
pub fn cfn_lint_and_moto() -> Option<PathBuf> {
    or_skip("cfn-lint and moto", &CFN_LINT_MOTO)
}

/// The programs of the environment that holds checkov.
pub fn checkov() -> Option<PathBuf> {
    or_skip("checkov", &CHECKOV)
}

/// The folder of the command line of AWS.
pub fn aws() -> Option<PathBuf> {
    or_skip("the command line of AWS", &AWS)
}

/// A command of an environment, working in `folder`, which is its home as well: configuration
/// that a person keeps for these tools must not change their verdict here.
pub fn tool(programs: &Path, name: &str, folder: &Path) -> Command {
    let mut command = command(&programs.join(name), folder);
    command.env("HOME", folder).env("PYTHONUTF8", "1");
    command
}

fn install(name: &str) -> Result<PathBuf, String> {
    let list = Path::new(FILES).join(format!("{name}.txt"));
    let requirements = fs::read_to_string(&list).map_err(|error| error.to_string())?;
    let python = if cfg!(windows) { "python" } else { "python3" };
    let version = Command::new(python)
        .arg("--version")
        .output()
        .map_err(|error| format!("{python} does not start: {error}"))?;
    let recipe = requirements + &String::from_utf8_lossy(&version.stdout);
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    let folder = made_once(name, &recipe, |folder, lock| {
        say(&format!("Installing {name} into {}: once, a minute or so", folder.display()));
        let mut create = command(Path::new(python), folder);
        create.stdin(share(lock)).args(["-m", "venv", "."]);
        run(&mut create, Duration::from_mins(2)).exits_with(&[0])?;
        let mut pip = command(&folder.join(programs).join("python"), folder);
        let install = "-m pip install --quiet --disable-pip-version-check --requirement";
        pip.stdin(share(lock)).args(install.split(' ')).arg(list);
        run(&mut pip, Duration::from_mins(15)).exits_with(&[0])?;
        Ok(())
    })?;
    Ok(folder.join(programs))
}
