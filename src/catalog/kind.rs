//! A kind, or a part: one catalog file, as it is used in order.

use super::fields::{Fields, Problems, parsed};
use super::schema::{Properties, Schema, properties};
use super::statements;
use crate::diagnostic::Severity;
use crate::expression::{self, Expression};
use crate::value::{Key, Map, Target, Value};
use std::sync::Arc;

/// Names with the expressions that are bound to them.
pub type Bindings = Vec<(Arc<str>, Expression)>;

/// What a component is, or a part of one.
#[derive(Debug)]
pub struct Kind {
    /// Its name, which is its file's.
    pub name: Arc<str>,
    /// Whether it is a part, a kind inside kinds.
    pub is_part: bool,
    /// One line.
    pub summary: Arc<str>,
    /// What people should know, in Markdown.
    pub description: Option<Arc<str>>,
    /// The capabilities it offers.
    pub offers: Vec<Arc<str>>,
    /// For a part: the key in a component that gives it from outside.
    pub existing_as: Option<Arc<str>>,
    /// Its settings, in the order of the file.
    pub parameters: Properties,
    /// Names in circulation that are wrong, with the lesson for each.
    pub mistaken: Vec<(Key, Arc<str>)>,
    /// Derived values.
    pub values: Vec<(Key, Expression)>,
    /// What it does not allow.
    pub rules: Vec<Rule>,
    /// The resources it generates.
    pub emits: Vec<Emit>,
    /// What it promises to others.
    pub outputs: Vec<Output>,
    /// The collections it gathers.
    pub collects: Vec<Arc<str>>,
    /// What it adds to the collections of those it refers to.
    pub contributes: Vec<Contribution>,
    /// What those who refer to it may do.
    pub grants: Vec<(Key, Expression)>,
    /// The parts it is made of, alarms included.
    pub parts: Vec<Part>,
    /// What a change of a value does, that no provider's schema knows.
    pub changes: Value,
    /// Its share of a path's latency.
    pub latency: Value,
    /// Steps before a deployment.
    pub before: Option<Expression>,
    /// Steps after a deployment.
    pub after: Option<Expression>,
    /// What to do about each of its alarms.
    pub runbook: Option<Expression>,
    /// Whole components, by name.
    pub examples: Map,
    /// The file as it was read, extensions applied.
    pub document: Value,
}

/// A rule that a kind's file says.
#[derive(Debug)]
pub struct Rule {
    /// Its stable name.
    pub name: Arc<str>,
    /// How much its findings weigh.
    pub severity: Severity,
    /// It is asked once for each.
    pub each: Bindings,
    /// It is asked only then.
    pub when: Option<Expression>,
    /// It finds something where this is true.
    pub deny: Expression,
    /// The values whose lines are drawn.
    pub at: Vec<Expression>,
    /// What is wrong.
    pub message: Expression,
    /// What to write instead.
    pub help: Option<Expression>,
    /// It finds something only from this date on.
    pub dated: Option<Expression>,
}

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
    /// Attributes that a service changes by itself.
    pub ignore: Vec<(Arc<str>, Arc<str>)>,
    /// Tags beside the user's.
    pub tags: Vec<(Key, Expression)>,
}

impl Emit {
    /// Its type on a target.
    #[must_use]
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
    /// It ends in the account's id.
    pub account: bool,
    /// It changes with what it names.
    pub by_content: bool,
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

/// What a kind adds to a collection of a component that it refers to.
#[derive(Debug)]
pub struct Contribution {
    /// The parameter that refers.
    pub parameter: Arc<str>,
    /// The collection.
    pub collection: Arc<str>,
    /// A list.
    pub items: Expression,
}

/// A kind inside a kind.
#[derive(Debug)]
pub struct Part {
    /// Its name in the kind.
    pub name: Key,
    /// The part's file.
    pub part: Arc<str>,
    /// Whether it is one of the kind's alarms.
    pub alarm: bool,
    /// It is there only then.
    pub when: Option<Expression>,
    /// It is there once for each.
    pub each: Bindings,
    /// What it is told.
    pub arguments: Vec<(Key, Expression)>,
}

impl Kind {
    /// Reads a kind's file; whatever is wrong in it is noted.
    pub fn read(document: &Value, problems: &Problems) -> Self {
        let mut f = Fields::of(document, problems);
        let is_part = f.get("part").is_some();
        let name = f.required_text(if is_part { "part" } else { "kind" }, document);
        f.get("extends");
        let kind = Self {
            name,
            is_part,
            summary: f.required_text("summary", document),
            description: f.text("description"),
            offers: f.texts("offers"),
            existing_as: f.text("existing_as"),
            parameters: properties(f.members("parameters"), problems),
            mistaken: texts(f.members("mistaken"), problems),
            values: trees(f.members("values"), problems),
            rules: list(f.get("rules")).filter_map(|rule| Rule::read(rule, problems)).collect(),
            emits: f.members("emits").iter().map(|emit| Emit::read(emit, problems)).collect(),
            outputs: f.members("outputs").iter().map(|out| Output::read(out, problems)).collect(),
            collects: f.texts("collects"),
            contributes: contributions(f.members("contributes"), problems),
            grants: statements::grants(f.members("grants"), problems),
            parts: parts(&mut f, problems),
            changes: f.get("changes").cloned().unwrap_or_default(),
            latency: f.get("latency").cloned().unwrap_or_default(),
            before: f.tree("before"),
            after: f.tree("after"),
            runbook: f.tree("runbook"),
            examples: Map(f.members("examples").to_vec()),
            document: document.clone(),
        };
        f.finish();
        kind
    }

    /// The emit of that word.
    #[must_use]
    pub fn emit(&self, resource: &str) -> Option<&Emit> {
        self.emits.iter().find(|emit| &*emit.resource.text == resource)
    }

    /// The parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Schema> {
        self.parameters.iter().find(|(key, _)| &*key.text == name).map(|(_, schema)| schema)
    }

    /// The output of that name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| &*output.name.text == name)
    }
}

/// The items of a list, none when it is absent.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_list).unwrap_or_default().iter()
}

fn texts(members: &[(Key, Value)], problems: &Problems) -> Vec<(Key, Arc<str>)> {
    let text = |(key, value): &(Key, Value)| {
        if value.as_str().is_none() {
            problems.at(value, format!("`{}` is a string", key.text));
        }
        Some((key.clone(), value.as_str()?.into()))
    };
    members.iter().filter_map(text).collect()
}

fn trees(members: &[(Key, Value)], problems: &Problems) -> Vec<(Key, Expression)> {
    let tree = |(key, value): &(Key, Value)| {
        Some((key.clone(), parsed(expression::tree(value), problems)?))
    };
    members.iter().filter_map(tree).collect()
}

fn contributions(members: &[(Key, Value)], problems: &Problems) -> Vec<Contribution> {
    let one = |(parameter, collections): &(Key, Value)| {
        let collections = Fields::of(collections, problems).rest().cloned().collect::<Vec<_>>();
        trees(&collections, problems).into_iter().map(|(collection, items)| Contribution {
            parameter: parameter.text.clone(),
            collection: collection.text,
            items,
        })
        .collect::<Vec<_>>()
    };
    members.iter().flat_map(one).collect()
}

fn parts(fields: &mut Fields<'_>, problems: &Problems) -> Vec<Part> {
    let parts = fields.members("parts").iter().map(|part| Part::read(part, None, problems));
    let alarm: Arc<str> = "alarm".into();
    let parts: Vec<Part> = parts.collect();
    let alarms = fields.members("alarms").iter();
    let alarms = alarms.map(|entry| Part::read(entry, Some(&alarm), problems));
    parts.into_iter().chain(alarms).collect()
}

impl Part {
    fn read((name, value): &(Key, Value), alarm: Option<&Arc<str>>, problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let part = match alarm {
            Some(alarm) => alarm.clone(),
            None => f.required_text("part", value),
        };
        let (when, each) = (f.expression("when"), f.bindings("each"));
        let arguments = f.rest().filter_map(|(key, value)| {
            Some((key.clone(), statements::argument(&key.text, value, problems)?))
        });
        let arguments = arguments.collect();
        Self { name: name.clone(), part, alarm: alarm.is_some(), when, each, arguments }
    }
}

impl Rule {
    fn read(value: &Value, problems: &Problems) -> Option<Self> {
        let mut f = Fields::of(value, problems);
        let name = f.required_text("rule", value);
        let severity = match f.text("severity").as_deref() {
            None | Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            Some(other) => {
                problems.at(value, format!("`severity` is `error` or `warning`, not `{other}`"));
                Severity::Error
            }
        };
        let at = list(f.get("at")).filter_map(|at| parsed(expression::expression(at), problems));
        let at = at.collect();
        let (each, when) = (f.bindings("each"), f.expression("when"));
        let (deny, message) = (f.expression("deny"), f.tree("message"));
        if deny.is_none() || message.is_none() {
            problems.at(value, "a rule says `deny` and `message`");
        }
        let (help, dated) = (f.tree("help"), f.tree("dated"));
        f.finish();
        Some(Self { name, severity, each, when, deny: deny?, at, message: message?, help, dated })
    }
}

impl Emit {
    fn read((resource, value): &(Key, Value), problems: &Problems) -> Self {
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
            ignore: pairs(f.members("ignore"), problems),
            tags: trees(f.members("tags"), problems),
        };
        if f.get("why").is_none() {
            problems.at_key(resource, "a resource says `why` it is there", None);
        }
        f.finish();
        emit
    }
}

fn pairs(members: &[(Key, Value)], problems: &Problems) -> Vec<(Arc<str>, Arc<str>)> {
    texts(members, problems).into_iter().map(|(key, text)| (key.text, text)).collect()
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
    fn read(value: &Value, problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let pattern = f.text("pattern").map(|text| super::schema::Pattern::new(&text));
        if let Some(None) = pattern {
            problems.at(value, "`pattern` is not a regular expression");
        }
        let naming = Self {
            before: f.tree("before"),
            length: (f.count("min").unwrap_or(1), f.count("max").unwrap_or(255)),
            pattern: pattern.flatten(),
            account: f.flag("account"),
            by_content: f.flag("by_content"),
            naming: f.text("naming"),
        };
        f.finish();
        naming
    }
}

impl Output {
    fn read((name, value): &(Key, Value), problems: &Problems) -> Self {
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
