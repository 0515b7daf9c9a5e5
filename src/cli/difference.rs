//! A difference, as people read it.

use super::diff::Compared;
use crate::diff::deployer::{Planned, Verdict};
use crate::diff::{Action, Cause, Change, Fate, PropertyChange, Said, Told, Topic};
use crate::provider::Effect;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Longer values are cut: the artifacts hold them whole.
const LONGEST: usize = 80;

/// One stack on one target: what was written differently, and what that does; in full, with what
/// moves what and who may do what.
pub(super) fn human(compared: &Compared, in_full: bool) -> String {
    let difference = &compared.difference;
    let mut text = format!("{}: {}\n", stack_name(compared), summary(compared));
    let mut lines: Vec<String> = difference.written.iter().map(line).collect();
    lines.extend(difference.beside.iter().map(ToString::to_string));
    lines.extend(
        difference.told.iter().map(|told| format!("{}: {}", told.effect.word(), consequence(told))),
    );
    lines.extend(to_be_said(compared));
    let brief = |said: &&Said| in_full || said.topic != Topic::Access;
    lines.extend(difference.said.iter().filter(brief).flat_map(said));
    if in_full {
        lines.extend(difference.causes.iter().flat_map(cause));
        lines.push(format!("what changes do is known from {}", difference.facts.join(", ")));
    }
    text.extend(indented(lines));
    difference.changes.iter().for_each(|one| text += &human_resource(one));
    if let Some(verdict) = &compared.deployer {
        text.extend(indented(deployer(verdict)));
    }
    text + "\n"
}

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("  {line}\n"))
}

/// What a stack says of itself and did not, under a title.
pub(super) fn said(said: &Said) -> Vec<String> {
    let gone = said.gone.iter().map(|line| format!("  - {line}"));
    let new = said.new.iter().map(|line| format!("  + {line}"));
    std::iter::once(said.topic.title().to_string()).chain(gone).chain(new).collect()
}

/// The lines of a blueprint that go together, and what they move.
pub(super) fn cause(cause: &Cause) -> Vec<String> {
    let written = cause.written.join(" and ");
    let verb = if cause.written.len() == 1 { "moves" } else { "move" };
    let count = if cause.moves.is_empty() { " nothing" } else { "" };
    let moves = cause.moves.iter().map(|one| format!("  {one}"));
    std::iter::once(format!("{written} {verb}{count}")).chain(moves).collect()
}

/// What `generate` will ask for before protected data goes.
pub(super) fn to_be_said(compared: &Compared) -> Vec<String> {
    let mut going: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut lines = vec![];
    let kept = |change: &&Change| matches!(change.data, Some(Fate::Kept | Fate::Refused));
    let settled = &compared.difference.settled;
    let open =
        |change: &&Change| change.action != Action::Remove || !settled.contains(&change.address);
    for change in compared.difference.changes.iter().filter(kept).filter(open) {
        match change.action {
            Action::Remove => {
                going.entry(&change.component_id).or_default().push(&change.address);
            }
            _ => lines.push(format!(
                "`generate` refuses to replace {}: say `protect: false`, or give `{}` another `id`",
                change.address, change.component
            )),
        }
    }
    lines.extend(going.into_iter().map(|(id, addresses)| {
        format!(
            "`generate` asks what becomes of protected data: write \
             `removed: {{{id}: {{keep: [{}]}}}}`, or `removed: {{{id}: destroy}}`",
            addresses.join(", ")
        )
    }));
    lines
}

/// What the deployer's own plan says beside the diff.
pub(super) fn deployer(verdict: &Verdict) -> Vec<String> {
    let each = |all: &[Planned], what: &str| {
        let line = |one: &Planned| format!("{what}: {} {}", one.address, done(one.action));
        all.iter().map(line).collect::<Vec<_>>()
    };
    let mut lines = each(&verdict.unforeseen, "not in this diff");
    lines.extend(each(&verdict.drift, "changed by hand since it was deployed"));
    let missing = verdict.missing.iter();
    lines.extend(missing.map(|address| format!("not in the plan: {address}")));
    lines.push(format!("{} resources are planned as this diff says", verdict.agreed));
    lines
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Add => "is added",
        Action::Change => "is changed in place",
        Action::MayReplace => "is changed, or replaced",
        Action::Replace => "is replaced",
        Action::Remove => "is removed",
    }
}

/// `readings.retention_hours: records older than 24 hours are dropped`.
pub(super) fn consequence(told: &Told) -> String {
    // The stack's own settings belong to no component.
    let dot = if told.component.is_empty() { "" } else { "." };
    format!("{}{dot}{}: {}", told.component, told.parameter, told.say)
}

/// `plant-a, prod, Terraform`.
pub(super) fn stack_name(compared: &Compared) -> String {
    format!("{}, {}", without_target(compared), compared.target.name())
}

/// `plant-a, prod`.
pub(super) fn without_target(compared: &Compared) -> String {
    let words = [Some(&*compared.blueprint), compared.environment.as_deref()];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// How many resources are added, changed, perhaps replaced, replaced and removed.
pub(super) fn counts(compared: &Compared) -> [usize; 5] {
    let changes = &compared.difference.changes;
    let count = |action| changes.iter().filter(|change| change.action == action).count();
    [Action::Add, Action::Change, Action::MayReplace, Action::Replace, Action::Remove].map(count)
}

fn summary(compared: &Compared) -> String {
    let words = ["added", "changed", "changed or replaced", "replaced", "removed"];
    let counted = counts(compared).into_iter().zip(words).filter(|(count, _)| *count > 0);
    let counted: Vec<String> = counted.map(|(count, word)| format!("{count} {word}")).collect();
    match counted.as_slice() {
        [] if compared.difference.is_elsewhere() => "no resource changes".into(),
        [] => "nothing changes".into(),
        counted => counted.join(", "),
    }
}

/// What becomes of one resource.
pub(super) fn human_resource(change: &Change) -> String {
    let what = done(change.action);
    let data = match change.data {
        None => "",
        Some(Fate::Kept) => "; its data stays, outside the stack",
        Some(Fate::Refused) => "; its data is protected, so the deployment is refused",
        Some(Fate::Lost) => "; its data is lost",
    };
    let mut text = format!("\n  {} ({}) {what}{data}\n", change.address, change.type_name);
    for property in &change.properties {
        let _ = writeln!(text, "    {}{}", line(property), effect(property.effect));
    }
    for allowed in &change.broadened {
        let _ = writeln!(text, "    more open: {allowed}");
    }
    text
}

/// What one value was, and what it becomes.
pub(super) fn line(change: &PropertyChange) -> String {
    match (&change.through, &change.old, &change.new) {
        (Some(other), ..) => format!("{}: follows {other}", change.path),
        (None, old, new) if is_long(old) && is_long(new) => format!("{} differs", change.path),
        (None, Json::Null, new) => format!("{}: {} is new", change.path, short(new)),
        (None, old, Json::Null) => format!("{}: {} goes", change.path, short(old)),
        (None, old, new) => format!("{}: {} becomes {}", change.path, short(old), short(new)),
    }
}

/// Whether a value is a list of trees, which no line can show.
fn is_long(value: &Json) -> bool {
    value.as_array().is_some_and(|list| list.iter().any(Json::is_object))
}

fn effect(effect: Option<Effect>) -> &'static str {
    match effect {
        None | Some(Effect::Update) => "",
        Some(Effect::MayReplace) => " (may replace)",
        Some(Effect::Replace) => " (replaces)",
        Some(Effect::Refused) => " (the service refuses it)",
        Some(Effect::Unknown) => " (nobody says what that does)",
    }
}

fn short(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
