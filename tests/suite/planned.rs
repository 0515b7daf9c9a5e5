//! What Terraform makes of everything that we generate, against an emulator.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use formwork::hcl::read::read;
use formwork::hcl::{Content, Expression};
use formwork::value::Target;
use semver::Version;

use crate::changes::{self, Changes, Tally};
use crate::oracle::{Moto, Plan, Terraform, Tree, Workspace, say};
use crate::stacks::{Case, Made, OURS, all_on, made, shipped};

/// Two keep both processors of a small machine busy.
const AT_ONCE: usize = 2;

/// What the emulator takes and does not give back.
const FORGOTTEN: [(&str, &str); 4] = [
    ("aws_ecs_service", "availability_zone_rebalancing"),
    ("aws_ecs_service", "enable_ecs_managed_tags"),
    ("aws_ecs_service", "health_check_grace_period_seconds"),
    ("aws_lambda_function", "logging_config"),
];

/// The provider that Terraform runs with here: the oldest that we generate for.
const PROVIDER: Version = Version::new(5, 100, 0);

/// The oldest provider that a stack accepts.
pub fn lowest_provider(made: &Made) -> Version {
    let versions = made.text("versions.tf");
    let bound = versions.split("\">= ").find_map(|rest| {
        let (bound, rest) = rest.split_once(", ")?;
        rest.starts_with("< ").then_some(bound)
    });
    let bound = bound.expect("a stack bounds its provider");
    let parts: Vec<_> = bound.split('.').collect();
    let padded = [&parts[..], &["0", "0"]].concat()[..3].join(".");
    Version::parse(&padded).expect("a version")
}

/// What can be planned here; the others are named.
fn plannable() -> Vec<&'static Made> {
    let (now, later): (Vec<_>, Vec<_>) =
        all_on(Target::Terraform).into_iter().partition(|made| lowest_provider(made) <= PROVIDER);
    for made in later {
        say(&format!(
            "SKIPPED a plan of {}: it needs a newer provider than {PROVIDER}",
            made.stack
        ));
    }
    now
}

/// Named so that it begins early: it sleeps for most of its minutes.
#[test]
fn a_stack_of_each_architecture_applies_and_then_plans_empty() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let names: Vec<_> = shipped().into_iter().map(|case| case.name).collect();
    let all = plannable().into_iter().filter(|made| names.contains(&made.case));
    // What stands in a landing zone needs what others have made there.
    let all = all.filter(|made| !made.texts().any(|(_, text)| text.contains("aws_ssm_parameter")));
    let trial = |made: &&Made| made.output.environment.as_deref() == Some("dev");
    let all: Vec<_> = all.filter(trial).collect();
    assert!(all.len() > 2, "no architecture is tried");
    let tree = Tree::new([]);
    thread::scope(|scope| {
        for made in all {
            let folder = made.write(tree.root());
            let (terraform, moto) = (&terraform, &moto);
            scope.spawn(move || {
                let stack = applies_and_plans_empty(terraform, moto, &folder);
                plans_what_diff_says(&stack, &made.case);
            });
        }
    });
    let wrong = moto.violations();
    assert!(wrong.is_empty(), "calls that no service would take:\n{}", wrong.join("\n"));
}

fn applies_and_plans_empty(terraform: &Terraform, moto: &Moto, folder: &Path) -> Workspace {
    let name = folder.display();
    let stack = terraform.open(folder, moto).expect("it initialises");
    stack.plan().expect("it plans");
    let applied = stack.apply(Duration::from_mins(8));
    assert_eq!(applied, Ok(()), "{name}\n{}", moto.log());
    let second = stack.plan().expect("it plans again");
    let changed = changed(&second.json);
    let wrong: Vec<_> = changed.iter().filter(|change| !is_forgotten(change)).collect();
    assert!(wrong.is_empty(), "{name} {wrong:#?}");
    stack
}

/// Whether Terraform plans for each change what `diff` says of it, but for what is known.
fn plans_what_diff_says(stack: &Workspace, case: &str) {
    let changes = Changes::of(case);
    let before = changes::changed(case, "dev", &BTreeMap::new());
    let mut tally = Tally::default();
    for round in &changes.rounds {
        let text = changes::changed(case, "dev", round);
        let said = changes::difference(&before, &text, "dev", Target::Terraform);
        let all = made(&OURS, &Case { name: case.to_owned(), text });
        let is_dev = |one: &&Made| one.output.environment.as_deref() == Some("dev");
        let mut terraform = all.iter().filter(|one| one.output.target == Target::Terraform);
        let dev = terraform.find(is_dev).expect("it is generated");
        let tree = Tree::new([]);
        let plan = stack.plan_instead(&dev.write(tree.root()));
        let plan = plan.unwrap_or_else(|error| panic!("{case} {round:?}: {error}"));
        let mut planned = changed(&plan.json);
        planned.retain(|change| !is_forgotten(change));
        tally.add(round, &said, &changes::planned(&planned), &changes.terraform);
    }
    tally.settle(case, &changes, &changes.terraform, "Terraform");
}

/// Whether a plan sets nothing but what the emulator does not keep.
fn is_forgotten(change: &serde_json::Value) -> bool {
    let kind = change["type"].as_str().expect("a type");
    let side = |side: &str| change["change"][side].as_object();
    let (Some(before), Some(after)) = (side("before"), side("after")) else { return false };
    // What is known only afterwards stands on neither side.
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let known = |name: &String| FORGOTTEN.contains(&(kind, name));
    names.into_iter().filter(differs).all(known)
}

/// What a plan says of the resources that it changes.
fn changed(plan: &serde_json::Value) -> Vec<serde_json::Value> {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    changes.filter(|change| change["change"]["actions"][0] != "no-op").cloned().collect()
}

#[test]
fn every_file_is_formatted() {
    let Some(terraform) = Terraform::find() else { return };
    let tree = Tree::new([]);
    for made in all_on(Target::Terraform) {
        made.write(tree.root());
    }
    assert_eq!(terraform.fmt_check(tree.root()), [""; 0]);
}

#[test]
fn shipped_stacks_validate_and_plan() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let names: Vec<_> = shipped().into_iter().map(|case| case.name).collect();
    let stacks = plannable().into_iter().filter(|made| names.contains(&made.case));
    let tree = Tree::new([]);
    let stacks: Vec<_> = stacks
        .map(|made| {
            let folder = made.write(tree.root());
            fs::write(folder.join("terraform.tfvars"), answers(made)).expect("a file");
            folder
        })
        .collect();
    let judge = &|folder: &PathBuf| -> Vec<String> {
        let found = judged(&terraform, &moto, folder);
        let name = folder.strip_prefix(tree.root()).unwrap_or(folder).display().to_string();
        found.into_iter().map(|line| format!("{name}: {line}")).collect()
    };
    let found: Vec<String> = thread::scope(|scope| {
        let shares = stacks.chunks(stacks.len().div_ceil(AT_ONCE));
        let workers: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().flat_map(judge).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The examples are modules of one stack: so one provider plans all of them, in seconds.
#[test]
fn examples_validate_and_plan() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let names: Vec<_> = shipped().into_iter().map(|case| case.name).collect();
    let tree = Tree::new([]);
    let mut root = "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n".to_owned();
    // The emulator answers every parameter with one value, which is no ARN of a key.
    let alone = |made: &&Made| !names.contains(&made.case) && made.case != "landing";
    for made in plannable().into_iter().filter(alone) {
        let folder = made.write(tree.root());
        assert_eq!(made.region, "eu-central-1");
        without_provider(&folder.join("versions.tf"));
        let (name, stack) = (made.stack.replace('.', "_"), &made.stack);
        let answers = answers(made);
        write!(root, "module \"{name}\" {{\n  source = \"./{stack}/terraform\"\n{answers}}}\n")
            .expect("a string");
    }
    fs::write(tree.path("main.tf"), root).expect("a file");
    let found = judged(&terraform, &moto, tree.root());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Takes the provider's configuration away: the root module has the only one.
fn without_provider(file: &Path) {
    let text = fs::read_to_string(file).expect("a file");
    let (before, rest) = text.split_once("\nprovider \"aws\" {\n").expect("a provider");
    let (_, after) = rest.split_once("\n}\n").expect("an end");
    fs::write(file, format!("{before}{after}")).expect("a file");
}

/// What whoever deploys would be asked for: an answer of the right type for each variable.
fn answers(made: &Made) -> String {
    let declarations = made.texts().find(|(path, _)| *path == "variables.tf");
    let declarations = declarations.map_or("", |(_, text)| text);
    let body = read(declarations).expect("HCL");
    let mut answers = String::new();
    for structure in &body.0 {
        let Content::Block(labels, body) = &structure.content else { continue };
        let attribute = |wanted: &str| {
            body.0.iter().find_map(|structure| match &structure.content {
                Content::Value(value) if structure.name == wanted => Some(value),
                _ => None,
            })
        };
        if structure.name == "variable" && attribute("default").is_none() {
            let answer = match (allowed(declarations, &labels[0]), attribute("type")) {
                (Some(word), _) => format!("\"{word}\""),
                (_, Some(Expression::Traversal(word))) if word == "number" => "1".into(),
                (_, Some(Expression::Call(..))) => "[\"answer\"]".into(),
                _ => "\"answer\"".into(),
            };
            writeln!(answers, "{} = {answer}", labels[0]).expect("a string");
        }
    }
    answers
}

/// The first word that a variable's validation takes.
fn allowed<'t>(declarations: &'t str, variable: &str) -> Option<&'t str> {
    let (_, own) = declarations.split_once(&format!("variable \"{variable}\""))?;
    let (own, _) = own.split_once("\n}\n")?;
    own.split_once("contains([\"")?.1.split('"').next()
}

/// Errors and warnings of both; the first plan of a stack creates, and nothing else.
fn judged(terraform: &Terraform, moto: &Moto, folder: &Path) -> Vec<String> {
    let stack = match terraform.open(folder, moto) {
        Ok(stack) => stack,
        Err(error) => return vec![error],
    };
    let found = stack.validate();
    if !found.is_empty() {
        return found;
    }
    stack.plan().map_or_else(|error| vec![error], |plan| not_created(&plan))
}

fn not_created(plan: &Plan) -> Vec<String> {
    let changes = plan.json["resource_changes"].as_array().expect("a stack has resources");
    let other = changes.iter().filter(|change| {
        let actions = &change["change"]["actions"];
        actions[0] != "create" && actions[0] != "read"
    });
    let other: Vec<_> = other.map(|change| format!("not created: {change}")).collect();
    if plan.changes.is_empty() { vec!["it plans nothing".to_owned()] } else { other }
}
