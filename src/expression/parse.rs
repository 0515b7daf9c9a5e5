//! From text to [`Expression`]: `hcl-rs` parses, what comes out is lowered into our own tree.

use super::tree::{list_node, map_node};
use super::{
    Base, Binding, Call, Expression, Failure, Node, Place, Repeat, Step, functions, known,
};
use crate::source::Span;
use crate::value::{Data, Value};
use hcl::Number;
use hcl::edit::expr::{self as syntax, TraversalOperator};
use hcl::edit::parser::Error;
use hcl::edit::template::{Element, Strip, Template};
use hcl::edit::{Decorated, Span as _};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Levels that expressions and trees may be nested.
const DEPTH: usize = 64;

/// Parses what is always an expression and so written bare, as after `when:` or `deny:`.
/// A boolean or a number stands for itself; anything else but a text is an error.
pub fn expression(value: &Value) -> Result<Expression, Failure> {
    let text = match &value.data {
        Data::Text(text) => text.clone(),
        Data::Boolean(boolean) => boolean.to_string().into(),
        Data::Integer(integer) => integer.to_string().into(),
        Data::Float(float) => float.to_string().into(),
        _ => {
            let message = format!("an expression is written as text, not as {}", value.type_name());
            return Err(Failure::new(message).at(value.span()));
        }
    };
    let code = Code::new(text.trim(), value.span());
    let parsed = code.text.parse().map_err(|error| code.unparsed(&error))?;
    code.lower(&parsed, 0)
}

/// One level deeper, unless that is too deep.
pub(super) fn deeper(depth: usize, span: Option<&Span>) -> Result<usize, Failure> {
    if depth < DEPTH {
        return Ok(depth + 1);
    }
    Err(Failure::new(format!("this is nested more than {DEPTH} levels deep")).at(span))
}

/// One text of a catalog file.
pub(super) struct Code {
    text: Arc<str>,
    span: Option<Span>,
}

impl Code {
    pub(super) fn new(text: &str, span: Option<&Span>) -> Self {
        Self { text: text.into(), span: span.cloned() }
    }

    /// Lowers a text that may hold `${…}`.
    pub(super) fn template(&self, depth: usize) -> Result<Expression, Failure> {
        if !self.text.contains("${") {
            let node = Node::Literal(Data::Text(self.text.clone()).into());
            return Ok(Expression { node, place: self.place(None) });
        }
        let parsed = self.text.parse().map_err(|error| self.unparsed(&error))?;
        self.join(&parsed, depth)
    }

    fn unparsed(&self, error: &Error) -> Failure {
        let hint = match &*self.text {
            text if text.starts_with("${") => " (an expression is written bare, without `${…}`)",
            _ => "",
        };
        let (column, message) = (error.location().column(), error.message());
        self.fail(None, format!("cannot be read, at column {column}: {message}{hint}"))
    }

    fn fail(&self, part: Option<Range<usize>>, problem: impl fmt::Display) -> Failure {
        self.place(part).fail(problem)
    }

    fn place(&self, part: Option<Range<usize>>) -> Place {
        let Range { start, end } = part.unwrap_or(0..self.text.len());
        Place { whole: self.text.clone(), start, end, span: self.span.clone() }
    }

    fn join(&self, template: &Template, depth: usize) -> Result<Expression, Failure> {
        let piece = |element: &Element| match element {
            Element::Literal(text) => {
                let node = Node::Literal(text.as_str().into());
                Ok(Expression { node, place: self.place(None) })
            }
            Element::Interpolation(hole) if hole.strip == Strip::None => {
                self.lower(&hole.expr, depth)
            }
            Element::Interpolation(_) => Err(self.fail(element.span(), "`~` is not supported")),
            Element::Directive(_) => {
                Err(self.fail(element.span(), "`%{` is not supported; as text, write `%%{`"))
            }
        };
        let mut pieces = template.iter().map(piece).collect::<Result<Vec<_>, _>>()?;
        match (pieces.pop(), pieces.is_empty()) {
            (Some(alone), true) => Ok(alone),
            (last, _) => {
                pieces.extend(last);
                Ok(Expression { node: Node::Join(pieces), place: self.place(template.span()) })
            }
        }
    }

    fn lower(&self, parsed: &syntax::Expression, depth: usize) -> Result<Expression, Failure> {
        use syntax::Expression as E;
        let depth = deeper(depth, self.span.as_ref())?;
        let lower = |parsed: &syntax::Expression| self.lower(parsed, depth);
        let node = match parsed {
            E::Null(_) => Node::Literal(Value::NULL),
            E::Bool(boolean) => Node::Literal((*boolean.value()).into()),
            E::Number(number) => Node::Literal(self.number(number.value(), parsed.span())?),
            E::String(text) => Node::Literal(text.as_str().into()),
            E::StringTemplate(template) => return self.join(template, depth),
            E::HeredocTemplate(_) => {
                return Err(self.fail(parsed.span(), "heredocs are not supported"));
            }
            E::Parenthesis(inner) => return self.lower(inner.inner(), depth),
            E::Array(items) => {
                let items = items.iter().map(|item| Ok((Repeat::default(), lower(item)?)));
                list_node(items.collect::<Result<_, Failure>>()?)
            }
            E::Object(members) => self.object(members, depth)?,
            E::Variable(name) => Node::Path(Base::Root(name.as_str().into()), vec![]),
            E::Traversal(path) => self.path(path, depth)?,
            E::Conditional(c) => Node::Conditional(Box::new([
                lower(&c.cond_expr)?,
                lower(&c.true_expr)?,
                lower(&c.false_expr)?,
            ])),
            E::UnaryOp(unary) => {
                Node::Unary(*unary.operator.value(), Box::new(lower(&unary.expr)?))
            }
            E::BinaryOp(binary) => Node::Binary(
                *binary.operator.value(),
                Box::new([lower(&binary.lhs_expr)?, lower(&binary.rhs_expr)?]),
            ),
            E::FuncCall(call) => Node::Call(self.call(call, depth)?),
            E::ForExpr(repeat) => self.repeat(repeat, depth)?,
        };
        Ok(Expression { node, place: self.place(parsed.span()) })
    }

    fn number(&self, number: &Number, part: Option<Range<usize>>) -> Result<Value, Failure> {
        match (number.as_i64(), number.as_f64().filter(|float| float.is_finite())) {
            (Some(integer), _) => Ok(integer.into()),
            (None, Some(float)) if number.is_f64() => Ok(Data::Float(float).into()),
            _ => Err(self.fail(part, "the number is out of range")),
        }
    }

    fn object(&self, members: &syntax::Object, depth: usize) -> Result<Node, Failure> {
        let member = |(key, value): (&syntax::ObjectKey, &syntax::ObjectValue)| {
            let key = match key {
                syntax::ObjectKey::Expression(key) => self.lower(key, depth)?,
                syntax::ObjectKey::Ident(name) => {
                    let node = Node::Literal(name.as_str().into());
                    Expression { node, place: self.place(key.span()) }
                }
            };
            Ok((Repeat::default(), key, self.lower(value.expr(), depth)?))
        };
        members.iter().map(member).collect::<Result<_, _>>().map(map_node)
    }

    fn path(&self, path: &syntax::Traversal, depth: usize) -> Result<Node, Failure> {
        let base = match self.lower(&path.expr, depth)? {
            Expression { node: Node::Path(Base::Root(name), steps), .. } if steps.is_empty() => {
                Base::Root(name)
            }
            other => Base::Value(Box::new(other)),
        };
        let operators: Vec<_> = path.operators.iter().map(Decorated::value).collect();
        Ok(Node::Path(base, self.steps(&operators, depth)?))
    }

    fn steps(&self, operators: &[&TraversalOperator], depth: usize) -> Result<Vec<Step>, Failure> {
        use TraversalOperator::{AttrSplat, FullSplat, GetAttr, Index, LegacyIndex};
        let depth = deeper(depth, self.span.as_ref())?;
        let (mut operators, mut steps) = (operators, vec![]);
        while let [operator, rest @ ..] = operators {
            let (step, after) = match operator {
                GetAttr(name) => (Step::Member(name.as_str().into()), rest),
                LegacyIndex(at) => {
                    let node = Node::Literal(self.number(&(*at.value()).into(), at.span())?);
                    (Step::Index(Expression { node, place: self.place(at.span()) }), rest)
                }
                Index(at) => match self.lower(at, depth)? {
                    Expression {
                        node: Node::Literal(Value { data: Data::Text(name), .. }),
                        ..
                    } => (Step::Member(name), rest),
                    at => (Step::Index(at), rest),
                },
                FullSplat(_) => (Step::Each(self.steps(rest, depth)?), &rest[rest.len()..]),
                AttrSplat(_) => {
                    // Unlike `[*]`, `.*` takes nothing along but members.
                    let member = |next: &&&TraversalOperator| matches!(next, GetAttr(_));
                    let (inside, after) = rest.split_at(rest.iter().take_while(member).count());
                    (Step::Each(self.steps(inside, depth)?), after)
                }
            };
            steps.push(step);
            operators = after;
        }
        Ok(steps)
    }

    fn call(&self, call: &syntax::FuncCall, depth: usize) -> Result<Call, Failure> {
        let name = call.name.name.as_str();
        let found = functions::find(name).filter(|_| !call.name.is_namespaced());
        let function = found.ok_or_else(|| {
            let near = known(name, functions::names());
            self.fail(call.span(), format!("there is no function `{name}`{near}"))
        })?;
        let expand = call.args.expand_final();
        if !expand {
            function.accepts(call.args.len()).map_err(|problem| self.fail(call.span(), problem))?;
        }
        let arguments = call.args.iter().map(|argument| self.lower(argument, depth));
        Ok(Call { function, arguments: arguments.collect::<Result<_, _>>()?, expand })
    }

    fn repeat(&self, parsed: &syntax::ForExpr, depth: usize) -> Result<Node, Failure> {
        if parsed.grouping {
            return Err(self.fail(parsed.span(), "grouping (`...`) is not supported"));
        }
        let binding = Binding {
            key: parsed.intro.key_var.as_ref().map(|key| key.as_str().into()),
            name: parsed.intro.value_var.as_str().into(),
            of: self.lower(&parsed.intro.collection_expr, depth)?,
        };
        let when = parsed.cond.as_ref().map(|cond| self.lower(&cond.expr, depth)).transpose()?;
        let repeat = Repeat { each: vec![binding], when };
        let value = self.lower(&parsed.value_expr, depth)?;
        Ok(match &parsed.key_expr {
            None => Node::List(vec![(repeat, value)]),
            Some(key) => Node::Map(vec![(repeat, self.lower(key, depth)?, value)]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::tests::{Words, value};
    use crate::expression::tree;

    #[test]
    fn what_cannot_be_parsed_is_refused_at_once() {
        for (text, gist) in [
            ("uper(name)", "there is no function `uper`; did you mean `upper`?"),
            ("a::upper(name)", "there is no function"),
            ("upper()", "takes 1, not 0"),
            ("range(1, 2, 3, 4)", "takes 1 to 3, not 4"),
            ("max()", "takes 1 or more, not 0"),
            ("1 +", "cannot be read, at column 2"),
            ("${two}", "written bare"),
            ("", "cannot be read"),
            ("<<E\nx\nE\n", "heredoc"),
            ("{for x in many : \"a\" => x...}", "grouping"),
            ("\"a ${~ name ~}\"", "`~` is not supported"),
            ("\"%{if yes}a%{endif}${name}\"", "`%{` is not supported"),
        ] {
            let message = expression(&text.into()).unwrap_err().message;
            assert!(message.contains(gist), "{text}: {message}");
        }
        for deep in ["(", "[", "!", "{a=", "upper(", "\"${", "yes ? 1 : "] {
            assert!(expression(&deep.repeat(100_000).into()).is_err(), "{deep}");
        }
        let nested = |levels| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(expression(&nested(60).into()).is_ok());
        assert!(expression(&nested(70).into()).is_err());
        assert!(expression(&format!("1{}", " + 1".repeat(70)).into()).is_err());
        let chain = format!("none{}", ".a".repeat(10_000));
        assert_eq!(value(&chain), Value::NULL);
        assert!(expression(&Value::NULL).unwrap_err().message.contains("not as null"));
        let deep = (0..80).fold(Value::from("x"), |inner, _| vec![inner].into());
        assert!(tree(&deep).unwrap_err().message.contains("64 levels"));
    }

    #[test]
    fn random_text_never_panics() {
        const TOKENS: [&str; 36] = [
            "${", "}", "$${", "%{", "\"", "(", ")", "[", "]", "{", "=", "for ", " in ", "x", "two",
            "many", ":", ",", "?", "-", "!", "+", "/", "%", "&&", "==", "<<E\n", "\n", "*", ".",
            "...", "1", "1e9", "\\u12", "é", "range(",
        ];
        arbtest::arbtest(|u| {
            let mut text = String::new();
            while !u.is_empty() && text.len() < 300 {
                if u.ratio(1, 9)? {
                    text.push(u.arbitrary()?);
                } else {
                    text.push_str(u.choose(&TOKENS)?);
                }
            }
            let text = Value::from(text);
            for parsed in [expression(&text), tree(&text)].into_iter().flatten() {
                let _ = (parsed.evaluate(&Words), parsed.paths());
            }
            Ok(())
        });
    }
}
