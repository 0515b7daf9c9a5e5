//! `formwork graph`

use super::Context;
use super::batch::Batch;
use super::input::cannot;
use super::show::choose;
use super::stop::{Exit, Stop};
use crate::diagnostic::Diagnostic;
use crate::diagram::{diagram, dot, mermaid, svg};
use crate::generate;
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  formwork graph plant-a.yaml --env prod
  formwork graph plant-a.yaml --env prod -o plant-a.svg
  formwork graph plant-a.yaml --env prod --format dot | dot -Tpdf > plant-a.pdf

An arrow says which parameter refers, and points where data goes. The path of an objective is drawn
thick, and what is not generated here with dashes.

Exit codes: 0 drawn; 1 the blueprint has errors; 2 could not run.";

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
    /// What to draw it as; mermaid, where no file's ending says it
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write it to this file, drawn as its ending says: .mmd, .dot or .svg
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
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

impl Format {
    /// What a file is drawn as, by how its name ends.
    const ENDINGS: [(&'static str, Self); 5] = [
        ("mmd", Self::Mermaid),
        ("dot", Self::Dot),
        ("svg", Self::Svg),
        ("mermaid", Self::Mermaid),
        ("gv", Self::Dot),
    ];

    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        Self::ENDINGS.into_iter().find(|(one, _)| *one == ending).map(|(_, format)| format)
    }
}

impl Graph {
    /// What was asked for, or what the file's ending says.
    fn format(&self) -> Result<Format, Stop> {
        match (self.format, &self.out) {
            (Some(format), _) => Ok(format),
            (None, None) => Ok(Format::Mermaid),
            (None, Some(path)) => Format::of(path).ok_or_else(|| {
                let name = path.display();
                let stop = Stop::new(format!("nothing is drawn as {name} ends"));
                stop.help("let it end in .mmd, .dot or .svg, or say `--format`")
            }),
        }
    }

    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let format = self.format()?;
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
        let text = match format {
            Format::Mermaid => mermaid(&diagram),
            Format::Dot => dot(&diagram),
            Format::Svg => svg(&diagram),
        };
        match &self.out {
            None => context.console.data(&text),
            Some(path) => {
                let name = path.display().to_string();
                fs::write(path, text).map_err(|error| cannot("write", &name, &error))?;
                context.console.done(&format!("wrote {name}\n"));
            }
        }
        Ok(Exit::Fine)
    }
}
