//! The resources that a kind generates, and the outputs that it promises.

use super::fields::{Fields, Problems, parsed};
use super::kind::{Bindings, trees};
use super::schema::Schema;
use crate::expression::{self, Expression};
use crate::value::{Key, Map, Target, Value};
use std::sync::Arc;

/// A resource that a kind generates.
#[derive(Debug)]
pub struct Emit {
    /// Its word; `main` adds nothing to ids and names.
    pub resource: Key,
    /// Its type on each target.
    pub types: [Option<Arc<str>>; 2],
    /// It is there only then.
    pub when: Option<Expression>,
    /// It is there once for each.
    pub each: Bindings,
    /// Its physical name, if it has one.
    pub name: Option<Naming>,
    /// What deleting it would lose, and how that is prevented.
    pub holds_data: Option<Holds>,
    /// Why it is there.
    pub why: Expression,
    /// Judges' findings that cannot be met, and why.
    pub suppress: Vec<(Key, Expression)>,
    /// Resources of the same kind that must be there first.
    pub after: Vec<Arc<str>>,
    /// Attributes that a service changes by itself, and why.
    pub ignore: Vec<(Key, Expression)>,
    /// Tags beside the user's, as a mapping.
    pub tags: Option<Expression>,
}

impl Emit {
    /// Its type on a target.
    pub fn type_on(&self, target: Target) -> Option<&Arc<str>> {
        self.types[target as usize].as_ref()
    }
}

/// What becomes of data when its resource goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It stays.
    Retain,
    /// A snapshot of it stays.
    Snapshot,
    /// There is none worth keeping, said because judges ask.
    No,
}

/// How a physical name is made.
#[derive(Debug)]
pub struct Naming {
    /// What stands before it.
    pub before: Option<Expression>,
    /// Its shortest and longest length in characters.
    pub length: (usize, usize),
    /// The form that the service wants.
    pub pattern: Option<super::schema::Pattern>,
    /// It does not have the resource's word in it.
    pub bare: bool,
    /// It ends in the account's id.
    pub account: bool,
    /// It changes with what it names.
    pub by_content: bool,
    /// Its words are joined by underscores, not by hyphens.
    pub underscores: bool,
    /// A pattern of the envelope that stands for the usual one.
    pub naming: Option<Arc<str>>,
}

/// What a kind promises to others.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: Key,
    /// Where it comes from.
    pub value: OutputValue,
    /// It is null otherwise.
    pub when: Option<Expression>,
    /// It is a list, one for each.
    pub each: Bindings,
    /// Resources that must be there before it is used.
    pub ready: Vec<Arc<str>>,
    /// What stands for it when the component exists already.
    pub existing: Existing,
    /// What it may be when a user gives it.
    pub schema: Schema,
}

/// Where an output comes from.
#[derive(Debug)]
pub enum OutputValue {
    /// Attributes of resources, in each target's words.
    Attributes([Vec<Piece>; 2]),
    /// Other values.
    Tree(Expression),
}

/// A piece of an output's spelling.
#[derive(Debug)]
pub enum Piece {
    /// Text as it stands.
    Text(Arc<str>),
    /// An attribute of a resource.
    Attribute(Arc<str>, Arc<str>),
}

/// What stands for an output when the component exists already.
#[derive(Debug)]
pub enum Existing {
    /// It must be given.
    Required,
    /// It may be given, else it is null.
    Optional,
    /// It follows from the others.
    Follows(Expression),
}

impl Emit {
    pub(super) fn read((resource, value): &(Key, Value), problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let types = Target::ALL.map(|target| f.text(target.word()));
        let absent = f.text("absent").is_some();
        if types.iter().flatten().count() == 0 || (types.contains(&None) && !absent) {
            let title = "a resource has a type on each target, or says why it is `absent`";
            problems.at_key(resource, title, None);
        }
        let none = || expression::tree(&Value::from("")).ok();
        let emit = Self {
            resource: resource.clone(),
            types,
            when: f.expression("when"),
            each: f.bindings("each"),
            name: f.get("name").map(|name| Naming::read(name, problems)),
            holds_data: holds(&mut f, problems),
            why: f.tree("why").or_else(none).unwrap_or_default(),
            suppress: trees(f.members("suppress"), problems),
            after: f.texts("after"),
            ignore: trees(f.members("ignore"), problems),
            tags: f.tree("tags"),
        };
        if f.get("why").is_none() {
            problems.at_key(resource, "a resource says `why` it is there", None);
        }
        f.finish();
        emit
    }
}

fn holds(fields: &mut Fields<'_>, problems: &Problems) -> Option<Holds> {
    let value = fields.get("holds_data")?;
    match fields.text("holds_data").as_deref() {
        Some("retain") => Some(Holds::Retain),
        Some("snapshot") => Some(Holds::Snapshot),
        Some("no") => Some(Holds::No),
        _ => {
            problems.at(value, "`holds_data` is `retain`, `snapshot` or `no`");
            None
        }
    }
}

impl Naming {
    pub(super) fn read(value: &Value, problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let pattern = f.text("pattern").map(|text| super::schema::Pattern::new(&text));
        if let Some(None) = pattern {
            problems.at(value, "`pattern` is not a regular expression");
        }
        let naming = Self {
            before: f.tree("before"),
            length: (f.count("min").unwrap_or(1), f.count("max").unwrap_or(255)),
            pattern: pattern.flatten(),
            bare: f.flag("bare"),
            account: f.flag("account"),
            by_content: f.flag("by_content"),
            underscores: f.flag("underscores"),
            naming: f.text("naming"),
        };
        f.finish();
        naming
    }
}

impl Output {
    pub(super) fn read((name, value): &(Key, Value), problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let spellings = Target::ALL.map(|target| f.text(target.word()));
        let output = match (spellings, f.tree("value")) {
            (_, Some(value)) => OutputValue::Tree(value),
            ([Some(cloudformation), Some(terraform)], None) => {
                OutputValue::Attributes([pieces(&cloudformation), pieces(&terraform)])
            }
            _ => {
                problems.at_key(name, "an output says `value`, or both targets' attributes", None);
                OutputValue::Tree(Expression::default())
            }
        };
        let existing = existing(&mut f, problems);
        let (when, each, ready) = (f.expression("when"), f.bindings("each"), f.texts("ready"));
        let schema = f.rest().cloned().collect::<Vec<_>>();
        let schema = if schema.is_empty() { Value::from("string") } else { Map(schema).into() };
        let schema = match schema.as_map() {
            Some(_) => Schema::read(&schema, problems),
            None => Schema::text(),
        };
        Self { name: name.clone(), value: output, when, each, ready, existing, schema }
    }
}

fn existing(fields: &mut Fields<'_>, problems: &Problems) -> Existing {
    let value = fields.get("existing");
    match value.and_then(Value::as_str) {
        None if value.is_none() => Existing::Optional,
        Some("required") => Existing::Required,
        Some("optional") => Existing::Optional,
        _ => {
            let tree = value.and_then(|value| parsed(expression::tree(value), problems));
            tree.map_or(Existing::Optional, Existing::Follows)
        }
    }
}

/// `main.Arn`, or text around `${main.Arn}`.
fn pieces(spelling: &str) -> Vec<Piece> {
    let attribute = |text: &str| {
        let (resource, attribute) = text.split_once('.')?;
        Some(Piece::Attribute(resource.into(), attribute.into()))
    };
    if !spelling.contains("${") {
        return attribute(spelling).into_iter().collect();
    }
    let mut pieces = vec![];
    let mut rest = spelling;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, tail) = after.split_once('}').unwrap_or((after, ""));
        pieces.push(Piece::Text(before.into()));
        pieces.extend(attribute(inside));
        rest = tail;
    }
    pieces.push(Piece::Text(rest.into()));
    pieces
}
