//! Prints YAML that readers of YAML 1.1 (CloudFormation) and of YAML 1.2 read alike.

use crate::quote;

/// What is printed. Nodes know nothing of comments; entries carry them.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number with a point; what is not finite is `.inf`, `-.inf` or `.nan`.
    Float(f64),
    /// Text: plain where no reader can mistake it, else in double quotes.
    Text(String),
    /// A node with a CloudFormation tag, such as `!Ref`. YAML has one tag a node: around another
    /// tagged node the long form is printed, `Fn::Base64: !Sub …`.
    Tagged(&'static str, Box<Node>),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in this order.
    Map(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Stands above the key, a line of its own for each of its lines.
    pub comment: Option<String>,
    /// Whether a blank line sets the entry apart from what stands above.
    pub blank_before: bool,
    /// The key.
    pub key: String,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// An entry without comment or blank line.
    pub fn new(key: impl Into<String>, value: Node) -> Self {
        Self { comment: None, blank_before: false, key: key.into(), value }
    }
}

/// The document's text below the header, which is comment lines and a blank line.
pub fn print(document: &Node, header: &[String]) -> String {
    let mut out = String::new();
    for line in header {
        quote::comment(&mut out, 0, line);
    }
    if !header.is_empty() {
        out.push('\n');
    }
    let mut printer = Printer { out };
    if has_lines(document) {
        printer.lines(document, 0, false);
    } else {
        printer.scalar(document, 0);
        printer.out.push('\n');
    }
    printer.out
}

/// The longest key that YAML 1.1 allows without a `?` in front, quotes included.
const LONGEST_KEY: usize = 1000;

/// The words that some reader takes for a boolean, a null or a number.
const WORDS: [&str; 11] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

struct Printer {
    out: String,
}

impl Printer {
    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// A node that fills lines, from column `indent` on; `started` if the cursor stands there.
    fn lines(&mut self, node: &Node, indent: usize, mut started: bool) {
        match node {
            Node::Map(entries) => {
                for entry in entries {
                    if !std::mem::take(&mut started) {
                        self.above(entry, indent);
                        self.pad(indent);
                    }
                    self.entry(&entry.key, &entry.value, indent);
                }
            }
            Node::List(items) => {
                for item in items {
                    if !std::mem::take(&mut started) {
                        if let Some(entry) = first_entry(item) {
                            self.above(entry, indent);
                        }
                        self.pad(indent);
                    }
                    self.item(item, indent);
                }
            }
            Node::Tagged(tag, inner) => {
                if !started {
                    self.pad(indent);
                }
                self.entry(&long_form(tag), inner, indent);
            }
            _ => {}
        }
    }

    /// What stands above an entry: a blank line and its comment.
    fn above(&mut self, entry: &Entry, indent: usize) {
        if entry.blank_before && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        if let Some(comment) = &entry.comment {
            quote::comment(&mut self.out, indent, comment);
        }
    }

    fn entry(&mut self, key: &str, value: &Node, indent: usize) {
        let key = text(key);
        if key.len() > LONGEST_KEY {
            self.out.push_str("? ");
            self.out.push_str(&key);
            self.out.push('\n');
            self.pad(indent);
        } else {
            self.out.push_str(&key);
        }
        self.out.push(':');
        self.value(value, indent);
    }

    fn item(&mut self, item: &Node, indent: usize) {
        self.out.push('-');
        if has_lines(item) {
            self.out.push(' ');
            self.lines(item, indent + 2, true);
        } else {
            self.value(item, indent);
        }
    }

    /// What follows a key, a dash or a tag that stands on a line with this indentation.
    fn value(&mut self, node: &Node, indent: usize) {
        if has_lines(node) {
            self.out.push('\n');
            self.lines(node, indent + 2, false);
        } else {
            self.out.push(' ');
            self.scalar(node, indent);
            self.out.push('\n');
        }
    }

    /// What starts on the line of its key, dash or tag; the last line's end is left to the caller.
    fn scalar(&mut self, node: &Node, indent: usize) {
        match node {
            Node::Null => self.out.push_str("null"),
            Node::Boolean(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Node::Integer(value) => self.out.push_str(&value.to_string()),
            Node::Float(value) => self.out.push_str(&float(*value)),
            Node::Text(value) => self.out.push_str(&text(value)),
            Node::List(_) => self.out.push_str("[]"),
            Node::Map(_) => self.out.push_str("{}"),
            Node::Tagged(tag, inner) => {
                self.out.push_str(tag);
                self.value(inner, indent);
                self.out.pop();
            }
        }
    }
}

/// Whether a node is printed as mapping entries or list items.
fn has_lines(node: &Node) -> bool {
    match node {
        Node::Map(entries) => !entries.is_empty(),
        Node::List(items) => !items.is_empty(),
        Node::Tagged(_, inner) => matches!(**inner, Node::Tagged(..)),
        _ => false,
    }
}

/// The entry that shares its line with the dash of the item.
fn first_entry(item: &Node) -> Option<&Entry> {
    match item {
        Node::Map(entries) => entries.first(),
        Node::List(items) => items.first().and_then(first_entry),
        _ => None,
    }
}

/// A function's name as a key.
fn long_form(tag: &str) -> String {
    match tag.trim_start_matches('!') {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    }
}

/// A number as both versions read it as one: with a point, and a sign in the exponent.
fn float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

fn text(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        quote::escape(&mut out, c);
    }
    out.push('"');
    out
}

/// Whether text means itself without quotes, to every reader. Only letters start it, so that it
/// is no number, date or indicator; no blank is in it, so that a colon inside separates nothing.
fn is_plain(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "_./-:".contains(c))
        && !value.ends_with(':')
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

#[cfg(test)]
#[path = "print_tests.rs"]
mod tests;
