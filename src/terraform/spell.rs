//! Values as Terraform spells them.

use crate::assemble::{Assembled, spelled};
use crate::derive::Stack;
use crate::expression::Failure;
use crate::hcl::{Expression, Piece};
use crate::value::{Data, Deferred, Map, Target, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Declarations by type and name, with what they are declared by.
pub(super) type Declarations = BTreeMap<(String, String), Map>;

/// Spells values, and notes the variables and data sources that they need.
pub(super) struct Speller<'s, 'a> {
    pub stack: &'s Stack<'a>,
    pub assembled: &'s Assembled,
    pub variables: RefCell<Declarations>,
    pub data: RefCell<Declarations>,
}

impl Speller<'_, '_> {
    pub fn expression(&self, value: &Value) -> Result<Expression, Failure> {
        Ok(match &value.data {
            Data::Null | Data::Unit(_) => Expression::Null,
            Data::Boolean(boolean) => Expression::Boolean(*boolean),
            Data::Integer(integer) => Expression::Integer(*integer),
            Data::Float(float) => Expression::Float(*float),
            Data::Text(text) => Expression::Text(text.to_string()),
            Data::List(list) => {
                let items = list.iter().map(|item| self.expression(item));
                Expression::List(items.collect::<Result<_, _>>()?)
            }
            Data::Map(map) => self.object(map)?,
            Data::Deferred(deferred) => self.deferred(deferred)?,
        })
    }

    fn object(&self, map: &Map) -> Result<Expression, Failure> {
        let members = map.iter().map(|(key, value)| {
            Ok((Expression::Text(key.text.to_string()), self.expression(value)?))
        });
        Ok(Expression::Object(members.collect::<Result<_, Failure>>()?))
    }

    fn deferred(&self, deferred: &Deferred) -> Result<Expression, Failure> {
        Ok(match deferred {
            Deferred::Attribute { resource, attribute, .. } => {
                let Some(resource) = self.assembled.get(resource) else {
                    let message =
                        format!("a reference to `{}`, which is not there", resource.resource);
                    return Err(Failure::new(message));
                };
                let address = resource.full_address(Target::Terraform);
                Expression::Traversal(format!("{address}.{attribute}"))
            }
            Deferred::Lookup { lookup, arguments } => self.lookup(lookup, arguments)?,
            Deferred::Join(parts) => {
                let pieces = parts.iter().map(|part| {
                    Ok(match self.expression(part)? {
                        Expression::Text(text) => Piece::Text(text),
                        expression => Piece::Expression(expression),
                    })
                });
                template(pieces.collect::<Result<_, Failure>>()?)
            }
            Deferred::Targets { terraform, .. } => self.expression(terraform)?,
            Deferred::Json(value) => {
                Expression::Call("jsonencode".into(), vec![self.expression(value)?])
            }
            Deferred::ContentHash(_) => Expression::Text(String::new()),
        })
    }

    fn lookup(&self, name: &str, arguments: &Map) -> Result<Expression, Failure> {
        let Some(lookup) = self.stack.catalog.lookup(name) else {
            return Err(Failure::new(format!("there is no lookup `{name}`")));
        };
        let spell = |spelling| spelled(self.stack, spelling, arguments);
        let literal = spell(lookup.literal.as_ref())?;
        if let Some(literal) = literal.filter(|literal| !literal.is_null()) {
            return self.expression(&literal);
        }
        declare(&self.variables, spell(lookup.variable.as_ref())?.as_ref(), |_| "variable".into());
        declare(&self.data, spell(lookup.data.as_ref())?.as_ref(), |map| word(map, "type"));
        let text = spell(lookup.terraform.as_ref())?.unwrap_or_default();
        Ok(Expression::Traversal(text.as_str().unwrap_or_default().into()))
    }
}

/// Neighbouring texts become one, so that what is placed reads as if it were written so.
fn template(pieces: Vec<Piece>) -> Expression {
    let mut merged: Vec<Piece> = vec![];
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(Piece::Text(last)), Piece::Text(text)) => last.push_str(&text),
            (_, piece) => merged.push(piece),
        }
    }
    match merged.as_slice() {
        [Piece::Text(text)] => Expression::Text(text.clone()),
        _ => Expression::Template(merged),
    }
}

fn word(map: &Map, name: &str) -> String {
    map.get(name).and_then(Value::as_str).unwrap_or_default().into()
}

fn declare(
    declarations: &RefCell<Declarations>,
    declaration: Option<&Value>,
    type_of: impl Fn(&Map) -> String,
) {
    if let Some(map) = declaration.and_then(Value::as_map) {
        declarations.borrow_mut().insert((type_of(map), word(map, "name")), map.clone());
    }
}
