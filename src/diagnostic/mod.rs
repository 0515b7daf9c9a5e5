//! Findings: what we tell users about their blueprints.

mod render;
mod rules;

pub use render::{human, summary};
pub use rules::{RULES, Rule, rule};

use crate::source::Span;
use crate::value::{Key, Origin, Value};
use std::sync::Arc;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Said, accepted with `accept`, denied with `--deny warnings`.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One place that a finding draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is said about it; may be empty.
    pub text: String,
}

/// Something about a blueprint or a catalog, with every line involved and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Diagnostic {
    /// The rule that found it, a stable word.
    pub rule: Arc<str>,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// Where, the most telling place first.
    pub labels: Vec<Label>,
    /// What to write instead, or where to read on.
    pub help: Vec<String>,
    /// The component that it is about, for `accept`.
    pub component: Option<Arc<str>>,
    /// The environments in which it was found; empty when it does not depend on them.
    pub environments: Vec<String>,
    /// It is there because of a date, so `--deny` passes over it unless `--as-of` is given.
    pub dated: bool,
}

impl Diagnostic {
    /// A finding of a rule of [`RULES`], with that rule's severity.
    pub fn new(rule: &'static str, title: impl Into<String>) -> Self {
        let severity = rules::rule(rule).map_or(Severity::Error, |rule| rule.severity);
        Self::of(rule, severity, title)
    }

    /// A finding of a rule that a kind's file says.
    pub fn of(rule: impl Into<Arc<str>>, severity: Severity, title: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            severity,
            title: title.into(),
            labels: vec![],
            help: vec![],
            component: None,
            environments: vec![],
            dated: false,
        }
    }

    /// Draws a place; the same place is drawn once.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        if !self.labels.iter().any(|label| label.span == span) {
            self.labels.push(Label { span, text: text.into() });
        }
        self
    }

    /// Draws a key, where it was written.
    pub fn label_key(self, key: &Key, text: impl Into<String>) -> Self {
        match &key.span {
            Some(span) => self.label(span.clone(), text),
            None => self,
        }
    }

    /// Draws where a value was written.
    pub fn label_value(self, value: &Value, text: impl Into<String>) -> Self {
        self.label_origin(&value.origin, text)
    }

    /// Draws every place of an origin, all with the same text.
    pub fn label_origin(self, origin: &Origin, text: impl Into<String>) -> Self {
        let text = text.into();
        origin.spans().iter().fold(self, |all, span| all.label(span.clone(), text.clone()))
    }

    /// Says what to write instead.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Says what to write instead, where there is something to say.
    pub fn help_if(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// Says which component it is about.
    pub fn about(mut self, component: &Arc<str>) -> Self {
        self.component = Some(component.clone());
        self
    }

    /// Whether it keeps a stack from being generated.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Merges what was found several times, in one environment or in several, and sorts by place.
pub fn once_each(findings: Vec<(Option<String>, Diagnostic)>) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = vec![];
    for (environment, finding) in findings {
        match all.iter_mut().find(|other| same(other, &finding)) {
            Some(other) => {
                let new = environment.filter(|name| !other.environments.contains(name));
                other.environments.extend(new);
            }
            None => {
                all.push(Diagnostic { environments: environment.into_iter().collect(), ..finding });
            }
        }
    }
    all.sort_by_key(|finding| {
        let place = finding.labels.first();
        place.map(|label| (label.span.source.name.clone(), label.span.start, label.span.end))
    });
    all
}

fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.rule == other.rule
        && one.title == other.title
        && one.labels == other.labels
        && one.help == other.help
}

/// "did you mean": the known name nearest to `word`, if one is near enough to be meant.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|name| format!("did you mean `{name}`?"))
}

/// "did you mean", or else all that there is.
pub fn meant_or_known<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
) -> String {
    let known = known.into_iter();
    did_you_mean(word, known.clone()).unwrap_or_else(|| {
        let names: Vec<String> = known.map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => "there is none".into(),
            [one] => format!("there is only {one}"),
            names => format!("there are {}", names.join(", ")),
        }
    })
}

/// The known name nearest to `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = snake_case(word);
    let score = |name: &str| {
        let name = name.to_lowercase();
        let distance = strsim::osa_distance(&word, &name);
        let near = distance <= (word.chars().count().max(3)) / 3;
        let alike = strsim::jaro_winkler(&word, &name);
        (near || alike >= 0.88).then_some(alike)
    };
    let scored = known.into_iter().filter_map(|name| score(name).map(|score| (score, name)));
    scored.max_by(|(one, _), (two, _)| one.total_cmp(two)).map(|(_, name)| name)
}

/// `instanceType` and `InstanceType` are how other tools spell `instance_type`.
fn snake_case(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    let mut after_lower = false;
    for c in word.chars() {
        if c.is_uppercase() && after_lower {
            out.push('_');
        }
        after_lower = c.is_lowercase() || c.is_ascii_digit();
        out.extend(c.to_lowercase());
    }
    out
}
