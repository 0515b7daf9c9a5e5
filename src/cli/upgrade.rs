//! What this version of formwork would change in artifacts that lie in a folder.

use super::Context;
use super::batch::Job;
use super::diff::{Compared, Told};
use super::stop::Stop;
use crate::diff::{Difference, Said, Side, Topic, artifacts, diff, sides};
use crate::value::Target;
use crate::write::vanished;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Texts = BTreeMap<String, String>;

/// The artifacts of a blueprint's stacks below a folder, beside those that would be generated; of
/// a stack that is not there, everything is new.
pub(super) fn compare(
    context: &Context,
    job: &Job,
    folder: &Path,
    (environments, targets): (&[String], &[Target]),
) -> Result<Told, Stop> {
    let session = context.session(None);
    let read_file = |path: &str| job.asset(path);
    let (made, findings) = job.generate(&session, environments, targets, true);
    let (mut compared, mut known) = (vec![], vec![]);
    for stack in &made {
        let environment = stack.environment.as_ref();
        let sides = sides(&session, &job.blueprint, environment, &read_file, &[]);
        let sides = sides.unwrap_or_default();
        for output in &stack.outputs {
            let target = output.target;
            let described = sides.iter().find(|(one, _)| *one == target).map(|(_, side)| side);
            let new = output.artifacts.iter().filter_map(|file| {
                Some((file.path.clone(), String::from_utf8(file.bytes.clone()).ok()?))
            });
            let mut old = texts(&output.folder(folder));
            let new: Texts = new.collect();
            // What lies deeper is looked for where it would be written.
            for path in new.keys().filter(|path| path.contains('/')) {
                let there = fs::read_to_string(output.folder(folder).join(path));
                old.extend(there.ok().map(|text| (path.clone(), text)));
            }
            let difference = difference(context, target, &[old, new], described)?;
            let name = environment.map(|name| &**name);
            compared.push(Compared::new(&output.blueprint, name, target, difference));
            known.push((name.map(String::from), target));
        }
    }
    if environments.is_empty() && targets.is_empty() && made.len() == job.stacks.len() {
        let name = job.blueprint.name().unwrap_or_default();
        let gone = vanished(folder, name, &known).map_err(|error| Stop::new(error.to_string()))?;
        for stack in gone {
            let texts = [texts(&stack.folder), Texts::new()];
            let difference = difference(context, stack.target, &texts, None)?;
            let environment = stack.environment.as_deref();
            compared.push(Compared::new(name, environment, stack.target, difference));
        }
    }
    Ok((compared, findings))
}

/// The texts that lie in a folder itself; none where there is no folder.
fn texts(folder: &Path) -> Texts {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let text = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name, fs::read_to_string(entry.path()).ok()?))
    };
    entries.filter_map(text).collect()
}

/// Both sides are read from artifacts, so that they say alike what they mean; to whom a resource
/// belongs and whether it holds data, only the blueprint knows.
fn difference(
    context: &Context,
    target: Target,
    texts: &[Texts; 2],
    described: Option<&Side>,
) -> Result<Difference, Stop> {
    let side = |texts: &Texts| {
        let files = texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let mut side = artifacts::side(target, files).map_err(|why| {
            Stop::new(why).help("`formwork generate --check` says which files were edited")
        })?;
        for (address, one) in &mut side.resources {
            if let Some(known) = described.and_then(|side| side.resources.get(address)) {
                one.component.clone_from(&known.component);
                one.component_id.clone_from(&known.component_id);
                one.holds_data = known.holds_data;
            }
        }
        Ok::<_, Stop>(side)
    };
    let (old, new) = (side(&texts[0])?, side(&texts[1])?);
    let mut difference = diff(&old, &new, target, context.catalog.provider(target));
    let is_ours = |path: &&String| texts[1].contains_key(*path);
    let paths: BTreeSet<&String> = texts[0].keys().filter(is_ours).chain(texts[1].keys()).collect();
    let differs = paths.into_iter().filter(|path| texts[0].get(*path) != texts[1].get(*path));
    let differs: Vec<String> = differs.cloned().collect();
    if !differs.is_empty() {
        difference.said.push(Said { topic: Topic::Files, gone: vec![], new: differs });
    }
    Ok(difference)
}
