//! `formwork explain`

use super::Context;
use super::stop::{Exit, Stop};
use super::{architecture, kind_page};
use crate::catalog::{Catalog, Kind, Rule, Sort};
use crate::diagnostic::{RULES, did_you_mean, rule};
use crate::value::Value;
use clap::Args;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  formwork explain unknown-key        a rule, as a finding names it
  formwork explain KIND               a kind, as `formwork list` names it
  formwork explain KIND.PARAMETER     one of its parameters, or one inside that
  formwork explain plant-a.yaml       why a stack is as it is, and what was not chosen
  formwork explain plant-a.yaml --env prod --access    who may do what to what, and why

Exit codes: 0 explained; 1 the blueprint has findings; 2 there is no such word, or could not run.";

/// Explain a rule, a kind, a parameter of a kind, or a blueprint
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// RULE, KIND, KIND.PARAMETER or FILE
    #[arg(value_name = "WORD")]
    word: String,
    /// For this environment of FILE
    #[arg(long = "env", value_name = "ENV")]
    environment: Option<String>,
    /// Say who may do what in FILE, and why
    #[arg(long)]
    access: bool,
}

impl Explain {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        if let Some(file) = self.file(context)? {
            return architecture::run(context, file, self.environment.as_deref(), self.access);
        }
        let catalog = &context.catalog;
        let word = &*self.word;
        let (name, path) = word.split_once('.').unwrap_or((word, ""));
        let text = match catalog.kind(Sort::Kind, name) {
            Some(found) if path.is_empty() => Some(kind_page::kind(&found)),
            Some(found) => Some(kind_page::parameter(&found, path)?),
            None => a_rule(catalog, word),
        };
        let broken = catalog.take_findings();
        if !broken.is_empty() {
            return Err(Stop::findings("the catalog is broken", broken));
        }
        let Some(text) = text else {
            let all = kinds(catalog);
            let rules = all.iter().flat_map(|kind| &kind.rules).map(|rule| &*rule.name);
            let names = all.iter().filter(|kind| !kind.is_part).map(|kind| &*kind.name);
            let known = RULES.iter().map(|rule| rule.name).chain(rules).chain(names);
            let near = did_you_mean(word, known);
            let help = near.unwrap_or_else(|| {
                "`formwork list` shows every kind, docs/blueprint.md what all may say".into()
            });
            return Err(Stop::new(format!("there is no rule or kind `{word}`")).help(help));
        };
        context.console.data(&text);
        Ok(Exit::Fine)
    }

    /// The file that the word is, if it is no kind or rule. Fails where flags of files stand
    /// beside another word.
    fn file(&self, context: &Context) -> Result<Option<PathBuf>, Stop> {
        let path = Path::new(&self.word);
        let looks_so = self.word == "-"
            || path.components().count() > 1
            || path
                .extension()
                .is_some_and(|extension| ["yaml", "yml"].iter().any(|e| extension == *e));
        let named = || context.catalog.kinds(Sort::Kind).contains(&&*self.word);
        if looks_so || (path.exists() && !named()) {
            return Ok(Some(path.to_owned()));
        }
        if self.access || self.environment.is_some() {
            let stop = Stop::new(format!("`{}` is no blueprint", self.word));
            return Err(stop.help("`--access` and `--env` go with a blueprint's file"));
        }
        Ok(None)
    }
}

/// All kinds and parts that can be read.
pub(super) fn kinds(catalog: &Catalog) -> Vec<Arc<Kind>> {
    let of = |sort| catalog.kinds(sort).into_iter().filter_map(move |n| catalog.kind(sort, n));
    [Sort::Kind, Sort::Part].into_iter().flat_map(of).collect()
}

/// A rule's page, or what its table or its kinds say of it; and whose it is.
fn a_rule(catalog: &Catalog, name: &str) -> Option<String> {
    let mut text = String::new();
    for kind in kinds(catalog) {
        for rule in kind.rules.iter().filter(|rule| *rule.name == *name) {
            let _ = writeln!(text, "{name}: {} of {}", rule.severity.word(), kind.name);
            if page(catalog, name).is_none() {
                text += &said(&kind, rule);
            }
        }
    }
    if let Some(rule) = rule(name) {
        let _ = writeln!(text, "{name}: {}", rule.severity.word());
        if page(catalog, name).is_none() {
            let _ = writeln!(text, "\n{}", rule.summary);
        }
    }
    if let Some(page) = page(catalog, name) {
        let _ = write!(text, "\n{page}");
    }
    let text = text.trim_start().to_string();
    (!text.is_empty()).then_some(text)
}

/// A rule's page, as Markdown.
pub(super) fn page(catalog: &Catalog, rule: &str) -> Option<String> {
    let (_, page) = catalog.file(&format!("docs/rules/{rule}.md"))?;
    Some(page.to_string())
}

/// A rule of a kind in the words of its file.
fn said(kind: &Kind, rule: &Rule) -> String {
    let rules = kind.document.get("rules").and_then(Value::as_list).unwrap_or_default();
    let own = rules.iter().find(|one| one.get("rule").and_then(Value::as_str) == Some(&*rule.name));
    let words = ["message", "help"].into_iter().filter_map(|key| own?.get(key)?.as_str());
    words.fold(String::new(), |all, text| format!("{all}\n{text}\n"))
}
