//! A difference as a comment on a pull request, in Markdown.

use super::diff::Compared;
use super::difference::{consequence, counts, deployer, human_resource, line, stack_name};
use crate::diff::{Action, Change, Class, Fate};
use std::fmt::Write as _;

/// By it a pipeline finds its own comment again.
const MARKER: &str = "<!-- formwork-diff -->";

/// What the host of a pull request takes, with room for what it adds.
const LARGEST: usize = 60_000;

/// All stacks: a verdict, a table, what needs attention, and the rest folded. What is too much for
/// a comment is dropped from the end, where the least risky changes stand, and counted.
pub(super) fn markdown(compared: &[Compared]) -> String {
    let differing = || compared.iter().filter(|one| !one.difference.changes.is_empty());
    let mut text = format!("{MARKER}\n{}\n", verdict(compared));
    if differing().next().is_none() {
        return text;
    }
    text +=
        "\n| stack | add | change | may replace | replace | remove |\n|---|--:|--:|--:|--:|--:|\n";
    differing().for_each(|one| text += &row(one));
    let attention: String = differing().map(attention).collect();
    if !attention.is_empty() {
        let _ = write!(text, "\n### Needs attention\n\n{attention}");
    }
    text += "\n";
    let mut dropped = 0;
    for one in differing() {
        let details = details(one);
        if text.len() + details.len() < LARGEST {
            text += &details;
        } else {
            dropped += one.difference.changes.len();
        }
    }
    if dropped > 0 {
        let _ = writeln!(text, "\n{dropped} more changes are told by `formwork diff`.");
    }
    text
}

fn verdict(compared: &[Compared]) -> &'static str {
    let changes = || compared.iter().flat_map(|one| &one.difference.changes);
    let any = |class| compared.iter().any(|one| one.difference.classes().any(|it| it == class));
    if any(Class::DataLoss) {
        "**This loses data.**"
    } else if changes().any(|change| change.data == Some(Fate::Refused)) {
        "**This is refused when it is deployed: protected data would go.**"
    } else if any(Class::Replace) {
        "**This replaces resources.**"
    } else if any(Class::Interruption) {
        "**This interrupts what runs.**"
    } else if any(Class::Broadened) {
        "**This allows more than before.**"
    } else if changes().next().is_some() {
        "**This is carried out in place.**"
    } else {
        "**Nothing changes.**"
    }
}

fn row(compared: &Compared) -> String {
    let [add, change, may_replace, replace, remove] = counts(compared);
    let name = stack_name(compared);
    format!("| {name} | {add} | {change} | {may_replace} | {replace} | {remove} |\n")
}

/// What nobody should merge unread: never folded.
fn attention(compared: &Compared) -> String {
    let mut text = String::new();
    for line in compared.deployer.iter().flat_map(deployer) {
        let _ = writeln!(text, "- {}: {line}", stack_name(compared));
    }
    for told in &compared.difference.told {
        let (name, what) = (stack_name(compared), consequence(told));
        let _ = writeln!(text, "- **{}** in {name}: {what}", told.effect.word());
    }
    for change in &compared.difference.changes {
        let address = format!("`{}` in {}", change.address, stack_name(compared));
        if let Some(what) = risk(change) {
            let _ = writeln!(text, "- {address} {what}");
        }
        for allowed in &change.broadened {
            let _ = writeln!(text, "- {address}: more open: `{}`", allowed.replace('`', "'"));
        }
    }
    text
}

fn risk(change: &Change) -> Option<&'static str> {
    let unknown = change.classes().any(|class| class == Class::Unknown);
    Some(match (change.data, change.action) {
        (Some(Fate::Lost), _) => "goes, and its **data is lost**",
        (Some(Fate::Refused), _) => "would go; its data is protected, so the deployment is refused",
        (Some(Fate::Kept), _) => "leaves the stack; its data stays outside it",
        (None, Action::Replace) => "is **replaced**",
        (None, Action::MayReplace) => "may be **replaced**",
        (None, _) if unknown => "is changed in a way of which nobody says what it does",
        (None, _) => return None,
    })
}

fn details(compared: &Compared) -> String {
    let (name, changes) = (stack_name(compared), &compared.difference.changes);
    let mut text = format!("<details><summary>{name}: {} resources</summary>\n\n", changes.len());
    text += "```text\n";
    for change in &compared.difference.written {
        let _ = writeln!(text, "{}", line(change));
    }
    text += &changes.iter().map(human_resource).collect::<String>();
    // A fence within a value would end ours.
    let text = text.replacen("```", "\u{0}", 1).replace("```", "'''").replacen('\u{0}', "```", 1);
    text + "```\n\n</details>\n"
}
