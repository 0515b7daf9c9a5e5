//! `formwork new`: a shipped blueprint to start from.

use super::input::Input;
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::diagnostic::did_you_mean;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  formwork new sensor-streaming -o plant.yaml\n  \
    formwork new sensor-streaming --name plant-a --region eu-west-1 | formwork check -")]
pub(super) struct Options {
    /// An architecture; `formwork list` shows them
    architecture: String,
    /// Where it is written; printed unless said
    #[arg(short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The blueprint's name
    #[arg(long)]
    name: Option<String>,
    /// The AWS region
    #[arg(long)]
    region: Option<String>,
}

pub(super) fn run(options: &Options, input: &Input, terminal: &Terminal) -> Result<Exit, Failure> {
    let path = format!("blueprints/{}.yaml", options.architecture);
    let Some((_, text)) = input.catalog.file(&path) else {
        let known = input.catalog.names("blueprints/", ".yaml");
        let near = did_you_mean(&options.architecture, known.iter().copied());
        let help = near.unwrap_or_else(|| format!("there are {}", known.join(", ")));
        return Err(format!("there is no architecture `{}`: {help}", options.architecture));
    };
    let text =
        with(with(text, "name", options.name.as_deref()), "region", options.region.as_deref());
    let Some(out) = &options.out else {
        Terminal::print(&text)?;
        return Ok(Exit::Fine);
    };
    let file = OpenOptions::new().write(true).create_new(true).open(out);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    terminal.say(&format!("wrote {}; next: formwork generate {0}", out.display()));
    Ok(Exit::Fine)
}

/// The text with another value on the line of a top-level key; comments stay.
fn with(text: impl Into<String>, key: &str, value: Option<&str>) -> String {
    let text = text.into();
    let Some(value) = value else { return text };
    let begin = format!("{key}:");
    let line = |line: &str| {
        if !line.starts_with(&begin) {
            return line.to_string();
        }
        let comment = line.find(" #").map_or("", |at| &line[at..]);
        format!("{begin} {value}{comment}")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
