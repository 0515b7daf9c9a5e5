//! What is deployed of a fleet: a template whose one resource carries the stack's own template to
//! accounts and regions.

use super::document::{Template, text};
use super::spell::Speller;
use super::{capabilities, template_key};
use crate::assemble::{Assembled, without_nulls};
use crate::derive::Stack;
use crate::expression::{self, Failure, Found, Scope};
use crate::value::{Map, UnitId, Value};
use crate::yaml::print::{Entry, Node, print};
use std::cell::RefCell;

/// Prints that template, as `catalog/deploy.yaml` says what is in it.
pub fn stack_set(
    stack: &Stack<'_>,
    assembled: &Assembled,
    template: &Template,
    header: &[String],
) -> Result<String, Failure> {
    let deploy = stack.catalog.data("deploy");
    let resource = expression::tree(deploy.get("stack_set").unwrap_or(&Value::NULL))?;
    let resource = resource.evaluate(&Known { stack, names: names(stack, assembled, template) })?;
    let resource = without_nulls(&resource).unwrap_or_default();
    let speller = Speller { stack, assembled, parameters: RefCell::default() };
    let one = |key: &str, value| Node::Map(vec![Entry::new(key, value)]);
    let asked = |(name, purpose): &(String, String)| {
        let said = vec![
            Entry::new("Type", text("String")),
            Entry::new("Description", text(purpose.as_str())),
        ];
        Entry::new(name, Node::Map(said))
    };
    let description = format!("Carries {} to its accounts and regions", stack_name(stack));
    let mut sections = vec![
        Entry::new("AWSTemplateFormatVersion", text("2010-09-09")),
        Entry::new("Description", text(description)),
    ];
    if !template.parameters.is_empty() {
        let asked = template.parameters.iter().map(asked).collect();
        sections.push(Entry::new("Parameters", Node::Map(asked)));
    }
    sections.push(Entry::new("Resources", one("StackSet", speller.node(&resource)?)));
    for section in &mut sections[2..] {
        section.blank_before = true;
    }
    Ok(print(&Node::Map(sections), header))
}

fn stack_name<'a>(stack: &'a Stack<'_>) -> &'a str {
    &stack.resolved.envelope.stack_name
}

/// What the resource may say of this fleet.
fn names(stack: &Stack<'_>, assembled: &Assembled, template: &Template) -> Map {
    let envelope = &stack.resolved.envelope;
    let list =
        |words: Vec<&str>| Value::from(words.into_iter().map(Value::from).collect::<Vec<_>>());
    let capabilities = capabilities(stack, assembled);
    let asked = template.parameters.iter().map(|(name, _)| &**name).collect();
    let bucket = envelope.artifacts.as_ref().map(|to| to.bucket_in(&envelope.region));
    let said = envelope.fleet.as_ref().map(|fleet| fleet.said.clone());
    let description = envelope.description.as_deref().unwrap_or(&envelope.prefix);
    Map::from_iter([
        ("deploy", said.unwrap_or_default().into()),
        ("stack_name", Value::from(stack_name(stack))),
        ("description", Value::from(description)),
        ("capabilities", list(capabilities.iter().map(|one| &**one).collect())),
        ("asked", list(asked)),
        ("bucket", Value::from(bucket.unwrap_or_default())),
        ("template_key", Value::from(template_key(envelope, &template.text))),
        ("tags", envelope.tags.clone().into()),
    ])
}

struct Known<'s, 'a> {
    stack: &'s Stack<'a>,
    names: Map,
}

impl Scope for Known<'_, '_> {
    fn lookup(&self, root: &str, member: Option<&str>) -> Result<Found, Failure> {
        let value = match (root, member) {
            ("stack", Some(member)) => self.stack.stack_member(member).unwrap_or_default(),
            ("aws", Some(member)) => Value::lookup(member),
            _ => {
                let value = self.names.get(root).cloned().unwrap_or_default();
                return Ok(Found { value, took_member: false });
            }
        };
        Ok(Found { value, took_member: true })
    }

    fn member(&self, _: UnitId, name: &str) -> Result<Value, Failure> {
        Err(Failure::new(format!("there is no `{name}` here")))
    }
}
