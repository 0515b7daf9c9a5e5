//! The normal form of permission statements, and the documents that hold them.

use crate::value::{Data, Deferred, Key, Map, Origin, Value};

/// The version of the language that policy documents are written in.
const LANGUAGE: &str = "2012-10-17";

/// What a statement may say.
const KNOWN: [&str; 6] = ["sid", "effect", "principal", "actions", "resources", "conditions"];

/// What a statement that somebody grants carries along, for people: `readings.read`.
pub const GRANTED_BY: &str = "granted_by";

/// One statement: who may do, or must not do, what to what.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its name within the document, or null.
    pub sid: Value,
    /// `Allow` or `Deny`.
    pub effect: Value,
    /// Who, in resource policies; null in identity policies.
    pub principal: Value,
    /// What is done: sorted, each once.
    pub actions: Vec<Value>,
    /// To what.
    pub resources: Vec<Value>,
    /// Under which conditions; null without any.
    pub conditions: Value,
}

impl Statement {
    /// Reads a statement as catalogs spell it.
    ///
    /// An unknown member, or one of a wrong type, is an error that says so.
    pub fn read(value: &Value) -> Result<Self, String> {
        let Some(map) = value.as_map() else {
            return Err(format!("a statement is a mapping, not {}", value.type_name()));
        };
        let known = |name: &str| KNOWN.contains(&name) || name == GRANTED_BY;
        if let Some(unknown) = map.names().find(|name| !known(name)) {
            return Err(format!("a statement has no `{unknown}`; it has {}", KNOWN.join(", ")));
        }
        let member = |name| map.get(name).cloned().unwrap_or_default();
        let list = |name| match map.get(name) {
            None | Some(Value { data: Data::Null, .. }) => Ok(vec![]),
            Some(value) => match value.as_list() {
                Some(list) => Ok(list.to_vec()),
                None => Err(format!("`{name}` is a list, not {}", value.type_name())),
            },
        };
        let effect = member("effect");
        Ok(Self {
            sid: member("sid"),
            effect: if effect.is_null() { "Allow".into() } else { effect },
            principal: without_nulls(&member("principal")),
            actions: sorted(list("actions")?),
            resources: distinct(list("resources")?),
            conditions: without_nulls(&member("conditions")),
        })
    }

    /// Whether both say the same of everything but the actions.
    fn joins(&self, other: &Self) -> bool {
        self.sid == other.sid
            && self.effect == other.effect
            && self.principal == other.principal
            && self.resources == other.resources
            && self.conditions == other.conditions
    }

    fn document(&self) -> Value {
        let members = [
            ("Sid", self.sid.clone()),
            ("Effect", self.effect.clone()),
            ("Principal", self.principal.clone()),
            ("Action", self.actions.clone().into()),
            ("Resource", self.resources.clone().into()),
            ("Condition", self.conditions.clone()),
        ];
        let empty = |value: &Value| value.is_null() || value.as_list().is_some_and(<[_]>::is_empty);
        members.into_iter().filter(|(_, value)| !empty(value)).collect::<Map>().into()
    }
}

/// Reads a list of statements; those that differ in their actions alone become one.
pub fn statements(list: &Value) -> Result<Vec<Statement>, String> {
    let Some(items) = list.as_list() else {
        return Err(format!("statements are a list, not {}", list.type_name()));
    };
    let mut all: Vec<Statement> = vec![];
    for item in items {
        let statement = Statement::read(item)?;
        match all.iter_mut().find(|other| other.joins(&statement)) {
            Some(other) => {
                other.actions.extend(statement.actions);
                other.actions = sorted(std::mem::take(&mut other.actions));
            }
            None => all.push(statement),
        }
    }
    Ok(all)
}

/// A policy document that holds the statements. It names resources and uses none, so whoever holds
/// it need not wait until they are ready.
pub fn document(list: &Value) -> Result<Value, String> {
    let statements: Vec<Value> =
        statements(list)?.iter().map(|statement| named_alone(&statement.document())).collect();
    let origin = list.as_list().map(Origin::of).unwrap_or_default();
    let members = [("Version", Value::from(LANGUAGE)), ("Statement", statements.into())];
    Ok(Value::from(Map::from_iter(members)).from_origin(origin))
}

fn named_alone(value: &Value) -> Value {
    value.rewritten(&|deferred| match deferred {
        Deferred::Attribute { resource, attribute, .. } => {
            let (resource, attribute) = (resource.clone(), attribute.clone());
            Some(Deferred::Attribute { resource, attribute, ready: [].into() }.into())
        }
        _ => None,
    })
}

fn sorted(mut texts: Vec<Value>) -> Vec<Value> {
    texts.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    texts.dedup();
    texts
}

fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut seen: Vec<Value> = vec![];
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// The tree without nulls, and without the mappings that nulls alone left empty.
fn without_nulls(value: &Value) -> Value {
    let Some(map) = value.as_map() else { return value.clone() };
    let members = map.iter().map(|(key, value)| (key.clone(), without_nulls(value)));
    let members: Vec<(Key, Value)> = members.filter(|(_, value)| !value.is_null()).collect();
    if members.is_empty() {
        return Value::NULL;
    }
    Value::from(Map(members)).from_origin(value.origin.clone())
}
