//! Statements: permissions that a unit states, and those that others grant to it.

use super::{Stack, Unit};
use crate::diagnostic::did_you_mean;
use crate::expression::Failure;
use crate::policy::GRANTED_BY;
use crate::value::{Data, Map, Value};
use std::sync::Arc;

impl Stack<'_> {
    /// Puts the statements of a grant in the place of each item that names one.
    pub(super) fn statements(&self, unit: &Unit, list: &Value) -> Result<Value, Failure> {
        let Some(items) = list.as_list() else {
            let message = format!("statements are a list, not {}", list.type_name());
            return Err(Failure::new(message));
        };
        let mut all = vec![];
        for item in items {
            match (item.as_map(), item.get("grant").and_then(Value::as_str)) {
                (Some(map), Some(grant)) => all.extend(self.granted(unit, map, grant)?),
                _ => all.push(item.clone()),
            }
        }
        Ok(Value::from(all).from_origin(list.origin.clone()))
    }

    /// The statements of a grant of the component that `provider` is; none where it is null.
    fn granted(&self, unit: &Unit, item: &Map, grant: &str) -> Result<Vec<Value>, Failure> {
        let provider = item.get("provider").cloned().unwrap_or_default();
        let with = item.get("with").cloned().unwrap_or_else(|| Map::default().into());
        match &provider.data {
            Data::Null => Ok(vec![]),
            Data::Unit(id) => {
                let provider = self.unit(*id);
                let statements = self.grant(&provider, grant, &with)?;
                let by = format!("{}.{grant}", self.name(&provider));
                let statements = statements.as_list().unwrap_or_default().iter();
                Ok(statements.map(|statement| granted_by(statement, &by)).collect())
            }
            _ => {
                let what = provider.type_name();
                Err(Failure::new(format!(
                    "`{}`: a grant is given by a component, not by {what}",
                    self.name(unit)
                )))
            }
        }
    }

    fn grant(&self, provider: &Unit, name: &str, with: &Value) -> Result<Value, Failure> {
        if self.component(provider).broken {
            return Err(super::told());
        }
        let grants = &provider.kind.grants;
        let Some((_, statements)) = grants.iter().find(|(key, _)| *key.text == *name) else {
            let near = did_you_mean(name, grants.iter().map(|(key, _)| &*key.text));
            let near = near.unwrap_or_default();
            let message = format!("`{}` has no grant `{name}` {near}", provider.kind.name);
            return Err(Failure::new(message));
        };
        let with = with_nulls(with, statements);
        let bound = [(Arc::from("with"), with)];
        let value = self.evaluate_with(provider, &bound, statements)?;
        self.statements(provider, &value)
    }
}

/// A statement that remembers who grants it.
fn granted_by(statement: &Value, by: &str) -> Value {
    let Some(map) = statement.as_map() else { return statement.clone() };
    let mut map = map.clone();
    map.set(GRANTED_BY, Value::from(by));
    Value::from(map).from_origin(statement.origin.clone())
}

/// An argument that a grant reads and nobody gave is null.
fn with_nulls(with: &Value, statements: &crate::expression::Expression) -> Value {
    let mut given = with.as_map().cloned().unwrap_or_default();
    for path in statements.paths() {
        if let [root, name, ..] = path.as_slice()
            && **root == *"with"
            && given.get(name).is_none()
        {
            given.set(name.clone(), Value::NULL);
        }
    }
    given.into()
}
