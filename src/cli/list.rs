//! `formwork list`: architectures and kinds, or the matrix of stacks.

use super::generate::Run;
use super::input::Input;
use super::terminal::Terminal;
use super::{Exit, Failure, Format};
use crate::catalog::Sort;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  formwork list\n  formwork list --stacks blueprints --format json"
)]
pub(super) struct Options {
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// List the stacks of these blueprints instead
    #[arg(long, num_args = 1.., value_name = "FILE")]
    stacks: Vec<PathBuf>,
}

pub(super) fn run(options: &Options, input: &Input, terminal: &Terminal) -> Result<Exit, Failure> {
    if options.stacks.is_empty() {
        catalog(options, input)?;
        return Ok(Exit::Fine);
    }
    stacks(options, input, terminal)
}

/// The first comment of a blueprint that is not for editors.
fn about(text: &str) -> &str {
    let comments = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    { comments }.find(|line| !line.starts_with("yaml-language-server")).unwrap_or_default()
}

fn catalog(options: &Options, input: &Input) -> Result<(), Failure> {
    let names = input.catalog.names("blueprints/", ".yaml");
    let architectures: Vec<(String, String)> = names
        .into_iter()
        .filter_map(|name| {
            let (_, text) = input.catalog.file(&format!("blueprints/{name}.yaml"))?;
            Some((name.to_string(), about(text).to_string()))
        })
        .collect();
    let names = input.catalog.kinds(Sort::Kind);
    let kinds = names.into_iter().filter_map(|name| input.catalog.kind(Sort::Kind, name));
    let kinds: Vec<(String, String)> =
        kinds.map(|kind| (kind.name.to_string(), kind.summary.to_string())).collect();
    let text = match options.format {
        Format::Human => table("Architectures", &architectures) + "\n" + &table("Kinds", &kinds),
        Format::Json => {
            let entry =
                |(name, summary): &(String, String)| json!({"name": name, "summary": summary});
            let list = |entries: &[(String, String)]| entries.iter().map(entry).collect::<Vec<_>>();
            let json = json!({
                "version": 1, "architectures": list(&architectures), "kinds": list(&kinds),
            });
            format!("{json:#}\n")
        }
    };
    Terminal::print(&text)
}

fn table(title: &str, entries: &[(String, String)]) -> String {
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = format!("{title}:\n");
    for (name, summary) in entries {
        let _ = writeln!(text, "  {name:width$}  {summary}");
    }
    text
}

fn stacks(options: &Options, input: &Input, terminal: &Terminal) -> Result<Exit, Failure> {
    let files = Input::blueprints(&options.stacks)?;
    let run = Run { environments: &[], targets: &[], artifacts: false };
    let outcome = run.all(input, &files, None)?;
    let mut rows = vec![];
    for (blueprint, made) in &outcome.made {
        for envelope in made.iter().filter_map(|one| one.envelope.as_ref()) {
            for target in &envelope.targets {
                rows.push(json!({
                    "blueprint": *envelope.name, "file": blueprint.source.name,
                    "environment": envelope.environment.as_deref(), "target": target.word(),
                    "region": *envelope.region, "prefix": *envelope.prefix,
                }));
            }
        }
    }
    let text = match options.format {
        Format::Json => format!("{:#}\n", json!({"version": 1, "stacks": rows})),
        Format::Human => rows.iter().map(row).collect(),
    };
    Terminal::print(&text)?;
    let errors: Vec<_> =
        outcome.findings.into_iter().filter(crate::diagnostic::Diagnostic::is_error).collect();
    terminal.findings(&errors);
    Ok(if errors.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn row(stack: &Json) -> String {
    let word = |name: &str| stack[name].as_str().unwrap_or("-").to_string();
    let words = ["blueprint", "environment", "target", "region", "file"].map(word);
    words.join("  ") + "\n"
}
