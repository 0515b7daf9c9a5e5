//! `formwork list`

use super::batch::Batch;
use super::stop::{Exit, Stop};
use super::{Context, Format};
use crate::blueprint;
use crate::catalog::{Catalog, Sort};
use crate::report::pretty;
use crate::source::{Author, Source};
use crate::value::Value;
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  formwork list
  formwork list --format json
  formwork list --stacks blueprints/ --format json    the matrix of a pipeline";

/// List architectures and kinds, or the stacks of blueprints
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// List the stacks of these blueprints
    #[arg(long, value_name = "FILE", num_args = 1..)]
    stacks: Vec<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Serialize)]
struct Known<'a> {
    version: u32,
    architectures: Vec<Named<'a>>,
    kinds: Vec<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Matrix<'a> {
    version: u32,
    stacks: Vec<Stack<'a>>,
}

/// One stack on one target.
#[derive(Serialize)]
struct Stack<'a> {
    blueprint: &'a str,
    environment: Option<&'a str>,
    target: &'static str,
    region: &'a str,
    prefix: &'a str,
    file: &'a str,
}

impl List {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        if !self.stacks.is_empty() {
            return Ok(self.matrix(context));
        }
        let catalog = &context.catalog;
        let known =
            Known { version: 1, architectures: architectures(catalog), kinds: kinds(catalog) };
        let broken = catalog.take_findings();
        if !broken.is_empty() {
            return Err(Stop::findings("the catalog is broken", broken));
        }
        context.console.data(&match self.format {
            Format::Json => pretty(&known),
            Format::Human => {
                let kinds = table("Kinds", &known.kinds);
                format!("{}\n{kinds}", table("Architectures", &known.architectures))
            }
        });
        Ok(Exit::Fine)
    }

    fn matrix(&self, context: &Context) -> Exit {
        let batch = Batch::read(context, &self.stacks);
        let mut findings = batch.findings;
        let mut stacks = vec![];
        for job in &batch.jobs {
            for (environment, envelope) in &job.stacks {
                let Some(envelope) = envelope else {
                    let variant = job.blueprint.variant(environment.as_ref());
                    findings.extend(variant.err().into_iter().flatten());
                    continue;
                };
                stacks.extend(envelope.targets.iter().map(|target| Stack {
                    blueprint: &envelope.name,
                    environment: environment.as_deref(),
                    target: target.word(),
                    region: &envelope.region,
                    prefix: &envelope.prefix,
                    file: &job.blueprint.source.name,
                }));
            }
        }
        context.console.say_findings(&findings);
        context.console.data(&match self.format {
            Format::Json => pretty(&Matrix { version: 1, stacks }),
            Format::Human => columns(&stacks),
        });
        batch.exit.max(Exit::of(&findings, &[], false))
    }
}

/// The shipped blueprints, each with what it says of itself.
fn architectures(catalog: &Catalog) -> Vec<Named<'_>> {
    let summary = |name: &str| {
        let (path, text) = catalog.file(&format!("blueprints/{name}.yaml"))?;
        let blueprint = blueprint::parse(&Source::new(path, text, Author::Blueprint)).ok()?;
        blueprint.document.get("description").and_then(Value::as_str).map(String::from)
    };
    let names = catalog.names("blueprints/", ".yaml").into_iter();
    let one = |name| Named { name, summary: summary(name).unwrap_or_default(), offers: None };
    names.map(one).collect()
}

fn kinds(catalog: &Catalog) -> Vec<Named<'_>> {
    let kind = |name| {
        let kind = catalog.kind(Sort::Kind, name)?;
        let offers = kind.offers.iter().map(ToString::to_string).collect();
        Some(Named { name, summary: kind.summary.to_string(), offers: Some(offers) })
    };
    catalog.kinds(Sort::Kind).into_iter().filter_map(kind).collect()
}

fn table(title: &str, rows: &[Named<'_>]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let mut text = format!("{title}\n");
    for row in rows {
        let _ = writeln!(text, "  {:width$}  {}", row.name, row.summary);
    }
    text
}

/// Columns under headings, each as wide as what is in it.
fn columns(stacks: &[Stack<'_>]) -> String {
    let heading = ["BLUEPRINT", "ENVIRONMENT", "TARGET", "REGION", "PREFIX", "FILE"];
    let row = |one: &Stack<'_>| {
        let environment = one.environment.unwrap_or("-");
        [one.blueprint, environment, one.target, one.region, one.prefix, one.file].map(String::from)
    };
    let rows: Vec<[String; 6]> =
        std::iter::once(heading.map(String::from)).chain(stacks.iter().map(row)).collect();
    let widths: Vec<usize> =
        (0..6).map(|c| rows.iter().map(|row| row[c].len()).max().unwrap_or_default()).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}
