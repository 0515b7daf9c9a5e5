//! `formwork show`

use super::batch::{Batch, Job};
use super::rows::{Row, rows};
use super::stop::{Exit, Stop};
use super::{Context, Format};
use crate::diagnostic::{Diagnostic, nearest};
use crate::generate;
use crate::report::pretty;
use crate::value::line;
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  formwork show plant-a.yaml --env prod
  formwork show plant-a.yaml --env prod components.readings
  formwork show plant-a.yaml --env prod components.readings.retention_hours --format json

Prints a line for each value: its path, what it is, and where it was written or why it is so.";

/// Show a blueprint with all filled in, and where each value came from
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// A blueprint, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only this value, or what is below it
    #[arg(value_name = "PATH")]
    path: Option<String>,
    /// For this environment
    #[arg(long = "env", value_name = "ENV")]
    environment: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Serialize)]
struct Shown<'a> {
    version: u32,
    blueprint: &'a str,
    environment: Option<&'a str>,
    values: &'a [Row],
}

impl Show {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let batch = Batch::read(context, std::slice::from_ref(&self.file));
        let [job] = batch.jobs.as_slice() else {
            context.console.say_findings(&batch.findings);
            if batch.jobs.len() > 1 {
                return Err(Stop::new("only one blueprint can be shown"));
            }
            return Ok(batch.exit.max(Exit::of(&batch.findings, &[], false)));
        };
        let environment = choose(job, self.environment.as_deref())?;
        let session = context.session(None);
        let read_file = |path: &str| job.asset(path);
        let shown = generate::resolved(&session, &job.blueprint, environment.as_ref(), &read_file);
        let (resolved, findings) = match shown {
            Ok((resolved, found)) if !found.iter().any(Diagnostic::is_error) => (resolved, found),
            Ok((_, findings)) | Err(findings) => {
                context.console.say_findings(&findings);
                return Ok(Exit::of(&findings, &[], false));
            }
        };
        context.console.say_findings(&findings);
        let Ok(variant) = job.blueprint.variant(environment.as_ref()) else {
            return Ok(Exit::Findings);
        };
        let rows = self.only(rows(&variant.document, &resolved))?;
        let text = match self.format {
            Format::Human => human(&rows),
            Format::Json => pretty(&Shown {
                version: 1,
                blueprint: &resolved.envelope.name,
                environment: environment.as_deref(),
                values: &rows,
            }),
        };
        context.console.data(&text);
        Ok(Exit::Fine)
    }

    /// The rows at the path that is asked for, and below it.
    fn only(&self, rows: Vec<Row>) -> Result<Vec<Row>, Stop> {
        let Some(path) = &self.path else { return Ok(rows) };
        let is_below = |row: &Row, path: &str| {
            row.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if rows.iter().any(|row| is_below(row, path)) {
            return Ok(rows.into_iter().filter(|row| is_below(row, path)).collect());
        }
        let inner = format!("components.{path}");
        let near = if rows.iter().any(|row| is_below(row, &inner)) {
            Some(inner.as_str())
        } else {
            nearest(path, rows.iter().flat_map(|row| prefixes(&row.path)))
        };
        let help = near.map(|near| format!("did you mean `{near}`?"));
        Err(Stop::new(format!("there is no `{path}` in the blueprint")).help_if(help))
    }
}

/// The environment that is asked for, or the only one.
pub(super) fn choose(job: &Job, wanted: Option<&str>) -> Result<Option<Arc<str>>, Stop> {
    let stacks = job.blueprint.stacks();
    let names: Vec<&str> = stacks.iter().flatten().map(|name| &**name).collect();
    let help = match names.as_slice() {
        [] => "there are no environments: leave `--env` out".to_string(),
        names => format!("there is {}", names.join(", ")),
    };
    match (wanted, stacks.as_slice()) {
        (Some(wanted), _) => {
            let found = stacks.iter().find(|name| name.as_deref() == Some(wanted));
            let stop = || Stop::new(format!("there is no environment `{wanted}`"));
            found.cloned().ok_or_else(|| stop().help(help))
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Stop::new("say which environment, with `--env`").help(help)),
    }
}

/// A path and all that it lies below.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('.').map(|(at, _)| &path[..at]).chain([path])
}

fn human(rows: &[Row]) -> String {
    let values: Vec<String> =
        rows.iter().map(|row| format!("{} = {}", row.path, line(&row.value))).collect();
    let width = values.iter().map(|text| text.chars().count()).filter(|n| *n <= 72).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (row, value) in rows.iter().zip(values) {
        let places = row.places.iter().map(|at| format!("{}:{}:{}", at.file, at.line, at.column));
        let from = places.chain(row.because.clone()).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "{value:width$}   {from}");
    }
    text
}
