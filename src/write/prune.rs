//! Stacks that were generated from a blueprint which no longer has them.

use super::apply::{Written, apply};
use super::manifest::{self, Manifest};
use super::plan::{plan, unless_missing};
use super::{Output, WriteError, folder, holders};
use crate::value::Target;
use std::fs;
use std::path::{Path, PathBuf};

/// A stack that lies in its folder and is generated no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Where it lies.
    pub folder: PathBuf,
    /// The blueprint that it was generated from.
    pub blueprint: String,
    /// Its environment; none where the blueprint had none.
    pub environment: Option<String>,
    /// Its target.
    pub target: Target,
    out_dir: PathBuf,
}

/// Finds the stacks of a blueprint below `out_dir` that are none of the `known` ones.
///
/// Only a folder whose manifest says that it lies where we put it counts: a copy is not ours.
/// Fails when a folder or a manifest cannot be read.
pub fn vanished(
    out_dir: &Path,
    blueprint_name: &str,
    known: &[(Option<String>, Target)],
) -> Result<Vec<Stack>, WriteError> {
    let environments = folders_in(&out_dir.join(blueprint_name))?.into_iter().map(Some);
    let mut stacks = Vec::new();
    for environment in std::iter::once(None).chain(environments) {
        for target in Target::ALL {
            let stack = (environment.clone(), target);
            if known.contains(&stack) {
                continue;
            }
            let folder = folder(out_dir, blueprint_name, environment.as_deref(), target);
            if is_ours(&folder, blueprint_name, &stack)? {
                let (blueprint, out_dir) = (blueprint_name.to_owned(), out_dir.to_owned());
                let environment = environment.clone();
                stacks.push(Stack { folder, blueprint, environment, target, out_dir });
            }
        }
    }
    Ok(stacks)
}

fn is_ours(
    folder: &Path,
    blueprint: &str,
    (environment, target): &(Option<String>, Target),
) -> Result<bool, WriteError> {
    let file = folder.join(manifest::NAME);
    let is_file = fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
    if !is_file {
        return Ok(false);
    }
    let bytes = fs::read(&file).map_err(|error| WriteError::new("read", &file, error))?;
    let manifest = Manifest::parse(&bytes, &file)?;
    Ok(manifest.blueprint == blueprint
        && manifest.environment == *environment
        && manifest.target == target.word())
}

/// The names of the folders in a folder, sorted; none where it is missing.
fn folders_in(folder: &Path) -> Result<Vec<String>, WriteError> {
    let error = |error| WriteError::new("read", folder, error);
    let Some(entries) = unless_missing(fs::read_dir(folder)).map_err(error)? else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(error)?;
        let is_folder = entry.file_type().is_ok_and(|file_type| file_type.is_dir());
        names.extend(entry.file_name().into_string().ok().filter(|_| is_folder));
    }
    names.sort();
    Ok(names)
}

/// Removes what we wrote for a stack, and the folders that this leaves empty.
///
/// Files that a person changed go only with `force`; files that we did not write stay, and so does
/// everything where the stack holds protected data. Fails when the file system refuses; the next
/// run finishes what was begun.
pub fn prune(stack: &Stack, force: bool) -> Result<Written, WriteError> {
    let nothing = Output {
        blueprint: stack.blueprint.clone(),
        environment: stack.environment.clone(),
        target: stack.target,
        artifacts: Vec::new(),
        holders: Vec::new(),
        unprotected: Vec::new(),
        removed: Vec::new(),
    };
    let mut written = apply(&plan(&stack.out_dir, &nothing)?, force)?;
    for problem in written.problems.iter_mut().filter(|problem| problem.rule == holders::REMOVED) {
        // The blueprint has no such stack, so there is no place for the usual answer.
        problem.help = format!("bring the stack back to the blueprint, and there {}", problem.help);
    }
    if written.problems.is_empty() {
        remove_if_empty(stack);
    }
    Ok(written)
}

/// A folder that still holds something stays.
fn remove_if_empty(stack: &Stack) {
    let inside = |folder: &&Path| *folder != stack.out_dir && folder.starts_with(&stack.out_dir);
    for folder in stack.folder.ancestors().take_while(inside) {
        let _ = fs::remove_dir(folder);
    }
}
