//! What an editor shows of a blueprint: yaml-language-server, from the npm registry.
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::once::made_once;
use super::process::{command, run, share};
use super::{FILES, or_skip, say};

static SERVER: LazyLock<Result<PathBuf, String>> = LazyLock::new(install);

/// A place in a document that somebody edits.
#[derive(Serialize)]
pub struct Question {
    text: String,
    folder: PathBuf,
    line: usize,
    character: usize,
}

/// What is shown there, and of the document.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub problems: Vec<Problem>,
    pub completed: Vec<Completed>,
    pub hovered: String,
}

#[derive(Debug, Deserialize)]
pub struct Problem {
    pub line: usize,
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub struct Completed {
    pub label: String,
    pub about: String,
}

impl Question {
    /// The place is marked with `¦`, which is no part of the document; its start where it is not.
    pub fn new(folder: &Path, marked: &str) -> Self {
        let before = marked.split_once('¦').map_or("", |(before, _)| before);
        let last = before.rsplit('\n').next().unwrap_or_default();
        Self {
            text: marked.replacen('¦', "", 1),
            folder: folder.to_owned(),
            line: before.matches('\n').count(),
            character: last.encode_utf16().count(),
        }
    }
}

/// An answer to each question; `None` where Node or npm is missing.
pub fn editor(questions: &[Question]) -> Option<Vec<Answer>> {
    let server = or_skip("yaml-language-server", &SERVER)?;
    let mut input = tempfile::tempfile().expect("a temporary file");
    serde_json::to_writer(&mut input, questions).expect("questions are data");
    std::io::Seek::rewind(&mut input).expect("the start of a file");
    let mut ask = command(Path::new("node"), &server);
    ask.arg(Path::new(FILES).join("editor/ask.mjs")).stdin(Stdio::from(input));
    ask.arg(server.join("node_modules/yaml-language-server/bin/yaml-language-server"));
    let answers = run(&mut ask, Duration::from_mins(2)).exits_with(&[0]).expect("it answers");
    Some(serde_json::from_str(&answers.stdout).expect("answers"))
}

fn install() -> Result<PathBuf, String> {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output();
        let output = output.map_err(|error| format!("{program} does not start: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (node, npm) = (version("node")?, if cfg!(windows) { "npm.cmd" } else { "npm" });
    version(npm)?;
    let list = |name: &str| {
        let text = fs::read_to_string(Path::new(FILES).join("editor").join(name));
        text.map_err(|error| error.to_string())
    };
    let lists = ["package.json", "package-lock.json"].map(|name| (name, list(name)));
    let recipe =
        lists.iter().try_fold(node, |all, (_, text)| Ok::<_, String>(all + text.as_ref()?));
    let recipe = recipe.map_err(|error| error.clone())?;
    made_once("editor", &recipe, |folder, lock: &File| {
        say(&format!("Installing yaml-language-server into {}: once", folder.display()));
        for (name, text) in &lists {
            let text = text.as_ref().map_err(Clone::clone)?;
            fs::write(folder.join(name), text).map_err(|error| error.to_string())?;
        }
        let mut install = command(Path::new(npm), folder);
        install.stdin(share(lock)).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run(&mut install, Duration::from_mins(5)).exits_with(&[0]).map(|_| ())
    })
}
