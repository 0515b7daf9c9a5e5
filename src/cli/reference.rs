//! `formwork reference`: a page for each kind, as Markdown.

use super::Context;
use super::input::cannot;
use super::kind_page::{alarms_of, inside, takes};
use super::plain::block;
use super::stop::{Exit, Stop};
use crate::catalog::{Emit, Kind, Properties, Sort};
use crate::value::{Key, Map, Target, Value};
use clap::Args;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  formwork reference -o docs/kinds                     of all kinds
  formwork --catalog company reference -o docs/kinds   of your company's, too";

/// Write a page for each kind, as Markdown
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Reference {
    /// Write them into this folder
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

impl Reference {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let catalog = &context.catalog;
        let kinds = catalog.kinds(Sort::Kind).into_iter();
        let kinds: Vec<_> = kinds.filter_map(|name| catalog.kind(Sort::Kind, name)).collect();
        let broken = catalog.take_findings();
        if !broken.is_empty() {
            return Err(Stop::findings("the catalog is broken", broken));
        }
        let folder = self.out.display().to_string();
        fs::create_dir_all(&self.out).map_err(|error| cannot("write", &folder, &error))?;
        for kind in kinds {
            let path = self.out.join(format!("{}.md", kind.name));
            let name = path.display().to_string();
            fs::write(&path, page(&kind)).map_err(|error| cannot("write", &name, &error))?;
            context.console.done(&format!("wrote {name}\n"));
        }
        Ok(Exit::Fine)
    }
}

/// Everything that users of a kind should know of it.
fn page(kind: &Kind) -> String {
    let mut text = format!("# {}\n\n{}.\n", kind.name, kind.summary);
    if let Some(description) = &kind.description {
        let _ = writeln!(text, "\n{}", description.trim_end());
    }
    let mut rows = vec![];
    parameters(&kind.parameters, "", &mut rows);
    table(&mut text, "Parameters", ["parameter", "takes", "what for"], &rows);
    let resources: Vec<_> = kind.emits.iter().map(resource).collect();
    table(&mut text, "Resources", ["resource", "CloudFormation", "Terraform"], &resources);
    let outputs = kind.outputs.iter().map(|output| format!("- `{}`\n", output.name.text));
    section(&mut text, "Outputs", &outputs.collect::<String>());
    let alarms = alarms_of(kind);
    let alarms = alarms.iter().map(|(name, means)| format!("- `{name}`: {means}\n"));
    section(&mut text, "Alarms", &alarms.collect::<String>());
    let rules = kind.rules.iter().map(|rule| {
        let (name, severity) = (&rule.name, rule.severity.word());
        format!("- [`{name}`](../rules/{name}.md), {severity}\n")
    });
    section(&mut text, "Rules", &rules.collect::<String>());
    section(&mut text, "Examples", &examples(kind));
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    if !body.is_empty() {
        let _ = write!(text, "\n## {title}\n\n{body}");
    }
}

fn table(text: &mut String, title: &str, heads: [&str; 3], rows: &[[String; 3]]) {
    let line = |cells: &[String; 3]| format!("| {} |\n", cells.join(" | "));
    let body: String = rows.iter().map(line).collect();
    if !body.is_empty() {
        let heads = line(&heads.map(String::from));
        section(text, title, &format!("{heads}|---|---|---|\n{body}"));
    }
}

/// Each parameter with its path, and those inside it below.
fn parameters(properties: &Properties, path: &str, rows: &mut Vec<[String; 3]>) {
    for (key, schema) in properties {
        let name = format!("{path}{}", key.text);
        let description = schema.description.as_deref().unwrap_or_default();
        rows.push([format!("`{name}`"), cell(&takes(&key.text, schema)), cell(description)]);
        if let Some(inner) = inside(schema) {
            parameters(inner, &format!("{name}."), rows);
        }
    }
}

fn resource(emit: &Emit) -> [String; 3] {
    let spelled = |target| emit.type_on(target).map_or(String::new(), |name| format!("`{name}`"));
    let [cloudformation, terraform] = Target::ALL.map(spelled);
    [format!("`{}`", emit.resource.text), cloudformation, terraform]
}

/// Text that stays in its cell, with what Markdown would read as marks or elements taken literally.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('\n', " ")
}

/// Whole components, with the neighbours that they need.
fn examples(kind: &Kind) -> String {
    let mut text = String::new();
    for (name, example) in kind.examples.iter() {
        let members = || example.as_map().into_iter().flat_map(Map::iter);
        let is_with = |key: &Key| &*key.text == "with";
        let kind_line = (Key::from("kind"), Value::from(&*kind.name));
        let own = members().filter(|(key, _)| !is_with(key));
        let own = own.map(|(key, value)| (key.clone(), value.clone()));
        let own: Map = std::iter::once(kind_line).chain(own).collect();
        let neighbours = members().filter(|(key, _)| is_with(key));
        let neighbours =
            neighbours.flat_map(|(_, all)| all.as_map().into_iter().flat_map(Map::iter));
        let neighbours = neighbours.map(|(key, value)| (key.clone(), value.clone()));
        let example = (Key::from("example"), Value::from(own));
        let components: Map = neighbours.chain([example]).collect();
        let whole = Map::from_iter([("components", Value::from(components))]);
        let _ = write!(text, "### {}\n\n```yaml\n{}```\n\n", name.text, block(&whole, 0));
    }
    format!("{}\n", text.trim_end())
}
