//! `formwork check`

use super::batch::{Batch, parallel};
use super::stop::{Exit, Stop};
use super::{Context, Format};
use crate::diagnostic::{Diagnostic, summary};
use crate::report;
use clap::Args;
use jiff::civil::Date;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  formwork check plant-a.yaml
  formwork check blueprints/ --deny warnings --format json
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

impl Check {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let deny = context.denied(&self.deny)?;
        let mut batch = Batch::read(context, &self.files);
        batch.require_environments(&self.environments)?;
        let session = context.session(self.as_of);
        let done = parallel(&batch.jobs, |job| {
            let (stacks, findings) = job.generate(&session, &self.environments, &[], false);
            (stacks.len(), findings)
        });
        let stacks = done.iter().map(|(stacks, _)| stacks).sum();
        let mut findings = std::mem::take(&mut batch.findings);
        findings.extend(done.into_iter().flat_map(|(_, findings)| findings));
        findings.extend(context.catalog.take_findings());
        self.tell(context, stacks, &findings);
        Ok(batch.exit.max(Exit::of(&findings, &deny, self.as_of.is_some())))
    }

    fn tell(&self, context: &Context, stacks: usize, findings: &[Diagnostic]) {
        match self.format {
            Format::Json => context.console.data(&report::json(findings)),
            Format::Human => context.console.say_findings(findings),
        }
        let plural = if stacks == 1 { "" } else { "s" };
        if let Some(found) = summary(findings) {
            context.console.talk(&found);
        } else if stacks > 0 {
            context.console.talk(&format!("nothing found in {stacks} stack{plural}"));
        }
    }
}
