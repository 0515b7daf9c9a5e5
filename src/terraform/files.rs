//! The files of a stack.

use super::spell::{Declarations, Speller};
use crate::assemble::{Assembled, Resource};
use crate::blueprint::Envelope;
use crate::derive::Stack;
use crate::expression::Failure;
use crate::hcl::{Body, Content, Expression, Structure, print::print};
use crate::resolve::kebab;
use crate::value::{Data, Map, Target, Value, join};
use std::cell::RefCell;

/// The lowest provider that knows all that is generated, and the first that nobody has seen.
const PROVIDER: (&str, &str) = ("5.100", "7.0");
/// `removed` blocks without destruction are as old as this.
const TERRAFORM: &str = ">= 1.7";

/// Where a patch can only name something else in the configuration.
const REFERENCES: [&str; 3] =
    ["depends_on", "lifecycle.ignore_changes", "lifecycle.replace_triggered_by"];

/// What a Terraform folder holds.
#[derive(Debug)]
pub struct Folder {
    /// File names and texts.
    pub files: Vec<(String, String)>,
    /// The variables that have no default: names and descriptions.
    pub variables: Vec<(String, String)>,
}

/// Prints the files of a stack; `removed` are addresses that Terraform forgets.
pub fn folder(
    stack: &Stack<'_>,
    assembled: &Assembled,
    header: &[String],
    removed: &[String],
) -> Result<Folder, Failure> {
    let speller =
        Speller { stack, assembled, variables: RefCell::default(), data: RefCell::default() };
    let mut files = vec![];
    for component in &stack.resolved.components {
        let own = assembled.resources.iter().filter(|one| one.component == *component.name());
        let blocks = own.map(|resource| self::resource(&speller, resource));
        let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
        if !blocks.is_empty() {
            files.push((format!("{}.tf", component.name()), print(&Body(blocks), header)));
        }
    }
    let outputs = outputs(stack, &speller)?;
    let mut versions = versions(stack, &speller)?;
    versions.extend(removed.iter().map(|address| forget(address)));
    let mut declarations = variables(&speller.variables.borrow());
    declarations.extend(data_sources(&speller, &speller.data.borrow())?);
    for (name, blocks) in
        [("outputs.tf", outputs), ("variables.tf", declarations), ("versions.tf", versions)]
    {
        if !blocks.is_empty() {
            files.push((name.into(), print(&Body(blocks), header)));
        }
    }
    let asked = speller.variables.borrow();
    let asked = asked.iter().filter(|(_, variable)| variable.get("default").is_none());
    let variable = |((_, name), one): (&(String, String), &Map)| {
        let description = one.get("description").and_then(Value::as_str).unwrap_or_default();
        (name.clone(), description.to_string())
    };
    Ok(Folder { files, variables: asked.map(variable).collect() })
}

fn text(text: impl Into<String>) -> Expression {
    Expression::Text(text.into())
}

fn resource(speller: &Speller<'_, '_>, resource: &Resource) -> Result<Structure, Failure> {
    let mut structures = body(speller, resource, &resource.properties, "")?;
    if !resource.tags.is_empty() && resource.properties.get("tags").is_none() {
        let tags = speller.expression(&Value::from(resource.tags.clone()))?;
        structures.push(Structure::attribute("tags", tags));
    }
    let waits = resource.waits.iter().filter_map(|id| speller.assembled.get(id));
    let waits: Vec<Expression> =
        waits.map(|other| Expression::Traversal(other.full_address(Target::Terraform))).collect();
    if !waits.is_empty() {
        let waits = Structure::attribute("depends_on", Expression::List(waits));
        add_missing(&mut structures, vec![waits]);
    }
    lifecycle(resource, &mut structures);
    suppress(&mut structures, resource.suppress.iter().map(|(check, why)| (&**check, &**why)));
    let labels = vec![resource.type_name.clone(), resource.address.clone()];
    let why = format!("{} (components.{})", resource.why, resource.component);
    let block = Structure::block("resource", labels, Body(structures));
    Ok(Structure { comment: why.lines().map(String::from).collect(), ..block })
}

/// Says in a body what a judge is not to say of it: the judge reads comments above the first line.
fn suppress<'a>(body: &mut [Structure], findings: impl Iterator<Item = (&'a str, &'a str)>) {
    let Some(first) = body.first_mut() else { return };
    let here = findings.filter(|(check, _)| check.starts_with("CKV"));
    let line =
        |(check, why): (&str, &str)| format!("checkov:skip={check}:{}", why.replace('\n', " "));
    first.comment.splice(0..0, here.map(line));
}

/// Attributes and blocks of a body, in the template's order.
fn body(
    speller: &Speller<'_, '_>,
    resource: &Resource,
    map: &Map,
    path: &str,
) -> Result<Vec<Structure>, Failure> {
    let mut structures = vec![];
    for (key, value) in map.iter() {
        let below =
            if path.is_empty() { key.text.to_string() } else { format!("{path}.{}", key.text) };
        if !resource.blocks.contains(&below) {
            let value = speller.expression(value)?;
            let value = if REFERENCES.contains(&&*below) { referring(value) } else { value };
            structures.push(Structure::attribute(&*key.text, value));
            continue;
        }
        for block in value.as_list().unwrap_or_default() {
            let inner = block.as_map().cloned().unwrap_or_default();
            let inner = body(speller, resource, &inner, &below)?;
            structures.push(Structure::block(&*key.text, vec![], Body(inner)));
        }
    }
    Ok(structures)
}

/// Text here names what is referred to; Terraform warns of quotes around it.
fn referring(value: Expression) -> Expression {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-.[]".contains(letter);
    match value {
        Expression::Text(text)
            if text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.chars().all(is_part) =>
        {
            Expression::Traversal(text)
        }
        Expression::List(items) => Expression::List(items.into_iter().map(referring).collect()),
        other => other,
    }
}

/// What Terraform must not do, and what it must not mend.
fn lifecycle(resource: &Resource, structures: &mut Vec<Structure>) {
    let mut inner = vec![];
    if resource.by_content {
        inner.push(Structure::attribute("create_before_destroy", Expression::Boolean(true)));
    }
    if resource.protection.is_some_and(|protection| protection.protect) {
        inner.push(Structure::attribute("prevent_destroy", Expression::Boolean(true)));
    }
    if !resource.ignore.is_empty() {
        let paths = resource.ignore.iter().map(|(path, _)| Expression::Traversal(path.to_string()));
        let ignored = Structure::attribute("ignore_changes", Expression::List(paths.collect()));
        let reasons = resource.ignore.iter().map(|(path, reason)| format!("{path}: {reason}"));
        inner.push(Structure { comment: reasons.collect(), ..ignored });
    }
    if inner.is_empty() {
        return;
    }
    // A template, or a patch, may have a lifecycle of its own.
    let own = structures.iter_mut().find_map(|structure| match &mut structure.content {
        Content::Block(_, body) if structure.name == "lifecycle" => Some(body),
        _ => None,
    });
    match own {
        Some(body) => add_missing(&mut body.0, inner),
        None => structures.push(Structure::block("lifecycle", vec![], Body(inner))),
    }
}

/// Adds what a body does not say yet: Terraform takes an argument once. Lists are joined.
fn add_missing(body: &mut Vec<Structure>, more: Vec<Structure>) {
    for ours in more {
        let Some(theirs) = body.iter_mut().find(|theirs| theirs.name == ours.name) else {
            body.push(ours);
            continue;
        };
        let lists = (&mut theirs.content, ours.content);
        if let (Content::Value(Expression::List(items)), Content::Value(Expression::List(more))) =
            lists
        {
            let new: Vec<_> = more.into_iter().filter(|item| !items.contains(item)).collect();
            items.extend(new);
            theirs.comment.extend(ours.comment);
        }
    }
}

fn versions(stack: &Stack<'_>, speller: &Speller<'_, '_>) -> Result<Vec<Structure>, Failure> {
    let envelope = &stack.resolved.envelope;
    let since = stack.resolved.components.iter().flat_map(|one| &one.settled.since).max();
    let lowest = since.map_or(PROVIDER.0.to_string(), ToString::to_string);
    let bounds = format!(">= {lowest}, < {}", PROVIDER.1);
    let aws = Expression::Object(vec![
        (text("source"), text("hashicorp/aws")),
        (text("version"), text(bounds)),
    ]);
    let mut terraform = vec![
        Structure::attribute("required_version", text(TERRAFORM)),
        Structure::block(
            "required_providers",
            vec![],
            Body(vec![Structure::attribute("aws", aws)]),
        ),
    ];
    if let Some((kind, settings)) = envelope.backend_with_key() {
        let settings = settings_body(speller, &settings)?;
        terraform.push(Structure::block("backend", vec![kind.to_string()], settings));
    }
    let region = speller.expression(&Value::lookup("region"))?;
    let mut provider = vec![Structure::attribute("region", region)];
    if let Some(account) = account(envelope) {
        let accounts = Expression::List(vec![speller.expression(&account)?]);
        provider.push(Structure::attribute("allowed_account_ids", accounts));
    }
    if let Some(role) = envelope.fleet.as_ref().and_then(|fleet| fleet.role_arn.as_ref()) {
        let role = speller.expression(&in_account(role))?;
        let role = Body(vec![Structure::attribute("role_arn", role)]);
        provider.push(Structure::block("assume_role", vec![], role));
    }
    if !envelope.tags.is_empty() {
        let tags = speller.expression(&Value::from(envelope.tags.clone()))?;
        let tags = Body(vec![Structure::attribute("tags", tags)]);
        provider.push(Structure::block("default_tags", vec![], tags));
    }
    let own = settings_body(speller, &envelope.provider)?;
    provider.retain(|ours| !own.0.iter().any(|theirs| theirs.name == ours.name));
    provider.extend(own.0);
    Ok(vec![
        Structure::block("terraform", vec![], Body(terraform)),
        Structure::block("provider", vec!["aws".into()], Body(provider)),
    ])
}

/// The only account that is deployed to.
fn account(envelope: &Envelope) -> Option<Value> {
    let many = envelope.fleet.as_ref().is_some_and(|fleet| !fleet.accounts.is_empty());
    let one = envelope.account.as_deref().map(Value::from);
    one.or_else(|| many.then(|| Value::lookup("target_account")))
}

/// A text with `{account}` in it, in the account that is deployed to.
fn in_account(text: &str) -> Value {
    let (before, after) = text.split_once("{account}").unwrap_or((text, ""));
    join(vec![Value::from(before), Value::lookup("target_account"), Value::from(after)])
}

/// Settings as a user wrote them: a mapping is a block, and so is each mapping in a list.
fn settings_body(speller: &Speller<'_, '_>, settings: &Map) -> Result<Body, Failure> {
    let mut structures = vec![];
    for (key, value) in settings.iter() {
        let blocks = match &value.data {
            Data::Map(map) if &*key.text != "tags" => vec![&**map],
            Data::List(list) => list.iter().filter_map(Value::as_map).collect(),
            _ => vec![],
        };
        for block in &blocks {
            let body = settings_body(speller, block)?;
            structures.push(Structure::block(&*key.text, vec![], body));
        }
        if blocks.is_empty() && !value.is_null() {
            structures.push(Structure::attribute(&*key.text, speller.expression(value)?));
        }
    }
    Ok(Body(structures))
}

/// Terraform forgets what it no longer manages, and leaves it where it is.
fn forget(address: &str) -> Structure {
    let keep = Body(vec![Structure::attribute("destroy", Expression::Boolean(false))]);
    let body = Body(vec![
        Structure::attribute("from", Expression::Traversal(address.into())),
        Structure::block("lifecycle", vec![], keep),
    ]);
    let comment = vec!["Kept, and no longer managed here (removed)".to_string()];
    Structure { comment, ..Structure::block("removed", vec![], body) }
}

fn variables(variables: &Declarations) -> Vec<Structure> {
    let variable = |((_, name), declared): (&(String, String), &Map)| {
        let word = |member| declared.get(member).and_then(Value::as_str);
        let mut body = vec![];
        if let Some(description) = word("description") {
            body.push(Structure::attribute("description", text(description)));
        }
        let kind = word("type").unwrap_or("string").to_string();
        body.push(Structure::attribute("type", Expression::Traversal(kind)));
        if let Some(allowed) = declared.get("one_of").and_then(Value::as_list) {
            body.push(Structure::block("validation", vec![], one_of(name, allowed)));
        }
        Structure::block("variable", vec![name.clone()], Body(body))
    };
    variables.iter().map(variable).collect()
}

fn one_of(name: &str, allowed: &[Value]) -> Body {
    let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    let known = Expression::List(words.iter().map(|word| text(*word)).collect());
    let given = Expression::Traversal(format!("var.{name}"));
    Body(vec![
        Structure::attribute("condition", Expression::Call("contains".into(), vec![known, given])),
        Structure::attribute("error_message", text(format!("One of {}.", words.join(", ")))),
    ])
}

fn data_sources(speller: &Speller<'_, '_>, data: &Declarations) -> Result<Vec<Structure>, Failure> {
    let source = |((kind, name), declared): (&(String, String), &Map)| {
        let mut body = vec![];
        let members = |member| declared.get(member).and_then(Value::as_map).cloned();
        for (key, value) in members("arguments").unwrap_or_default().iter() {
            body.push(Structure::attribute(&*key.text, speller.expression(value)?));
        }
        for (key, value) in members("blocks").unwrap_or_default().iter() {
            let inner = value.as_map().cloned().unwrap_or_default();
            body.push(Structure::block(&*key.text, vec![], settings_body(speller, &inner)?));
        }
        let findings = members("suppress").unwrap_or_default();
        let findings =
            findings.iter().filter_map(|(check, why)| Some((&*check.text, why.as_str()?)));
        suppress(&mut body, findings);
        Ok(Structure::block("data", vec![kind.clone(), name.clone()], Body(body)))
    };
    data.iter().map(source).collect()
}

fn outputs(stack: &Stack<'_>, speller: &Speller<'_, '_>) -> Result<Vec<Structure>, Failure> {
    let mut blocks = vec![];
    for unit in stack.sound_components().filter(|unit| unit.given.is_none()) {
        for (name, value) in stack.told_outputs(&unit)?.iter() {
            let value = speller.expression(&value.on(Target::Terraform))?;
            let id = kebab(&stack.component(&unit).id).replace('-', "_");
            let body = Body(vec![Structure::attribute("value", value)]);
            blocks.push(Structure::block("output", vec![format!("{id}_{}", name.text)], body));
        }
    }
    Ok(blocks)
}
