//! Printing a template: text, and numbered tokens that stand for values.

use super::{Node, Template};
use crate::derive::{Stack, Unit, UnitScope, item_key};
use crate::expression::{Expression, Failure, items};
use crate::source::Span;
use crate::value::{Data, Deferred, ResourceId, Value};
use std::fmt::Write as _;
use std::sync::Arc;

/// What a template printed.
#[derive(Debug, Default)]
pub struct Printed {
    /// The text, with tokens.
    pub text: String,
    /// What the tokens stand for, by number.
    pub slots: Vec<Value>,
    /// Where in the template the text came from, each with the offset where it begins.
    places: Vec<(usize, Span)>,
}

impl Printed {
    /// The number of a token, if the text is one and nothing else.
    pub fn token(text: &str) -> Option<usize> {
        text.strip_prefix("slot_")?.strip_suffix('_')?.parse().ok()
    }

    /// The value of a token; text around a token is a template's mistake.
    pub fn value(&self, text: &str) -> Result<Option<&Value>, String> {
        match Self::token(text).and_then(|number| self.slots.get(number)) {
            Some(value) => Ok(Some(value)),
            None if text.contains("slot_") => {
                Err("a slot stands alone: join texts in the kind's file".into())
            }
            None => Ok(None),
        }
    }

    /// Where in the template a printed line came from.
    pub fn place(&self, line: usize) -> Option<Span> {
        let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let at = std::iter::once(0).chain(breaks).nth(line.saturating_sub(1)).unwrap_or_default();
        let (start, span) = self.places.iter().rev().find(|(start, _)| *start <= at)?;
        let below = self.text.get(*start..at).unwrap_or_default().matches('\n').count();
        Some(span.source.line(span.line_column().0 + below))
    }
}

/// Prints a unit's template; `id` spells a resource's id on the target.
pub fn render(
    template: &Template,
    stack: &Stack<'_>,
    unit: &Unit,
    id: &dyn Fn(&ResourceId) -> String,
) -> Result<Printed, Failure> {
    let mut rendering =
        Rendering { scope: stack.scope(unit), stack, id, printed: Printed::default() };
    rendering.nodes(&template.nodes)?;
    Ok(rendering.printed)
}

struct Rendering<'r, 'a> {
    scope: UnitScope<'r, 'a>,
    stack: &'r Stack<'a>,
    id: &'r dyn Fn(&ResourceId) -> String,
    printed: Printed,
}

impl Rendering<'_, '_> {
    fn evaluate(&self, path: &Expression) -> Result<Value, Failure> {
        path.evaluate(&self.scope)
    }

    fn nodes(&mut self, nodes: &[Node]) -> Result<(), Failure> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &Node) -> Result<(), Failure> {
        match node {
            Node::Text { text, place } => self.text(text, place),
            Node::Slot { path, place } => {
                let value = self.slot_value(path)?;
                self.slot(value, place);
            }
            Node::Json { path, place } => {
                let value = self.evaluate(path)?;
                let json = match value.data {
                    Data::Null => Value::NULL,
                    _ => Value::from(Deferred::Json(value.clone())).from_origin(value.origin),
                };
                self.slot(json, place);
            }
            Node::Id { resource, items, place } => {
                let id = self.resource(resource, items)?;
                self.text(&(self.id)(&id), place);
            }
            Node::If { path, negated, then, otherwise, place } => {
                let yes = self.condition(path, place)?;
                self.nodes(if yes == *negated { otherwise } else { then })?;
            }
            Node::Each { path, name, body, place } => self.each(path, name, body, place)?,
        }
        Ok(())
    }

    /// `resources.<word>.name` inside its own `each` is the name of that item.
    fn slot_value(&self, path: &Expression) -> Result<Value, Failure> {
        if let [path] = path.paths().as_slice()
            && let [root, word, name] = path.as_slice()
            && (&**root, &**name) == ("resources", "name")
            && let Some(emit) = self.scope.unit.kind.emit(word)
            && !emit.each.is_empty()
        {
            let bound = |name: &Arc<str>| {
                let mut inner = self.scope.bound.iter().rev();
                inner.find(|(bound, _)| bound == name).map(|(_, value)| value)
            };
            let items = emit.each.iter().filter_map(|(name, _)| bound(name));
            let items: Vec<Arc<str>> =
                items.map(|item| item_key(self.stack, item)).collect::<Result<_, _>>()?;
            for emitted in self.stack.emitted(&self.scope.unit)? {
                if emitted.resource.resource == *word && *emitted.resource.items == *items {
                    return self.stack.physical_name(&self.scope.unit, &emitted);
                }
            }
        }
        self.evaluate(path)
    }

    fn resource(&self, resource: &Arc<str>, items: &[Expression]) -> Result<ResourceId, Failure> {
        let keys = items.iter().map(|item| item_key(self.stack, &self.evaluate(item)?));
        Ok(ResourceId {
            unit: self.scope.unit.id,
            resource: resource.clone(),
            items: keys.collect::<Result<Vec<_>, _>>()?.into(),
        })
    }

    /// A boolean, or whether something is there. What is known only at deployment is there, but
    /// cannot be asked.
    fn condition(&self, path: &Expression, place: &Span) -> Result<bool, Failure> {
        let value = self.evaluate(path)?;
        match &value.data {
            Data::Boolean(boolean) => Ok(*boolean),
            Data::Null => Ok(false),
            Data::Deferred(deferred) if is_boolean_lookup(deferred) => {
                let message = "a boolean known only at deployment decides nothing here";
                Err(Failure::new(message).at(Some(place)))
            }
            _ => Ok(true),
        }
    }

    fn each(
        &mut self,
        path: &Expression,
        name: &Arc<str>,
        body: &[Node],
        place: &Span,
    ) -> Result<(), Failure> {
        let value = self.evaluate(path)?;
        if value.is_null() {
            return Ok(());
        }
        let all = items(&value)
            .map_err(|problem| Failure::new(format!("`each` {problem}")).at(Some(place)))?;
        for (_, item) in all {
            self.scope.bound.push((name.clone(), item));
            let printed = self.nodes(body);
            self.scope.bound.pop();
            printed?;
        }
        Ok(())
    }

    fn slot(&mut self, value: Value, place: &Span) {
        let mut token = String::new();
        let _ = write!(token, "slot_{}_", self.printed.slots.len());
        self.printed.slots.push(value);
        self.text(&token, place);
    }

    fn text(&mut self, text: &str, place: &Span) {
        self.printed.places.push((self.printed.text.len(), place.clone()));
        self.printed.text.push_str(text);
    }
}

fn is_boolean_lookup(deferred: &Deferred) -> bool {
    match deferred {
        Deferred::Lookup { arguments, .. } => {
            arguments.get("type").and_then(Value::as_str) == Some("boolean")
        }
        _ => false,
    }
}
