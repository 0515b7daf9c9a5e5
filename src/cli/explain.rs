//! `formwork explain`: a rule's page, a kind, a parameter.

use super::input::Input;
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::catalog::{Catalog, Form, Kind, Schema, Sort};
use crate::diagnostic::{RULES, did_you_mean};
use crate::value::{Data, Value};
use std::fmt::Write as _;
use std::sync::Arc;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  formwork explain kinesis-stream\n  \
    formwork explain kinesis-stream.retention_hours\n  formwork explain shards-follow-mode")]
pub(super) struct Options {
    /// A rule, a kind, or a kind's parameter
    #[arg(value_name = "RULE|KIND|KIND.PARAMETER")]
    what: String,
}

pub(super) fn run(options: &Options, input: &Input) -> Result<Exit, Failure> {
    let catalog = &input.catalog;
    let what = options.what.as_str();
    let (kind, path) = what.split_once('.').unwrap_or((what, ""));
    if let Some(kind) = catalog.kind(Sort::Kind, kind) {
        let text = if path.is_empty() { about(&kind) } else { parameter(&kind, path)? };
        Terminal::print(&text)?;
        return Ok(Exit::Fine);
    }
    if let Some((_, page)) = catalog.file(&format!("docs/rules/{what}.md")) {
        Terminal::print(page)?;
        return Ok(Exit::Fine);
    }
    if let Some(text) = rule(catalog, what) {
        Terminal::print(&text)?;
        return Ok(Exit::Fine);
    }
    let pages = catalog.names("docs/rules/", ".md");
    let rules = RULES.iter().map(|rule| rule.name).chain(pages);
    let near = did_you_mean(what, catalog.kinds(Sort::Kind).into_iter().chain(rules));
    let help = near.unwrap_or_else(|| "`formwork list` shows every kind".into());
    Err(format!("there is no kind and no rule `{what}`: {help}"))
}

/// A rule without a page.
fn rule(catalog: &Catalog, name: &str) -> Option<String> {
    if let Some(rule) = crate::diagnostic::rule(name) {
        return Some(format!("# {}\n\n{} ({})\n", rule.name, rule.summary, rule.severity.word()));
    }
    let kinds = catalog.kinds(Sort::Kind).into_iter();
    let mut kinds = kinds.filter_map(|kind| catalog.kind(Sort::Kind, kind));
    kinds.find_map(|kind| {
        let rule = kind.rules.iter().find(|rule| *rule.name == *name)?;
        Some(format!("# {name}\n\nA rule of {} ({})\n", kind.name, rule.severity.word()))
    })
}

fn about(kind: &Kind) -> String {
    let mut text = format!("# {}\n\n{}\n", kind.name, kind.summary);
    if let Some(description) = &kind.description {
        let _ = write!(text, "\n{description}\n");
    }
    if !kind.offers.is_empty() {
        let _ = write!(text, "\nOffers: {}\n", kind.offers.join(", "));
    }
    text.push_str("\n## Parameters\n\n");
    for (key, schema) in &kind.parameters {
        entry(&mut text, &key.text, schema, 0);
    }
    section(&mut text, "Outputs", kind.outputs.iter().map(|output| (&output.name.text, "")));
    section(&mut text, "Grants", kind.grants.iter().map(|(key, _)| (&key.text, "")));
    let alarms = kind.parts.iter().filter(|part| part.alarm);
    section(&mut text, "Alarms", alarms.map(|part| (&part.name.text, "")));
    let rules = kind.rules.iter().map(|rule| (&rule.name, rule.severity.word()));
    section(&mut text, "Rules", rules);
    for (key, example) in kind.examples.iter() {
        let example = serde_yaml::to_string(&plain(example)).unwrap_or_default();
        let example = if example == "{}\n" { "" } else { &example };
        let _ = write!(text, "\n## Example: {}\n\n```yaml\nkind: {}\n", key.text, kind.name);
        let _ = writeln!(text, "{example}```");
    }
    text
}

fn section<'a>(
    text: &mut String,
    title: &str,
    entries: impl Iterator<Item = (&'a Arc<str>, &'a str)>,
) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        let _ = write!(text, "\n## {title}\n\n");
    }
    for (name, more) in entries {
        let more = if more.is_empty() { String::new() } else { format!(" ({more})") };
        let _ = writeln!(text, "- `{name}`{more}");
    }
}

fn entry(text: &mut String, name: &str, schema: &Schema, depth: usize) {
    let indent = "  ".repeat(depth);
    let description = schema.description.as_deref().unwrap_or_default();
    let _ = writeln!(text, "{indent}- `{name}`: {}. {description}", facts(schema));
    let members = match &schema.form {
        Form::Object(properties) => properties,
        Form::Named { item, .. } => item,
        _ => return,
    };
    for (key, schema) in members {
        entry(text, &key.text, schema, depth + 1);
    }
}

fn facts(schema: &Schema) -> String {
    let mut facts = vec![schema.wants()];
    if !schema.allowed.is_empty() {
        facts.push(schema.allowed.iter().map(literal).collect::<Vec<_>>().join(" | "));
    }
    if let Form::Number { minimum, maximum, .. } = &schema.form {
        facts.extend(minimum.map(|least| format!("at least {least}")));
        facts.extend(maximum.map(|most| format!("at most {most}")));
    }
    match &schema.default {
        Some(default) => facts.push(format!("default {}", literal(default))),
        None if schema.required() => facts.push("required".into()),
        None => facts.push("optional".into()),
    }
    if schema.withheld {
        facts.push("set by the catalog alone".into());
    }
    if schema.deploy_time {
        facts.push("may be known only at deployment".into());
    }
    if let Some((target, reason)) = &schema.only_on {
        facts.push(format!("only on {target}: {reason}"));
    }
    facts.join("; ")
}

fn literal(value: &Value) -> String {
    match &value.data {
        Data::Text(text) => text.to_string(),
        Data::Integer(integer) => integer.to_string(),
        Data::Float(float) => float.to_string(),
        Data::Boolean(boolean) => boolean.to_string(),
        Data::Map(map) if map.is_empty() => "{}".into(),
        Data::List(list) => {
            format!("[{}]", list.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        _ => value.span().map_or_else(String::new, |span| span.text().trim().to_string()),
    }
}

/// A value without places, for the crate's own printer.
fn plain(value: &Value) -> serde_yaml::Value {
    use serde_yaml::Value as Yaml;
    match &value.data {
        Data::Boolean(boolean) => Yaml::Bool(*boolean),
        Data::Integer(integer) => Yaml::Number((*integer).into()),
        Data::Float(float) => Yaml::Number((*float).into()),
        Data::Text(text) => Yaml::String(text.to_string()),
        Data::List(list) => list.iter().map(plain).collect(),
        Data::Map(map) => {
            let members = map.iter().map(|(key, value)| (Yaml::from(&*key.text), plain(value)));
            Yaml::Mapping(members.collect())
        }
        Data::Null | Data::Unit(_) | Data::Deferred(_) => Yaml::Null,
    }
}

/// A parameter by its path below the kind.
fn parameter(kind: &Kind, path: &str) -> Result<String, Failure> {
    let mut properties = &kind.parameters;
    let mut found: Option<&Schema> = None;
    for step in path.split('.') {
        let Some((_, schema)) = properties.iter().find(|(key, _)| *key.text == *step) else {
            let near = did_you_mean(step, properties.iter().map(|(key, _)| &*key.text));
            let help =
                near.unwrap_or_else(|| format!("`formwork explain {}` lists them", kind.name));
            return Err(format!("`{}` has no parameter `{path}`: {help}", kind.name));
        };
        found = Some(schema);
        properties = match &schema.form {
            Form::Object(properties) => properties,
            Form::Named { item, .. } => item,
            _ => const { &Vec::new() },
        };
    }
    let mut text = format!("# {}.{path}\n\n", kind.name);
    if let Some(schema) = found {
        entry(&mut text, path.rsplit('.').next().unwrap_or(path), schema, 0);
    }
    Ok(text)
}
