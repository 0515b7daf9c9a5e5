//! Pages of commands, carried out one by one in a folder with a blueprint.
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::page::{Block, Page};

/// What the commands of the pages work on.
const PLANT: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  readings: {kind: kinesis-stream, retention_hours: 24}
  archive: {kind: data-bucket, names: {main: plant-a-lake}}
";

/// What the last of the wrong commands says. Its first line is in the page, and the commands that
/// are right mend what the wrong ones have left.
pub fn executed(page: &Page) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("plant.yaml"), PLANT).expect("a blueprint");
    let told = run(&page.wrong, folder.path());
    let told = String::from_utf8(told.stderr).expect("a text");
    let mended = run(&page.right, folder.path());
    let said = String::from_utf8_lossy(&mended.stderr).into_owned();
    assert!(mended.status.success() && !said.contains(&page.rule), "{}: {said}", page.rule);
    let shown = page.wrong[0].text.lines().last().expect("what is said");
    assert!(told.lines().any(|line| line == shown), "{shown}\nis not in\n{told}");
    told
}

/// Runs the lines that begin with a prompt, and gives what became of the last.
fn run(blocks: &[Block], folder: &Path) -> Output {
    let lines = blocks.iter().flat_map(|block| block.text.lines());
    let commands = lines.filter_map(|line| line.strip_prefix("$ "));
    let last = commands.fold(None, |_, command| Some(one(command, folder)));
    last.expect("a command")
}

fn one(command: &str, folder: &Path) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_formwork"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", binary.parent().expect("a folder").display());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).env("NO_COLOR", "1");
    shell.output().expect("a shell")
}

/// The rules that a text names in brackets, as findings do.
pub fn rules(told: &str) -> impl Iterator<Item = String> {
    let heads = told.lines().filter_map(|line| line.split_once('['));
    let heads = heads.filter(|(word, _)| ["error", "warning"].contains(word));
    heads.filter_map(|(_, rest)| Some(rest.split_once("]:")?.0.to_owned()))
}
