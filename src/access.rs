//! Who may do what to what, and why: the permissions of every part that is given some.

use crate::assemble::Plain;
use crate::catalog::Form;
use crate::derive::Unit;
use crate::expression::{Failure, Scope};
use crate::policy::{GRANTED_BY, Statement};
use crate::value::Value;

/// What one role may do.
#[derive(Debug)]
pub struct Access {
    /// Its name for people: `archiver.delivery`.
    pub role: String,
    /// What it is for; nothing where it exists already.
    pub why: Option<String>,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Policies that it carries and that others keep: what they allow is not known here.
    pub carries: Vec<String>,
}

/// One statement, spelled for people.
#[derive(Debug)]
pub struct Permission {
    /// `Allow` or `Deny`.
    pub effect: String,
    /// What is done.
    pub actions: Vec<String>,
    /// To what.
    pub resources: Vec<String>,
    /// Under which conditions, as JSON.
    pub conditions: Option<serde_json::Value>,
    /// The grant that allows it, `readings.read`; none where the component states it itself.
    pub granted_by: Option<String>,
}

/// The access of every role of a stack, in the components' order.
pub fn access(plain: &Plain<'_, '_>) -> Result<Vec<Access>, Failure> {
    let stack = plain.stack;
    let mut all = vec![];
    for component in stack.sound_components() {
        for unit in stack.units_of(&component)? {
            let (permissions, carries) = (permissions(plain, &unit)?, carries(plain, &unit)?);
            if !permissions.is_empty() || !carries.is_empty() {
                let (role, why) = (stack.name(&unit), plain.why(&unit)?);
                all.push(Access { role, why, permissions, carries });
            }
        }
    }
    Ok(all)
}

fn carries(plain: &Plain<'_, '_>, unit: &Unit) -> Result<Vec<String>, Failure> {
    let Some(carries) = &unit.kind.carries else { return Ok(vec![]) };
    let policies = plain.stack.evaluate(unit, carries)?;
    let policies = policies.as_list().unwrap_or_default().iter();
    Ok(policies.map(|policy| plain.text(policy)).collect())
}

/// What the statements that a unit was given allow.
fn permissions(plain: &Plain<'_, '_>, unit: &Unit) -> Result<Vec<Permission>, Failure> {
    let parameters = unit.kind.parameters.iter();
    let stated = parameters.filter(|(_, schema)| matches!(schema.form, Form::Statements));
    let mut permissions = vec![];
    for (key, _) in stated {
        let value = plain.stack.scope(unit).lookup(&key.text, None)?.value;
        for statement in value.as_list().unwrap_or_default() {
            permissions.push(permission(plain, statement).map_err(Failure::new)?);
        }
    }
    Ok(permissions)
}

fn permission(plain: &Plain<'_, '_>, value: &Value) -> Result<Permission, String> {
    let statement = Statement::read(value)?;
    let texts = |values: &[Value]| values.iter().map(|value| plain.text(value)).collect();
    let conditions = Some(&statement.conditions).filter(|conditions| !conditions.is_null());
    Ok(Permission {
        effect: plain.text(&statement.effect),
        actions: texts(&statement.actions),
        resources: texts(&statement.resources),
        conditions: conditions.map(|conditions| plain.json(conditions)),
        granted_by: value.get(GRANTED_BY).map(|by| plain.text(by)),
    })
}
