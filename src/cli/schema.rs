//! `formwork schema`

use super::Context;
use super::batch::Batch;
use super::new::write;
use super::stop::{Exit, Stop};
use crate::editor::{self, Known};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  formwork schema -o formwork.schema.json
  formwork schema blueprints/ > formwork.schema.json    suggests their components' names, too

A blueprint that begins with these lines is completed, explained and checked while you write it:
  # yaml-language-server: $schema=./formwork.schema.json
  # $schema: ./formwork.schema.json";

/// Print the JSON Schema of blueprints, or write it, for editors
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Schema {
    /// Blueprints whose components' names are suggested where one is referred to
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write it to this file, which must not be there yet
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Schema {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let (known, exit) = self.known(context);
        let schema = editor::schema(&context.catalog, &known);
        let broken = context.catalog.take_findings();
        if !broken.is_empty() {
            return Err(Stop::findings("the catalog is broken", broken));
        }
        // Large, and read by editors alone.
        let text = format!("{schema}\n");
        match &self.out {
            None => context.console.data(&text),
            Some(path) => {
                write(path, &text)?;
                context.console.done(&format!("wrote {}\n", path.display()));
            }
        }
        Ok(exit)
    }

    /// The components of the blueprints that are named.
    fn known(&self, context: &Context) -> (Known, Exit) {
        let mut known = Known::default();
        if self.files.is_empty() {
            return (known, Exit::Fine);
        }
        let batch = Batch::read(context, &self.files);
        context.console.say_findings(&batch.findings);
        for job in &batch.jobs {
            known.note(&job.blueprint.document);
            job.blueprint.environments.iter().for_each(|one| known.note(&one.overlay));
        }
        (known, batch.exit.max(Exit::of(&batch.findings, &[], false)))
    }
}
