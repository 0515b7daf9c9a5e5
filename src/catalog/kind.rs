//! A kind, or a part: one catalog file, as it is used in order.

use super::consequence::Consequence;
use super::emit::{Emit, Output};
use super::fields::{Fields, Problems, parsed};
use super::schema::{Properties, Schema, properties};
use super::statements;
use crate::diagnostic::Severity;
use crate::expression::{self, Expression};
use crate::value::{Key, Map, Value};
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
    /// What people call the service that it is.
    pub service: Option<Arc<str>>,
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
    pub changes: Vec<Consequence>,
    /// Its share of a path's latency.
    pub latency: Option<Expression>,
    /// What people should know of a component, in the order in which it is told.
    pub explains: Option<Expression>,
    /// What was not chosen in its place, and why.
    pub alternatives: Option<Expression>,
    /// Policies that it carries and that others keep, by their ARNs.
    pub carries: Option<Expression>,
    /// Steps before a deployment.
    pub before: Option<Expression>,
    /// Steps after a deployment.
    pub after: Option<Expression>,
    /// Steps before the stack is removed.
    pub removal: Option<Expression>,
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

impl Rule {
    /// Whether it points at what a component has that exists already.
    pub fn looks_beyond_parameters(&self) -> bool {
        let paths = self.at.iter().flat_map(Expression::paths);
        { paths }
            .any(|path| matches!(path.first().map(|name| &**name), Some("collected" | "outputs")))
    }
}

/// What a kind adds to a collection of a component that it refers to.
#[derive(Debug)]
pub struct Contribution {
    /// The path of the parameter that refers: `source`, `output.bucket`.
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
            service: f.text("service"),
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
            changes: consequences(f.get("changes"), problems),
            latency: f.tree("latency"),
            explains: f.tree("explains"),
            alternatives: f.tree("alternatives"),
            carries: f.tree("carries"),
            before: f.tree("before"),
            after: f.tree("after"),
            removal: f.tree("removal"),
            runbook: f.tree("runbook"),
            examples: Map(f.members("examples").to_vec()),
            document: document.clone(),
        };
        f.finish();
        kind
    }

    /// The kind that it extends.
    pub fn base(&self) -> Option<Arc<str>> {
        self.document.get("extends").and_then(Value::as_str).map(Arc::from)
    }

    /// What is told people about its components.
    pub fn tellings(&self) -> impl Iterator<Item = &Expression> {
        let steps = [&self.before, &self.after, &self.removal, &self.runbook];
        let more = [&self.latency, &self.explains, &self.alternatives, &self.carries];
        let changes = self.changes.iter().flat_map(|change| [&change.when, &change.say]);
        steps.into_iter().chain(more).flatten().chain(changes)
    }

    /// The emit of that word.
    pub fn emit(&self, resource: &str) -> Option<&Emit> {
        self.emits.iter().find(|emit| &*emit.resource.text == resource)
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Schema> {
        self.parameters.iter().find(|(key, _)| &*key.text == name).map(|(_, schema)| schema)
    }

    /// The parameter, or the property of one, at a path; items of lists and mappings are no step.
    pub fn parameter_at(&self, path: &str) -> Option<&Schema> {
        let mut steps = path.split('.');
        let first = self.parameter(steps.next()?)?;
        { steps }.try_fold(first, Schema::member)
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| &*output.name.text == name)
    }
}

/// The items of a list, none when it is absent.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_list).unwrap_or_default().iter()
}

fn consequences(list_of: Option<&Value>, problems: &Problems) -> Vec<Consequence> {
    list(list_of).filter_map(|change| Consequence::read(change, problems)).collect()
}

pub(super) fn texts(members: &[(Key, Value)], problems: &Problems) -> Vec<(Key, Arc<str>)> {
    let text = |(key, value): &(Key, Value)| {
        if value.as_str().is_none() {
            problems.at(value, format!("`{}` is a string", key.text));
        }
        Some((key.clone(), value.as_str()?.into()))
    };
    members.iter().filter_map(text).collect()
}

pub(super) fn trees(members: &[(Key, Value)], problems: &Problems) -> Vec<(Key, Expression)> {
    let tree = |(key, value): &(Key, Value)| {
        Some((key.clone(), parsed(expression::tree(value), problems)?))
    };
    members.iter().filter_map(tree).collect()
}

fn contributions(members: &[(Key, Value)], problems: &Problems) -> Vec<Contribution> {
    let one = |(parameter, collections): &(Key, Value)| {
        let collections = Fields::of(collections, problems).rest().cloned().collect::<Vec<_>>();
        trees(&collections, problems)
            .into_iter()
            .map(|(collection, items)| Contribution {
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
