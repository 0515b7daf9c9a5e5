//! Programs for Node, with what they need from the npm registry.
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::once::made_once;
use super::process::{command, run, share};
use super::{FILES, say};

/// What a script of ours prints for `input`, both as JSON, beside its packages.
pub fn ask<T: DeserializeOwned>(
    packages: &Path,
    script: &str,
    argument: &Path,
    input: &impl Serialize,
) -> T {
    let mut file = tempfile::tempfile().expect("a temporary file");
    serde_json::to_writer(&mut file, input).expect("questions are data");
    std::io::Seek::rewind(&mut file).expect("the start of a file");
    let mut ask = command(Path::new("node"), packages);
    ask.arg(Path::new(FILES).join(script)).arg(argument).stdin(Stdio::from(file));
    let answers = run(&mut ask, Duration::from_mins(2)).exits_with(&[0]).expect("it answers");
    serde_json::from_str(&answers.stdout).expect("answers")
}

/// The packages of a folder of ours, installed once; or why they cannot be.
pub fn packages(name: &str) -> Result<PathBuf, String> {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output();
        let output = output.map_err(|error| format!("{program} does not start: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (node, npm) = (version("node")?, if cfg!(windows) { "npm.cmd" } else { "npm" });
    version(npm)?;
    let list = |list: &str| {
        let text = fs::read_to_string(Path::new(FILES).join(name).join(list));
        text.map(|text| (list.to_owned(), text)).map_err(|error| error.to_string())
    };
    let lists = [list("package.json")?, list("package-lock.json")?];
    let recipe = lists.iter().fold(node, |all, (_, text)| all + text);
    made_once(name, &recipe, |folder, lock: &File| {
        say(&format!("Installing the packages of {name} into {}: once", folder.display()));
        for (list, text) in &lists {
            fs::write(folder.join(list), text).map_err(|error| error.to_string())?;
        }
        let mut install = command(Path::new(npm), folder);
        install.stdin(share(lock)).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run(&mut install, Duration::from_mins(5)).exits_with(&[0]).map(|_| ())
    })
}
