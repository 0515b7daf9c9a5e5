//! The command line: the only place, with `write`, that touches files, environment, clock and
//! standard streams.

mod check;
mod explain;
mod generate;
mod input;
mod list;
mod new;
mod show;
mod terminal;

use crate::value::Target;
use clap::{Args, Parser, Subcommand, ValueEnum};
use input::Input;
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::Terminal;

/// How a run ends. The larger one of several wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Nothing was found.
    Fine = 0,
    /// A blueprint has an error, or output is not what it should be.
    Findings = 1,
    /// It could not be run.
    Failed = 2,
}

/// Why a command could not be run.
type Failure = String;

/// Turns a short declarative blueprint into a complete, deployable AWS stack, as CloudFormation
/// and Terraform.
#[derive(Parser)]
#[command(name = "formwork", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start with:\n  formwork list\n  formwork new sensor-streaming -o plant.yaml\n  \
    formwork generate plant.yaml\n\nExit codes: 0 fine, 1 findings, 2 could not run."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Args)]
struct Global {
    /// A folder with kinds and templates of your own, above ours
    #[arg(long, global = true, value_name = "DIR")]
    catalog: Vec<PathBuf>,
    /// Colours in findings
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Say nothing but findings and data
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more of what is done
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Write a shipped blueprint to start from
    New(new::Options),
    /// List architectures and kinds, or the stacks of blueprints
    List(list::Options),
    /// Say what is wrong with blueprints
    Check(check::Options),
    /// Show a resolved blueprint, each value with where it came from
    Show(show::Options),
    /// Write the stacks of blueprints
    Generate(generate::Options),
    /// Explain a rule, a kind or a parameter
    Explain(explain::Options),
}

/// A target as a flag's value.
fn target(word: &str) -> Result<Target, String> {
    Target::from_word(word).ok_or_else(|| "write cloudformation or terraform".into())
}

/// Runs the program with the process's own arguments.
#[must_use]
pub fn main() -> ExitCode {
    let warming = std::thread::spawn(crate::blueprint::warm_up);
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    let exit = run(&cli, &terminal).unwrap_or_else(|failure| {
        Terminal::say_always(&format!("formwork: {failure}"));
        Exit::Failed
    });
    // The validator may still be in the making; nobody waits for it.
    drop(warming);
    ExitCode::from(exit as u8)
}

fn run(cli: &Cli, terminal: &Terminal) -> Result<Exit, Failure> {
    let input = Input::open(&cli.global.catalog, terminal)?;
    let broken = input.catalog.take_findings();
    if !broken.is_empty() {
        terminal.findings(&broken);
        return Ok(Exit::Failed);
    }
    let exit = match &cli.command {
        Command::New(options) => new::run(options, &input, terminal),
        Command::List(options) => list::run(options, &input, terminal),
        Command::Check(options) => check::run(options, &input, terminal),
        Command::Show(options) => show::run(options, &input, terminal),
        Command::Generate(options) => generate::run(options, &input, terminal),
        Command::Explain(options) => explain::run(options, &input),
    }?;
    let broken = input.catalog.take_findings();
    if broken.is_empty() {
        return Ok(exit);
    }
    terminal.findings(&broken);
    Ok(Exit::Failed)
}
