//! What an expression reads and what it looks like, known before there are values: so a catalog's
//! names are checked when it loads.

use super::{Base, Call, Expression, Failure, Node, Repeat, Step, known};
use crate::value::{Data, Value};
use std::sync::Arc;

/// What is known about a value in advance.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Nothing.
    Any,
    /// It has neither members nor items.
    Scalar,
    /// A list, and what its items look like.
    List(Box<Self>),
    /// A mapping whose names are not known, and what its values look like.
    Map(Box<Self>),
    /// A mapping with these members and no others.
    Object(Arc<[(Arc<str>, Self)]>),
}

/// What the root names of an expression look like.
pub trait Names {
    /// The shape of a root name; `None` where there is no such name.
    fn root(&self, name: &str) -> Option<Shape>;

    /// All root names, for messages.
    fn roots(&self) -> Vec<String>;
}

impl Shape {
    fn list(items: Self) -> Self {
        Self::List(Box::new(items))
    }

    /// What is either of two.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::List(one), Self::List(two)) => Self::list(one.or(*two)),
            (Self::Map(one), Self::Map(two)) => Self::Map(Box::new(one.or(*two))),
            _ => Self::Any,
        }
    }

    fn all(shapes: impl IntoIterator<Item = Self>) -> Self {
        shapes.into_iter().reduce(Self::or).unwrap_or(Self::Any)
    }

    fn of(value: &Value) -> Self {
        match &value.data {
            Data::Null | Data::Unit(_) => Self::Any,
            Data::List(list) => Self::list(Self::all(list.iter().map(Self::of))),
            Data::Map(map) => {
                Self::Object(map.iter().map(|(k, v)| (k.text.clone(), Self::of(v))).collect())
            }
            _ => Self::Scalar,
        }
    }

    /// What `for` and `each` bind; `None` where there is nothing to go over.
    fn item(&self) -> Option<Self> {
        match self {
            Self::Any => Some(Self::Any),
            Self::Scalar => None,
            Self::List(items) | Self::Map(items) => Some((**items).clone()),
            Self::Object(members) => {
                Some(Self::all(members.iter().map(|(_, shape)| shape.clone())))
            }
        }
    }

    fn member(&self, name: &str) -> Result<Self, String> {
        match self {
            Self::Any => Ok(Self::Any),
            Self::Map(values) => Ok((**values).clone()),
            Self::Object(members) => {
                let member = members.iter().find(|(known, _)| **known == *name);
                member.map(|(_, shape)| shape.clone()).ok_or_else(|| {
                    let near = known(name, members.iter().map(|(known, _)| &**known));
                    format!("there is no `{name}`{near}")
                })
            }
            Self::Scalar => Err(format!("what `{name}` is read from has no members")),
            Self::List(_) => Err(format!("what `{name}` is read from is a list")),
        }
    }
}

pub(super) fn any(_: &[Shape]) -> Shape {
    Shape::Any
}

pub(super) fn scalar(_: &[Shape]) -> Shape {
    Shape::Scalar
}

pub(super) fn scalars(_: &[Shape]) -> Shape {
    Shape::list(Shape::Scalar)
}

pub(super) fn first(arguments: &[Shape]) -> Shape {
    arguments.first().cloned().unwrap_or(Shape::Any)
}

pub(super) fn item(arguments: &[Shape]) -> Shape {
    first(arguments).item().unwrap_or(Shape::Any)
}

pub(super) fn items(arguments: &[Shape]) -> Shape {
    Shape::list(item(arguments))
}

pub(super) fn union(arguments: &[Shape]) -> Shape {
    Shape::all(arguments.iter().cloned())
}

pub(super) fn merged(arguments: &[Shape]) -> Shape {
    let mut members: Vec<(Arc<str>, Shape)> = vec![];
    for argument in arguments {
        let Shape::Object(more) = argument else { return Shape::Any };
        for (name, shape) in more.iter() {
            members.retain(|(old, _)| old != name);
            members.push((name.clone(), shape.clone()));
        }
    }
    Shape::Object(members.into())
}

impl Expression {
    /// Checks every name that is read against those there are, and says what the value looks
    /// like. All failures are told, each where its expression is written.
    pub fn shape(&self, names: &dyn Names) -> Result<Shape, Vec<Failure>> {
        let mut walk = Walk::over(names);
        let shape = walk.check(self);
        if walk.failures.is_empty() { Ok(shape) } else { Err(walk.failures) }
    }

    /// The paths that are read: a root name and the members literally read from it, each once.
    /// Names that `for` and `each` bind are not among them.
    pub fn paths(&self) -> Vec<Vec<Arc<str>>> {
        let mut walk = Walk::over(&Anything);
        walk.check(self);
        walk.paths
    }
}

/// Every name there could be.
struct Anything;

impl Names for Anything {
    fn root(&self, _: &str) -> Option<Shape> {
        Some(Shape::Any)
    }

    fn roots(&self) -> Vec<String> {
        vec![]
    }
}

/// A walk through an expression, in the order of evaluation but through all branches.
struct Walk<'a> {
    names: &'a dyn Names,
    locals: Vec<(Arc<str>, Shape)>,
    failures: Vec<Failure>,
    paths: Vec<Vec<Arc<str>>>,
}

impl<'a> Walk<'a> {
    fn over(names: &'a dyn Names) -> Self {
        Self { names, locals: vec![], failures: vec![], paths: vec![] }
    }

    fn fail(&mut self, at: &Expression, problem: &str) -> Shape {
        self.failures.push(at.fail(problem));
        Shape::Any
    }

    fn check(&mut self, expression: &Expression) -> Shape {
        match &expression.node {
            Node::Literal(value) => Shape::of(value),
            Node::Path(base, steps) => {
                let shape = match base {
                    Base::Value(base) => self.check(base),
                    Base::Root(name) => self.root(expression, name, steps),
                };
                self.steps(expression, shape, steps)
            }
            Node::List(items) => {
                let shapes = items.iter().map(|(repeat, item)| self.repeat(repeat, &[item]));
                Shape::list(Shape::all(shapes))
            }
            Node::Map(members) => self.map(members),
            Node::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                self.check(condition);
                match (self.check(yes), self.check(no)) {
                    (_, shape) if yes.is_null() => shape,
                    (shape, _) if no.is_null() => shape,
                    (one, two) => one.or(two),
                }
            }
            Node::Call(call) => self.call(call),
            Node::Join(parts) => self.scalar(parts),
            Node::Targets(both) | Node::Binary(_, both) => self.scalar(&**both),
            Node::Unary(_, operand) => self.scalar(std::slice::from_ref(operand)),
        }
    }

    /// Parts of a value that has neither members nor items.
    fn scalar(&mut self, parts: &[Expression]) -> Shape {
        for part in parts {
            self.check(part);
        }
        Shape::Scalar
    }

    fn root(&mut self, expression: &Expression, name: &Arc<str>, steps: &[Step]) -> Shape {
        if let Some((_, shape)) = self.locals.iter().rfind(|(local, _)| local == name) {
            return shape.clone();
        }
        let members = steps.iter().map_while(|step| match step {
            Step::Member(member) => Some(member.clone()),
            _ => None,
        });
        let path = std::iter::once(name.clone()).chain(members).collect();
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
        self.names.root(name).unwrap_or_else(|| {
            let roots = self.names.roots();
            let locals = self.locals.iter().map(|(local, _)| &**local);
            let near = known(name, roots.iter().map(String::as_str).chain(locals));
            self.fail(expression, &format!("there is no `{name}`{near}"))
        })
    }

    fn steps(&mut self, expression: &Expression, shape: Shape, steps: &[Step]) -> Shape {
        steps.iter().fold(shape, |shape, step| match step {
            Step::Member(name) => {
                shape.member(name).unwrap_or_else(|problem| self.fail(expression, &problem))
            }
            Step::Index(index) => {
                self.check(index);
                self.item(expression, &shape)
            }
            Step::Each(rest) => {
                let item = self.item(expression, &shape);
                Shape::list(self.steps(expression, item, rest))
            }
        })
    }

    fn item(&mut self, expression: &Expression, shape: &Shape) -> Shape {
        shape.item().unwrap_or_else(|| self.fail(expression, "this has no items"))
    }

    /// Checks expressions once inside the names that `for` or `each` binds; the last one's shape.
    fn repeat(&mut self, repeat: &Repeat, inside: &[&Expression]) -> Shape {
        let outer = self.locals.len();
        for binding in &repeat.each {
            let of = self.check(&binding.of);
            let item = self.item(&binding.of, &of);
            self.locals.extend(binding.key.clone().map(|key| (key, Shape::Scalar)));
            self.locals.push((binding.name.clone(), item));
        }
        let inside = repeat.when.iter().chain(inside.iter().copied());
        let shape = inside.fold(Shape::Any, |_, expression| self.check(expression));
        self.locals.truncate(outer);
        shape
    }

    fn map(&mut self, members: &[(Repeat, Expression, Expression)]) -> Shape {
        let mut named = Some(vec![]);
        let mut shapes = vec![];
        for (repeat, key, value) in members {
            let shape = self.repeat(repeat, &[key, value]);
            match (&key.node, &mut named) {
                (Node::Literal(Value { data: Data::Text(name), .. }), Some(named)) => {
                    named.push((name.clone(), shape.clone()));
                }
                _ => named = None,
            }
            shapes.push(shape);
        }
        match named {
            Some(members) => Shape::Object(members.into()),
            None => Shape::Map(Box::new(Shape::all(shapes))),
        }
    }

    fn call(&mut self, call: &Call) -> Shape {
        let mut shapes: Vec<Shape> = call.arguments.iter().map(|a| self.check(a)).collect();
        if call.expand
            && let Some(last) = shapes.pop()
        {
            shapes.push(last.item().unwrap_or(Shape::Any));
        }
        (call.function.shape)(&shapes)
    }
}

impl Expression {
    fn is_null(&self) -> bool {
        matches!(&self.node, Node::Literal(value) if value.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::tests::parse;
    use crate::expression::tree;
    use serde_json::json;

    struct Known;

    impl Names for Known {
        fn root(&self, name: &str) -> Option<Shape> {
            let object = |members: &[(&str, Shape)]| {
                Shape::Object(members.iter().map(|(n, s)| ((*n).into(), s.clone())).collect())
            };
            let queue = object(&[("memory", Shape::Scalar)]);
            match name {
                "capacity" => Some(object(&[("mode", Shape::Scalar), ("shards", Shape::Scalar)])),
                "queues" => Some(Shape::List(Box::new(queue))),
                "named" => Some(Shape::Map(Box::new(queue))),
                "anything" => Some(Shape::Any),
                _ => None,
            }
        }

        fn roots(&self) -> Vec<String> {
            ["capacity", "queues", "named", "anything"].map(String::from).to_vec()
        }
    }

    #[test]
    fn shapes() {
        let list = |shape| Shape::List(Box::new(shape));
        let queue = Known.root("queues").unwrap();
        for (text, shape) in [
            ("capacity.shards + 1", Shape::Scalar),
            ("anything.a[0].b[*].c", list(Shape::Any)),
            ("queues[*].memory", list(Shape::Scalar)),
            ("named.x.memory", Shape::Scalar),
            ("[for k, q in named : \"${k}${q.memory}\"]", list(Shape::Scalar)),
            ("{for q in queues : q.memory => q}", Known.root("named").unwrap()),
            ("true ? queues : null", queue.clone()),
            ("true ? queues : 1", Shape::Any),
            ("concat(queues, queues)", queue.clone()),
            ("concat([queues]...)", queue),
            ("merge({a = 1}, {b = queues}).b[0].memory", Shape::Scalar),
            ("values(named)[0].memory", Shape::Scalar),
        ] {
            assert_eq!(parse(text).shape(&Known).unwrap(), shape, "{text}");
        }
        for (text, gist) in [
            ("capacty.mode", "`capacty.mode`: there is no `capacty`; did you mean `capacity`?"),
            ("capacity.mod", "there is no `mod`; did you mean `mode`?"),
            ("capacity.mode.x", "what `x` is read from has no members"),
            ("queues.memory", "what `memory` is read from is a list"),
            ("[for q in queues : q.size]", "there is no `size`"),
            ("[for q in capacity.mode : q]", "`capacity.mode`: this has no items"),
            ("true ? 1 : nowhere", "there is no `nowhere`"),
            ("values(named)[0].x", "there is no `x`"),
            ("[for q in queues : q][0] == q", "there is no `q`"),
        ] {
            let failures = parse(text).shape(&Known).unwrap_err();
            assert_eq!(failures.len(), 1, "{text}: {failures:?}");
            assert!(failures[0].message.contains(gist), "{text}: {}", failures[0]);
        }
        let written = json!([{"each": {"q": "queues"}, "when": "q.x == 1", "a": "${q.y}"}, "${z}"]);
        assert_eq!(tree(&(&written).into()).unwrap().shape(&Known).unwrap_err().len(), 3);
    }

    #[test]
    fn paths() {
        let written = json!({
            "a": "${parts.errors.arn}-${parts.errors.arn}",
            "b": "${[for p in ports[n.x].list : p.number + base[\"y\"].z if p.on]}",
            "c": [{"each": {"s": "via[*].name"}, "when": "s.x > least", "value": "${title(s)}"}],
        });
        let paths = tree(&(&written).into()).unwrap().paths();
        let paths: Vec<String> = paths.iter().map(|path| path.join(".")).collect();
        assert_eq!(paths, ["parts.errors.arn", "ports", "n.x", "base.y.z", "via", "least"]);
    }
}
