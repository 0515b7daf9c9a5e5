//! The expressions of catalog files: HCL's language, over values that know where they were written.
//!
//! A text is parsed once, lowered into the small tree below, and evaluated as often as needed.

mod evaluate;
mod functions;
mod number;
mod parse;
mod shape;
#[cfg(test)]
mod tests;
mod texts;
mod tree;

pub use evaluate::items;
pub use parse::expression;
pub use shape::{Names, Shape};
pub use tree::tree;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::value::{UnitId, Value};
use functions::Function;
use hcl::expr::{BinaryOperator, UnaryOperator};
use std::fmt;
use std::sync::Arc;

/// Why an expression has no value.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong, with the text of the expression.
    pub message: String,
    /// Where the expression is written, if it was.
    pub span: Option<Span>,
    /// Whose mistake it is.
    pub reason: Reason,
}

/// What kind of [`Failure`] it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The catalog is broken.
    Catalog,
    /// The value needs itself; so do those of the other components whose keys these are.
    Cycle(Vec<Span>),
    /// The blueprint names one item twice, here among other places.
    Twice(Vec<Span>),
    /// What it needs has failed already, and that was told.
    Told,
}

impl Failure {
    /// A broken catalog, in a place that is not known yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, reason: Reason::Catalog }
    }

    /// It as what is told of a broken catalog.
    pub fn finding(&self) -> Diagnostic {
        let finding = Diagnostic::new("broken-catalog", self.message.clone());
        self.span.iter().fold(finding, |finding, span| finding.label(span.clone(), ""))
    }

    /// Says where it happened, unless that is said already.
    #[must_use]
    pub fn at(mut self, span: Option<&Span>) -> Self {
        self.span = self.span.or_else(|| span.cloned());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        failure.finding()
    }
}

/// What the names in an expression stand for.
pub trait Scope {
    /// The value of a root name. `member` is the attribute that is read from it: a namespace
    /// (`outputs`, `parts`, …) computes that member alone, and says so in [`Found`].
    fn lookup(&self, root: &str, member: Option<&str>) -> Result<Found, Failure>;

    /// A member of a component or part: one of its outputs.
    fn member(&self, unit: UnitId, name: &str) -> Result<Value, Failure>;
}

/// The answer to [`Scope::lookup`].
#[derive(Clone, Debug)]
pub struct Found {
    /// The value of the name, or of its member.
    pub value: Value,
    /// Whether it is the member's.
    pub took_member: bool,
}

/// A scope with one more name.
pub struct Bound<'a> {
    /// All other names.
    pub outer: &'a dyn Scope,
    /// The name.
    pub name: &'a str,
    /// What it stands for.
    pub value: Value,
}

impl Scope for Bound<'_> {
    fn lookup(&self, root: &str, member: Option<&str>) -> Result<Found, Failure> {
        if root == self.name {
            return Ok(Found { value: self.value.clone(), took_member: false });
        }
        self.outer.lookup(root, member)
    }

    fn member(&self, unit: UnitId, name: &str) -> Result<Value, Failure> {
        self.outer.member(unit, name)
    }
}

/// A parsed expression, or a tree whose texts hold expressions.
#[derive(Clone, Debug)]
pub struct Expression {
    node: Node,
    place: Place,
}

impl Default for Expression {
    fn default() -> Self {
        let place = Place { whole: "".into(), start: 0, end: 0, span: None };
        Self { node: Node::Literal(Value::NULL), place }
    }
}

impl Expression {
    /// Where it is written, if it was.
    pub fn span(&self) -> Option<&Span> {
        self.place.span.as_ref()
    }

    fn text(&self) -> &str {
        self.place.text()
    }

    fn fail(&self, problem: impl fmt::Display) -> Failure {
        self.place.fail(problem)
    }

    /// A failure that is a sentence about the expression: "`x` is null".
    fn subject(&self, predicate: impl fmt::Display) -> Failure {
        Failure::new(format!("`{}` {predicate}", self.text())).at(self.span())
    }
}

/// A part of a text that was written in a catalog file; messages quote it.
#[derive(Clone, Debug)]
struct Place {
    whole: Arc<str>,
    start: usize,
    end: usize,
    span: Option<Span>,
}

impl Place {
    fn text(&self) -> &str {
        self.whole.get(self.start..self.end).unwrap_or(&self.whole).trim()
    }

    fn fail(&self, problem: impl fmt::Display) -> Failure {
        let message = match self.text() {
            "" => problem.to_string(),
            text => format!("`{text}`: {problem}"),
        };
        Failure::new(message).at(self.span.as_ref())
    }
}

#[derive(Clone, Debug)]
enum Node {
    Literal(Value),
    /// A text with holes.
    Join(Vec<Expression>),
    Path(Base, Vec<Step>),
    List(Vec<(Repeat, Expression)>),
    Map(Vec<(Repeat, Expression, Expression)>),
    /// One value as `CloudFormation` and as Terraform spell it.
    Targets(Box<[Expression; 2]>),
    /// A condition and its two branches.
    Conditional(Box<[Expression; 3]>),
    Unary(UnaryOperator, Box<Expression>),
    Binary(BinaryOperator, Box<[Expression; 2]>),
    Call(Call),
}

#[derive(Clone, Debug)]
enum Base {
    Root(Arc<str>),
    Value(Box<Expression>),
}

#[derive(Clone, Debug)]
enum Step {
    Member(Arc<str>),
    Index(Expression),
    /// A splat: the steps lead on from each item.
    Each(Vec<Step>),
}

/// How often an item of a list or map is there. HCL's `for` and a tree's `each` and `when` are
/// one mechanism; an item without any is there once.
#[derive(Clone, Debug, Default)]
struct Repeat {
    each: Vec<Binding>,
    when: Option<Expression>,
}

#[derive(Clone, Debug)]
struct Binding {
    key: Option<Arc<str>>,
    name: Arc<str>,
    of: Expression,
}

#[derive(Clone, Debug)]
struct Call {
    function: &'static Function,
    arguments: Vec<Expression>,
    /// Whether the last argument is a list of arguments (`f(list...)`).
    expand: bool,
}

/// The end of a message about a name that is not there.
fn known<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let near = names.iter().copied().filter(|known| {
        strsim::osa_distance(name, known) <= (name.len() / 3).max(1)
            || strsim::jaro_winkler(name, known) >= 0.85
    });
    match near.min_by_key(|known| strsim::osa_distance(name, known)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None if names.is_empty() => String::new(),
        None => format!("; there are: {}", names.join(", ")),
    }
}
