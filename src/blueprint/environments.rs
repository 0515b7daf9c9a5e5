//! Environments: overlays upon the document, and upon one another.

use super::{Blueprint, Environment};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::merge;
use crate::value::{Key, Map, Value};

/// Keys that are the same in every environment.
const FIXED: [&str; 4] = ["formwork", "name", "requires", "environments"];
/// Names that would stand where a target's folder stands.
const RESERVED: [&str; 2] = ["cloudformation", "terraform"];

/// Reads the mapping under `environments`.
pub(super) fn read(value: &Value) -> Result<Vec<Environment>, Vec<Diagnostic>> {
    let Some(map) = value.as_map() else {
        let title = format!("`environments` is a mapping by name, not {}", value.type_name());
        return Err(vec![Diagnostic::new("wrong-type", title).label_value(value, "")]);
    };
    let mut findings = vec![];
    let mut environments = vec![];
    for (key, overlay) in map.iter() {
        match environment(key, overlay) {
            Ok(environment) => environments.push(environment),
            Err(finding) => findings.push(*finding),
        }
    }
    findings.extend(environments.iter().filter_map(|one| unknown_base(one, &environments)));
    if findings.is_empty() { Ok(environments) } else { Err(findings) }
}

fn environment(key: &Key, value: &Value) -> Result<Environment, Box<Diagnostic>> {
    let refuse = |rule, title: String| Diagnostic::new(rule, title).label_key(key, "");
    if !is_name(&key.text) {
        let title = format!("`{}` is not a name of an environment", key.text);
        let help = "write lower-case letters and digits, joined by single hyphens";
        return Err(refuse("wrong-name", title).help(help).into());
    }
    if RESERVED.contains(&&*key.text) {
        let title = format!("`{}` is the name of a folder of ours", key.text);
        return Err(refuse("reserved-name", title).help("choose another name").into());
    }
    let map = match value.as_map() {
        Some(map) => map.clone(),
        None if value.is_null() => Map::default(),
        None => {
            let title = format!("an environment is a mapping, not {}", value.type_name());
            return Err(refuse("wrong-type", title).into());
        }
    };
    if let Some((fixed, _)) = map.0.iter().find(|(key, _)| FIXED.contains(&&*key.text)) {
        let title = format!("`{}` is the same in every environment", fixed.text);
        let finding = Diagnostic::new("overlay-forbidden", title).label_key(fixed, "");
        return Err(finding.help("write it at the top of the blueprint").into());
    }
    let (control, overlay): (Vec<_>, Vec<_>) =
        map.0.into_iter().partition(|(key, _)| matches!(&*key.text, "extends" | "abstract"));
    let control = Map(control);
    Ok(Environment {
        key: key.clone(),
        extends: control.get("extends").cloned(),
        is_abstract: control.get("abstract").and_then(Value::as_bool).unwrap_or_default(),
        overlay: Value::from(Map(overlay)).from_origin(value.origin.clone()),
    })
}

fn unknown_base(environment: &Environment, all: &[Environment]) -> Option<Diagnostic> {
    let base = environment.extends.as_ref()?;
    let word = base.as_str().unwrap_or_default();
    let names = || all.iter().map(|environment| &*environment.key.text);
    if names().any(|name| name == word) {
        return None;
    }
    let finding =
        Diagnostic::new("unknown-environment", format!("there is no environment `{word}`"));
    Some(finding.label_value(base, "").help_if(did_you_mean(word, names())))
}

/// Whether a word may name a blueprint, a component, an environment or an item.
pub(crate) fn is_name(word: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.split('-').all(|part| !part.is_empty() && part.chars().all(lower))
}

/// The document with an environment's overlays, the farthest base first.
pub(super) fn merge(
    blueprint: &Blueprint,
    environment: Option<&str>,
) -> Result<Value, Vec<Diagnostic>> {
    let mut document = blueprint.document.clone();
    let mut findings = vec![];
    for overlay in chain(blueprint, environment)?.into_iter().rev() {
        let (merged, problems) = overlaid(&document, &overlay.overlay);
        document = merged;
        findings.extend(problems);
    }
    if findings.is_empty() { Ok(document) } else { Err(findings) }
}

/// The environment and what it extends, nearest first.
fn chain<'a>(
    blueprint: &'a Blueprint,
    environment: Option<&str>,
) -> Result<Vec<&'a Environment>, Vec<Diagnostic>> {
    let find = |name: &str| {
        blueprint.environments.iter().find(|environment| &*environment.key.text == name)
    };
    let mut chain: Vec<&Environment> = vec![];
    let mut next = environment.and_then(find);
    while let Some(environment) = next {
        if chain.iter().any(|earlier| earlier.key.text == environment.key.text) {
            return Err(vec![circle(blueprint, environment)]);
        }
        chain.push(environment);
        next = environment.extends.as_ref().and_then(Value::as_str).and_then(find);
    }
    Ok(chain)
}

/// A circle, spelled from its first environment in the file on, wherever it was entered.
fn circle(blueprint: &Blueprint, inside: &Environment) -> Diagnostic {
    let next = |name: &str| {
        let one = blueprint.environments.iter().find(|one| &*one.key.text == name)?;
        Some((one, one.extends.as_ref()?.as_str()?))
    };
    let round = |start: &str| {
        let mut names = vec![];
        let mut at = next(start);
        while let Some((one, base)) = at.filter(|(one, _)| !names.contains(&&*one.key.text)) {
            names.push(&*one.key.text);
            at = next(base);
        }
        names
    };
    let members = round(&inside.key.text);
    let mut environments = blueprint.environments.iter();
    let first = environments.find(|one| members.contains(&&*one.key.text)).unwrap_or(inside);
    let names = round(&first.key.text);
    let title = format!("{} → {} extend one another", names.join(" → "), first.key.text);
    let extends = names.iter().filter_map(|name| next(name)?.0.extends.as_ref());
    let finding = Diagnostic::new("environment-cycle", title);
    let finding = extends.fold(finding, |finding, value| finding.label_value(value, ""));
    finding.help("take one `extends` away")
}

/// A merge patch, but a component that says `kind` is new as a whole, and one that does not must
/// be there.
fn overlaid(document: &Value, overlay: &Value) -> (Value, Vec<Diagnostic>) {
    let mut findings = vec![];
    let mut base = document.as_map().cloned().unwrap_or_default();
    let components = base.get("components").and_then(Value::as_map).cloned().unwrap_or_default();
    let mut kept = components.clone();
    let changes = overlay.get("components").and_then(Value::as_map);
    for (key, change) in changes.into_iter().flat_map(Map::iter) {
        if change.get("kind").is_some() {
            kept.0.retain(|(old, _)| old.text != key.text);
        } else if components.get(&key.text).is_none() && change.as_map().is_some() {
            let title = format!("there is no component `{}` to change", key.text);
            let finding = Diagnostic::new("overlay-without-component", title).label_key(key, "");
            let near = did_you_mean(&key.text, components.names());
            let help = near.unwrap_or_else(|| "say its `kind` to add it here".into());
            findings.push(finding.help(help));
        }
    }
    // The order is the base's, also of a component that is replaced.
    if let Some((_, value)) = base.0.iter_mut().find(|(key, _)| &*key.text == "components") {
        let emptied = components.0.into_iter().map(|(key, old)| match kept.get(&key.text) {
            Some(_) => (key, old),
            None => (key, Value::from(Map::default())),
        });
        *value = Value::from(Map(emptied.collect())).from_origin(value.origin.clone());
    }
    let base = Value::from(base).from_origin(document.origin.clone());
    (merge::patch(&base, overlay, &|key| key == "patch"), findings)
}
