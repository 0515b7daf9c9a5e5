//! The template of a stack.

use super::spell::{Parameters, Speller};
use crate::assemble::{Assembled, Protection, Resource, logical_id};
use crate::catalog::Holds;
use crate::derive::Stack;
use crate::expression::Failure;
use crate::provider::TagStyle;
use crate::value::{Map, Target, Value};
use crate::yaml::print::{Entry, Node, print};
use std::cell::RefCell;

/// The metadata that tells a reader, or a tool, why something is there.
const CONTEXT: &str = "com.aws.cloudformation.Context";

/// A template.
#[derive(Debug)]
pub struct Template {
    /// Its text.
    pub text: String,
    /// Its parameters that have no default: names and descriptions.
    pub parameters: Vec<(String, String)>,
}

/// Prints the template of a stack.
pub fn template(
    stack: &Stack<'_>,
    assembled: &Assembled,
    header: &[String],
) -> Result<Template, Failure> {
    let speller = Speller { stack, assembled, parameters: RefCell::default() };
    let mut resources = vec![];
    for (index, resource) in assembled.resources.iter().enumerate() {
        let first = index == 0 || assembled.resources[index - 1].component != resource.component;
        let mut entry = Entry::new(&resource.address, self::resource(&speller, resource)?);
        entry.comment = first.then(|| about(stack, resource));
        entry.blank_before = first && index > 0;
        resources.push(entry);
    }
    let outputs = outputs(stack, &speller)?;
    let envelope = &stack.resolved.envelope;
    let description = envelope.description.as_deref().unwrap_or(&envelope.prefix);
    let kinds: Vec<&str> = stack.resolved.components.iter().map(|one| &*one.kind.name).collect();
    let parameters = speller.parameters.borrow();
    let mut sections = vec![
        Entry::new("AWSTemplateFormatVersion", Node::Text("2010-09-09".into())),
        Entry::new("Description", Node::Text(description.chars().take(1024).collect())),
        Entry::new("Metadata", context("arch", &distinct(&kinds))),
    ];
    sections.extend(account_rule(envelope.account.as_deref()));
    if !parameters.is_empty() {
        sections.push(Entry::new("Parameters", declared(&speller, &parameters)?));
    }
    sections.push(Entry::new("Resources", Node::Map(resources)));
    if !outputs.is_empty() {
        sections.push(Entry::new("Outputs", Node::Map(outputs)));
    }
    for section in &mut sections[2..] {
        section.blank_before = true;
    }
    let asked = parameters.iter().filter(|(_, parameter)| parameter.get("default").is_none());
    Ok(Template {
        parameters: asked.map(|(name, one)| (name.clone(), described(one))).collect(),
        text: print(&Node::Map(sections), header),
    })
}

fn described(parameter: &Map) -> String {
    parameter.get("description").and_then(Value::as_str).unwrap_or_default().into()
}

/// What stands above a component's first resource; why each is there stands in its metadata.
fn about(stack: &Stack<'_>, resource: &Resource) -> String {
    let component = stack.component(&stack.unit(resource.id.unit));
    let purpose = component.description.as_deref().unwrap_or(&component.kind.summary);
    format!("components.{} ({}): {purpose}", component.name(), component.kind.name)
}

fn distinct(kinds: &[&str]) -> String {
    let mut seen: Vec<&str> = vec![];
    for kind in kinds {
        if !seen.contains(kind) {
            seen.push(kind);
        }
    }
    seen.join(", ")
}

pub(super) fn text(text: impl Into<String>) -> Node {
    Node::Text(text.into())
}

fn map(entries: impl IntoIterator<Item = (&'static str, Node)>) -> Node {
    Node::Map(entries.into_iter().map(|(key, node)| Entry::new(key, node)).collect())
}

fn context(key: &'static str, what: &str) -> Node {
    map([(CONTEXT, map([(key, text(what))]))])
}

/// Refuses a deployment to any other account before anything is created.
fn account_rule(account: Option<&str>) -> Option<Entry> {
    let account = account?;
    let here = Node::Tagged("!Ref", Box::new(text("AWS::AccountId")));
    let equals = Node::List(vec![here, text(account)]);
    let assertion = map([
        ("Assert", Node::Tagged("!Equals", Box::new(equals))),
        ("AssertDescription", text(format!("This stack belongs to account {account}"))),
    ]);
    let rule = map([("Assertions", Node::List(vec![assertion]))]);
    Some(Entry::new("Rules", map([("Account", rule)])))
}

fn declared(speller: &Speller<'_, '_>, parameters: &Parameters) -> Result<Node, Failure> {
    let mut entries = vec![];
    for (name, parameter) in parameters {
        let members = [("Type", "type"), ("Default", "default"), ("Description", "description")];
        let mut fields = vec![];
        for (key, member) in members {
            if let Some(value) = parameter.get(member).filter(|value| !value.is_null()) {
                fields.push(Entry::new(key, speller.node(value)?));
            }
        }
        entries.push(Entry::new(name, Node::Map(fields)));
    }
    Ok(Node::Map(entries))
}

fn resource(speller: &Speller<'_, '_>, resource: &Resource) -> Result<Node, Failure> {
    let mut entries = vec![Entry::new("Type", text(&resource.type_name))];
    if let Some(protection) = resource.protection {
        let (deletion, replacement) = policies(protection);
        entries.push(Entry::new("DeletionPolicy", text(deletion)));
        entries.push(Entry::new("UpdateReplacePolicy", text(replacement)));
    }
    let waits = resource.waits.iter().filter_map(|id| speller.assembled.get(id));
    let waits: Vec<Node> = waits.map(|other| text(&other.address)).collect();
    match <[Node; 1]>::try_from(waits) {
        Ok([one]) => entries.push(Entry::new("DependsOn", one)),
        Err(waits) if waits.is_empty() => {}
        Err(waits) => entries.push(Entry::new("DependsOn", Node::List(waits))),
    }
    for (key, value) in resource.settings.iter() {
        entries.push(Entry::new(&*key.text, speller.node(value)?));
    }
    entries.push(Entry::new("Metadata", metadata(resource)));
    let properties = properties(speller, resource)?;
    if !properties.is_empty() {
        entries.push(Entry::new("Properties", Node::Map(properties)));
    }
    Ok(Node::Map(entries))
}

fn policies(protection: Protection) -> (&'static str, &'static str) {
    match (protection.protect, protection.holds) {
        (true, Holds::Snapshot) => ("Snapshot", "Snapshot"),
        (true, _) => ("RetainExceptOnCreate", "Retain"),
        (false, _) => ("Delete", "Delete"),
    }
}

/// Why the resource is there, and what judges must know.
fn metadata(resource: &Resource) -> Node {
    let mut entries = vec![Entry::new(CONTEXT, map([("why", text(&resource.why))]))];
    let (scanner, linter): (Vec<_>, Vec<_>) =
        resource.suppress.iter().partition(|(check, _)| check.starts_with("CKV"));
    if !scanner.is_empty() {
        let skip = |(check, reason): &(std::sync::Arc<str>, String)| {
            map([("id", text(&**check)), ("comment", text(reason))])
        };
        let skip = Node::List(scanner.into_iter().map(skip).collect());
        entries.push(Entry::new("checkov", map([("skip", skip)])));
    }
    if !linter.is_empty() {
        let ignored = linter.iter().map(|(check, _)| text(&**check)).collect();
        let config = map([("ignore_checks", Node::List(ignored))]);
        let reasons = linter.iter().map(|(_, reason)| reason.as_str()).collect::<Vec<_>>();
        let mut entry = Entry::new("cfn-lint", map([("config", config)]));
        entry.comment = Some(reasons.join("; "));
        entries.push(entry);
    }
    Node::Map(entries)
}

fn properties(speller: &Speller<'_, '_>, resource: &Resource) -> Result<Vec<Entry>, Failure> {
    let mut entries = vec![];
    for (key, value) in resource.properties.iter() {
        entries.push(Entry::new(&*key.text, speller.node(value)?));
    }
    let facts = speller.stack.catalog.provider(Target::CloudFormation).get(&resource.type_name);
    if let Some(tagging) = facts.and_then(crate::provider::ResourceType::tags)
        && !resource.tags.is_empty()
        && resource.properties.get(&tagging.property).is_none()
    {
        let tags = match tagging.style {
            TagStyle::Map => speller.map(&resource.tags)?,
            TagStyle::List => {
                let pair = |(key, value): (&crate::value::Key, &Value)| {
                    Ok(map([("Key", text(&*key.text)), ("Value", speller.node(value)?)]))
                };
                Node::List(resource.tags.iter().map(pair).collect::<Result<_, Failure>>()?)
            }
        };
        entries.push(Entry::new(&*tagging.property, tags));
    }
    Ok(entries)
}

/// What the stack tells whoever deployed it: every output of every component it generates.
fn outputs(stack: &Stack<'_>, speller: &Speller<'_, '_>) -> Result<Vec<Entry>, Failure> {
    let mut entries = vec![];
    for unit in stack.sound_components().filter(|unit| unit.given.is_none()) {
        for (name, value) in stack.told_outputs(&unit)?.iter() {
            let value = value.on(Target::CloudFormation);
            let node = match value.as_list() {
                Some(list) => Node::Tagged("!Join", Box::new(joined(speller, list)?)),
                None => speller.node(&value)?,
            };
            let id = logical_id(&[&stack.component(&unit).id, &name.text]);
            entries.push(Entry::new(id, map([("Value", node)])));
        }
    }
    Ok(entries)
}

fn joined(speller: &Speller<'_, '_>, list: &[Value]) -> Result<Node, Failure> {
    let items = list.iter().map(|item| speller.node(item)).collect::<Result<_, _>>()?;
    Ok(Node::List(vec![text(","), Node::List(items)]))
}
