//! `formwork list`

use super::batch::Batch;
use super::git::Revision;
use super::stop::{Exit, Stop};
use super::{Context, Format};
use crate::blueprint::{self, Deployment, Envelope, Fleet};
use crate::catalog::{Catalog, Sort};
use crate::report::pretty;
use crate::source::{Author, Source};
use crate::value::{Target, Value};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  formwork list
  formwork list --format json
  formwork list --stacks blueprints/ --format json    the matrix of a pipeline
  formwork list --stacks blueprints/ --changed-since origin/main

A stack has changed since a revision of Git when what is deployed of it has, below the output
folder; where that is not kept in Git, when its blueprint has.";

/// List architectures and kinds, or the stacks of blueprints
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// List the stacks of these blueprints
    #[arg(long, value_name = "FILE", num_args = 1..)]
    stacks: Vec<PathBuf>,
    /// Say which of them have changed since this revision of Git
    #[arg(long, value_name = "REV", requires = "stacks")]
    changed_since: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Serialize)]
struct Known<'a> {
    version: u32,
    architectures: Vec<Named<'a>>,
    kinds: Vec<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Matrix<'a> {
    version: u32,
    stacks: Vec<Stack<'a>>,
}

/// One deployment: a stack on one target, or one of those that a fleet is on Terraform.
#[derive(Serialize)]
struct Stack<'a> {
    /// What no other entry has.
    id: String,
    blueprint: &'a str,
    environment: Option<&'a str>,
    target: &'static str,
    region: &'a str,
    account: Option<&'a str>,
    prefix: &'a str,
    file: &'a str,
    /// Where it is generated.
    folder: String,
    #[serde(rename = "stack_name")]
    deployed_as: String,
    artifacts: Option<Bucket<'a>>,
    role_arn: Option<&'a str>,
    termination_protection: bool,
    /// Whether what is deployed is a stack set, in a file beside the template.
    #[serde(rename = "stack_set")]
    is_carried: bool,
    /// Where a stack set carries it.
    regions: Option<Vec<&'a str>>,
    /// The Terraform workspace that keeps its state.
    workspace: Option<String>,
    /// What tells Terraform where it is.
    variables: BTreeMap<&'static str, &'a str>,
    /// The role that Terraform's provider takes in the account.
    role_arn_in_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
}

#[derive(Serialize)]
struct Bucket<'a> {
    bucket: &'a str,
    prefix: &'a str,
}

impl List {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        if !self.stacks.is_empty() {
            return self.matrix(context);
        }
        let catalog = &context.catalog;
        let known =
            Known { version: 1, architectures: architectures(catalog), kinds: kinds(catalog) };
        let broken = catalog.take_findings();
        if !broken.is_empty() {
            return Err(Stop::findings("the catalog is broken", broken));
        }
        context.console.data(&match self.format {
            Format::Json => pretty(&known),
            Format::Human => {
                let kinds = table("Kinds", &known.kinds);
                format!("{}\n{kinds}", table("Architectures", &known.architectures))
            }
        });
        Ok(Exit::Fine)
    }

    fn matrix(&self, context: &Context) -> Result<Exit, Stop> {
        let batch = Batch::read(context, &self.stacks);
        let mut findings = batch.findings;
        let mut stacks = vec![];
        for job in &batch.jobs {
            for (environment, envelope) in &job.stacks {
                let Some(envelope) = envelope else {
                    let variant = job.blueprint.variant(environment.as_ref());
                    findings.extend(variant.err().into_iter().flatten());
                    continue;
                };
                let (out, file) = (&context.project.out, &*job.blueprint.source.name);
                let mut own = deployments(envelope, out, file);
                if let Some(revision) = &self.changed_since {
                    for stack in &mut own {
                        stack.changed = Some(changed(revision, stack)?);
                    }
                }
                stacks.extend(own);
            }
        }
        context.console.say_findings(&findings);
        context.console.data(&match self.format {
            Format::Json => pretty(&Matrix { version: 1, stacks }),
            Format::Human => columns(&stacks),
        });
        Ok(batch.exit.max(Exit::of(&findings, &[], false)))
    }
}

/// Every deployment of a stack, in its order.
fn deployments<'a>(envelope: &'a Envelope, out: &Path, file: &'a str) -> Vec<Stack<'a>> {
    let mut stacks = vec![];
    for target in &envelope.targets {
        let stack = || stack(envelope, *target, out, file);
        match (&envelope.fleet, target) {
            (None, _) => stacks.push(stack()),
            (Some(fleet), Target::CloudFormation) => stacks.push(Stack {
                is_carried: true,
                regions: Some(fleet.region_names().collect()),
                ..stack()
            }),
            (Some(fleet), Target::Terraform) => {
                stacks.extend(
                    fleet.deployments().into_iter().map(|at| in_workspace(stack(), fleet, at)),
                );
            }
        }
    }
    stacks
}

fn in_workspace<'a>(stack: Stack<'a>, fleet: &Fleet, at: Deployment<'a>) -> Stack<'a> {
    let role = fleet.role_arn.as_deref().zip(at.account);
    let account = at.account.map(|account| ("account_id", account));
    Stack {
        id: format!("{}.{}", stack.id, at.workspace()),
        region: at.region,
        account: at.account.or(stack.account),
        workspace: Some(at.workspace()),
        variables: account.into_iter().chain([("region", at.region)]).collect(),
        role_arn_in_account: role.map(|(role, account)| role.replace("{account}", account)),
        ..stack
    }
}

fn stack<'a>(envelope: &'a Envelope, target: Target, out: &Path, file: &'a str) -> Stack<'a> {
    let environment = envelope.environment.as_deref();
    let mut folder = out.join(&*envelope.name);
    folder.extend(environment);
    let artifacts = envelope.artifacts.as_ref();
    let words = [Some(&*envelope.name), environment, Some(target.word())];
    Stack {
        id: words.into_iter().flatten().collect::<Vec<_>>().join("."),
        blueprint: &envelope.name,
        environment,
        target: target.word(),
        region: &envelope.region,
        account: envelope.account.as_deref(),
        prefix: &envelope.prefix,
        file,
        folder: folder.join(target.word()).to_string_lossy().replace('\\', "/"),
        deployed_as: envelope.deployed_as(),
        artifacts: artifacts.map(|to| Bucket { bucket: &to.bucket, prefix: &to.prefix }),
        role_arn: envelope.role_arn.as_deref(),
        termination_protection: envelope.termination_protection,
        is_carried: false,
        regions: None,
        workspace: None,
        variables: BTreeMap::new(),
        role_arn_in_account: None,
        changed: None,
    }
}

/// Whether what is deployed of a stack is other than at a revision.
fn changed(revision: &str, stack: &Stack<'_>) -> Result<bool, Stop> {
    let folder = Path::new(&stack.folder);
    // The folder may not be there any more, or not yet: the nearest that is there is asked.
    let here = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let since = Revision::find(revision, &here.join("any"))?;
    match since.has_changed(folder)? {
        Some(changed) => Ok(changed),
        None => Ok(since.has_changed(Path::new(stack.file))?.unwrap_or(true)),
    }
}

/// The shipped blueprints, each with what it says of itself.
fn architectures(catalog: &Catalog) -> Vec<Named<'_>> {
    let summary = |name: &str| {
        let (path, text) = catalog.file(&format!("blueprints/{name}.yaml"))?;
        let blueprint = blueprint::parse(&Source::new(path, text, Author::Blueprint)).ok()?;
        blueprint.document.get("description").and_then(Value::as_str).map(String::from)
    };
    let names = catalog.names("blueprints/", ".yaml").into_iter();
    let one = |name| Named { name, summary: summary(name).unwrap_or_default(), offers: None };
    names.map(one).collect()
}

fn kinds(catalog: &Catalog) -> Vec<Named<'_>> {
    let kind = |name| {
        let kind = catalog.kind(Sort::Kind, name)?;
        let offers = kind.offers.iter().map(ToString::to_string).collect();
        Some(Named { name, summary: kind.summary.to_string(), offers: Some(offers) })
    };
    catalog.kinds(Sort::Kind).into_iter().filter_map(kind).collect()
}

fn table(title: &str, rows: &[Named<'_>]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let mut text = format!("{title}\n");
    for row in rows {
        let _ = writeln!(text, "  {:width$}  {}", row.name, row.summary);
    }
    text
}

/// Columns under headings, each as wide as what is in it.
fn columns(stacks: &[Stack<'_>]) -> String {
    let asked = stacks.iter().any(|one| one.changed.is_some());
    let shown = if asked { 8 } else { 7 };
    let heading =
        ["BLUEPRINT", "ENVIRONMENT", "TARGET", "REGION", "ACCOUNT", "PREFIX", "FILE", "CHANGED"];
    let row = |one: &Stack<'_>| {
        let environment = one.environment.unwrap_or("-");
        let changed = if one.changed == Some(true) { "yes" } else { "no" };
        let account = one.account.unwrap_or("-");
        let row =
            [one.blueprint, environment, one.target, one.region, account, one.prefix, one.file];
        let row: Vec<String> = row.into_iter().chain([changed]).map(String::from).collect();
        row
    };
    let heading = heading.map(String::from).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(stacks.iter().map(row)).collect();
    let width = |c: usize| rows.iter().map(|row| row[c].len()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..shown).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}
