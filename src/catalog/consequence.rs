//! What a change of a parameter does, that no provider's schema knows.

use super::fields::{Fields, Problems};
use crate::expression::Expression;
use crate::value::Value;
use serde::Serialize;
use std::sync::Arc;

/// What a change of a parameter does.
#[derive(Debug)]
pub struct Consequence {
    /// The path of the parameter.
    pub at: Arc<str>,
    /// Whether it is so, over `old` and `new`.
    pub when: Expression,
    /// What it comes to.
    pub outcome: Outcome,
    /// It in words, over `old` and `new`.
    pub say: Expression,
}

/// What a change comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Data is lost.
    DataLoss,
    /// The service refuses it.
    ServiceLimit,
    /// Something new takes its place.
    Replacement,
    /// What runs stops for a while.
    Interruption,
    /// It holds after a reboot, which nobody makes by itself.
    Reboot,
    /// Less is guarded than before.
    LessProtection,
}

impl Outcome {
    /// All of them, by their words.
    const WORDS: [(&'static str, Self); 6] = [
        ("data-loss", Self::DataLoss),
        ("service-limit", Self::ServiceLimit),
        ("replacement", Self::Replacement),
        ("interruption", Self::Interruption),
        ("reboot", Self::Reboot),
        ("less-protection", Self::LessProtection),
    ];

    /// As catalogs write it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }
}

impl Consequence {
    /// Reads an item of `changes`; whatever is wrong in it is noted.
    pub(super) fn read(value: &Value, problems: &Problems) -> Option<Self> {
        let mut f = Fields::of(value, problems);
        let (at, effect) = (f.required_text("at", value), f.required_text("effect", value));
        let (when, say) = (f.expression("when"), f.tree("say"));
        f.finish();
        let outcome = Outcome::WORDS.iter().find(|(word, _)| **word == *effect);
        if outcome.is_none() {
            let words = Outcome::WORDS.map(|(word, _)| word).join(", ");
            problems.at(value, format!("`effect` is one of {words}"));
        }
        if when.is_none() || say.is_none() {
            problems.at(value, "a change says `when` and `say`");
        }
        Some(Self { at, when: when?, outcome: outcome?.1, say: say? })
    }
}
