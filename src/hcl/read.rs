//! Reads the HCL that templates print. They place values and compute nothing, so most of HCL's
//! expressions are refused.

use super::{Body, Expression, Piece, Structure, print};
use hcl::Number;
use hcl::edit::expr::{self, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl::edit::template::{Element, StringTemplate, Strip};
use hcl::edit::{Span, parser, structure};
use std::ops::Range;

/// Text that is no HCL, or more of HCL than a template may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// The line, from 1 on.
    pub line: usize,
    /// The column in characters, from 1 on.
    pub column: usize,
}

/// Reads a whole file. Comments and layout are forgotten; a parenthesis is its content.
pub fn read(text: &str) -> Result<Body, SyntaxError> {
    let body = parser::parse_body(text).map_err(|error| SyntaxError {
        message: error.message().to_owned(),
        line: error.location().line(),
        column: error.location().column(),
    })?;
    Reader { text }.body(&body)
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn refuse<T>(&self, what: &str, span: Option<Range<usize>>) -> Result<T, SyntaxError> {
        let before = span.and_then(|span| self.text.get(..span.start)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Err(SyntaxError {
            message: format!("a template only places values: {what} is not allowed"),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        })
    }

    fn body(&self, body: &structure::Body) -> Result<Body, SyntaxError> {
        body.iter().map(|structure| self.structure(structure)).collect::<Result<_, _>>().map(Body)
    }

    fn structure(&self, structure: &structure::Structure) -> Result<Structure, SyntaxError> {
        Ok(match structure {
            structure::Structure::Attribute(attribute) => {
                Structure::attribute(attribute.key.as_str(), self.expression(&attribute.value)?)
            }
            structure::Structure::Block(block) => {
                let labels = block.labels.iter().map(|label| label.as_str().to_owned()).collect();
                Structure::block(block.ident.as_str(), labels, self.body(&block.body)?)
            }
        })
    }

    fn expression(&self, expression: &expr::Expression) -> Result<Expression, SyntaxError> {
        use expr::Expression as Parsed;
        let refuse = |what| self.refuse(what, expression.span());
        Ok(match expression {
            Parsed::Null(_) => Expression::Null,
            Parsed::Bool(value) => Expression::Boolean(*value.value()),
            Parsed::Number(value) => number(*value.value()),
            Parsed::String(value) => Expression::Text(value.as_str().to_owned()),
            Parsed::StringTemplate(template) => self.template(template)?,
            Parsed::Variable(name) => Expression::Traversal(name.as_str().to_owned()),
            Parsed::Traversal(traversal) => Expression::Traversal(self.traversal(traversal)?),
            Parsed::Parenthesis(inner) => self.expression(inner.inner())?,
            Parsed::FuncCall(call) => self.call(call)?,
            Parsed::Array(items) => Expression::List(self.expressions(items.iter())?),
            Parsed::Object(object) => Expression::Object(
                object
                    .iter()
                    .map(|(key, value)| Ok((self.key(key)?, self.expression(value.expr())?)))
                    .collect::<Result<_, _>>()?,
            ),
            Parsed::HeredocTemplate(_) => return refuse("a heredoc"),
            Parsed::Conditional(_) => return refuse("a conditional"),
            Parsed::UnaryOp(_) | Parsed::BinaryOp(_) => return refuse("an operation"),
            Parsed::ForExpr(_) => return refuse("a for-expression"),
        })
    }

    fn expressions<'e>(
        &self,
        expressions: impl Iterator<Item = &'e expr::Expression>,
    ) -> Result<Vec<Expression>, SyntaxError> {
        expressions.map(|expression| self.expression(expression)).collect()
    }

    fn key(&self, key: &ObjectKey) -> Result<Expression, SyntaxError> {
        match key {
            ObjectKey::Ident(name) => Ok(Expression::Text(name.as_str().to_owned())),
            ObjectKey::Expression(expression) => self.expression(expression),
        }
    }

    fn call(&self, call: &FuncCall) -> Result<Expression, SyntaxError> {
        if call.args.expand_final() {
            return self.refuse("the expansion of an argument", call.span());
        }
        let path = call.name.namespace.iter().chain([&call.name.name]);
        let name = path.map(|ident| ident.as_str()).collect::<Vec<_>>().join("::");
        Ok(Expression::Call(name, self.expressions(call.args.iter())?))
    }

    fn template(&self, template: &StringTemplate) -> Result<Expression, SyntaxError> {
        let pieces: Vec<_> =
            template.iter().map(|element| self.piece(element)).collect::<Result<_, _>>()?;
        Ok(match print::lone_expression(&pieces) {
            Some(expression) => expression.clone(),
            None => Expression::Template(pieces),
        })
    }

    fn piece(&self, element: &Element) -> Result<Piece, SyntaxError> {
        match element {
            Element::Literal(text) => Ok(Piece::Text(text.as_str().to_owned())),
            Element::Interpolation(interpolation) if interpolation.strip == Strip::None => {
                self.expression(&interpolation.expr).map(Piece::Expression)
            }
            Element::Interpolation(_) => self.refuse("the stripping of blanks", element.span()),
            Element::Directive(_) => self.refuse("a directive", element.span()),
        }
    }

    fn traversal(&self, traversal: &Traversal) -> Result<String, SyntaxError> {
        let Some(root) = traversal.expr.as_variable() else {
            return self.refuse("picking from anything but a name", traversal.span());
        };
        let mut path = root.as_str().to_owned();
        for operator in &traversal.operators {
            match operator.value() {
                TraversalOperator::GetAttr(name) => {
                    path.push('.');
                    path.push_str(name.as_str());
                }
                TraversalOperator::Index(index) => {
                    path.push('[');
                    path.push_str(&print::inline(&self.expression(index)?));
                    path.push(']');
                }
                TraversalOperator::FullSplat(_) => path.push_str("[*]"),
                TraversalOperator::AttrSplat(_) => path.push_str(".*"),
                TraversalOperator::LegacyIndex(_) => {
                    return self.refuse("an index after a point", operator.span());
                }
            }
        }
        Ok(path)
    }
}

fn number(number: Number) -> Expression {
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => Expression::Integer(integer),
        (None, float) => Expression::Float(float.unwrap_or(f64::NAN)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{block, call, object, reference, template, text};
    use super::*;

    #[test]
    fn reads_what_templates_print() {
        let source = r#"
# A comment
resource aws_x slot_1_ {
  name = slot_2_ // another
  list = [1, -2, 18446744073709551615, 0.5, null, true,]
  slot_3_ {}
  arn  = aws_x.y[*].z["k"].w[0]
  sum  = ("${slot_4_}")
  maps = { a : 1, "b" = provider::aws::f(x), (c.d) = {}, ("e") = "f ${g} h" }
}
"#;
        let list = vec![
            1.into(),
            (-2).into(),
            Expression::Float(18_446_744_073_709_551_615.0),
            Expression::Float(0.5),
            Expression::Null,
            true.into(),
        ];
        let maps = vec![
            (text("a"), 1.into()),
            (text("b"), call("provider::aws::f", vec![reference("x")])),
            (reference("c.d"), object(vec![])),
            (text("e"), template("f ", "g", " h")),
        ];
        let attributes = vec![
            Structure::attribute("name", reference("slot_2_")),
            Structure::attribute("list", Expression::List(list)),
            block("slot_3_", &[], vec![]),
            Structure::attribute("arn", reference("aws_x.y[*].z[\"k\"].w[0]")),
            Structure::attribute("sum", reference("slot_4_")),
            Structure::attribute("maps", Expression::Object(maps)),
        ];
        let body = Body(vec![block("resource", &["aws_x", "slot_1_"], attributes)]);
        assert_eq!(read(source).unwrap(), body);
    }

    #[test]
    fn refuses_what_computes() {
        let cases = [
            ("<<EOT\nx\nEOT", "a heredoc", 7),
            ("b ? 1 : 2", "a conditional", 7),
            ("f(1 + 2)", "an operation", 9),
            ("!b", "an operation", 7),
            ("[for b in c : b]", "a for-expression", 7),
            ("\"é%{ if b }x%{ endif }\"", "a directive", 9),
            ("\"x${~ b }\"", "the stripping of blanks", 9),
            ("f(b...)", "the expansion of an argument", 7),
            ("b.0", "an index after a point", 8),
            ("f(b).c", "picking from anything but a name", 7),
        ];
        for (expression, what, column) in cases {
            let error = read(&format!("x = 1\n  a = {expression}\n")).unwrap_err();
            assert!(error.message.contains(&format!("values: {what} is")), "{}", error.message);
            assert_eq!((error.line, error.column), (2, column), "{expression}");
        }
        let error = read("a = 1\nb = = 2\n").unwrap_err();
        assert_eq!((error.line, error.column), (2, 5), "{}", error.message);
    }
}
