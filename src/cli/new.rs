//! `formwork new`

use super::Context;
use super::dialog::{Known, ask};
use super::input::cannot;
use super::stop::{Exit, Stop};
use crate::blueprint::{self, Blueprint};
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::source::{Author, Source};
use crate::value::Value;
use clap::Args;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  formwork new                                    asks, on a terminal
  formwork new sensor-streaming -o plant-a.yaml --name plant-a --region eu-central-1
  formwork new sensor-streaming | formwork check -

`formwork list` shows every architecture.

Exit codes: 0 printed, or written; 2 could not run, or the file is there already.";

/// By these lines editors find the schema: the first is of editors with yaml-language-server, the
/// second of those by `JetBrains`.
const STAMPS: [&str; 2] =
    ["# yaml-language-server: $schema=./formwork.schema.json", "# $schema: ./formwork.schema.json"];

/// Print a shipped blueprint, or write it, to start from
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct New {
    /// The architecture; on a terminal it is asked for, with all the rest, where it is left out
    #[arg(value_name = "ARCHITECTURE")]
    architecture: Option<String>,
    /// Write it to this file, which must not be there yet
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The name of the blueprint
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where it is deployed
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

impl New {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        match &self.architecture {
            Some(architecture) => self.write(context, architecture),
            None => asked(&context.catalog)?.run(context),
        }
    }

    fn write(&self, context: &Context, architecture: &str) -> Result<Exit, Stop> {
        let mut text = shipped(&context.catalog, architecture)?;
        if let Some(region) = &self.region {
            text = moved(&text, region)?;
        }
        if let Some(name) = &self.name {
            text = replaced(&text, "name", name)?;
        }
        let text = stamped(&text);
        let findings = problems(&text);
        if !findings.is_empty() {
            return Err(Stop::findings("the blueprint cannot say this", findings));
        }
        match &self.out {
            None => context.console.data(&text),
            Some(path) => {
                write(path, &text)?;
                context.console.done(&format!("wrote {}\n", path.display()));
            }
        }
        Ok(Exit::Fine)
    }
}

/// What a person answers.
fn asked(catalog: &Catalog) -> Result<New, Stop> {
    let names = catalog.names("blueprints/", ".yaml");
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let stop = Stop::new("nobody said which architecture");
        return Err(stop.help(format!("write one of {}", names.join(", "))));
    }
    let known = |name: &&str| {
        let blueprint = parsed(&shipped(catalog, name).ok()?).ok()?;
        let word = |key: &str| Some(blueprint.document.get(key)?.as_str()?.to_string());
        Some(Known { architecture: (*name).into(), name: word("name")?, region: word("region")? })
    };
    let known: Vec<Known> = names.iter().filter_map(known).collect();
    let answers = ask(&known, io::stdin().lock(), io::stderr().lock());
    let answers = answers.map_err(|error| Stop::new(error.to_string()))?;
    Ok(New {
        architecture: Some(answers.architecture),
        out: Some(answers.file.into()),
        name: Some(answers.name),
        region: Some(answers.region),
    })
}

/// The text with what editors want at its top.
fn stamped(text: &str) -> String {
    let rest = text.lines().filter(|line| !STAMPS.contains(line));
    STAMPS.into_iter().chain(rest).flat_map(|line| [line, "\n"]).collect()
}

/// The text of an architecture's blueprint.
fn shipped(catalog: &Catalog, architecture: &str) -> Result<String, Stop> {
    let known = catalog.names("blueprints/", ".yaml");
    if let Some((_, text)) = catalog.file(&format!("blueprints/{architecture}.yaml")) {
        return Ok(text.to_string());
    }
    let near = did_you_mean(architecture, known.iter().copied());
    let help = near.unwrap_or_else(|| format!("there is {}", known.join(", ")));
    Err(Stop::new(format!("there is no architecture `{architecture}`")).help(help))
}

fn parsed(text: &str) -> Result<Blueprint, Vec<Diagnostic>> {
    blueprint::parse(&Source::new("blueprint", text, Author::Blueprint))
}

/// The text for another region: what it names by an ARN or a host is there, too.
fn moved(text: &str, region: &str) -> Result<String, Stop> {
    let old = parsed(text).ok().and_then(|blueprint| {
        blueprint.document.get("region").and_then(Value::as_str).map(String::from)
    });
    let mut text = replaced(text, "region", region)?;
    let old = old.as_deref().unwrap_or(region);
    for mark in [":", "."] {
        text = text.replace(&format!("{mark}{old}{mark}"), &format!("{mark}{region}{mark}"));
    }
    Ok(text)
}

/// The text with another word under a key at its top. A comment behind it stays in its column where
/// there is room.
fn replaced(text: &str, key: &str, word: &str) -> Result<String, Stop> {
    let broken = |findings| Stop::findings("the shipped blueprint is broken", findings);
    let blueprint = parsed(text).map_err(broken)?;
    let Some(span) = blueprint.document.get(key).and_then(Value::span) else {
        return Err(Stop::new(format!("the shipped blueprint has no `{key}`")));
    };
    let (before, after) = (&text[..span.start as usize], &text[span.end as usize..]);
    let rest = after.trim_start_matches(' ');
    let gap = after.len() - rest.len();
    let room = (span.text().len() + gap).saturating_sub(word.len()).max(1);
    let blanks = if rest.starts_with('#') { room } else { gap };
    let replaced = format!("{before}{word}{:blanks$}{rest}", "");
    let says = |text: &str| {
        parsed(text).is_ok_and(|now| now.document.get(key).and_then(Value::as_str) == Some(word))
    };
    if says(&replaced) { Ok(replaced) } else { Err(Stop::new(format!("`{word}` is no {key}"))) }
}

/// What the envelope does not allow.
fn problems(text: &str) -> Vec<Diagnostic> {
    let blueprint = match parsed(text) {
        Ok(blueprint) => blueprint,
        Err(findings) => return findings,
    };
    let mut stacks = blueprint.stacks().into_iter();
    stacks.find_map(|stack| blueprint.variant(stack.as_ref()).err()).unwrap_or_default()
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let name = path.display().to_string();
    let created = File::create_new(path);
    created.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let exists = error.kind() == std::io::ErrorKind::AlreadyExists;
        let help = exists.then(|| "choose another name, or remove it first".to_string());
        cannot("write", &name, &error).help_if(help)
    })
}
