//! `formwork check`: what is wrong with blueprints.

use super::generate::{Run, denied};
use super::input::Input;
use super::terminal::Terminal;
use super::{Exit, Failure, Format};
use crate::report;
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  formwork check plant.yaml\n  formwork check blueprints --deny warnings\n  \
    formwork check plant.yaml --env prod --format json"
)]
pub(super) struct Options {
    /// Blueprints, folders of them, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only this environment
    #[arg(long, value_name = "ENVIRONMENT")]
    env: Vec<String>,
    /// Treat these as errors: `warnings`, or the name of a rule
    #[arg(long, value_name = "WHAT")]
    deny: Vec<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The day that dated rules are asked about; today unless said
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
}

pub(super) fn run(options: &Options, input: &Input, terminal: &Terminal) -> Result<Exit, Failure> {
    let files = Input::blueprints(&options.files)?;
    let run = Run { environments: &options.env, targets: &[], artifacts: false };
    let outcome = run.all(input, &files, options.as_of)?;
    match options.format {
        Format::Human => terminal.findings(&outcome.findings),
        Format::Json => Terminal::print(&report::json(&outcome.findings))?,
    }
    if outcome.findings.is_empty() && options.format == Format::Human {
        terminal.say("nothing found");
    }
    let deny: Vec<&str> = options.deny.iter().chain(&input.project.deny).map(|s| &**s).collect();
    let dated = options.as_of.is_some();
    let refused = outcome.findings.iter().any(|one| one.is_error() || denied(one, &deny, dated));
    Ok(if refused { Exit::Findings } else { Exit::Fine })
}
