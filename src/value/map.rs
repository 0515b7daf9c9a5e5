//! Mappings, in the order in which they were written.

use super::{Origin, Value};
use crate::source::Span;
use std::sync::Arc;

/// A key of a map, and where it was written.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key itself.
    pub text: Arc<str>,
    /// Where it was written, if it was.
    pub span: Option<Span>,
}

impl Key {
    /// Where it was written, as values have it.
    pub fn origin(&self) -> Origin {
        self.span.clone().map(Origin::At).unwrap_or_default()
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self { text: text.into(), span: None }
    }
}

impl From<Arc<str>> for Key {
    fn from(text: Arc<str>) -> Self {
        Self { text, span: None }
    }
}

/// Members by name, in the order in which they were written. Small, so looked up one by one.
#[derive(Clone, Debug, Default)]
pub struct Map(pub Vec<(Key, Value)>);

impl Map {
    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The member of that name with its key.
    pub fn entry(&self, name: &str) -> Option<&(Key, Value)> {
        self.0.iter().find(|(key, _)| &*key.text == name)
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys' texts, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| &*key.text)
    }

    /// Sets a member: in place where the name is there, at the end where it is new.
    pub fn set(&mut self, key: impl Into<Key>, value: Value) {
        let key = key.into();
        match self.0.iter_mut().find(|(old, _)| old.text == key.text) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Members are compared by name: their order is how a person wrote them, not what they mean.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, value)| other.get(&key.text) == Some(value))
    }
}

impl<K: Into<Key>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        Self(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}
