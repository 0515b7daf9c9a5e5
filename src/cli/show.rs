//! `formwork show`: a resolved blueprint, each value with where it came from.

use super::input::{Input, beside};
use super::terminal::Terminal;
use super::{Exit, Failure, Format};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::generate;
use crate::resolve::{Component, Resolved};
use crate::value::{Data, Deferred, Map, Origin, Value};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  formwork show plant.yaml --env prod\n  \
    formwork show plant.yaml --env prod components.readings.retention_hours")]
pub(super) struct Options {
    /// A blueprint, or - for standard input
    file: PathBuf,
    /// Only this value, as in `components.readings.retention_hours`
    path: Option<String>,
    /// The environment; needed where there are several
    #[arg(long, value_name = "ENVIRONMENT")]
    env: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// A value with its path, and who wrote it.
struct Row {
    path: String,
    value: Json,
    origin: String,
}

pub(super) fn run(options: &Options, input: &Input, terminal: &Terminal) -> Result<Exit, Failure> {
    let files = Input::blueprints(std::slice::from_ref(&options.file))?;
    let [file] = files.as_slice() else { return Err("show takes one blueprint".into()) };
    let blueprint = match &file.parsed {
        Ok(blueprint) => blueprint,
        Err(findings) => return Ok(found(terminal, findings)),
    };
    let environment = environment(&blueprint.stacks(), options.env.as_deref())?;
    let session = input.session(None);
    let read = beside(&file.path);
    let resolved = generate::resolved(&session, blueprint, environment.as_ref(), &read);
    let (resolved, findings) = match resolved {
        Ok(resolved) => resolved,
        Err(findings) => return Ok(found(terminal, &findings)),
    };
    let rows = rows(&resolved, blueprint, environment.as_ref());
    let rows = narrowed(rows, options.path.as_deref())?;
    Terminal::print(&printed(&rows, options.format))?;
    Ok(found(terminal, &findings))
}

fn found(terminal: &Terminal, findings: &[Diagnostic]) -> Exit {
    terminal.findings(findings);
    if findings.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine }
}

/// The environment that is meant; with several, it must be said.
pub(super) fn environment(
    stacks: &[Option<Arc<str>>],
    wanted: Option<&str>,
) -> Result<Option<Arc<str>>, Failure> {
    let names: Vec<&str> = stacks.iter().flatten().map(|name| &**name).collect();
    match (wanted, stacks) {
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(format!("say which environment with --env: {}", names.join(", "))),
        (Some(wanted), _) => match names.iter().find(|name| **name == wanted) {
            Some(name) => Ok(Some((*name).into())),
            None if names.is_empty() => Err("the blueprint has no environments".into()),
            None => {
                let near = did_you_mean(wanted, names.iter().copied());
                let help = near.unwrap_or_else(|| format!("there are {}", names.join(", ")));
                Err(format!("there is no environment `{wanted}`: {help}"))
            }
        },
    }
}

fn rows(
    resolved: &Resolved,
    blueprint: &crate::blueprint::Blueprint,
    environment: Option<&Arc<str>>,
) -> Vec<Row> {
    let mut rows = vec![];
    if let Ok(variant) = blueprint.variant(environment) {
        let envelope = variant.document.as_map().cloned().unwrap_or_default();
        for (key, value) in envelope.iter().filter(|(key, _)| &*key.text != "components") {
            push(&mut rows, resolved, &key.text, value, "");
        }
    }
    for component in &resolved.components {
        let path = format!("components.{}", component.name());
        let kind = &component.kind.name;
        let word = if component.implied { "implied".into() } else { place(&component.key) };
        rows.push(Row { path: format!("{path}.kind"), value: json!(**kind), origin: word });
        for (key, value) in said(component).iter() {
            push(&mut rows, resolved, &format!("{path}.{}", key.text), value, kind);
        }
    }
    rows
}

fn place(key: &crate::value::Key) -> String {
    key.span.as_ref().map_or(String::new(), ToString::to_string)
}

/// What a component says, its parameters as they were settled.
fn said(component: &Component) -> Map {
    let mut said = Map::default();
    for (key, value) in component.document.iter().filter(|(key, _)| &*key.text != "kind") {
        if component.kind.parameter(&key.text).is_none() {
            said.0.push((key.clone(), value.clone()));
        }
    }
    said.0.extend(component.settled.parameters.0.iter().cloned());
    said
}

fn push(rows: &mut Vec<Row>, resolved: &Resolved, path: &str, value: &Value, kind: &str) {
    match &value.data {
        Data::Map(map) if !map.is_empty() => {
            for (key, value) in map.iter() {
                push(rows, resolved, &format!("{path}.{}", key.text), value, kind);
            }
        }
        _ => {
            let origin = match &value.origin {
                Origin::Default(_) if matches!(value.data, Data::Unit(_)) => {
                    "bound by itself".into()
                }
                Origin::Default(_) => format!("default of {kind}"),
                origin => origin.spans().first().map_or_else(String::new, ToString::to_string),
            };
            rows.push(Row { path: path.into(), value: json_of(resolved, value), origin });
        }
    }
}

fn json_of(resolved: &Resolved, value: &Value) -> Json {
    match &value.data {
        Data::Null => Json::Null,
        Data::Boolean(boolean) => json!(boolean),
        Data::Integer(integer) => json!(integer),
        Data::Float(float) => json!(float),
        Data::Text(text) => json!(**text),
        Data::List(list) => list.iter().map(|value| json_of(resolved, value)).collect(),
        Data::Map(map) => {
            let members =
                map.iter().map(|(key, value)| (key.text.to_string(), json_of(resolved, value)));
            Json::Object(members.collect())
        }
        Data::Unit(unit) => json!(resolved.component(*unit).map(|component| &**component.name())),
        Data::Deferred(deferred) => match &**deferred {
            Deferred::Lookup { arguments, .. } => {
                let written =
                    arguments.iter().filter(|(key, _)| !["type", "used_for"].contains(&&*key.text));
                let members =
                    written.map(|(key, value)| (key.text.to_string(), json_of(resolved, value)));
                Json::Object(members.collect())
            }
            _ => Json::Null,
        },
    }
}

fn narrowed(rows: Vec<Row>, path: Option<&str>) -> Result<Vec<Row>, Failure> {
    let Some(path) = path else { return Ok(rows) };
    let below = format!("{path}.");
    let (kept, others): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| row.path == path || row.path.starts_with(&below));
    if kept.is_empty() {
        let known = others.iter().map(|row| &*row.path);
        let near = did_you_mean(path, known).unwrap_or_default();
        return Err(format!("there is no `{path}` {near}").trim_end().into());
    }
    Ok(kept)
}

fn printed(rows: &[Row], format: Format) -> String {
    if format == Format::Json {
        let row = |row: &Row| json!({"path": row.path, "value": row.value, "origin": row.origin});
        let values: Vec<Json> = rows.iter().map(row).collect();
        return format!("{:#}\n", json!({"version": 1, "values": values}));
    }
    let texts: Vec<String> = rows
        .iter()
        .map(|row| match &row.value {
            Json::String(text) if text.lines().count() < 2 => format!("{} = {text}", row.path),
            value => format!("{} = {value}", row.path),
        })
        .collect();
    let width = texts.iter().map(|text| text.chars().count()).filter(|w| *w < 72).max();
    let width = width.unwrap_or_default();
    let mut out = String::new();
    for (text, row) in texts.iter().zip(rows) {
        let _ = writeln!(out, "{}", format!("{text:width$}   {}", row.origin).trim_end());
    }
    out
}
