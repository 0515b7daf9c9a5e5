//! `formwork generate`: writes the stacks of blueprints, or compares them with what is there.

use super::input::{File, Input, beside};
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::blueprint::{Blueprint, Envelope};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::generate::{self, Generated, Request};
use crate::value::{Map, Target};
use crate::write::{self, Output, Problem};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  formwork generate plant.yaml\n  \
    formwork generate blueprints --target terraform -o infrastructure\n  \
    formwork generate plant.yaml --check\n  formwork generate plant.yaml --env prod --stdout")]
pub(super) struct Options {
    /// Blueprints, folders of them, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only this target: cloudformation or terraform
    #[arg(long, value_name = "TARGET", value_parser = super::target)]
    target: Vec<Target>,
    /// Only this environment
    #[arg(long, value_name = "ENVIRONMENT")]
    env: Vec<String>,
    /// Where stacks are written; `stacks` unless said
    #[arg(short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; say what is not up to date
    #[arg(long, conflicts_with_all = ["stdout", "force", "prune"])]
    check: bool,
    /// Print the artifacts instead of writing them
    #[arg(long, conflicts_with_all = ["force", "prune"])]
    stdout: bool,
    /// Overwrite files that a person changed
    #[arg(long)]
    force: bool,
    /// Remove stacks that are no longer in their blueprint
    #[arg(long)]
    prune: bool,
}

pub(super) fn run(options: &Options, input: &Input, terminal: &Terminal) -> Result<Exit, Failure> {
    let files = Input::blueprints(&options.files)?;
    let mut targets = options.target.clone();
    if targets.is_empty() {
        targets = input.targets()?;
    }
    let run = Run { environments: &options.env, targets: &targets, artifacts: true };
    let mut outcome = run.all(input, &files, None)?;
    let out = options.out.clone().or_else(|| input.project.out.clone());
    let out = out.unwrap_or_else(|| "stacks".into());
    if options.stdout {
        print(&outcome)?;
    } else {
        let writing = Writing { options, out: &out, terminal };
        let found = writing.all(&outcome)?;
        outcome.findings.extend(found);
    }
    terminal.findings(&outcome.findings);
    let refused = outcome.findings.iter().any(Diagnostic::is_error);
    Ok(if refused { Exit::Findings } else { Exit::Fine })
}

/// What is made of the blueprints of a run.
pub(super) struct Run<'a> {
    pub environments: &'a [String],
    pub targets: &'a [Target],
    pub artifacts: bool,
}

/// What came out of it.
pub(super) struct Outcome {
    /// Each blueprint that could be read, with its stacks.
    pub made: Vec<(Blueprint, Vec<Generated>)>,
    /// Everything that was found, in the order of the files.
    pub findings: Vec<Diagnostic>,
}

impl Run<'_> {
    /// Generates every blueprint, on as many threads as there are; the order is that of the files.
    pub fn all(
        &self,
        input: &Input,
        files: &[File],
        as_of: Option<Date>,
    ) -> Result<Outcome, Failure> {
        self.known(files)?;
        let session = input.session(as_of);
        let one = |file: &File| match &file.parsed {
            Err(findings) => (None, findings.clone()),
            Ok(blueprint) => {
                let read_file = beside(&file.path);
                let request = Request {
                    environments: self.environments,
                    targets: self.targets,
                    artifacts: self.artifacts,
                    read_file: &read_file,
                };
                let (made, findings) = generate::blueprint(&session, blueprint, &request);
                (Some((blueprint.clone(), made)), findings)
            }
        };
        let done = in_order(files, &one);
        if done.len() != files.len() {
            return Err("a blueprint could not be generated; this is a mistake of ours".into());
        }
        let mut outcome = Outcome { made: vec![], findings: vec![] };
        for (made, findings) in done {
            outcome.made.extend(made);
            outcome.findings.extend(findings);
        }
        let stacks: Vec<(&Blueprint, &Envelope)> = outcome
            .made
            .iter()
            .flat_map(|(blueprint, made)| made.iter().map(move |one| (blueprint, one)))
            .filter_map(|(blueprint, one)| Some((blueprint, one.envelope.as_ref()?)))
            .collect();
        let collisions = generate::collisions(&stacks);
        if !collisions.is_empty() {
            outcome.findings.extend(collisions);
            outcome.made.clear();
        }
        Ok(outcome)
    }

    /// An environment or target that no blueprint has is a mistake in the command.
    fn known(&self, files: &[File]) -> Result<(), Failure> {
        let blueprints = || files.iter().filter_map(|file| file.parsed.as_ref().ok());
        let stacks: Vec<String> = blueprints()
            .flat_map(Blueprint::stacks)
            .flatten()
            .map(|name| name.to_string())
            .collect();
        for wanted in self.environments {
            if !stacks.contains(wanted) && files.iter().all(|file| file.parsed.is_ok()) {
                let near = did_you_mean(wanted, stacks.iter().map(String::as_str));
                let there = if stacks.is_empty() {
                    "no blueprint has environments".into()
                } else {
                    near.unwrap_or_else(|| format!("there are {}", stacks.join(", ")))
                };
                return Err(format!("there is no environment `{wanted}`: {there}"));
            }
        }
        for wanted in self.targets {
            let has = |blueprint: &Blueprint| {
                let list = blueprint.document.get("targets").and_then(|targets| targets.as_list());
                list.is_none_or(|list| list.iter().any(|one| one.as_str() == Some(wanted.word())))
            };
            if blueprints().next().is_some() && !blueprints().any(has) {
                return Err(format!("no blueprint has the target {wanted}"));
            }
        }
        Ok(())
    }
}

/// `work` done for each item, on as many threads as there are; the results in the items' order.
fn in_order<I: Sync, R: Send>(items: &[I], work: &(impl Fn(&I) -> R + Sync)) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if items.len() < 2 * threads {
        return items.iter().map(work).collect();
    }
    std::thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(threads));
        let workers: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Vec<R>>()))
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    })
}

/// Whether a warning counts as an error. What a date brought is passed over, unless the date was
/// asked for: a pipeline does not turn red over night.
pub(super) fn denied(finding: &Diagnostic, deny: &[&str], dated: bool) -> bool {
    let named = deny.iter().any(|what| *what == "warnings" || *what == &*finding.rule);
    named && (dated || !finding.dated)
}

fn print(outcome: &Outcome) -> Result<(), Failure> {
    let generated = outcome.made.iter().flat_map(|(_, made)| made);
    for output in generated.flat_map(|one| &one.outputs) {
        let folder = output.folder(Path::new(""));
        for artifact in &output.artifacts {
            let path = folder.join(&artifact.path);
            let text = String::from_utf8_lossy(&artifact.bytes);
            Terminal::print(&format!("# ==> {}\n{text}", path.display()))?;
        }
    }
    Ok(())
}

struct Writing<'a> {
    options: &'a Options,
    out: &'a Path,
    terminal: &'a Terminal,
}

impl Writing<'_> {
    fn all(&self, outcome: &Outcome) -> Result<Vec<Diagnostic>, Failure> {
        let mut findings = vec![];
        let mut changed = 0;
        for (blueprint, made) in &outcome.made {
            for output in made.iter().flat_map(|one| &one.outputs) {
                if self.options.check {
                    findings.extend(self.compare(blueprint, output)?);
                } else {
                    changed += self.write(blueprint, output, &mut findings)?;
                }
            }
            if self.options.env.is_empty() && self.options.target.is_empty() {
                changed += self.vanished(blueprint, made, &mut findings)?;
            }
        }
        let sound = !outcome.findings.iter().chain(&findings).any(Diagnostic::is_error);
        if changed == 0 && sound && !self.options.check {
            self.terminal.say("everything is up to date");
        }
        Ok(findings)
    }

    fn write(
        &self,
        blueprint: &Blueprint,
        output: &Output,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<usize, Failure> {
        let plan = write::plan(self.out, output).map_err(|error| error.to_string())?;
        let written = write::apply(&plan, self.options.force).map_err(|error| error.to_string())?;
        let folder = plan.folder();
        for (word, paths) in [("wrote", &written.written), ("removed", &written.removed)] {
            for path in paths {
                Terminal::print(&format!("{word} {}\n", folder.join(path).display()))?;
            }
        }
        findings.extend(written.problems.iter().map(|problem| told(blueprint, problem)));
        Ok(written.written.len() + written.removed.len())
    }

    fn compare(&self, blueprint: &Blueprint, output: &Output) -> Result<Vec<Diagnostic>, Failure> {
        let plan = write::plan(self.out, output).map_err(|error| error.to_string())?;
        let stale = plan.stale().into_iter().map(|reason| {
            let title = format!("{} {}", reason.path.display(), reason.what);
            Diagnostic::new("stale-artifact", title)
                .help("run `formwork generate`, and look at the change")
        });
        let protected =
            plan.problems.iter().filter(|problem| problem.rule.starts_with("protected"));
        let protected = protected.map(|problem| told(blueprint, problem));
        Ok(stale.chain(protected).collect())
    }

    /// Stacks that the blueprint no longer has.
    fn vanished(
        &self,
        blueprint: &Blueprint,
        made: &[Generated],
        findings: &mut Vec<Diagnostic>,
    ) -> Result<usize, Failure> {
        let Some(name) = blueprint.name() else { return Ok(0) };
        let mut known = vec![];
        for one in made {
            let Some(envelope) = &one.envelope else { return Ok(0) };
            let environment = one.environment.as_deref().map(String::from);
            known.extend(envelope.targets.iter().map(|target| (environment.clone(), *target)));
        }
        let gone = write::vanished(self.out, name, &known).map_err(|error| error.to_string())?;
        let mut removed = 0;
        for stack in gone {
            let folder = stack.folder.display();
            if !self.options.prune {
                let title = format!("{folder} is no longer in the blueprint");
                let finding = Diagnostic::new("vanished-stack", title);
                findings.push(finding.help("`--prune` removes what was generated there"));
                continue;
            }
            let pruned =
                write::prune(&stack, self.options.force).map_err(|error| error.to_string())?;
            for path in &pruned.removed {
                Terminal::print(&format!("removed {}\n", stack.folder.join(path).display()))?;
            }
            removed += pruned.removed.len();
            findings.extend(pruned.problems.iter().map(|problem| told(blueprint, problem)));
        }
        Ok(removed)
    }
}

/// A problem of writing as a finding; one about a component points at it.
fn told(blueprint: &Blueprint, problem: &Problem) -> Diagnostic {
    let title = match &problem.path {
        Some(path) if !problem.message.contains(&*path.to_string_lossy()) => {
            format!("{}: {}", path.display(), problem.message)
        }
        _ => problem.message.clone(),
    };
    let finding = Diagnostic::new(problem.rule, title).help(problem.help.clone());
    let components =
        blueprint.document.get("components").and_then(|components| components.as_map());
    let own = components.into_iter().flat_map(Map::iter).find(|(key, component)| {
        let id = component.get("id").and_then(|id| id.as_str()).unwrap_or(&key.text);
        problem.component.as_deref() == Some(id)
    });
    match own {
        Some((key, _)) => finding.label_key(key, "this component"),
        None => finding,
    }
}
