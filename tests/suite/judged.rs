//! What the outside judges say of everything that we generate.
use std::collections::BTreeMap;
use std::path::PathBuf;

use formwork::value::Target;
use semver::Version;

use crate::oracle::{
    Failure, Finding, Tree, cfn_lint, checkov, provider_6, starter, state_machine,
};
use crate::planned::lowest_provider;
use crate::snapshot::snapshot;
use crate::stacks::{ALL, Made, all_on, composed};

/// All of them below one folder, and the folder of each.
fn written(all: &[&Made]) -> (Tree, Vec<PathBuf>) {
    let tree = Tree::new([]);
    let folders = all.iter().map(|made| made.write(tree.root())).collect();
    (tree, folders)
}

#[test]
fn cfn_lint_finds_nothing_of_any_level() {
    let mut regions: BTreeMap<&str, Vec<&Made>> = BTreeMap::new();
    for made in all_on(Target::CloudFormation) {
        regions.entry(&made.region).or_default().push(made);
    }
    for (region, all) in regions {
        let (tree, folders) = written(&all);
        let names = ["template.yaml", "stack-set.yaml"];
        let templates = folders.iter().flat_map(|folder| names.map(|name| folder.join(name)));
        let templates: Vec<_> = templates.filter(|path| path.exists()).collect();
        let Some(findings) = cfn_lint(&templates, &[region]) else { return };
        let line = |f: &Finding| {
            let file = f.file.strip_prefix(tree.root()).unwrap_or(&f.file).display();
            format!("{file}:{}: {} {} {}", f.line, f.level, f.rule, f.message)
        };
        let lines: Vec<_> = findings.iter().map(line).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}

#[test]
fn checkov_passes_or_is_told_why_not() {
    let all: Vec<&Made> = ALL.iter().collect();
    let (tree, folders) = written(&all);
    let Some(scan) = checkov(tree.root()) else { return };
    let line = |f: &Failure| {
        let file = f.file.strip_prefix(tree.root()).unwrap_or(&f.file).display();
        format!("{file}: {} {} {}", f.check, f.resource, f.demand)
    };
    let failed: Vec<_> = scan.failed.iter().map(line).collect();
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
    assert!(scan.unread.is_empty(), "{:#?}", scan.unread);
    assert!(scan.passed > 5 * folders.len() && scan.suppressed > 0, "{scan:#?}");
}

#[test]
fn provider_6_has_nothing_against_it() {
    let all = all_on(Target::Terraform);
    let (tree, folders) = written(&all);
    let Some(found) = provider_6(tree.root()) else { return };
    let asks = |line: &str| {
        let of = |folder: &PathBuf| line.starts_with(&folder.display().to_string());
        let at = folders.iter().position(of).expect("a line begins with its file");
        newer_than(line).is_some_and(|version| lowest_provider(all[at]) > version)
    };
    let found: Vec<_> = found.iter().filter(|line| !asks(line)).map(String::as_str).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The last provider that lacks what the line complains of, where it is there by now.
fn newer_than(line: &str) -> Option<Version> {
    let (_, version) = line.split_once("only from 6.x on: not on ")?;
    Version::parse(version.split(',').next()?).ok()
}

#[test]
fn state_machines_leave_nothing_running() {
    let machine = |made: &&&Made| made.text("template.yaml").contains("AWS::StepFunctions::");
    let all: Vec<&Made> = all_on(Target::CloudFormation);
    let (tree, _) = written(&[]);
    let mut seen = 0;
    for made in all.iter().filter(machine) {
        let Some(runs) = state_machine(&made.write(tree.root()).join("template.yaml")) else {
            return;
        };
        snapshot(&format!("runs.{}", made.stack.replace('/', ".")), &runs);
        seen += 1;
    }
    assert!(seen > 0, "no stack has a state machine");
}

#[test]
fn the_starter_answers_in_every_case() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/programs/starter.py");
    let Some(runs) = starter(program.as_ref()) else { return };
    snapshot("runs.starter", &runs);
}

/// Logs of an application, to a lake and a warehouse: composed in less than sixty lines.
#[test]
fn a_fourth_architecture_composes() {
    let logs = composed().into_iter().find(|case| case.name == "logs").expect("a blueprint");
    assert!(logs.text.lines().count() < 60);
    let made = ALL.iter().filter(|made| made.case == logs.name);
    assert_eq!(made.count(), 4, "two environments on two targets");
}
