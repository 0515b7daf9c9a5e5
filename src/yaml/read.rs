//! Reads YAML 1.2 into values that know their place; strict where YAML is lenient.

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, offset};
use crate::value::{Data, Key, Map, Origin, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, Tag};
use std::sync::Arc;

/// Deeper nesting is refused: nobody writes it, and recursion over it must not overflow.
const MAX_DEPTH: usize = 64;

/// What to make of tags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// A tag is an error, as in blueprints and catalogs.
    Refused,
    /// `!Ref x` reads as `{Ref: x}` and `!GetAtt x` as `{Fn::GetAtt: x}`, as in templates.
    Functions,
}

/// Reads the only document of `source`. Several documents, aliases, duplicate keys, keys that are
/// no strings, tags (unless asked for), numbers with a leading zero and nesting over 64 levels are
/// findings; the first ends the reading. An empty text is an empty mapping.
pub fn read(source: &Arc<Source>, tags: Tags) -> Result<Value, Box<Diagnostic>> {
    let bytes = Bytes::of(source);
    let parser = Parser::new_from_str(&source.text);
    let mut reader = Reader { source, bytes, tags, parser, end: 0 };
    reader.document()
}

/// Byte offsets for the parser's character offsets.
struct Bytes(Option<Vec<u32>>);

impl Bytes {
    fn of(source: &Source) -> Self {
        let ascii = source.text.is_ascii();
        Self((!ascii).then(|| source.text.char_indices().map(|(at, _)| offset(at)).collect()))
    }

    fn at(&self, character: usize, source: &Source) -> u32 {
        let end = offset(source.text.len());
        match &self.0 {
            None => offset(character).min(end),
            Some(table) => table.get(character).copied().unwrap_or(end),
        }
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    bytes: Bytes,
    tags: Tags,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Where the latest key, value or closing bracket ended.
    end: u32,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Value, Box<Diagnostic>> {
        let mut root = None;
        loop {
            let (event, marks) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(self
                        .refuse("several-documents", marks, "the file holds a second document")
                        .help("keep one document in a file")
                        .into());
                }
                Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd
                | Event::Nothing => {}
                event => root = Some(self.value(event, marks, 0)?),
            }
        }
        let end = Span { source: self.source.clone(), start: 0, end: 0 };
        Ok(root.unwrap_or_else(|| Value::from(Map::default()).from_origin(Origin::At(end))))
    }

    fn next(&mut self) -> Result<(Event<'a>, Marks), Box<Diagnostic>> {
        match self.parser.next() {
            Some(Ok((event, marks))) => {
                // A block ends where the next thing begins, and closes with nothing.
                if marks.end.index() > marks.start.index() {
                    self.end = self.bytes.at(marks.end.index(), self.source);
                }
                Ok((event, marks))
            }
            Some(Err(error)) => {
                let at = self.bytes.at(error.marker().index(), self.source);
                let span = Span { source: self.source.clone(), start: at, end: at };
                Err(Diagnostic::new("syntax", format!("this is not YAML: {}", error.info()))
                    .label(span, "here")
                    .into())
            }
            None => Ok((Event::StreamEnd, Marks::default())),
        }
    }

    fn span(&self, marks: Marks) -> Span {
        let start = self.bytes.at(marks.start.index(), self.source);
        let end = self.bytes.at(marks.end.index(), self.source);
        Span { source: self.source.clone(), start, end: end.max(start) }
    }

    /// What a value covers that ends where the reader stands: no more than its first line, since
    /// findings are to point at something.
    fn whole(&self, marks: Marks) -> Span {
        let span = self.span(marks);
        let rest = self.source.text.get(span.start as usize..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default().trim_end();
        let end = self.end.min(span.start + offset(line.len()));
        Span { end: end.max(span.end), ..span }
    }

    fn refuse(&self, rule: &'static str, marks: Marks, title: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, title).label(self.span(marks), "here")
    }

    fn value(
        &mut self,
        event: Event<'a>,
        marks: Marks,
        depth: usize,
    ) -> Result<Value, Box<Diagnostic>> {
        if depth > MAX_DEPTH {
            let title = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(self.refuse("too-deep", marks, title).into());
        }
        let (data, tag) = match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let data = if plain { self.plain(&text, marks)? } else { Data::Text(text.into()) };
                (data, tag)
            }
            Event::SequenceStart(_, tag) => (self.list(depth)?, tag),
            Event::MappingStart(_, tag) => (self.map(depth)?, tag),
            Event::Alias(_) => {
                return Err(self
                    .refuse("alias", marks, "aliases are not read")
                    .help("write the value out")
                    .into());
            }
            _ => return Err(self.refuse("syntax", marks, "this is not YAML").into()),
        };
        let value = Value { data, origin: Origin::At(self.whole(marks)) };
        match tag {
            None => Ok(value),
            Some(tag) => self.tagged(&tag, value, marks),
        }
    }

    fn tagged(&self, tag: &Tag, value: Value, marks: Marks) -> Result<Value, Box<Diagnostic>> {
        if self.tags == Tags::Refused || tag.handle != "!" {
            return Err(self
                .refuse("tag", marks, format!("tags such as `{tag}` are not read"))
                .help("write the value without a tag; quotes make a string")
                .into());
        }
        let name = match &*tag.suffix {
            "Ref" | "Condition" => tag.suffix.clone(),
            suffix => format!("Fn::{suffix}"),
        };
        let origin = value.origin.clone();
        Ok(Value::from(Map(vec![(Key::from(name.as_str()), value)])).from_origin(origin))
    }

    fn list(&mut self, depth: usize) -> Result<Data, Box<Diagnostic>> {
        let mut items = vec![];
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Data::List(items.into())),
                (event, marks) => items.push(self.value(event, marks, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Data, Box<Diagnostic>> {
        let mut map = Map::default();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Data::Map(map.into())),
                (event, marks) => self.key(&event, marks)?,
            };
            if let Some((first, _)) = map.entry(&key.text) {
                let title = format!("`{}` is written twice", key.text);
                let mut finding = Diagnostic::new("duplicate-key", title);
                finding = finding.label_key(&key, "again here").label_key(first, "first here");
                return Err(finding.help("keep one of them").into());
            }
            let (event, marks) = self.next()?;
            let value = self.value(event, marks, depth + 1)?;
            map.0.push((key, value));
        }
    }

    fn key(&self, event: &Event<'_>, marks: Marks) -> Result<Key, Box<Diagnostic>> {
        match event {
            Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<" => Err(self
                .refuse("alias", marks, "merge keys are not read")
                .help("write the members out; an environment may stand upon another (`extends`)")
                .into()),
            Event::Scalar(text, _, _, None) => {
                Ok(Key { text: text.as_ref().into(), span: Some(self.span(marks)) })
            }
            Event::Alias(_) => Err(self.refuse("alias", marks, "aliases are not read").into()),
            _ => Err(self.refuse("syntax", marks, "a key is a string without a tag").into()),
        }
    }

    /// The core schema of YAML 1.2, but for numbers that would not be what they look like.
    fn plain(&self, text: &str, marks: Marks) -> Result<Data, Box<Diagnostic>> {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Ok(Data::Null),
            "true" | "True" | "TRUE" => return Ok(Data::Boolean(true)),
            "false" | "False" | "FALSE" => return Ok(Data::Boolean(false)),
            _ => {}
        }
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Ok(Data::Text(text.into()));
        }
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        if leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self
                .refuse("leading-zero", marks, format!("`{text}` could be a number or a string"))
                .help(format!("write \"{text}\" for a string, or the number without its zero"))
                .into());
        }
        if let Some((digits, radix)) = whole(text) {
            return i64::from_str_radix(digits, radix).map(Data::Integer).map_err(|_| {
                let title = format!("`{text}` is larger than any number that is kept exactly");
                self.refuse("number-range", marks, title).help("write it in quotes").into()
            });
        }
        let float = text.parse().ok().filter(|f: &f64| f.is_finite() && is_float(digits));
        Ok(float.map_or_else(|| Data::Text(text.into()), Data::Float))
    }
}

/// The digits and the radix of a whole number in the core schema.
fn whole(text: &str) -> Option<(&str, u32)> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) => (digits, 8),
        (None, None) => (text.strip_prefix(['-', '+']).unwrap_or(text), 10),
    };
    let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    valid.then_some((if radix == 10 { text } else { digits }, radix))
}

/// Only what the core schema calls a float: no `inf`, no `1_000`.
fn is_float(digits: &str) -> bool {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    !exponent.is_empty()
        && all_digits(exponent)
        && all_digits(whole)
        && all_digits(part)
        && !(whole.is_empty() && part.is_empty())
}
