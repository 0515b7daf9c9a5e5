//! `formwork check`

use super::batch::{Batch, parallel};
use super::stop::{Exit, Stop};
use super::{Context, explain};
use crate::diagnostic::{Diagnostic, summary};
use crate::report;
use clap::Args;
use jiff::civil::Date;
use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  formwork check plant-a.yaml
  formwork check blueprints/ --deny warnings --format json
  formwork check blueprints/ --format sarif > findings.sarif         for code scanning
  formwork check plant-a.yaml --env prod --as-of 2027-06-30    what will be found on that day

Exit codes: 0 nothing that counts; 1 errors, or warnings that are denied; 2 could not run.";

/// Say everything that is wrong in blueprints, and write nothing
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Blueprints, folders of them, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Look at this environment only; may be repeated
    #[arg(long = "env", value_name = "ENV")]
    environments: Vec<String>,
    /// Fail on these too: `warnings`, or the name of a rule; may be repeated
    #[arg(long, value_name = "WHAT")]
    deny: Vec<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Ask rules with a date as of this day, and let their warnings be denied
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
}

/// Who reads what was found.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Human,
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitHub's annotations, and the whole in the job's summary
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    Junit,
}

impl Check {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let deny = context.denied(&self.deny)?;
        let mut batch = Batch::read(context, &self.files);
        batch.require_environments(&self.environments)?;
        let session = context.session(self.as_of);
        let progress = context.console.progress("checking", batch.jobs.len());
        let done = parallel(&batch.jobs, |job| {
            let generate = || job.generate(&session, &self.environments, &[], false);
            let (stacks, findings) = progress.of(generate);
            (stacks.len(), findings)
        });
        drop(progress);
        let stacks = done.iter().map(|(stacks, _)| stacks).sum();
        let mut findings = std::mem::take(&mut batch.findings);
        findings.extend(done.into_iter().flat_map(|(_, findings)| findings));
        findings.extend(context.catalog.take_findings());
        self.tell(context, stacks, &findings)?;
        Ok(batch.exit.max(Exit::of(&findings, &deny, self.as_of.is_some())))
    }

    fn tell(&self, context: &Context, stacks: usize, findings: &[Diagnostic]) -> Result<(), Stop> {
        let page = |rule: &str| explain::page(&context.catalog, rule);
        let data = match self.format {
            Format::Human => {
                context.console.say_findings(findings);
                String::new()
            }
            Format::Json => report::json(findings),
            Format::Sarif => report::sarif(findings, page),
            Format::Github => {
                add_to_summary(findings)?;
                report::annotations(findings)
            }
            Format::Gitlab => report::code_quality(findings),
            Format::Junit => report::junit(findings),
        };
        context.console.data(&data);
        let plural = if stacks == 1 { "" } else { "s" };
        if let Some(found) = summary(findings) {
            context.console.talk(&found);
        } else if stacks > 0 {
            context.console.talk(&format!("nothing found in {stacks} stack{plural}"));
        }
        Ok(())
    }
}

/// Every finding, for the summary of GitHub's job: a step's annotations are few.
fn add_to_summary(findings: &[Diagnostic]) -> Result<(), Stop> {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|_| !findings.is_empty()) else {
        return Ok(());
    };
    let added = OpenOptions::new().append(true).create(true).open(&path);
    added
        .and_then(|mut file| file.write_all(report::summary(findings).as_bytes()))
        .map_err(|error| Stop::new(format!("cannot write the summary {}: {error}", path.display())))
}
