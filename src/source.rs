//! Texts that people wrote, and places in them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Who wrote a text: findings draw the lines of blueprints, and name the lines of catalogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A user's blueprint.
    Blueprint,
    /// A file of a catalog, ours or a company's.
    Catalog,
}

/// One text with the name that messages show for it.
#[derive(Debug)]
pub struct Source {
    /// A path as the user gave it, or a path inside the catalog.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: String,
    /// Whose it is.
    pub author: Author,
    line_starts: Vec<u32>,
    concealed: Mutex<Vec<Range<usize>>>,
}

impl Source {
    /// Indexes the lines of `text`; a leading byte order mark is dropped.
    pub fn new(name: impl Into<String>, text: impl Into<String>, author: Author) -> Arc<Self> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| offset(at + 1))).collect();
        let concealed = Mutex::default();
        Arc::new(Self { name: name.into(), text, author, line_starts, concealed })
    }

    /// Keeps a stretch of bytes from ever being drawn: a secret must not be told again.
    pub fn conceal(&self, stretch: Range<usize>) {
        self.concealed.lock().unwrap_or_else(PoisonError::into_inner).push(stretch);
    }

    /// The text as it may be drawn: what is concealed is stars, and every offset stays.
    pub fn drawn(&self) -> Cow<'_, str> {
        let concealed = self.concealed.lock().unwrap_or_else(PoisonError::into_inner);
        if concealed.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let hidden = |at: usize| concealed.iter().any(|stretch| stretch.contains(&at));
        let mut drawn = String::with_capacity(self.text.len());
        for (at, c) in self.text.char_indices() {
            match c {
                '\n' => drawn.push(c),
                c if hidden(at) => drawn.extend(std::iter::repeat_n('*', c.len_utf8())),
                c => drawn.push(c),
            }
        }
        Cow::Owned(drawn)
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn line_column(&self, at: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts[line - 1] as usize;
        let before = self.text.get(start..at as usize).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// A line by its number, from 1, without its end; the last one where there are fewer.
    pub fn line(self: &Arc<Self>, number: usize) -> Span {
        let at = number.clamp(1, self.line_starts.len()) - 1;
        let start = self.line_starts[at];
        let rest = &self.text[start as usize..];
        let end = start + offset(rest.find('\n').unwrap_or(rest.len()));
        Span { source: self.clone(), start, end }
    }
}

/// A byte offset; texts over 4 GiB are refused when they are read.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A range of bytes in a source.
#[derive(Clone)]
pub struct Span {
    /// The text that the range lies in.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The text that the span covers.
    pub fn text(&self) -> &str {
        self.source.text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Whether the span lies in a blueprint.
    pub fn in_blueprint(&self) -> bool {
        self.source.author == Author::Blueprint
    }

    /// Keeps what the span covers from ever being drawn.
    pub fn conceal(&self) {
        self.source.conceal(self.start as usize..self.end as usize);
    }

    /// Line and column of the first byte, both from 1.
    pub fn line_column(&self) -> (usize, usize) {
        self.source.line_column(self.start)
    }

    fn key(&self) -> (*const Source, u32, u32) {
        (Arc::as_ptr(&self.source), self.start, self.end)
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Span {}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
