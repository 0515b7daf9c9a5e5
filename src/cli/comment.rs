//! A difference as a comment on a pull request, in Markdown.

use super::diff::Compared;
use super::difference::{
    cause, consequence, counts, deployer, human_resource, line, said, stack_name, to_be_said,
    without_target,
};
use crate::diagram::mermaid;
use crate::diff::{Action, Change, Class, Fate, Told, Topic};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// By it a pipeline finds its own comment again.
const MARKER: &str = "<!-- formwork-diff -->";

/// What the host of a pull request takes, with room for what it adds.
const LARGEST: usize = 60_000;

/// More components at once are no picture.
const MOST_DRAWN: usize = 20;

/// All stacks: a verdict, a table, what needs attention, and the rest folded. What is too much for
/// a comment is dropped from the end, where the least risky changes stand, and counted.
pub(super) fn markdown(compared: &[Compared]) -> String {
    let differing = || compared.iter().filter(|one| one.difference.is_something());
    let mut text = format!("{MARKER}\n{}\n", verdict(compared));
    if differing().next().is_none() {
        return text;
    }
    text +=
        "\n| stack | add | change | may replace | replace | remove |\n|---|--:|--:|--:|--:|--:|\n";
    differing().for_each(|one| text += &row(one));
    let attention = attention(differing());
    if !attention.is_empty() {
        let _ = write!(text, "\n### Needs attention\n\n{attention}");
    }
    text += "\n";
    let largest = differing().max_by_key(|one| one.difference.changes.len());
    text += &largest.and_then(picture).unwrap_or_default();
    let mut dropped = 0;
    for one in differing() {
        let details = details(one);
        if text.len() + details.len() < LARGEST {
            text += &details;
        } else {
            dropped += one.difference.changes.len();
        }
    }
    let facts: BTreeSet<&String> = differing().flat_map(|one| &one.difference.facts).collect();
    let facts: Vec<String> = facts.into_iter().map(|one| format!("`{one}`")).collect();
    let _ = writeln!(text, "\n<sub>What changes do is known from {}.</sub>", facts.join(", "));
    if dropped > 0 {
        let _ = writeln!(text, "\n{dropped} more changes are told by `formwork diff`.");
    }
    text
}

/// The components of a stack that change, and what is next to them.
fn picture(compared: &Compared) -> Option<String> {
    let diagram = compared.diagram.as_ref()?;
    let marks = compared.difference.changes.iter().map(|change| {
        let name = format!("components.{}", change.component);
        let mut written = compared.difference.written.iter().filter(|one| one.path == name);
        let mark = match (change.action, written.next()) {
            (_, Some(one)) if one.old.is_null() => "added",
            (_, Some(one)) if one.new.is_null() => "removed",
            (Action::Replace | Action::MayReplace, _) => "replaced",
            _ => "changed",
        };
        (&*change.component, mark)
    });
    let mut all: BTreeMap<&str, &'static str> = BTreeMap::new();
    for (name, mark) in marks {
        let known = all.entry(name).or_insert(mark);
        if mark == "replaced" {
            *known = mark;
        }
    }
    let drawn = mermaid(&diagram.around(&all));
    (1..=MOST_DRAWN).contains(&all.len()).then(|| format!("```mermaid\n{drawn}```\n\n"))
}

/// What a comment begins with, by the gravest class that something in it is of.
const VERDICTS: [(Class, &str); Class::ALL.len()] = [
    (Class::DataLoss, "**This loses data.**"),
    (Class::Refused, "**The service refuses some of this.**"),
    (Class::Replace, "**This replaces resources.**"),
    (Class::Interruption, "**This interrupts what runs.**"),
    (Class::Reboot, "**Some of this holds only after a reboot, which nobody makes by itself.**"),
    (Class::Unknown, "**Nobody says what some of this does to what runs.**"),
    (Class::Broadened, "**This allows more than before.**"),
];

fn verdict(compared: &[Compared]) -> &'static str {
    let changes = || compared.iter().flat_map(|one| &one.difference.changes);
    let any = |class| compared.iter().any(|one| one.difference.classes().any(|it| it == class));
    // All that a new stack allows is more than before, and no surprise.
    let beside = compared.iter().any(|one| one.difference.beside.is_some());
    let tells = |class| any(class) && !(beside && class == Class::Broadened);
    let gravest = VERDICTS.into_iter().find(|(class, _)| tells(*class));
    if changes().any(|change| change.data == Some(Fate::Refused)) && !any(Class::DataLoss) {
        "**This is refused when it is deployed: protected data would go.**"
    } else if let Some((_, words)) = gravest {
        words
    } else if beside {
        "**This makes another stack; the old one stays.**"
    } else if changes().next().is_some() {
        "**This is carried out in place.**"
    } else if compared.iter().any(|one| one.difference.is_elsewhere()) {
        "**This is deployed elsewhere than before.**"
    } else {
        "**Nothing changes.**"
    }
}

fn row(compared: &Compared) -> String {
    let [add, change, may_replace, replace, remove] = counts(compared);
    let name = stack_name(compared);
    format!("| {name} | {add} | {change} | {may_replace} | {replace} | {remove} |\n")
}

/// What nobody should merge unread: never folded. What is said alike of several stacks is said
/// once.
fn attention<'a>(compared: impl Iterator<Item = &'a Compared>) -> String {
    let mut all: Vec<(String, Vec<&Compared>)> = vec![];
    for one in compared {
        for line in alarming(one) {
            match all.iter_mut().find(|(other, _)| *other == line) {
                Some((_, stacks)) => stacks.push(one),
                None => all.push((line, vec![one])),
            }
        }
    }
    let bullets = all.into_iter().map(|(line, stacks)| format!("- {line} ({})\n", named(&stacks)));
    fitting(bullets.collect(), LARGEST / 2)
}

/// As many lines as there is room for, and how many are left out.
fn fitting(lines: Vec<String>, room: usize) -> String {
    let (mut text, count) = (String::new(), lines.len());
    for (at, line) in lines.into_iter().enumerate() {
        if text.len() + line.len() > room {
            let _ = writeln!(text, "- and {} more, which `formwork diff` tells", count - at);
            break;
        }
        text += &line;
    }
    text
}

/// Stacks by their names; one that is there on both targets, without them.
fn named(stacks: &[&Compared]) -> String {
    let both = |one: &Compared| {
        let same = stacks.iter().filter(|other| without_target(other) == without_target(one));
        same.count() > 1
    };
    let name = |one: &&Compared| if both(one) { without_target(one) } else { stack_name(one) };
    let mut names: Vec<String> = stacks.iter().map(name).collect();
    names.dedup();
    names.join("; ")
}

fn alarming(compared: &Compared) -> Vec<String> {
    let difference = &compared.difference;
    let mut lines: Vec<String> = compared.deployer.iter().flat_map(deployer).collect();
    let told = |told: &Told| format!("**{}**: {}", told.effect.word(), consequence(told));
    lines.extend(difference.beside.iter().map(ToString::to_string));
    lines.extend(difference.told.iter().map(told));
    lines.extend(to_be_said(compared));
    let left = difference.said.iter().filter(|said| said.leaves_deployments());
    lines.extend(left.flat_map(|said| &said.gone).map(|one| format!("no longer deployed: {one}")));
    let findings = difference.said.iter().filter(|said| said.topic == Topic::Findings);
    lines.extend(findings.flat_map(|said| &said.new).map(|new| format!("new finding: {new}")));
    lines.extend(replaced(&difference.changes));
    for change in &difference.changes {
        lines.extend(risk(change).map(|what| format!("`{}` {what}", change.address)));
        let allowed: Vec<String> =
            change.broadened.iter().map(|words| format!("`{}`", words.replace('`', "'"))).collect();
        if !allowed.is_empty() {
            lines.push(format!("`{}` is **more open**: {}", change.address, allowed.join("; ")));
        }
    }
    lines
}

/// What is replaced and holds nothing, a line for each component.
fn replaced(changes: &[Change]) -> Vec<String> {
    let replaced = |change: &&Change| change.action == Action::Replace && change.data.is_none();
    let mut all: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for change in changes.iter().filter(replaced) {
        all.entry(&change.component).or_default().push(format!("`{}`", change.address));
    }
    let line = |(component, addresses): (&str, Vec<String>)| {
        let verb = if addresses.len() == 1 { "is" } else { "are" };
        format!("{} of {component} {verb} **replaced**", addresses.join(", "))
    };
    all.into_iter().map(line).collect()
}

fn risk(change: &Change) -> Option<&'static str> {
    let unknown = change.classes().any(|class| class == Class::Unknown);
    Some(match (change.data, change.action) {
        (Some(Fate::Lost), _) => "goes, and its **data is lost**",
        (Some(Fate::Refused), _) => "would go; its data is protected, so the deployment is refused",
        (Some(Fate::Kept), _) => "leaves the stack; its data stays outside it",
        (None, Action::Replace) => return None,
        (None, Action::MayReplace) => "may be **replaced**",
        (None, _) if unknown => "is changed in a way of which nobody says what it does",
        (None, _) => return None,
    })
}

fn details(compared: &Compared) -> String {
    let (name, changes) = (stack_name(compared), &compared.difference.changes);
    let mut text = format!("<details><summary>{name}: {} resources</summary>\n\n", changes.len());
    text += "```text\n";
    let difference = &compared.difference;
    let mut lines: Vec<String> = difference.written.iter().map(line).collect();
    lines.extend(difference.causes.iter().flat_map(cause));
    lines.extend(difference.said.iter().flat_map(said));
    text.extend(lines.into_iter().map(|line| line + "\n"));
    text += &changes.iter().map(human_resource).collect::<String>();
    // A fence within a value would end ours.
    let text = text.replacen("```", "\u{0}", 1).replace("```", "'''").replacen('\u{0}', "```", 1);
    text + "```\n\n</details>\n"
}
