//! The blueprints of one call, read and worked on together.

use super::Context;
use super::input::{self, Place};
use super::stop::{Exit, Stop};
use crate::blueprint::{self, Blueprint, Envelope};
use crate::diagnostic::Diagnostic;
use crate::generate::{self, Generated, Request, Session};
use crate::value::Target;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

/// As much as a main thread has.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// One blueprint, and the envelopes of its stacks as far as they can be read.
pub(super) struct Job {
    pub blueprint: Blueprint,
    pub stacks: Vec<(Option<Arc<str>>, Option<Envelope>)>,
    folder: PathBuf,
    file: Option<PathBuf>,
}

/// All of them.
pub(super) struct Batch {
    pub jobs: Vec<Job>,
    /// What was found before any of them was looked at alone.
    pub findings: Vec<Diagnostic>,
    /// Whether each of them could be read.
    pub exit: Exit,
    /// Whether each of them is among the jobs.
    pub whole: bool,
}

impl Job {
    fn read(place: &Place) -> Result<Result<Self, Vec<Diagnostic>>, Stop> {
        let source = place.read()?;
        let folder = place.folder();
        Ok(blueprint::parse(&source).map(|blueprint| {
            let envelope = |environment: Option<&Arc<str>>| {
                Envelope::read(&blueprint.variant(environment).ok()?).ok()
            };
            let stacks = blueprint.stacks().into_iter();
            let stacks = stacks.map(|name| (name.clone(), envelope(name.as_ref()))).collect();
            let file = match place {
                Place::File(path) => Some(path.clone()),
                Place::StandardInput => None,
            };
            Self { blueprint, stacks, folder, file }
        }))
    }

    /// Everything that is made of it.
    pub fn generate(
        &self,
        session: &Session<'_>,
        environments: &[String],
        targets: &[Target],
        artifacts: bool,
    ) -> (Vec<Generated>, Vec<Diagnostic>) {
        let read_file = |path: &str| self.asset(path);
        let request = Request { environments, targets, artifacts, read_file: &read_file };
        generate::blueprint(session, &self.blueprint, &request)
    }

    /// The blueprint's file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Reads a user's own file beside the blueprint.
    pub fn asset(&self, path: &str) -> Result<Vec<u8>, String> {
        input::asset(&self.folder, path)
    }
}

impl Batch {
    /// Reads every blueprint that is named. Those that cannot be read are told, and the others are
    /// gone on with.
    pub fn read(context: &Context, files: &[PathBuf]) -> Self {
        let (places, mut stops) = input::places(files);
        let (mut jobs, mut findings) = (vec![], vec![]);
        for read in parallel(&places, Job::read) {
            match read {
                Ok(Ok(job)) => jobs.push(job),
                Ok(Err(found)) => findings.extend(found),
                Err(stop) => stops.push(stop),
            }
        }
        let whole = stops.is_empty() && jobs.len() == places.len();
        let exits = stops.iter().map(Stop::tell);
        let exit = exits.max().unwrap_or(Exit::Fine);
        let stacks = jobs.iter().flat_map(|job| {
            job.stacks.iter().filter_map(|(_, envelope)| Some((&job.blueprint, envelope.as_ref()?)))
        });
        findings.extend(gathered(generate::collisions(&stacks.collect::<Vec<_>>())));
        context.console.detail(&format!("read {} blueprints", jobs.len()));
        Self { jobs, findings, exit, whole }
    }

    /// Fails when an environment is asked for that no blueprint has; one that could not be read
    /// might.
    pub fn require_environments(&self, wanted: &[String]) -> Result<(), Stop> {
        let names = self.jobs.iter().flat_map(|job| &job.stacks);
        let known: BTreeSet<&str> = names.filter_map(|(name, _)| name.as_deref()).collect();
        let unknown = wanted.iter().find(|name| !known.contains(name.as_str()));
        match unknown {
            Some(name) if self.whole => {
                let known: Vec<&str> = known.into_iter().collect();
                let help = match known.as_slice() {
                    [] => "there are no environments: leave `--env` out".to_string(),
                    known => format!("there is {}", known.join(", ")),
                };
                Err(Stop::new(format!("there is no environment `{name}`")).help(help))
            }
            _ => Ok(()),
        }
    }

    /// Fails when a target is asked for that no blueprint has.
    pub fn require_targets(&self, wanted: &[Target]) -> Result<(), Stop> {
        let envelopes = self.jobs.iter().flat_map(|job| &job.stacks);
        let envelopes: Vec<_> = envelopes.map(|(_, envelope)| envelope.as_ref()).collect();
        let has = |target: &Target| {
            envelopes.iter().any(|one| one.is_none_or(|one| one.targets.contains(target)))
        };
        match wanted.iter().find(|target| !has(target)) {
            Some(target) if self.whole => {
                let others = Target::ALL.into_iter().filter(has);
                let others: Vec<&str> = others.map(Target::word).collect();
                let stop = Stop::new(format!("no blueprint has the target `{target}`"));
                Err(stop.help(format!("there is {}", others.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

/// What is said alike of several pairs, once with all of their places.
fn gathered(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = vec![];
    for finding in findings {
        let alike =
            |one: &&mut Diagnostic| (&one.rule, &one.title) == (&finding.rule, &finding.title);
        let Some(first) = all.iter_mut().find(alike) else {
            all.push(finding);
            continue;
        };
        for label in finding.labels {
            if !first.labels.contains(&label) {
                first.labels.push(label);
            }
        }
    }
    all
}

/// Whether a finding is about a blueprint.
pub(super) fn concerns(finding: &Diagnostic, blueprint: &Blueprint) -> bool {
    finding.labels.iter().any(|label| Arc::ptr_eq(&label.span.source, &blueprint.source))
}

/// Works on all items, on as many threads as there are processors; the results are in order.
pub(super) fn parallel<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        items.get(index).map(|item| (index, work(item)))
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let worker = || std::iter::from_fn(take).collect::<Vec<_>>();
        let start = |_| thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, worker);
        let (started, _): (Vec<_>, Vec<_>) =
            (1..threads).map(start).partition(std::result::Result::is_ok);
        let own = worker();
        let others = started
            .into_iter()
            .flatten()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        own.into_iter().chain(others.collect::<Vec<_>>()).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
