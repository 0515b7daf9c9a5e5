//! `formwork diff`

use super::batch::Batch;
use super::stop::{Exit, Stop};
use super::versions::{self, Pair, Version};
use super::{Context, comment, difference, upgrade};
use crate::diagnostic::{Diagnostic, once_each};
use crate::diagram::{Diagram, diagram};
use crate::diff::deployer::{self, Verdict};
use crate::diff::{Cause, Class, Difference, Side, Versions, diff};
use crate::generate::{self, Session};
use crate::report::pretty;
use crate::template::Templates;
use crate::value::Target;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::mem::take;
use std::path::PathBuf;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  formwork diff old/plant-a.yaml plant-a.yaml
  formwork diff --base main plant-a.yaml             what this branch does to what is deployed
  formwork diff --base main plant-a.yaml --format markdown > comment.md
  formwork diff --base main plant-a.yaml --fail-on replace,data-loss,broadened
  formwork diff --base main plant-a.yaml --env prod --plan plan.json      and nothing beside
  formwork diff --generated stacks plant-a.yaml      what this version would generate otherwise

Exit codes: 0 compared; 1 errors, a difference with `--exit-code`, what `--fail-on` names, or a
plan that does more than the diff says; 2 could not run.";

/// Say what a change to a blueprint does to what is running
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The blueprints before and after; with `--base` or `--generated`, those of now
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Compare with the blueprints at this revision of Git, where this branch left it
    #[arg(long, value_name = "REV", conflicts_with = "generated")]
    base: Option<String>,
    /// Compare with what was generated into this folder: what an upgrade of formwork does
    #[arg(long, value_name = "DIR", conflicts_with_all = ["plan", "change_set"])]
    generated: Option<PathBuf>,
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

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
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
    /// The new version, where it is to be drawn.
    #[serde(skip)]
    pub diagram: Option<Rc<Diagram>>,
}

impl Compared {
    pub fn new(
        blueprint: &str,
        environment: Option<&str>,
        target: Target,
        difference: Difference,
    ) -> Self {
        Self {
            blueprint: blueprint.into(),
            environment: environment.map(String::from),
            target,
            difference,
            deployer: None,
            diagram: None,
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    stacks: &'a [Compared],
}

/// The stacks of a blueprint, compared, and what was found in them.
pub(super) type Told = (Vec<Compared>, Vec<Diagnostic>);

impl Diff {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let batch = Batch::read(context, &self.files);
        let alone = self.base.is_some() || self.generated.is_some();
        let findings = batch.findings.iter().filter(|finding| alone || !collides(finding));
        let findings: Vec<Diagnostic> = findings.cloned().collect();
        context.console.say_findings(&findings);
        let mut exit = batch.exit.max(Exit::of(&findings, &[], false));
        batch.require_environments(&self.environments)?;
        batch.require_targets(&self.targets)?;
        let mut compared = vec![];
        for (stacks, findings) in self.compared(context, &batch)? {
            context.console.say_findings(&findings);
            exit = exit.max(Exit::of(&findings, &[], false));
            compared.extend(stacks);
        }
        self.hold_against_the_deployer(&mut compared)?;
        self.tell(context, &compared);
        Ok(exit.max(self.exit(&compared)))
    }

    /// Each blueprint's stacks, with what was found in them.
    fn compared(&self, context: &Context, batch: &Batch) -> Result<Vec<Told>, Stop> {
        if let Some(folder) = &self.generated {
            let asked = (&*self.environments, &*self.targets);
            let jobs = batch.jobs.iter();
            return jobs.map(|job| upgrade::compare(context, job, folder, asked)).collect();
        }
        let pairs = match &self.base {
            Some(base) => versions::since(batch, &self.files, base)?,
            None => versions::beside(batch, &self.files)?,
        };
        let catalog = self.base.as_ref().map(|base| context.project.catalog_at(base));
        let before = catalog.transpose()?.flatten().map(|one| (one, Templates::default()));
        let new = context.session(None);
        let old = before.as_ref().map_or(new, |(catalog, templates)| Session {
            catalog,
            templates,
            as_of: new.as_of,
        });
        let shown = self.format != Format::Human || context.console.verbose;
        let progress = context.console.progress("comparing", pairs.len());
        let one = |pair| progress.of(|| self.compare([&old, &new], pair, shown));
        Ok(pairs.iter().map(one).collect())
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

    /// One blueprint's stacks; `with_causes` looks for which lines move what, which takes a
    /// derivation for each.
    fn compare(&self, [then, now]: [&Session<'_>; 2], pair: &Pair<'_>, with_causes: bool) -> Told {
        let (mut compared, mut findings) = (vec![], vec![]);
        let versions = || pair.iter().flatten();
        let names: BTreeSet<_> = versions().flat_map(|one| one.blueprint.stacks()).collect();
        let wanted = |name: &Option<Arc<str>>| {
            let mut asked = self.environments.iter();
            self.environments.is_empty() || asked.any(|one| name.as_deref() == Some(one))
        };
        let blueprint = versions().last().and_then(|one| one.blueprint.name()).unwrap_or_default();
        for environment in names.into_iter().filter(wanted) {
            let environment = environment.as_ref();
            let name = environment.map(|name| &**name);
            let asked = |target: &Target| self.targets.is_empty() || self.targets.contains(target);
            if ptr::eq(then.catalog, now.catalog)
                && let Some(targets) = versions::unchanged(pair, environment)
            {
                let same = |target| Compared::new(blueprint, name, target, Difference::default());
                compared.extend(targets.into_iter().filter(asked).map(same));
                continue;
            }
            let side = |session, version: &Option<Version<'_>>, before: &[(Target, Side)]| {
                let sides = version.as_ref().map(|one| one.sides(session, environment, before));
                sides.unwrap_or_else(|| Ok(vec![]))
            };
            let old = side(then, &pair[0], &[]);
            let new = side(now, &pair[1], old.as_deref().unwrap_or_default());
            match [old, new] {
                [Ok(old), Ok(new)] => {
                    let causes = with_causes.then(|| causes(now, pair, environment));
                    let mut causes = causes.unwrap_or_default();
                    let picture = self.picture(now, pair, environment);
                    for (target, mut difference) in self.targets(now, &old, &new) {
                        let of_target = causes.iter_mut().find(|(one, _)| *one == target);
                        difference.causes =
                            of_target.map(|one| take(&mut one.1)).unwrap_or_default();
                        let mut one = Compared::new(blueprint, name, target, difference);
                        one.diagram.clone_from(&picture);
                        compared.push(one);
                    }
                }
                sides => findings.extend(sides.into_iter().filter_map(Result::err).flatten()),
            }
        }
        (compared, once_each(findings.into_iter().map(|finding| (None, finding)).collect()))
    }

    /// What there is to draw of the new version, for a comment.
    fn picture(
        &self,
        session: &Session<'_>,
        pair: &Pair<'_>,
        environment: Option<&Arc<str>>,
    ) -> Option<Rc<Diagram>> {
        let one = pair[1].as_ref().filter(|_| self.format == Format::Markdown)?;
        let resolved = generate::resolved(session, &one.blueprint, environment, &*one.read_file);
        Some(Rc::new(diagram(&resolved.ok()?.0, false)))
    }

    /// The differences on each target that either side has.
    fn targets(
        &self,
        session: &Session<'_>,
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
            Some((target, diff(before, after, target, session.catalog.provider(target))))
        };
        Target::ALL.into_iter().filter(wanted).filter_map(of).collect()
    }

    fn tell(&self, context: &Context, compared: &[Compared]) {
        match self.format {
            Format::Markdown => context.console.data(&comment::markdown(compared)),
            Format::Json => context.console.data(&pretty(&Report { version: 1, stacks: compared })),
            Format::Human => {
                let human = |one| difference::human(one, context.console.verbose);
                context.console.data(&compared.iter().map(human).collect::<String>());
            }
        }
    }

    fn exit(&self, compared: &[Compared]) -> Exit {
        let differs =
            |one: &Compared| !one.difference.changes.is_empty() || one.difference.is_elsewhere();
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

/// Which lines move what.
fn causes(
    session: &Session<'_>,
    pair: &Pair<'_>,
    environment: Option<&Arc<str>>,
) -> Vec<(Target, Vec<Cause>)> {
    let [Some(old), Some(new)] = pair else { return vec![] };
    let variant = |one: &Version<'_>| one.blueprint.variant(environment).ok();
    let (Some(before), Some(after)) = (variant(old), variant(new)) else { return vec![] };
    let (old, new, read_file) = (&before, &after, &*new.read_file);
    Versions { session, old, new, read_file }.causes()
}

/// Two versions of one blueprint are no two stacks that collide.
fn collides(finding: &Diagnostic) -> bool {
    ["same-output", "same-backend", "same-prefix"].contains(&&*finding.rule)
}
