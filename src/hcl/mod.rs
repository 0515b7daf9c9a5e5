//! HCL as syntax: what Terraform's artifacts are written in, and what our templates for it print.
//!
//! Expressions place values and refer to others; they compute nothing but calls.

pub mod print;
pub mod read;
#[cfg(test)]
mod tests;

/// What a file or a block holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body(pub Vec<Structure>);

/// An attribute or a block, with the comment that stands above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// The lines of the comment.
    pub comment: Vec<String>,
    /// An identifier: an attribute's name, or a block's kind, such as `resource`.
    pub name: String,
    /// What stands behind it.
    pub content: Content,
}

/// What an attribute or a block says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `name = value`
    Value(Expression),
    /// `name "label" { … }`: the labels without their quotes, and what stands between the braces.
    /// Labels are names; `terraform fmt` has its own way with others.
    Block(Vec<String>, Body),
}

impl Structure {
    /// An attribute without comment.
    pub fn attribute(name: impl Into<String>, value: Expression) -> Self {
        Self { comment: Vec::new(), name: name.into(), content: Content::Value(value) }
    }

    /// A block without comment.
    pub fn block(kind: impl Into<String>, labels: Vec<String>, body: Body) -> Self {
        Self { comment: Vec::new(), name: kind.into(), content: Content::Block(labels, body) }
    }
}

/// A value, or how to get it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Any other number. HCL has one kind of numbers: `1.0` is printed `1` and read as an integer.
    Float(f64),
    /// Text without interpolations.
    Text(String),
    /// Text with interpolations; one that stands alone is the same as its expression.
    Template(Vec<Piece>),
    /// A name and what is picked from it, as HCL spells it: `var.x`, `data.a.b.c[0].d`.
    Traversal(String),
    /// A function's name and its arguments.
    Call(String, Vec<Expression>),
    /// `[ … ]`
    List(Vec<Expression>),
    /// `{ … }`. A key that is text stands for itself, any other is computed.
    Object(Vec<(Expression, Expression)>),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text, without escapes.
    Text(String),
    /// `${ … }`
    Expression(Expression),
}
