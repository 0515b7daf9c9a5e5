//! The command line: the only module that reads files, the environment and the clock.
//!
//! Each command has a file with its flags and what it does. Data goes to standard output, talk to
//! standard error.

mod architecture;
mod batch;
mod check;
mod comment;
mod console;
mod diff;
mod dialog;
mod difference;
mod explain;
mod folder;
mod generate;
mod git;
mod graph;
mod input;
mod kind_page;
mod list;
mod new;
mod pipeline;
mod plain;
mod progress;
mod project;
mod reference;
mod rows;
mod schema;
mod shell;
mod show;
mod stop;
mod upgrade;
mod versions;

use crate::blueprint;
use crate::catalog::Catalog;
use crate::diagnostic::rule;
use crate::generate::Session;
use crate::template::Templates;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use console::Console;
use jiff::civil::Date;
use project::Project;
use std::env;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;
use stop::{Exit, Stop};

const EXAMPLES: &str = "\
Examples:
  formwork new sensor-streaming -o plant-a.yaml    a blueprint to start from
  formwork check plant-a.yaml                      what is wrong with it, without writing anything
  formwork generate plant-a.yaml                   CloudFormation and Terraform, below stacks/
  formwork diff --base main plant-a.yaml           what a change does to what is deployed
  formwork explain KIND                            what a kind of `formwork list` takes and gives
  formwork help COMMAND                            its flags, with examples

Exit codes: 0 fine; 1 something was found; 2 could not run.";

/// What holds for the commands that say nothing else of their exit codes.
const EXIT_CODES: &str = "Exit codes: 0 fine; 1 something was found; 2 could not run.";

/// A short declarative blueprint in, a complete, deployable AWS stack out: as CloudFormation or
/// Terraform, readable, and with nothing of ours in it.
#[derive(Parser)]
#[command(name = "formwork", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// Put a folder's catalog over ours; may be repeated
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FORMWORK_CATALOG",
        hide_env_values = true
    )]
    catalog: Vec<PathBuf>,
    /// When to use colours; `NO_COLOR` is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    #[arg(env = "FORMWORK_COLOR", hide_env_values = true)]
    color: Color,
    /// Say only what was found
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    New(new::New),
    List(list::List),
    Check(check::Check),
    Show(show::Show),
    Generate(generate::Generate),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Graph(graph::Graph),
    Schema(schema::Schema),
    Reference(reference::Reference),
    Completions(shell::Completions),
    Man(shell::Man),
    Pipeline(pipeline::Pipeline),
}

/// How machines or people read what a command says.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

/// What every command works with.
struct Context {
    console: Console,
    project: Project,
    catalog: Catalog,
    templates: Templates,
}

impl Context {
    fn session(&self, as_of: Option<Date>) -> Session<'_> {
        let Self { catalog, templates, .. } = self;
        Session { catalog, templates, as_of: as_of.unwrap_or_else(today) }
    }

    /// What the project and the flags deny. Fails on what is neither `warnings` nor a rule.
    fn denied<'a>(&'a self, flags: &'a [String]) -> Result<Vec<&'a str>, Stop> {
        let all = self.project.deny.iter().chain(flags).map(String::as_str);
        let all: Vec<&str> = all.collect();
        let rules = all.iter().filter(|word| **word != "warnings" && rule(word).is_none());
        for word in rules {
            let kinds = explain::kinds(&self.catalog);
            if !kinds.iter().flat_map(|kind| &kind.rules).any(|rule| *rule.name == **word) {
                let stop = Stop::new(format!("there is no rule `{word}` to deny"));
                return Err(stop.help("write `warnings`, or the name of a rule"));
            }
        }
        Ok(all)
    }
}

/// Today in UTC, so that it is the same day for everybody.
fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The command line, each command with its exit codes.
fn command() -> clap::Command {
    Arguments::command().mut_subcommands(|one| {
        let said = one.get_after_help().map(ToString::to_string).unwrap_or_default();
        if said.contains("Exit codes:") {
            one
        } else {
            one.after_help(format!("{said}\n\n{EXIT_CODES}"))
        }
    })
}

/// What was written, `help COMMAND` as `COMMAND --help`.
fn parsed() -> Result<Arguments, clap::Error> {
    let mut words: Vec<OsString> = env::args_os().collect();
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    command().try_get_matches_from(words).and_then(|found| Arguments::from_arg_matches(&found))
}

/// Runs the command that the process was started with. A panic is our bug: it becomes the exit
/// code of what could not run.
pub fn main() -> ExitCode {
    // It is only quicker: where there is no second thread, the first one does it.
    let _ = thread::Builder::new().spawn(blueprint::warm_up);
    let arguments = match parsed() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::CannotRun } else { Exit::Fine }.into();
        }
    };
    anstream::ColorChoice::write_global(match arguments.global.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    });
    let console = Console::new(arguments.global.quiet, arguments.global.verbose);
    catch_unwind(AssertUnwindSafe(|| start(&arguments, console))).unwrap_or_else(|_| {
        let console = Console::new(false, false);
        console.error("this is a bug of formwork; please report it with the lines above");
        Exit::CannotRun.into()
    })
}

fn start(arguments: &Arguments, console: Console) -> ExitCode {
    let begin = Instant::now();
    let outcome = match context(&arguments.global, console) {
        Ok(context) => {
            let outcome = run(&arguments.command, &context);
            context.console.detail(&format!("took {:.1?}", begin.elapsed()));
            outcome.and_then(|exit| context.console.finish().map(|()| exit))
        }
        Err(stop) => Err(stop),
    };
    outcome.unwrap_or_else(|stop| stop.tell()).into()
}

fn context(global: &Global, console: Console) -> Result<Context, Stop> {
    let project = Project::find(&global.catalog)?;
    let catalog = project.catalog(&console)?;
    let templates = Templates::default();
    let context = Context { console, project, catalog, templates };
    Ok(context)
}

fn run(command: &Command, context: &Context) -> Result<Exit, Stop> {
    match command {
        Command::New(new) => new.run(context),
        Command::List(list) => list.run(context),
        Command::Check(check) => check.run(context),
        Command::Show(show) => show.run(context),
        Command::Generate(generate) => generate.run(context),
        Command::Diff(diff) => diff.run(context),
        Command::Explain(explain) => explain.run(context),
        Command::Graph(graph) => graph.run(context),
        Command::Pipeline(pipeline) => pipeline.run(context),
        Command::Schema(schema) => schema.run(context),
        Command::Reference(reference) => reference.run(context),
        Command::Completions(completions) => Ok(completions.run(context)),
        Command::Man(man) => man.run(context),
    }
}
