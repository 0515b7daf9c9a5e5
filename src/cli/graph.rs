//! `formwork graph`

use super::Context;
use super::batch::Batch;
use super::show::choose;
use super::stop::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::diagram::{diagram, dot, mermaid, svg};
use crate::generate;
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  formwork graph plant-a.yaml --env prod
  formwork graph plant-a.yaml --env prod --format svg > plant-a.svg
  formwork graph plant-a.yaml --env prod --format dot | dot -Tpdf > plant-a.pdf

An arrow says which parameter refers, and points where data goes. The path of an objective is drawn
thick, and what is not generated here with dashes.";

/// Draw a stack: its components, and what refers to what
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Graph {
    /// A blueprint, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// For this environment
    #[arg(long = "env", value_name = "ENV")]
    environment: Option<String>,
    /// What to draw it as
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// Draw arrows to what serves every component, too
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Shown by many hosts of repositories, in Markdown
    Mermaid,
    /// For Graphviz
    Dot,
    /// A picture
    Svg,
}

impl Graph {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let batch = Batch::read(context, std::slice::from_ref(&self.file));
        context.console.say_findings(&batch.findings);
        let [job] = batch.jobs.as_slice() else {
            if batch.jobs.len() > 1 {
                return Err(Stop::new("only one blueprint can be drawn"));
            }
            return Ok(batch.exit.max(Exit::of(&batch.findings, &[], false)));
        };
        let environment = choose(job, self.environment.as_deref())?;
        let (session, read_file) = (context.session(None), |path: &str| job.asset(path));
        let drawn = generate::resolved(&session, &job.blueprint, environment.as_ref(), &read_file);
        let (resolved, findings) = match drawn {
            Ok((resolved, found)) => (Some(resolved), found),
            Err(findings) => (None, findings),
        };
        // `check` says what is doubtful.
        let errors: Vec<_> = findings.into_iter().filter(Diagnostic::is_error).collect();
        context.console.say_findings(&errors);
        let sound = resolved.filter(|_| errors.is_empty());
        let Some(resolved) = sound else { return Ok(Exit::Findings) };
        let diagram = diagram(&resolved, self.all);
        context.console.data(&match self.format {
            Format::Mermaid => mermaid(&diagram),
            Format::Dot => dot(&diagram),
            Format::Svg => svg(&diagram),
        });
        Ok(Exit::Fine)
    }
}
