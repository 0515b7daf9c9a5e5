//! Carries out a plan, so that it can stop anywhere and be finished by the next run.
//!
//! First a manifest that knows the old and the new bytes, then the files one by one, last the
//! manifest that knows only the new ones. Whenever this stops, every file is old or new, and both
//! are known to be ours.

use super::WriteError;
use super::lock::{Lock, temporary_name};
use super::manifest;
use super::plan::{Plan, Problem, State, unless_missing};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files written, by their path in the folder; the manifest is not counted anywhere.
    pub written: Vec<String>,
    /// Files removed.
    pub removed: Vec<String>,
    /// How many files were as they should be.
    pub unchanged: usize,
    /// What stood against it: where there is any, nothing was written. They may be other ones than
    /// the plan's, where the folder changed since.
    pub problems: Vec<Problem>,
}

/// Writes what the plan says; with `force` over edited and foreign files too.
///
/// Fails when the file system refuses. The folder is then partly old and partly new, and the next
/// run finishes it.
pub fn apply(plan: &Plan<'_>, force: bool) -> Result<Written, WriteError> {
    run(plan, force, &mut || Ok(()))
}

/// [`apply`] with a gate that each change to the file system passes: a test closes it.
pub(super) fn run(plan: &Plan<'_>, force: bool, gate: Gate<'_>) -> Result<Written, WriteError> {
    if is_done(plan) {
        return Ok(outcome(plan));
    }
    let _lock = Lock::acquire(&plan.folder)?;
    // Not even the plan's problems are certain: it may have looked while another run wrote.
    let plan = plan.again()?;
    let problems = plan.blocking(force);
    if !problems.is_empty() {
        return Ok(Written { problems, ..Written::default() });
    }
    let mut hand = Hand { folder: &plan.folder, gate, temporaries: 0 };
    for leftover in &plan.leftovers {
        hand.remove(leftover)?;
    }
    if plan.files.values().any(|state| *state != State::Unchanged) {
        carry_out(&plan, &mut hand)?;
    }
    Ok(outcome(&plan))
}

fn is_done(plan: &Plan<'_>) -> bool {
    plan.leftovers.is_empty() && plan.files.values().all(|state| *state == State::Unchanged)
}

fn carry_out(plan: &Plan<'_>, hand: &mut Hand<'_>) -> Result<(), WriteError> {
    let Written { written, removed, .. } = outcome(plan);
    if !written.is_empty() || !removed.is_empty() {
        let under_way = plan.next.under_way(plan.old.as_ref(), plan.replacing.clone());
        hand.write(manifest::NAME, &under_way.render()?)?;
    }
    for (path, bytes) in plan.output.contents() {
        if plan.files.get(path) != Some(&State::Unchanged) {
            hand.write(path, bytes)?;
        }
    }
    for path in &removed {
        hand.remove(&plan.folder.join(path))?;
        hand.remove_empty_parents(path);
    }
    if plan.next.artifacts.is_empty() {
        return hand.remove(&plan.folder.join(manifest::NAME));
    }
    hand.write(manifest::NAME, &plan.next.render()?)
}

/// What carrying out a plan that nothing stands against does to the artifacts.
fn outcome(plan: &Plan<'_>) -> Written {
    let mut outcome = Written::default();
    for (path, state) in plan.files.iter().filter(|(path, _)| *path != manifest::NAME) {
        match state {
            State::Unchanged => outcome.unchanged += 1,
            State::Stale | State::StaleEdited => outcome.removed.push(path.clone()),
            _ => outcome.written.push(path.clone()),
        }
    }
    outcome
}

pub(super) type Gate<'a> = &'a mut dyn FnMut() -> io::Result<()>;

/// What changes files in one folder.
struct Hand<'a> {
    folder: &'a Path,
    gate: Gate<'a>,
    temporaries: usize,
}

impl Hand<'_> {
    fn step<T>(
        &mut self,
        action: &'static str,
        path: &Path,
        change: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, WriteError> {
        (self.gate)().and_then(|()| change()).map_err(|error| WriteError::new(action, path, error))
    }

    /// Writes beside the file, then renames: whoever opens it finds the old bytes or the new ones.
    /// That needs no fsync. Rename is atomic for every process, also when ours is killed; only
    /// after a loss of power may a file be empty, which its hash then tells. What is generated can
    /// be generated again, so that does not pay for waiting on the disk for every file.
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let file = self.folder.join(path);
        if let (true, Some(parent)) = (path.contains('/'), file.parent()) {
            self.step("create", parent, || fs::create_dir_all(parent))?;
        }
        self.temporaries += 1;
        // In the output's folder for every file: so one look finds what a killed run left.
        let temporary = self.folder.join(temporary_name(self.temporaries));
        let outcome = self.fill_and_rename(&temporary, &file, bytes);
        if outcome.is_err() {
            // On a full disk its room is wanted; the first error is the one to tell.
            let _ = self.remove(&temporary);
        }
        outcome
    }

    fn fill_and_rename(
        &mut self,
        from: &PathBuf,
        to: &Path,
        bytes: &[u8],
    ) -> Result<(), WriteError> {
        let mut opened = self.step("write", to, || create(from))?;
        self.step("write", to, || opened.write_all(bytes))?;
        drop(opened);
        self.step("write", to, || fs::rename(from, to))
    }

    /// Removes a file, which may be gone already.
    fn remove(&mut self, file: &Path) -> Result<(), WriteError> {
        self.step("remove", file, || unless_missing(fs::remove_file(file)).map(|_| ()))
    }

    /// Removes the folders that a removed file leaves empty; one that is not stays.
    fn remove_empty_parents(&mut self, path: &str) {
        for parent in Path::new(path).ancestors().skip(1).filter(|p| !p.as_os_str().is_empty()) {
            let _ = fs::remove_dir(self.folder.join(parent));
        }
    }
}

/// A file that was not there, so never one that a link leads to.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)
}
