//! `formwork diff`

use super::batch::{Batch, Job};
use super::git::Revision;
use super::stop::{Exit, Stop};
use super::{Context, comment, difference, input};
use crate::blueprint::{self, Blueprint};
use crate::diagnostic::{Diagnostic, once_each};
use crate::diff::deployer::{self, Verdict};
use crate::diff::{Class, Difference, Side, diff, sides};
use crate::report::pretty;
use crate::resolve::ReadFile;
use crate::source::{Author, Source};
use crate::value::Target;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  formwork diff old/plant-a.yaml plant-a.yaml
  formwork diff --base main plant-a.yaml             what this branch does to what is deployed
  formwork diff --base main plant-a.yaml --format markdown > comment.md
  formwork diff --base main plant-a.yaml --fail-on replace,data-loss,broadened
  formwork diff --base main plant-a.yaml --env prod --plan plan.json      and nothing beside

Exit codes: 0 compared; 1 errors, a difference with `--exit-code`, what `--fail-on` names, or a
plan that does more than the diff says; 2 could not run.";

/// Say what a change to a blueprint does to what is running
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The blueprint before and after; with `--base`, blueprints as they are now
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Compare with the blueprints at this revision of Git, where this branch left it
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Look at this environment only; may be repeated
    #[arg(long = "env", value_name = "ENV")]
    environments: Vec<String>,
    /// Look at this target only; may be repeated
    #[arg(long = "target", value_name = "TARGET", value_parser = super::generate::target())]
    targets: Vec<Target>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Hold what `terraform show -json PLAN` printed against the diff of one stack
    #[arg(long, value_name = "FILE", conflicts_with = "change_set")]
    plan: Option<PathBuf>,
    /// Hold what `aws cloudformation describe-change-set` printed against the diff of one stack
    #[arg(long, value_name = "FILE")]
    change_set: Option<PathBuf>,
    /// Exit with 1 where something differs
    #[arg(long)]
    exit_code: bool,
    /// Exit with 1 where a change is of one of these classes
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class())]
    fail_on: Vec<Class>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Human,
    /// A comment for a pull request
    Markdown,
    Json,
}

fn class() -> impl TypedValueParser<Value = Class> {
    PossibleValuesParser::new(Class::ALL.map(Class::word)).try_map(|word| {
        Class::ALL.into_iter().find(|class| class.word() == word).ok_or("no such class")
    })
}

/// One stack on one target, before and after.
#[derive(Serialize)]
pub(super) struct Compared {
    pub blueprint: String,
    pub environment: Option<String>,
    pub target: Target,
    #[serde(flatten)]
    pub difference: Difference,
    /// What the deployer's own plan says beside that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployer: Option<Verdict>,
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    stacks: &'a [Compared],
}

/// A blueprint with what it reads beside it.
struct Version<'a> {
    blueprint: Blueprint,
    read_file: Box<ReadFile<'a>>,
}

type Pair<'a> = [Option<Version<'a>>; 2];

impl Diff {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let batch = Batch::read(context, &self.files);
        // Two versions of one blueprint are no two stacks that collide.
        let findings =
            batch.findings.iter().filter(|finding| self.base.is_some() || !collides(finding));
        let findings: Vec<Diagnostic> = findings.cloned().collect();
        context.console.say_findings(&findings);
        let mut exit = batch.exit.max(Exit::of(&findings, &[], false));
        batch.require_environments(&self.environments)?;
        batch.require_targets(&self.targets)?;
        let mut compared = vec![];
        for pair in self.pairs(&batch)? {
            let (stacks, findings) = self.compare(context, &pair);
            context.console.say_findings(&findings);
            exit = exit.max(Exit::of(&findings, &[], false));
            compared.extend(stacks);
        }
        self.hold_against_the_deployer(&mut compared)?;
        self.tell(context, &compared);
        Ok(exit.max(self.exit(&compared)))
    }

    /// What `--plan` or `--change-set` says, held against the one stack that it is of.
    fn hold_against_the_deployer(&self, compared: &mut Vec<Compared>) -> Result<(), Stop> {
        let (path, target) = match (&self.plan, &self.change_set) {
            (Some(path), _) => (path, Target::Terraform),
            (_, Some(path)) => (path, Target::CloudFormation),
            _ => return Ok(()),
        };
        let name = path.display();
        compared.retain(|one| one.target == target);
        let [one] = compared.as_mut_slice() else {
            let stop = Stop::new(format!("{name} is of one stack, and {} differ", compared.len()));
            return Err(stop.help("name one blueprint, and its environment with `--env`"));
        };
        let text = fs::read_to_string(path)
            .map_err(|error| Stop::new(format!("cannot read {name}: {error}")))?;
        let planned = serde_json::from_str(&text).ok().and_then(|json| match target {
            Target::Terraform => deployer::terraform_plan(&json),
            Target::CloudFormation => deployer::change_set(&json),
        });
        let Some(planned) = planned else {
            let stop = Stop::new(format!("{name} is not what {} prints", target.name()));
            return Err(stop.help(match target {
                Target::Terraform => "write it with `terraform show -json PLAN > plan.json`",
                Target::CloudFormation => {
                    "write it with `aws cloudformation describe-change-set … --output json`"
                }
            }));
        };
        one.deployer = Some(deployer::held_against(&planned, &one.difference));
        Ok(())
    }

    /// What is compared with what.
    fn pairs<'a>(&self, batch: &'a Batch) -> Result<Vec<Pair<'a>>, Stop> {
        let now = |job: &'a Job| Version {
            blueprint: job.blueprint.clone(),
            read_file: Box::new(|path: &str| job.asset(path)),
        };
        if let Some(base) = &self.base {
            let pair = |job| Ok([before(job, base)?, Some(now(job))]);
            let folders = self.files.iter().filter(|file| file.is_dir());
            let gone =
                folders.map(|folder| gone(folder, base)).collect::<Result<Vec<_>, Stop>>()?;
            let gone = gone.into_iter().flatten().map(|version| Ok([Some(version), None]));
            return batch.jobs.iter().map(pair).chain(gone).collect();
        }
        match (self.files.len(), batch.jobs.as_slice()) {
            (2, [old, new]) => Ok(vec![[Some(now(old)), Some(now(new))]]),
            (2, _) if !batch.whole => Ok(vec![]),
            _ => Err(Stop::new("two blueprints are compared: OLD and NEW")
                .help("or write `--base REV FILE…` to compare with a revision of Git")),
        }
    }

    fn compare(&self, context: &Context, pair: &Pair<'_>) -> (Vec<Compared>, Vec<Diagnostic>) {
        let (mut compared, mut findings) = (vec![], vec![]);
        let versions = || pair.iter().flatten();
        let names: BTreeSet<_> = versions().flat_map(|one| one.blueprint.stacks()).collect();
        let wanted = |name: &Option<Arc<str>>| {
            let mut asked = self.environments.iter();
            self.environments.is_empty() || asked.any(|one| name.as_deref() == Some(one))
        };
        for environment in names.into_iter().filter(wanted) {
            let side = |version: &Option<Version<'_>>, before: &[(Target, Side)]| match version {
                Some(version) => version.sides(context, environment.as_ref(), before),
                None => Ok(vec![]),
            };
            let old = side(&pair[0], &[]);
            let new = side(&pair[1], old.as_deref().unwrap_or_default());
            let sides = [old, new];
            match sides {
                [Ok(old), Ok(new)] => {
                    let blueprint = versions().last().and_then(|one| one.blueprint.name());
                    let blueprint = blueprint.unwrap_or_default();
                    let of = |(target, difference)| Compared {
                        blueprint: blueprint.into(),
                        environment: environment.as_deref().map(String::from),
                        target,
                        difference,
                        deployer: None,
                    };
                    compared.extend(self.targets(context, &old, &new).into_iter().map(of));
                }
                sides => findings.extend(sides.into_iter().filter_map(Result::err).flatten()),
            }
        }
        (compared, once_each(findings.into_iter().map(|finding| (None, finding)).collect()))
    }

    /// The differences on each target that either side has.
    fn targets(
        &self,
        context: &Context,
        old: &[(Target, Side)],
        new: &[(Target, Side)],
    ) -> Vec<(Target, Difference)> {
        let empty = Side::default();
        let wanted = |target: &Target| self.targets.is_empty() || self.targets.contains(target);
        let of = |target: Target| {
            let side =
                |sides: &'_ [(Target, Side)]| sides.iter().position(|(one, _)| *one == target);
            let (before, after) = (side(old), side(new));
            before.or(after)?;
            let before = before.map_or(&empty, |at| &old[at].1);
            let after = after.map_or(&empty, |at| &new[at].1);
            Some((target, diff(before, after, target, context.catalog.provider(target))))
        };
        Target::ALL.into_iter().filter(wanted).filter_map(of).collect()
    }

    fn tell(&self, context: &Context, compared: &[Compared]) {
        match self.format {
            Format::Markdown => context.console.data(&comment::markdown(compared)),
            Format::Json => context.console.data(&pretty(&Report { version: 1, stacks: compared })),
            Format::Human => {
                context.console.data(&compared.iter().map(difference::human).collect::<String>());
            }
        }
    }

    fn exit(&self, compared: &[Compared]) -> Exit {
        let differs = |one: &Compared| !one.difference.changes.is_empty();
        let refused =
            |one: &Compared| one.difference.classes().any(|class| self.fail_on.contains(&class));
        let surprises = |one: &Compared| {
            one.deployer.as_ref().is_some_and(|verdict| !verdict.unforeseen.is_empty())
        };
        let fails = compared
            .iter()
            .any(|one| self.exit_code && differs(one) || refused(one) || surprises(one));
        if fails { Exit::Findings } else { Exit::Fine }
    }
}

impl Version<'_> {
    fn sides(
        &self,
        context: &Context,
        environment: Option<&Arc<str>>,
        before: &[(Target, Side)],
    ) -> Result<Vec<(Target, Side)>, Vec<Diagnostic>> {
        if !self.blueprint.stacks().iter().any(|name| name.as_ref() == environment) {
            return Ok(vec![]);
        }
        sides(&context.session(None), &self.blueprint, environment, &*self.read_file, before)
    }
}

/// Two versions of one blueprint are no two stacks that collide.
fn collides(finding: &Diagnostic) -> bool {
    ["same-output", "same-backend", "same-prefix"].contains(&&*finding.rule)
}

/// A blueprint as it was where this branch left a revision; none where it was not there.
fn before<'a>(job: &'a Job, base: &str) -> Result<Option<Version<'a>>, Stop> {
    let Some(path) = job.path() else {
        return Err(Stop::new("standard input has no revision to compare with"));
    };
    let mut revision = Revision::find(base, path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut text = revision.read(&name);
    if text.is_none()
        && let Some((elsewhere, name)) = revision.before_renaming(&name)?
    {
        text = elsewhere.read(&name);
        revision = elsewhere;
    }
    let Some(text) = text else { return Ok(None) };
    let name = format!("{}@{base}", path.display());
    version(revision, name, &text, base).map(Some)
}

/// The blueprints below a folder that were there at a revision and are not any more.
fn gone<'a>(folder: &Path, base: &str) -> Result<Vec<Version<'a>>, Stop> {
    let gone = Revision::find(base, &folder.join("any.yaml"))?.gone()?;
    let texts = gone.into_iter().filter_map(|(revision, name)| {
        let text =
            revision.read(&name).filter(|text| input::begins_blueprint(Path::new(&name), text))?;
        Some((revision, name, text))
    });
    texts.map(|(at, name, text)| version(at, format!("{name}@{base}"), &text, base)).collect()
}

/// A blueprint of a revision, by its text there.
fn version<'a>(
    revision: Revision,
    name: String,
    text: &[u8],
    base: &str,
) -> Result<Version<'a>, Stop> {
    let text = String::from_utf8_lossy(text).into_owned();
    match blueprint::parse(&Source::new(name, text, Author::Blueprint)) {
        Ok(blueprint) => {
            let read = move |path: &str| revision.read(path).ok_or("it was not there".to_string());
            Ok(Version { blueprint, read_file: Box::new(read) })
        }
        Err(findings) => {
            Err(Stop::findings(format!("the blueprint at {base} is broken"), findings))
        }
    }
}
