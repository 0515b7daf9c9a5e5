//! Lookups as a target spells them.

use crate::derive::Stack;
use crate::expression::{Expression, Failure, Found, Scope};
use crate::value::{Map, UnitId, Value};

/// What a lookup's spelling may read: its own arguments, and the stack.
struct Arguments<'s, 'a> {
    arguments: &'s Map,
    stack: &'s Stack<'a>,
}

impl Scope for Arguments<'_, '_> {
    fn lookup(&self, root: &str, member: Option<&str>) -> Result<Found, Failure> {
        if let ("stack", Some(member)) = (root, member) {
            let value = self.stack.stack_member(member).unwrap_or_default();
            return Ok(Found { value, took_member: true });
        }
        let value = self.arguments.get(root).cloned().unwrap_or_default();
        Ok(Found { value, took_member: false })
    }

    fn member(&self, _: UnitId, name: &str) -> Result<Value, Failure> {
        Err(Failure::new(format!("there is no `{name}` here")))
    }
}

/// The value of a lookup's spelling for these arguments.
pub fn spelled(
    stack: &Stack<'_>,
    spelling: Option<&Expression>,
    arguments: &Map,
) -> Result<Option<Value>, Failure> {
    spelling.map(|spelling| spelling.evaluate(&Arguments { arguments, stack })).transpose()
}
