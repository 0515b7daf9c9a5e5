//! `formwork generate`

use super::Context;
use super::batch::{Batch, Job, concerns, parallel};
use super::folder::{named, print, problem, stale, told};
use super::stop::{Exit, Stop};
use crate::diagnostic::{Diagnostic, summary};
use crate::generate::Session;
use crate::value::Target;
use crate::write::{self, Output, WriteError};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const EXAMPLES: &str = "\
Examples:
  formwork generate plant-a.yaml                           every environment, every target
  formwork generate blueprints/ --env prod --target terraform
  formwork generate plant-a.yaml --check                   for pipelines: is stacks/ up to date?
  formwork generate plant-a.yaml --env dev --stdout        look at it, without writing

Files that somebody changed, or that are not ours, are kept and told about.
Exit codes: 0 written, or nothing to do; 1 something was found; 2 could not run.";

/// Write the stacks of blueprints, as CloudFormation and Terraform
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// Blueprints, folders of them, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Generate for this target only; may be repeated
    #[arg(long = "target", value_name = "TARGET", value_parser = target())]
    targets: Vec<Target>,
    /// Generate this environment only; may be repeated
    #[arg(long = "env", value_name = "ENV")]
    environments: Vec<String>,
    /// Write below this folder [default: stacks, or what the project file says]
    #[arg(short, long, value_name = "DIR", env = "FORMWORK_OUT")]
    out: Option<PathBuf>,
    /// Write nothing; fail when what lies there is not what would be written
    #[arg(long, conflicts_with_all = ["stdout", "force", "prune"])]
    check: bool,
    /// Print the files instead of writing them
    #[arg(long, conflicts_with_all = ["force", "prune"])]
    stdout: bool,
    /// Overwrite and remove also what somebody changed
    #[arg(long)]
    force: bool,
    /// Remove the stacks that a blueprint no longer has
    #[arg(long)]
    prune: bool,
}

pub(super) fn target() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(Target::word))
        .try_map(|word| Target::from_word(&word).ok_or("no such target"))
}

/// What came of one blueprint, or of what it no longer has.
#[derive(Default)]
struct Done {
    findings: Vec<Diagnostic>,
    stops: Vec<Stop>,
    /// What was written and removed, or the artifacts themselves, to be printed.
    data: String,
    stacks: usize,
}

impl Generate {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let batch = Batch::read(context, &self.files);
        batch.require_environments(&self.environments)?;
        batch.require_targets(&self.targets)?;
        let session = context.session(None);
        let broken = Mutex::new(vec![]);
        let progress = context.console.progress("generating", batch.jobs.len());
        let one = |job: &Job| progress.of(|| self.job(context, &session, &batch, job, &broken));
        let mut done = parallel(&batch.jobs, one);
        drop(progress);
        if batch.whole && !self.stdout {
            done.push(self.vanished(context, &batch));
        }
        let mut findings = batch.findings;
        findings.extend(broken.into_inner().unwrap_or_else(PoisonError::into_inner));
        findings.extend(done.iter_mut().flat_map(|done| std::mem::take(&mut done.findings)));
        self.tell(context, &done, &findings);
        let stops = done.iter().flat_map(|done| &done.stops).map(Stop::tell);
        let exit = stops.max().unwrap_or(Exit::Fine).max(batch.exit);
        Ok(exit.max(Exit::of(&findings, &context.denied(&[])?, false)))
    }

    fn tell(&self, context: &Context, done: &[Done], findings: &[Diagnostic]) {
        let console = &context.console;
        let data = done.iter().map(|done| done.data.as_str()).collect::<String>();
        if self.stdout {
            console.data(&data);
        } else {
            console.done(&data);
        }
        console.say_findings(findings);
        let stacks: usize = done.iter().map(|done| done.stacks).sum();
        let stopped = done.iter().any(|done| !done.stops.is_empty());
        if let Some(summary) = summary(findings) {
            console.talk(&summary);
        } else if data.is_empty() && !stopped && stacks > 0 {
            let verb = if stacks == 1 { "stack is" } else { "stacks are" };
            console.talk(&format!("nothing to do: {stacks} {verb} up to date"));
        }
    }

    fn out<'a>(&'a self, context: &'a Context) -> &'a Path {
        self.out.as_deref().unwrap_or(&context.project.out)
    }

    /// One blueprint. Nothing is written where a file of the catalog turned out to be broken, or
    /// where another blueprint is in its way.
    fn job(
        &self,
        context: &Context,
        session: &Session<'_>,
        batch: &Batch,
        job: &Job,
        broken: &Mutex<Vec<Diagnostic>>,
    ) -> Done {
        let only = &context.project.targets;
        let targets = if self.targets.is_empty() { only } else { &self.targets };
        let (stacks, findings) = job.generate(session, &self.environments, targets, true);
        let mut done = Done { findings, ..Done::default() };
        let mut broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.extend(context.catalog.take_findings());
        let blocked = !broken.is_empty();
        drop(broken);
        if blocked || batch.findings.iter().any(|finding| concerns(finding, &job.blueprint)) {
            return done;
        }
        for output in stacks.iter().flat_map(|stack| &stack.outputs) {
            done.stacks += 1;
            let out = self.out(context);
            if self.stdout {
                print(out, output, &mut done.data);
            } else if let Err(error) = self.output(out, job, output, &mut done) {
                done.stops.push(Stop::new(error.to_string()));
            }
        }
        done
    }

    /// Writes one stack on one target, or compares it with what lies there.
    fn output(
        &self,
        out: &Path,
        job: &Job,
        output: &Output,
        done: &mut Done,
    ) -> Result<(), WriteError> {
        let plan = write::plan(out, output)?;
        let against = |one| problem(&job.blueprint, output.environment.as_deref(), one);
        if self.check {
            let data = plan.problems.iter().filter(|problem| problem.path.is_none());
            done.findings.extend(data.map(against));
            done.findings.extend(stale(&job.blueprint, &plan));
            return Ok(());
        }
        let written = write::apply(&plan, self.force)?;
        done.findings.extend(written.problems.iter().map(against));
        told(plan.folder(), &written, &mut done.data);
        Ok(())
    }

    /// What lies in the output folder and no blueprint has.
    fn vanished(&self, context: &Context, batch: &Batch) -> Done {
        let mut done = Done::default();
        let mut names: Vec<&str> = vec![];
        for job in &batch.jobs {
            let Some(name) = job.blueprint.name().filter(|name| !names.contains(name)) else {
                continue;
            };
            names.push(name);
            if let Err(error) = self.vanished_of(context, batch, job, name, &mut done) {
                done.stops.push(Stop::new(error.to_string()));
            }
        }
        done
    }

    fn vanished_of(
        &self,
        context: &Context,
        batch: &Batch,
        job: &Job,
        name: &str,
        done: &mut Done,
    ) -> Result<(), WriteError> {
        for stack in write::vanished(self.out(context), name, &known(batch, name))? {
            if self.prune {
                let written = write::prune(&stack, self.force)?;
                let against = |one| problem(&job.blueprint, stack.environment.as_deref(), one);
                done.findings.extend(written.problems.iter().map(against));
                told(&stack.folder, &written, &mut done.data);
                continue;
            }
            let title = format!("{} is no longer in its blueprint", stack.folder.display());
            let help = "take down what was deployed from it, then remove it with `--prune`";
            let finding = Diagnostic::new("vanished-stack", title).help(help);
            done.findings.push(named(finding, &job.blueprint));
        }
        Ok(())
    }
}

/// The stacks that blueprints of that name have; where an envelope cannot be read, any may be
/// meant.
fn known(batch: &Batch, name: &str) -> Vec<(Option<String>, Target)> {
    let jobs = batch.jobs.iter().filter(|job| job.blueprint.name() == Some(name));
    let stacks = jobs.flat_map(|job| &job.stacks);
    stacks
        .flat_map(|(environment, envelope)| {
            let targets = envelope.as_ref().map_or(Target::ALL.to_vec(), |one| one.targets.clone());
            targets.into_iter().map(|target| (environment.as_deref().map(String::from), target))
        })
        .collect()
}
