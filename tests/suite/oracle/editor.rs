//! What an editor shows of a blueprint: yaml-language-server, from the npm registry.
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{node, or_skip};

static PACKAGES: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| node::packages("editor"));

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
    let packages = or_skip("yaml-language-server", &PACKAGES)?;
    let server = packages.join("node_modules/yaml-language-server/bin/yaml-language-server");
    Some(node::ask(&packages, "editor/ask.mjs", &server, &questions))
}
