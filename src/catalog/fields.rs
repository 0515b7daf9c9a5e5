//! Reads the mappings of catalog files: every key known, every mistake a finding at its line.

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::expression::{self, Expression, Failure};
use crate::value::{Data, Key, Map, Value};
use std::cell::RefCell;
use std::sync::Arc;

/// The findings of one catalog file.
#[derive(Default)]
pub struct Problems(RefCell<Vec<Diagnostic>>);

impl Problems {
    /// Notes a mistake where `value` stands.
    pub fn at(&self, value: &Value, title: impl Into<String>) {
        self.push(Diagnostic::new("broken-catalog", title).label_value(value, ""));
    }

    /// Notes a mistake where `key` stands.
    pub fn at_key(&self, key: &Key, title: impl Into<String>, help: Option<String>) {
        let finding = Diagnostic::new("broken-catalog", title).label_key(key, "");
        self.push(finding.help_if(help));
    }

    /// Notes that an expression has no value, or cannot have one.
    pub fn failed(&self, failure: &Failure) {
        self.push(failure.finding());
    }

    /// Notes a finding made elsewhere.
    pub fn push(&self, finding: Diagnostic) {
        self.0.borrow_mut().push(finding);
    }

    /// All of them.
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.0.into_inner()
    }
}

/// A mapping being read; what is left unread when [`Fields::finish`] is called is unknown.
pub struct Fields<'a> {
    map: &'a Map,
    known: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Fields<'a> {
    /// The mapping that `value` must be; anything else is a finding, and then empty.
    pub fn of(value: &'a Value, problems: &'a Problems) -> Self {
        static EMPTY: Map = Map(vec![]);
        let map = value.as_map().unwrap_or(&EMPTY);
        if value.as_map().is_none() && !value.is_null() {
            problems.at(value, format!("a mapping is wanted here, not {}", value.type_name()));
        }
        Self { map, known: vec![], problems }
    }

    /// The member of that name; null counts as absent.
    pub fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// The mapping itself.
    pub fn map(&self) -> &'a Map {
        self.map
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Option<Arc<str>> {
        let value = self.get(name)?;
        let text = text(value);
        if text.is_none() {
            self.problems.at(value, format!("`{name}` is a string"));
        }
        text
    }

    /// A text that must be there.
    pub fn required_text(&mut self, name: &'static str, whole: &Value) -> Arc<str> {
        if self.get(name).is_none() {
            self.problems.at(whole, format!("`{name}` is missing"));
        }
        self.text(name).unwrap_or_default()
    }

    /// A boolean, false when absent.
    pub fn flag(&mut self, name: &'static str) -> bool {
        let value = self.get(name);
        if let Some(value) = value.filter(|value| value.as_bool().is_none()) {
            self.problems.at(value, format!("`{name}` is true or false"));
        }
        value.and_then(Value::as_bool).unwrap_or_default()
    }

    /// A count.
    pub fn count(&mut self, name: &'static str) -> Option<usize> {
        let value = self.get(name)?;
        let count = match value.data {
            Data::Integer(integer) => usize::try_from(integer).ok(),
            _ => None,
        };
        if count.is_none() {
            self.problems.at(value, format!("`{name}` is a whole number, not below 0"));
        }
        count
    }

    /// A list of texts, empty when absent.
    pub fn texts(&mut self, name: &'static str) -> Vec<Arc<str>> {
        let Some(value) = self.get(name) else { return vec![] };
        let texts = value.as_list().map(|list| list.iter().map(text).collect::<Option<Vec<_>>>());
        texts.flatten().unwrap_or_else(|| {
            self.problems.at(value, format!("`{name}` is a list of strings"));
            vec![]
        })
    }

    /// A mapping's members, none when absent.
    pub fn members(&mut self, name: &'static str) -> &'a [(Key, Value)] {
        let Some(value) = self.get(name) else { return &[] };
        value.as_map().map_or_else(
            || {
                self.problems.at(value, format!("`{name}` is a mapping"));
                &[][..]
            },
            |map| &map.0[..],
        )
    }

    /// A bare expression.
    pub fn expression(&mut self, name: &'static str) -> Option<Expression> {
        let value = self.get(name)?;
        parsed(expression::expression(value), self.problems)
    }

    /// A tree that may hold `${…}`.
    pub fn tree(&mut self, name: &'static str) -> Option<Expression> {
        let value = self.get(name)?;
        parsed(expression::tree(value), self.problems)
    }

    /// Names with bare expressions, as under `each`.
    pub fn bindings(&mut self, name: &'static str) -> Vec<(Arc<str>, Expression)> {
        let members = self.members(name).iter();
        let bindings = members.filter_map(|(key, value)| {
            let bound = parsed(expression::expression(value), self.problems)?;
            Some((key.text.clone(), bound))
        });
        bindings.collect()
    }

    /// The members that nobody asked for yet.
    pub fn rest(&self) -> impl Iterator<Item = &'a (Key, Value)> {
        self.map.0.iter().filter(|(key, _)| !self.known.contains(&&*key.text))
    }

    /// Says which keys are not known.
    pub fn finish(self) {
        for (key, _) in self.rest() {
            let title = format!("`{}` is not known here", key.text);
            let nearest = did_you_mean(&key.text, self.known.iter().copied());
            let help = nearest.unwrap_or_else(|| format!("known here: {}", self.known.join(", ")));
            self.problems.at_key(key, title, Some(help));
        }
    }
}

/// The parsed expression; a failure is noted.
pub fn parsed<T>(result: Result<T, Failure>, problems: &Problems) -> Option<T> {
    result.map_err(|failure| problems.failed(&failure)).ok()
}

/// A text, or a scalar that catalog files write without quotes (`since: 6.20`).
fn text(value: &Value) -> Option<Arc<str>> {
    match &value.data {
        Data::Text(text) => Some(text.clone()),
        Data::Boolean(false) => Some("no".into()),
        _ => None,
    }
}
