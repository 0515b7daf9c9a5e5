//! What an output folder has to say: lines and findings about it.

use crate::blueprint::Blueprint;
use crate::diagnostic::Diagnostic;
use crate::value::{Map, Value};
use crate::write::{Output, Plan, Problem, State, Written};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Each artifact after a comment with its path.
pub(super) fn print(out: &Path, output: &Output, data: &mut String) {
    let folder = output.folder(out);
    for artifact in &output.artifacts {
        let path = folder.join(&artifact.path);
        let text = std::str::from_utf8(&artifact.bytes);
        let _ = match text {
            Ok(text) if text.is_empty() || text.ends_with('\n') => {
                write!(data, "# ==> {}\n{text}", path.display())
            }
            Ok(text) => write!(data, "# ==> {}\n{text}\n", path.display()),
            Err(_) => {
                writeln!(data, "# ==> {} ({} bytes)", path.display(), artifact.bytes.len())
            }
        };
    }
}

/// What was done to the files of a folder.
pub(super) fn told(folder: &Path, written: &Written, data: &mut String) {
    let lists = [("wrote", &written.written), ("removed", &written.removed)];
    for (verb, path) in lists.iter().flat_map(|(verb, list)| list.iter().map(move |p| (verb, p))) {
        let _ = writeln!(data, "{verb} {}", folder.join(path).display());
    }
}

/// What lies in a folder and is not what the blueprint says.
pub(super) fn stale(blueprint: &Blueprint, plan: &Plan<'_>) -> Vec<Diagnostic> {
    let name = if blueprint.source.name == "<stdin>" { "-" } else { &blueprint.source.name };
    let help = format!("run `formwork generate {name}`");
    let finding = |title: String| Diagnostic::new("stale-artifact", title).help(&*help);
    if plan.files.values().all(|state| *state == State::New) {
        return vec![finding(format!("{} was never generated", plan.folder().display()))];
    }
    let reasons = plan.stale().into_iter();
    reasons.map(|one| finding(format!("{} {}", one.path.display(), one.what))).collect()
}

/// What stands against writing, at the component that it is about.
pub(super) fn problem(
    blueprint: &Blueprint,
    environment: Option<&str>,
    problem: &Problem,
) -> Diagnostic {
    let finding = Diagnostic::new(problem.rule, &*problem.message).help(&*problem.help);
    let Some(id) = &problem.component else { return finding };
    let variant = blueprint.variant(environment.map(Arc::from).as_ref()).ok();
    let components = variant.as_ref().and_then(|one| one.document.get("components")?.as_map());
    let found = components.into_iter().flat_map(Map::iter).find(|(key, component)| {
        component.get("id").and_then(Value::as_str).unwrap_or(&key.text) == id
    });
    match found {
        Some((key, _)) => finding.label_key(key, "").about(&key.text),
        None => named(finding, blueprint),
    }
}

/// Draws the line that names the blueprint.
pub(super) fn named(finding: Diagnostic, blueprint: &Blueprint) -> Diagnostic {
    match blueprint.document.get("name") {
        Some(name) => finding.label_value(name, "in this blueprint"),
        None => finding,
    }
}
