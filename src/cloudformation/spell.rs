//! Values as CloudFormation spells them.

use crate::assemble::{Assembled, logical_id, spelled};
use crate::derive::Stack;
use crate::expression::Failure;
use crate::value::{Data, Deferred, Map, Value, json_string};
use crate::yaml::print::{Entry, Node};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A parameter of the template, with what it is declared by.
pub(super) type Parameters = BTreeMap<String, Map>;

/// Spells values, and notes the template parameters that they need.
pub(super) struct Speller<'s, 'a> {
    pub stack: &'s Stack<'a>,
    pub assembled: &'s Assembled,
    pub parameters: RefCell<Parameters>,
}

/// A piece of a text with references in it.
enum Piece {
    Text(String),
    /// What stands between `${` and `}`.
    Name(String),
    /// What has no short name, and needs a variable.
    Node(Node),
}

impl Speller<'_, '_> {
    pub fn node(&self, value: &Value) -> Result<Node, Failure> {
        Ok(match &value.data {
            Data::Null | Data::Unit(_) => Node::Null,
            Data::Boolean(boolean) => Node::Boolean(*boolean),
            Data::Integer(integer) => Node::Integer(*integer),
            Data::Float(float) => Node::Float(*float),
            Data::Text(text) => Node::Text(text.to_string()),
            Data::List(list) => {
                Node::List(list.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)
            }
            Data::Map(map) => self.map(map)?,
            Data::Deferred(deferred) => self.deferred(deferred)?,
        })
    }

    pub fn map(&self, map: &Map) -> Result<Node, Failure> {
        if let [(key, value)] = map.0.as_slice()
            && let Some(tag) = tag(&key.text)
        {
            return Ok(Node::Tagged(tag, Box::new(self.node(value)?)));
        }
        let entries = map.iter().map(|(key, value)| Ok(Entry::new(&*key.text, self.node(value)?)));
        Ok(Node::Map(entries.collect::<Result<_, Failure>>()?))
    }

    fn deferred(&self, deferred: &Deferred) -> Result<Node, Failure> {
        let mut pieces = vec![];
        self.pieces(deferred, &mut pieces)?;
        match pieces.pop() {
            Some(Piece::Node(node)) if pieces.is_empty() => return Ok(node),
            Some(Piece::Name(name)) if pieces.is_empty() => return Ok(reference(&name)),
            last => pieces.extend(last),
        }
        Ok(substitution(pieces))
    }

    fn pieces(&self, deferred: &Deferred, pieces: &mut Vec<Piece>) -> Result<(), Failure> {
        match deferred {
            Deferred::Attribute { resource, attribute, .. } => {
                let Some(resource) = self.assembled.get(resource) else {
                    let words = std::iter::once(&resource.resource).chain(resource.items.iter());
                    let words: Vec<&str> = words.map(|word| &**word).collect();
                    let id = logical_id(&words);
                    return Err(Failure::new(format!("a reference to `{id}`, which is not there")));
                };
                pieces.push(Piece::Name(match &**attribute {
                    "Ref" => resource.address.clone(),
                    attribute => format!("{}.{attribute}", resource.address),
                }));
            }
            Deferred::Lookup { lookup, arguments } => self.lookup(lookup, arguments, pieces)?,
            Deferred::Join(parts) => {
                for part in parts {
                    self.text(part, pieces)?;
                }
            }
            Deferred::Json(value) => self.json(value, pieces)?,
            Deferred::Targets { cloudformation, .. } => self.text(cloudformation, pieces)?,
            Deferred::ContentHash(_) => {}
        }
        Ok(())
    }

    fn text(&self, part: &Value, pieces: &mut Vec<Piece>) -> Result<(), Failure> {
        match &part.data {
            Data::Text(text) => push_text(pieces, text),
            Data::Deferred(deferred) => self.pieces(deferred, pieces)?,
            _ => {}
        }
        Ok(())
    }

    fn lookup(&self, name: &str, arguments: &Map, pieces: &mut Vec<Piece>) -> Result<(), Failure> {
        let Some(lookup) = self.stack.catalog.lookup(name) else {
            return Err(Failure::new(format!("there is no lookup `{name}`")));
        };
        let spell = |spelling| spelled(self.stack, spelling, arguments);
        if let Some(parameter) = spell(lookup.parameter.as_ref())?
            && let Some(map) = parameter.as_map()
        {
            let name = map.get("name").and_then(Value::as_str).unwrap_or_default();
            self.parameters.borrow_mut().insert(name.into(), map.clone());
        }
        let value = spell(lookup.cloudformation.as_ref())?.unwrap_or_default();
        match (value.as_str(), value.get("Ref").and_then(Value::as_str)) {
            // A dynamic reference is text that CloudFormation reads when it deploys.
            (Some(text), _) => push_text(pieces, text),
            (None, Some(name)) => pieces.push(Piece::Name(name.into())),
            (None, None) => pieces.push(Piece::Node(self.node(&value)?)),
        }
        Ok(())
    }

    /// JSON text: members sorted, as Terraform's `jsonencode` has them.
    fn json(&self, value: &Value, pieces: &mut Vec<Piece>) -> Result<(), Failure> {
        match &value.data {
            Data::List(list) => {
                push_text(pieces, "[");
                for (index, item) in list.iter().enumerate() {
                    push_text(pieces, if index > 0 { "," } else { "" });
                    self.json(item, pieces)?;
                }
                push_text(pieces, "]");
            }
            Data::Map(map) => {
                let mut members: Vec<_> = map.iter().collect();
                members.sort_by(|(one, _), (other, _)| one.text.cmp(&other.text));
                push_text(pieces, "{");
                for (index, (key, value)) in members.into_iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    push_text(pieces, &format!("{comma}{}:", json_string(&key.text)));
                    self.json(value, pieces)?;
                }
                push_text(pieces, "}");
            }
            Data::Text(text) => push_text(pieces, &json_string(text)),
            Data::Deferred(deferred) => {
                push_text(pieces, "\"");
                self.json_text(deferred, pieces)?;
                push_text(pieces, "\"");
            }
            Data::Boolean(boolean) => push_text(pieces, if *boolean { "true" } else { "false" }),
            Data::Integer(integer) => push_text(pieces, &integer.to_string()),
            Data::Float(float) => push_text(pieces, &float.to_string()),
            Data::Null | Data::Unit(_) => push_text(pieces, "null"),
        }
        Ok(())
    }

    /// A deferred value inside a JSON string: its texts are escaped, its references cannot be.
    fn json_text(&self, deferred: &Deferred, pieces: &mut Vec<Piece>) -> Result<(), Failure> {
        let mut inner = vec![];
        self.pieces(deferred, &mut inner)?;
        for piece in inner {
            match piece {
                Piece::Text(text) => push_text(pieces, json_string(&text).trim_matches('"')),
                piece => pieces.push(piece),
            }
        }
        Ok(())
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text.into())),
    }
}

fn reference(name: &str) -> Node {
    let tag = if name.contains('.') { "!GetAtt" } else { "!Ref" };
    Node::Tagged(tag, Box::new(Node::Text(name.into())))
}

/// A text where nothing is referred to, else `!Sub`.
fn substitution(pieces: Vec<Piece>) -> Node {
    let plain = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
    let mut text = String::new();
    let mut variables = vec![];
    for piece in pieces {
        match piece {
            Piece::Text(piece) if plain => text.push_str(&piece),
            Piece::Text(piece) => text.push_str(&piece.replace("${", "${!")),
            Piece::Name(name) => _ = write!(text, "${{{name}}}"),
            Piece::Node(node) => {
                let name = format!("Value{}", variables.len() + 1);
                _ = write!(text, "${{{name}}}");
                variables.push(Entry::new(name, node));
            }
        }
    }
    if plain {
        return Node::Text(text);
    }
    let text = Node::Text(text);
    Node::Tagged(
        "!Sub",
        Box::new(if variables.is_empty() {
            text
        } else {
            Node::List(vec![text, Node::Map(variables)])
        }),
    )
}

/// The short form of a function's name.
fn tag(name: &str) -> Option<&'static str> {
    Some(match name {
        "Ref" => "!Ref",
        "Fn::GetAtt" => "!GetAtt",
        "Fn::GetAZs" => "!GetAZs",
        "Fn::Join" => "!Join",
        "Fn::Select" => "!Select",
        "Fn::Split" => "!Split",
        "Fn::Sub" => "!Sub",
        _ => return None,
    })
}
