//! What a template for Terraform printed: HCL with resources.

use super::place::{Place, Raw};
use crate::expression::Failure;
use crate::hcl::{self, Body, Content, Expression, Piece, Structure};
use crate::value::{Data, Map, Value, join};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Reads the resources and places the values.
pub(super) fn read(place: &Place<'_>) -> Result<Vec<Raw>, Failure> {
    let body = hcl::read::read(&place.printed.text)
        .map_err(|error| place.fail(error.line, error.message.clone()))?;
    let reader = Reader { place, blocks: RefCell::default() };
    let resources = body.0.iter().map(|structure| reader.resource(structure));
    let resources = resources.collect::<Result<_, _>>()?;
    place.all_placed()?;
    Ok(resources)
}

struct Reader<'a> {
    place: &'a Place<'a>,
    blocks: RefCell<BTreeSet<String>>,
}

impl Reader<'_> {
    fn fail(&self, message: impl Into<String>) -> Failure {
        self.place.fail(1, message)
    }

    fn resource(&self, structure: &Structure) -> Result<Raw, Failure> {
        let Structure { name, content: Content::Block(labels, body), .. } = structure else {
            return Err(self.fail("a template holds resources alone"));
        };
        let ("resource", [type_name, address]) = (name.as_str(), labels.as_slice()) else {
            return Err(self.fail(format!("`{name}` is not for templates: write a resource")));
        };
        if !self.place.expected.contains_key(address) {
            let message = format!("`{address}` is printed, and the kind does not say it emits it");
            return Err(self.fail(message));
        }
        self.blocks.borrow_mut().clear();
        let properties = self.body(body, "")?;
        Ok(Raw {
            address: address.clone(),
            type_name: type_name.clone(),
            properties,
            settings: Map::default(),
            blocks: std::mem::take(&mut self.blocks.borrow_mut()),
        })
    }

    /// Attributes as members; blocks as lists of mappings, their paths noted.
    fn body(&self, body: &Body, path: &str) -> Result<Map, Failure> {
        let mut map = Map::default();
        for Structure { name, content, .. } in &body.0 {
            match content {
                Content::Value(value) => {
                    if name == "depends_on" || name == "tags" {
                        return Err(self.fail(format!("`{name}` is not for templates to say")));
                    }
                    if let Some(value) = self.value(value)? {
                        map.set(name.as_str(), value);
                    }
                }
                Content::Block(labels, body) => {
                    if !labels.is_empty() {
                        return Err(self.fail(format!("the block `{name}` has a label")));
                    }
                    let below =
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.block(&mut map, name, &below, body)?;
                }
            }
        }
        Ok(map)
    }

    /// A block that nulls alone left empty goes; one that was written empty stays.
    fn block(&self, map: &mut Map, kind: &str, path: &str, body: &Body) -> Result<(), Failure> {
        self.blocks.borrow_mut().insert(path.to_string());
        let inner = self.body(body, path)?;
        if inner.is_empty() && !body.0.is_empty() {
            return Ok(());
        }
        let mut blocks = map.get(kind).and_then(Value::as_list).unwrap_or_default().to_vec();
        blocks.push(inner.into());
        map.set(kind, blocks.into());
        Ok(())
    }

    /// The value of an expression; `None` where nothing is left of it.
    fn value(&self, expression: &Expression) -> Result<Option<Value>, Failure> {
        Ok(Some(match expression {
            Expression::Null => return Ok(None),
            Expression::Boolean(boolean) => (*boolean).into(),
            Expression::Integer(integer) => (*integer).into(),
            Expression::Float(float) => Data::Float(*float).into(),
            Expression::Text(text) => {
                if text.contains("slot_") {
                    return Err(self.fail("a slot stands alone, without quotes"));
                }
                text.as_str().into()
            }
            Expression::Template(pieces) => {
                join(pieces.iter().map(|piece| self.piece(piece)).collect::<Result<Vec<_>, _>>()?)
            }
            Expression::Traversal(text) => return self.traversal(text),
            Expression::Call(name, _) => {
                return Err(self.fail(format!("`{name}()` is not for templates: values are data")));
            }
            Expression::List(items) if !items.is_empty() => {
                let kept = items.iter().map(|item| self.value(item)).filter_map(Result::transpose);
                let kept: Vec<Value> = kept.collect::<Result<_, _>>()?;
                if kept.is_empty() {
                    return Ok(None);
                }
                kept.into()
            }
            Expression::List(_) => Vec::new().into(),
            Expression::Object(members) => return self.object(members),
        }))
    }

    fn piece(&self, piece: &Piece) -> Result<Value, Failure> {
        match piece {
            Piece::Text(text) => Ok(text.as_str().into()),
            Piece::Expression(expression) => match expression {
                Expression::Traversal(text) if !text.contains("slot_") => {
                    Ok(self.traversal(text)?.unwrap_or_default())
                }
                _ => Err(self.fail("a slot stands alone: join texts in the kind's file")),
            },
        }
    }

    fn object(&self, members: &[(Expression, Expression)]) -> Result<Option<Value>, Failure> {
        let mut map = Map::default();
        for (key, value) in members {
            let key = match key {
                Expression::Text(text) if text.starts_with("slot_") => self.token(text)?,
                Expression::Text(text) => Some(Value::from(text.as_str())),
                other => self.value(other)?,
            };
            let Some(key) = key.as_ref().and_then(Value::as_str) else {
                return Err(self.fail("a key is a text that is there"));
            };
            if let Some(value) = self.value(value)? {
                map.set(key, value);
            }
        }
        let emptied = map.is_empty() && !members.is_empty();
        Ok((!emptied).then(|| map.into()))
    }

    fn token(&self, text: &str) -> Result<Option<Value>, Failure> {
        Ok(self.place.token(text, 1)?.filter(|value| !value.is_null()))
    }

    /// A token, or `type.name.attribute` of a resource of the same unit.
    fn traversal(&self, text: &str) -> Result<Option<Value>, Failure> {
        if text.starts_with("slot_") {
            return self.token(text);
        }
        let mut steps = text.splitn(3, '.');
        let (Some(_), Some(name), Some(attribute)) = (steps.next(), steps.next(), steps.next())
        else {
            return Err(self.fail(format!("`{text}` names no resource of this kind")));
        };
        let found = self.place.attribute(name, attribute);
        found.map(Some).ok_or_else(|| self.fail(format!("`{text}` names no resource of this kind")))
    }
}
