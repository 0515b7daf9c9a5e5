//! The two versions of a blueprint that are compared, and where they come from.

use super::batch::{Batch, Job};
use super::git::Revision;
use super::input;
use super::stop::Stop;
use crate::blueprint::{self, Blueprint, Envelope};
use crate::diagnostic::Diagnostic;
use crate::diff::{Side, sides};
use crate::generate::Session;
use crate::resolve::ReadFile;
use crate::source::{Author, Source};
use crate::value::{Data, Target, Value};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A blueprint with what it reads beside it.
pub(super) struct Version<'a> {
    pub blueprint: Blueprint,
    pub read_file: Box<ReadFile<'a>>,
}

/// What was, and what is; either may not be there.
pub(super) type Pair<'a> = [Option<Version<'a>>; 2];

impl Version<'_> {
    /// One of its environments on each target; none where it has no such environment.
    pub fn sides(
        &self,
        session: &Session<'_>,
        environment: Option<&Arc<str>>,
        before: &[(Target, Side)],
    ) -> Result<Vec<(Target, Side)>, Vec<Diagnostic>> {
        if !self.blueprint.stacks().iter().any(|name| name.as_ref() == environment) {
            return Ok(vec![]);
        }
        sides(session, &self.blueprint, environment, &*self.read_file, before)
    }
}

/// The targets of an environment that is written alike on both sides, and reads no files beside
/// it; none where it has to be looked at.
pub(super) fn unchanged(pair: &Pair<'_>, environment: Option<&Arc<str>>) -> Option<Vec<Target>> {
    let [Some(old), Some(new)] = pair else { return None };
    let [old, new] = [old, new].map(|one| one.blueprint.variant(environment).ok());
    let new = new.filter(|new| old.is_some_and(|old| old.document == new.document))?;
    (!reads_files(&new.document)).then(|| Envelope::read(&new).ok().map(|one| one.targets))?
}

fn reads_files(value: &Value) -> bool {
    match &value.data {
        Data::List(list) => list.iter().any(reads_files),
        Data::Map(map) => map.iter().any(|(key, value)| &*key.text == "file" || reads_files(value)),
        _ => false,
    }
}

fn now(job: &Job) -> Version<'_> {
    Version { blueprint: job.blueprint.clone(), read_file: Box::new(|path: &str| job.asset(path)) }
}

/// Blueprints beside themselves at a revision of Git; of folders, those that are gone too.
pub(super) fn since<'a>(
    batch: &'a Batch,
    files: &[PathBuf],
    base: &str,
) -> Result<Vec<Pair<'a>>, Stop> {
    // Asking where the branch left the base takes as long as comparing a blueprint.
    let mut found: BTreeMap<PathBuf, Revision> = BTreeMap::new();
    let mut pairs = vec![];
    for job in &batch.jobs {
        let Some(path) = job.path() else {
            return Err(Stop::new("standard input has no revision to compare with"));
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let revision = match found.entry(folder) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(place) => place.insert(Revision::find(base, path)?).clone(),
        };
        pairs.push([before(revision, path, base)?, Some(now(job))]);
    }
    let folders = files.iter().filter(|file| file.is_dir());
    let gone = folders.map(|folder| gone(folder, base)).collect::<Result<Vec<_>, Stop>>()?;
    pairs.extend(gone.into_iter().flatten().map(|version| [Some(version), None]));
    Ok(pairs)
}

/// Two blueprints, or those of two folders by their names.
pub(super) fn beside<'a>(batch: &'a Batch, files: &[PathBuf]) -> Result<Vec<Pair<'a>>, Stop> {
    let [old, new] = files else {
        let stop = Stop::new("two blueprints are compared: OLD and NEW");
        return Err(stop.help("or write `--base REV FILE…` to compare with a revision of Git"));
    };
    let is_old = |job: &&Job| job.path().is_some_and(|path| path.starts_with(old));
    let is_new = |job: &&Job| job.path().is_none_or(|path| path.starts_with(new));
    let olds = batch.jobs.iter().filter(is_old);
    let news = batch.jobs.iter().filter(is_new);
    if !old.is_dir() && !new.is_dir() {
        // A file that cannot be read has been told.
        let pairs = olds.zip(news).map(|(old, new)| [Some(now(old)), Some(now(new))]);
        return Ok(pairs.collect());
    }
    let mut pairs: BTreeMap<&str, Pair<'a>> = BTreeMap::new();
    for (side, jobs) in [(0, olds.collect::<Vec<_>>()), (1, news.collect())] {
        for job in jobs {
            let name = job.blueprint.name().unwrap_or_default();
            pairs.entry(name).or_default()[side] = Some(now(job));
        }
    }
    Ok(pairs.into_values().collect())
}

/// A blueprint as it was at a revision; none where it was not there.
fn before<'a>(
    mut revision: Revision,
    path: &Path,
    base: &str,
) -> Result<Option<Version<'a>>, Stop> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut text = revision.read(&name);
    if text.is_none()
        && let Some((elsewhere, name)) = revision.before_renaming(&name)?
    {
        text = elsewhere.read(&name);
        revision = elsewhere;
    }
    let Some(text) = text else { return Ok(None) };
    let name = format!("{}@{base}", path.display());
    version(revision, name, &text, base).map(Some)
}

/// The blueprints below a folder that were there at a revision and are not any more.
fn gone<'a>(folder: &Path, base: &str) -> Result<Vec<Version<'a>>, Stop> {
    let gone = Revision::find(base, &folder.join("any.yaml"))?.gone()?;
    let texts = gone.into_iter().filter_map(|(revision, name)| {
        let text =
            revision.read(&name).filter(|text| input::begins_blueprint(Path::new(&name), text))?;
        Some((revision, name, text))
    });
    texts.map(|(at, name, text)| version(at, format!("{name}@{base}"), &text, base)).collect()
}

/// A blueprint of a revision, by its text there.
fn version<'a>(
    revision: Revision,
    name: String,
    text: &[u8],
    base: &str,
) -> Result<Version<'a>, Stop> {
    let text = String::from_utf8_lossy(text).into_owned();
    match blueprint::parse(&Source::new(name, text, Author::Blueprint)) {
        Ok(blueprint) => {
            let read = move |path: &str| revision.read(path).ok_or("it was not there".to_string());
            Ok(Version { blueprint, read_file: Box::new(read) })
        }
        Err(findings) => {
            Err(Stop::findings(format!("the blueprint at {base} is broken"), findings))
        }
    }
}
