//! Prints HCL as `terraform fmt` leaves it.

use super::{Body, Content, Expression, Piece, Structure};
use crate::quote;
use std::borrow::Cow;
use std::fmt::Write;

/// The file's text below the header, which is comment lines and a blank line. In each body the
/// attributes come first. Names and kinds must be identifiers, traversals HCL.
pub fn print(body: &Body, header: &[String]) -> String {
    let mut out = String::new();
    comments(&mut out, header, 0);
    if !header.is_empty() && !body.0.is_empty() {
        out.push('\n');
    }
    structures(&mut out, body, 0);
    out
}

/// An expression on one line, however long.
pub(super) fn inline(expression: &Expression) -> String {
    let mut out = String::new();
    write_inline(&mut out, expression);
    out
}

/// The width up to which a list stays on its line.
const WIDTH: usize = 100;

/// The identifiers that are more than a name where a key can stand.
const KEYWORDS: [&str; 9] = ["null", "true", "false", "for", "in", "if", "else", "endif", "endfor"];

/// `lead = value`, in a body or in an object.
struct Assignment<'a> {
    comment: &'a [String],
    lead: Cow<'a, str>,
    value: &'a Expression,
}

fn comments(out: &mut String, lines: &[String], indent: usize) {
    for line in lines {
        quote::comment(out, indent, line);
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn structures(out: &mut String, body: &Body, indent: usize) {
    let attributes: Vec<_> = body.0.iter().filter_map(attribute).collect();
    assignments(out, &attributes, indent);
    let mut apart = !attributes.is_empty();
    for structure in &body.0 {
        if let Content::Block(labels, body) = &structure.content {
            if std::mem::replace(&mut apart, true) {
                out.push('\n');
            }
            comments(out, &structure.comment, indent);
            block(out, &structure.name, labels, body, indent);
        }
    }
}

fn attribute(structure: &Structure) -> Option<Assignment<'_>> {
    let Structure { comment, name, content: Content::Value(value) } = structure else {
        return None;
    };
    Some(Assignment { comment, lead: name.into(), value })
}

fn block(out: &mut String, kind: &str, labels: &[String], body: &Body, indent: usize) {
    pad(out, indent);
    out.push_str(kind);
    for label in labels {
        out.push(' ');
        write_quoted(out, label);
    }
    out.push_str(" {");
    if !body.0.is_empty() {
        out.push('\n');
        structures(out, body, indent + 2);
        pad(out, indent);
    }
    out.push_str("}\n");
}

/// Writes assignments, one below the other. The equals signs of a chain are aligned: of neighbours
/// that each fill one line, with no comment between them.
fn assignments(out: &mut String, assignments: &[Assignment<'_>], indent: usize) {
    let longest = longest_lead(assignments.iter());
    let room = WIDTH.saturating_sub(indent + longest + " = ".len());
    let lines: Vec<_> = assignments.iter().map(|one| (one, on_one_line(one.value, room))).collect();
    let chains = lines.chunk_by(|(_, one), (below, other)| {
        one.is_some() && other.is_some() && below.comment.is_empty()
    });
    for chain in chains {
        let width = longest_lead(chain.iter().map(|(assignment, _)| *assignment));
        for (assignment, line) in chain {
            comments(out, assignment.comment, indent);
            _ = write!(out, "{:indent$}{:<width$} = ", "", assignment.lead);
            match line {
                Some(line) => out.push_str(line),
                None => write_lines(out, assignment.value, indent),
            }
            out.push('\n');
        }
    }
}

fn longest_lead<'a>(assignments: impl Iterator<Item = &'a Assignment<'a>>) -> usize {
    assignments.map(|assignment| assignment.lead.chars().count()).max().unwrap_or(0)
}

/// The expression, if it belongs on one line; `room` is what the line has left for it.
fn on_one_line(expression: &Expression, room: usize) -> Option<String> {
    let line = is_flat(expression).then(|| inline(expression))?;
    (!holds_list(expression) || line.chars().count() <= room).then_some(line)
}

/// Whether the expression's structure allows one line.
fn is_flat(expression: &Expression) -> bool {
    match expression {
        Expression::Object(entries) => entries.is_empty(),
        Expression::List(items) => items.iter().all(|item| !holds_items(item) && is_flat(item)),
        Expression::Call(_, arguments) => arguments.iter().all(is_flat),
        _ => true,
    }
}

fn holds_items(expression: &Expression) -> bool {
    matches!(expression, Expression::List(items) if !items.is_empty())
}

/// Whether there is a list that could be broken into lines.
fn holds_list(expression: &Expression) -> bool {
    match expression {
        Expression::Call(_, arguments) => arguments.iter().any(holds_list),
        other => holds_items(other),
    }
}

/// Writes an expression over several lines, the last at `indent`.
fn write_lines(out: &mut String, expression: &Expression, indent: usize) {
    match expression {
        Expression::List(items) => {
            out.push_str("[\n");
            write_items(out, items, indent + 2);
            pad(out, indent);
            out.push(']');
        }
        Expression::Object(entries) => {
            let entries: Vec<_> = entries.iter().map(entry).collect();
            out.push_str("{\n");
            assignments(out, &entries, indent + 2);
            pad(out, indent);
            out.push('}');
        }
        Expression::Call(name, arguments) => {
            out.push_str(name);
            out.push('(');
            if let [argument] = arguments.as_slice() {
                write_lines(out, argument, indent);
            } else {
                out.push('\n');
                write_items(out, arguments, indent + 2);
                pad(out, indent);
            }
            out.push(')');
        }
        other => write_inline(out, other),
    }
}

/// Writes list items or arguments, each on lines of its own.
fn write_items(out: &mut String, items: &[Expression], indent: usize) {
    let room = WIDTH.saturating_sub(indent + ",".len());
    for item in items {
        pad(out, indent);
        match on_one_line(item, room) {
            Some(line) => out.push_str(&line),
            None => write_lines(out, item, indent),
        }
        out.push_str(",\n");
    }
}

fn entry((key, value): &(Expression, Expression)) -> Assignment<'_> {
    Assignment { comment: &[], lead: key_text(key), value }
}

fn key_text(key: &Expression) -> Cow<'_, str> {
    match key {
        Expression::Text(text) if is_identifier(text) => text.into(),
        Expression::Text(text) => quoted_key(text).into(),
        computed => format!("({})", inline(computed)).into(),
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !KEYWORDS.contains(&text)
}

/// A key in quotes. `terraform fmt` aligns by grapheme clusters: a character that could share one
/// with its neighbours is written as its number, so that characters can be counted instead.
fn quoted_key(text: &str) -> String {
    let mut quoted = String::new();
    write_quoted(&mut quoted, text);
    let mut out = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        if stands_alone(c) { out.push(c) } else { quote::code_point(&mut out, c) }
    }
    out
}

/// Whether a character is a grapheme cluster whatever its neighbours are: Latin, Greek, Cyrillic,
/// kana, ideographs and syllables of Hangul.
fn stands_alone(c: char) -> bool {
    matches!(c,
        ' '..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}' | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

fn write_inline(out: &mut String, expression: &Expression) {
    match expression {
        Expression::Null => out.push_str("null"),
        Expression::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Expression::Integer(value) => out.push_str(&value.to_string()),
        Expression::Float(value) => out.push_str(&float(*value)),
        Expression::Text(text) => write_quoted(out, text),
        Expression::Template(pieces) => write_pieces(out, pieces),
        Expression::Traversal(path) => out.push_str(path),
        Expression::Call(name, arguments) => {
            out.push_str(name);
            write_separated(out, "(", arguments, write_inline, ")");
        }
        Expression::List(items) => write_separated(out, "[", items, write_inline, "]"),
        Expression::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Expression::Object(entries) => write_separated(out, "{ ", entries, write_entry, " }"),
    }
}

fn write_separated<T>(
    out: &mut String,
    open: &str,
    items: &[T],
    write_item: fn(&mut String, &T),
    close: &str,
) {
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_item(out, item);
    }
    out.push_str(close);
}

fn write_entry(out: &mut String, (key, value): &(Expression, Expression)) {
    out.push_str(&key_text(key));
    out.push_str(" = ");
    write_inline(out, value);
}

/// HCL has no number that is not finite: `null` stands for it.
fn float(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn write_pieces(out: &mut String, pieces: &[Piece]) {
    if let Some(expression) = lone_expression(pieces) {
        return write_inline(out, expression);
    }
    let mut text = String::new();
    out.push('"');
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(more),
            Piece::Expression(expression) => {
                write_text(out, &std::mem::take(&mut text));
                write_interpolation(out, expression);
            }
        }
    }
    write_text(out, &text);
    out.push('"');
}

/// The expression of a template that holds nothing else.
pub(super) fn lone_expression(pieces: &[Piece]) -> Option<&Expression> {
    let mut pieces = pieces.iter().filter(|piece| !matches!(piece, Piece::Text(t) if t.is_empty()));
    match (pieces.next(), pieces.next()) {
        (Some(Piece::Expression(expression)), None) => Some(expression),
        _ => None,
    }
}

/// A dollar sign that ends the text before would make `$${`, the escape, out of `${`.
fn write_interpolation(out: &mut String, expression: &Expression) {
    if out.ends_with('$') {
        out.pop();
        quote::code_point(out, '$');
    }
    out.push_str("${");
    write_inline(out, expression);
    out.push('}');
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    write_text(out, text);
    out.push('"');
}

/// Writes what stands between the quotes of a text. `${` and `%{` are escaped by doubling.
fn write_text(out: &mut String, text: &str) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '$' | '%') && rest.peek() == Some(&'{') {
            out.push(c);
        }
        quote::escape(out, c);
    }
}
