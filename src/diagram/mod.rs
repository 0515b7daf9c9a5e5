//! A stack as a picture: components with the service that they are, and what refers to what.
//!
//! An arrow points where data goes, and where nobody says, from who refers to what is referred to.
//! What serves every component by itself (a key, a network) stands apart: an arrow to each would
//! hide the others.

mod svg;
mod text;

pub use svg::svg;
pub use text::{dot, mermaid};

use crate::catalog::Schema;
use crate::resolve::{Component, Resolved};
use crate::value::{Data, Target, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is drawn.
#[derive(Debug, Default)]
pub struct Diagram {
    /// The name of the blueprint, with its environment.
    pub title: String,
    /// Components, in the blueprint's order.
    pub nodes: Vec<Node>,
    /// What connects them.
    pub edges: Vec<Edge>,
    /// Objectives, each as a line.
    pub objectives: Vec<String>,
}

/// A component.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The service that it is.
    pub service: String,
    /// Whether it exists already, or stands outside.
    pub outside: bool,
    /// How many components it serves without being named by them.
    pub serves: usize,
    /// What becomes of it, where two versions are compared.
    pub mark: Option<&'static str>,
}

/// An arrow.
#[derive(Debug, PartialEq, Eq)]
pub struct Edge {
    /// The index of the component that it comes from.
    pub from: usize,
    /// The index of the component that it goes to.
    pub to: usize,
    /// The parameter that refers.
    pub label: String,
    /// Whether it is on the path of an objective.
    pub promised: bool,
}

impl Diagram {
    /// The components that are marked and their neighbours; marked ones that are not there are
    /// added.
    #[must_use]
    pub fn around(&self, marks: &BTreeMap<&str, &'static str>) -> Self {
        let mark = |node: &Node| marks.get(&*node.name).copied();
        let is_marked = |index: usize| mark(&self.nodes[index]).is_some();
        let near = |index: &usize| {
            is_marked(*index)
                || self.edges.iter().any(|edge| {
                    edge.from == *index && is_marked(edge.to)
                        || edge.to == *index && is_marked(edge.from)
                })
        };
        let kept: Vec<usize> = (0..self.nodes.len()).filter(near).collect();
        let place = |index| kept.iter().position(|one| *one == index);
        let edge = |edge: &Edge| {
            let (from, to) = (place(edge.from)?, place(edge.to)?);
            Some(Edge { from, to, label: edge.label.clone(), promised: edge.promised })
        };
        let mut nodes: Vec<Node> = kept
            .iter()
            .map(|index| &self.nodes[*index])
            .map(|node| Node { mark: mark(node), ..node.clone() })
            .collect();
        let gone = marks.iter().filter(|(name, _)| !nodes.iter().any(|node| node.name == ***name));
        let gone: Vec<Node> = gone
            .map(|(name, mark)| Node { name: (*name).into(), mark: Some(mark), ..Node::default() })
            .collect();
        nodes.extend(gone);
        let edges = self.edges.iter().filter_map(edge).collect();
        Self { title: self.title.clone(), nodes, edges, objectives: vec![] }
    }

    /// Whether a component is on no arrow, and serves others all the same.
    pub fn is_apart(&self, index: usize) -> bool {
        self.nodes[index].serves > 0
            && !self.edges.iter().any(|edge| edge.from == index || edge.to == index)
    }
}

/// The picture of a stack; with `all`, of what serves by itself too.
pub fn diagram(resolved: &Resolved, all: bool) -> Diagram {
    let envelope = &resolved.envelope;
    let title = match &envelope.environment {
        Some(environment) => format!("{}, {environment}", envelope.name),
        None => envelope.name.to_string(),
    };
    let mut diagram = Diagram { title, ..Diagram::default() };
    diagram.nodes = resolved.components.iter().map(node).collect();
    for (index, component) in resolved.components.iter().enumerate() {
        let mut found = References { index, all, ..References::default() };
        found.component(component);
        found.edges.into_iter().for_each(|edge| diagram.add(edge));
        found.served.into_iter().for_each(|by| diagram.nodes[by].serves += 1);
    }
    objectives(resolved, &mut diagram);
    diagram
}

fn node(component: &Component) -> Node {
    let generates = !component.kind.emits.is_empty();
    Node {
        name: component.name().to_string(),
        service: service(component),
        outside: component.exists() || !generates,
        serves: 0,
        mark: None,
    }
}

/// What people call it: as the kind says, else the words of its main resource's type.
fn service(component: &Component) -> String {
    let kind = &component.kind;
    let main = kind.emit("main").and_then(|emit| emit.type_on(Target::CloudFormation));
    let words = || Some(main?.split("::").skip(1).map(spaced).collect::<Vec<_>>().join(" "));
    kind.service.as_deref().map(String::from).or_else(words).unwrap_or(kind.name.to_string())
}

/// `DeliveryStream` as `Delivery Stream`; abbreviations stay whole.
fn spaced(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let begins = |at: usize| {
        let lower = |at: usize| letters.get(at).is_some_and(char::is_ascii_lowercase);
        at > 0 && letters[at].is_ascii_uppercase() && (lower(at - 1) || lower(at + 1))
    };
    let letter = |(at, c): (usize, &char)| if begins(at) { format!(" {c}") } else { c.to_string() };
    letters.iter().enumerate().map(letter).collect()
}

impl Diagram {
    /// Adds an arrow; a second one between the same two joins its label to the first one's.
    fn add(&mut self, edge: Edge) {
        let same = |one: &&mut Edge| one.from == edge.from && one.to == edge.to;
        match self.edges.iter_mut().find(same) {
            Some(there) if there.label == edge.label => {}
            Some(there) => there.label = format!("{}, {}", there.label, edge.label),
            None => self.edges.push(edge),
        }
    }
}

/// What a component refers to.
#[derive(Default)]
struct References {
    index: usize,
    all: bool,
    edges: Vec<Edge>,
    /// Those that were not named.
    served: BTreeSet<usize>,
}

impl References {
    fn component(&mut self, component: &Component) {
        let settled = &component.settled.parameters;
        for (key, schema) in &component.kind.parameters {
            if let Some(value) = settled.get(&key.text) {
                let written = component.document.get(&key.text);
                self.value(schema, value, written, (&key.text, schema.inward));
            }
        }
    }

    /// Every component in a value. An arrow is labelled with the component's own parameter: what
    /// is inside that would be too much for a picture.
    fn value(
        &mut self,
        schema: &Schema,
        value: &Value,
        written: Option<&Value>,
        (label, inward): (&str, bool),
    ) {
        match &value.data {
            Data::Unit(unit) => {
                self.reference(unit.0 as usize, written.is_some(), (label, inward));
            }
            Data::List(list) => {
                let inner = schema.item().unwrap_or(schema);
                list.iter().for_each(|one| self.value(inner, one, written, (label, inward)));
            }
            Data::Map(map) => {
                for (key, one) in map.iter() {
                    let member = schema.member(&key.text).or_else(|| schema.item());
                    let member = member.unwrap_or(schema);
                    let twin = written.and_then(|written| written.get(&key.text));
                    self.value(member, one, twin, (label, inward || member.inward));
                }
            }
            _ => {}
        }
    }

    fn reference(&mut self, other: usize, written: bool, (label, inward): (&str, bool)) {
        if !written {
            self.served.insert(other);
            if !self.all {
                return;
            }
        }
        let (from, to) = if inward { (other, self.index) } else { (self.index, other) };
        self.edges.push(Edge { from, to, label: label.into(), promised: false });
    }
}

/// Marks the arrows on each objective's path, in its direction; a hop without one gets it.
fn objectives(resolved: &Resolved, diagram: &mut Diagram) {
    let named = |value: &Value| {
        resolved.components.iter().position(|one| value.as_str() == Some(one.name()))
    };
    for (name, objective) in resolved.envelope.objectives.iter() {
        let path = objective.get("path").and_then(Value::as_list).unwrap_or_default();
        let hops: Vec<usize> = path.iter().filter_map(named).collect();
        for hop in hops.windows(2) {
            let (from, to) = (hop[0], hop[1]);
            let joins = |edge: &&mut Edge| {
                (edge.from, edge.to) == (from, to) || (edge.from, edge.to) == (to, from)
            };
            if let Some(edge) = diagram.edges.iter_mut().find(joins) {
                (edge.from, edge.to, edge.promised) = (from, to, true);
            } else {
                let label = String::new();
                diagram.edges.push(Edge { from, to, label, promised: true });
            }
        }
        let seconds = objective.get("latency_seconds").map(number).unwrap_or_default();
        diagram.objectives.push(format!("{}: within {seconds} s", name.text));
    }
}

fn number(value: &Value) -> String {
    crate::catalog::number(value).map(|number| number.to_string()).unwrap_or_default()
}
