//! One run over blueprints in memory, as the command line would make it.
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use formwork::blueprint;
use formwork::catalog::{Catalog, Layer, Sort, embedded};
use formwork::diagnostic::{Diagnostic, RULES, once_each};
use formwork::generate::{self, Generated, Request, Session};
use formwork::source::{Author, Source};
use formwork::template::Templates;
use formwork::value::Target;
use formwork::write::Output;

use super::page::Block;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/rules");

/// What came of a run.
pub struct Run {
    pub stacks: Vec<Generated>,
    pub findings: Vec<Diagnostic>,
    /// The rules of the engine, and of every kind that the catalog of the run has.
    pub known: BTreeSet<String>,
}

impl Run {
    /// Every finding as a person sees it.
    pub fn told(&self) -> String {
        let told = self.findings.iter().map(|finding| formwork::diagnostic::human(finding, false));
        told.collect::<Vec<_>>().join("\n\n")
    }

    pub fn rules(&self) -> BTreeSet<&str> {
        self.findings.iter().map(|finding| &*finding.rule).collect()
    }

    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error)
    }

    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.stacks.iter().flat_map(|stack| &stack.outputs)
    }
}

/// Our kinds and the invented ones, read once.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| catalog(&BTreeMap::new()));

/// A blueprint alone, named `plant.yaml`.
pub fn run(text: &str) -> Run {
    run_all(&CATALOG, &[("plant.yaml", text)], &BTreeMap::new(), &[])
}

/// A blueprint on one target alone, which takes half as long.
pub fn run_some(text: &str, target: Target) -> Run {
    run_all(&CATALOG, &[("plant.yaml", text)], &BTreeMap::new(), &[target])
}

/// The blocks of a page: blueprints, files of a catalog, and files beside the blueprints.
pub fn run_blocks(blocks: &[Block]) -> Run {
    let blueprints = blocks.iter().filter(|block| block.is_blueprint());
    let blueprints: Vec<_> = blueprints
        .map(|block| (block.path.as_deref().unwrap_or("plant.yaml"), block.text.as_str()))
        .collect();
    assert!(!blueprints.is_empty(), "there is nothing to run");
    let files = blocks.iter().filter(|block| !block.is_blueprint());
    let files = files.map(|block| (block.path.clone().expect("a path"), block.text.clone()));
    let files = files.collect();
    run_all(&catalog(&files), &blueprints, &files, &[])
}

fn catalog(files: &BTreeMap<String, String>) -> Catalog {
    Catalog::new(vec![embedded(), layer(files)])
}

fn run_all(
    catalog: &Catalog,
    blueprints: &[(&str, &str)],
    files: &BTreeMap<String, String>,
    targets: &[Target],
) -> Run {
    let templates = Templates::default();
    let as_of = "2026-11-26".parse().expect("a day");
    let session = Session { catalog, templates: &templates, as_of };
    let read_file = |path: &str| match files.get(path) {
        Some(text) => Ok(text.clone().into_bytes()),
        None => Err("there is no such file".to_owned()),
    };
    let request = Request { environments: &[], targets, artifacts: true, read_file: &read_file };
    let (mut stacks, mut findings, mut parsed) = (vec![], vec![], vec![]);
    for (name, text) in blueprints {
        match blueprint::parse(&Source::new(*name, *text, Author::Blueprint)) {
            Err(found) => findings.extend(found),
            Ok(blueprint) => {
                let (made, found) = generate::blueprint(&session, &blueprint, &request);
                findings.extend(found);
                parsed.extend(
                    made.iter()
                        .filter_map(|one| one.envelope.clone())
                        .map(|envelope| (blueprint.clone(), envelope)),
                );
                stacks.extend(made);
            }
        }
    }
    let beside: Vec<_> = parsed.iter().map(|(blueprint, envelope)| (blueprint, envelope)).collect();
    findings.extend(generate::collisions(&beside));
    findings
        .extend(once_each(catalog.take_findings().into_iter().map(|one| (None, one)).collect()));
    Run { stacks, findings, known: known(catalog) }
}

/// The rules of the engine, and of all kinds and parts.
pub fn known(catalog: &Catalog) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    for sort in [Sort::Kind, Sort::Part] {
        let kinds = catalog.kinds(sort).into_iter().filter_map(|name| catalog.kind(sort, name));
        for kind in kinds {
            known.extend(kind.rules.iter().map(|rule| rule.name.to_string()));
        }
    }
    known
}

/// The invented kinds, and what a page adds to them.
fn layer(files: &BTreeMap<String, String>) -> Layer {
    let mut all = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| is_of_catalog(path)) {
        all.insert(Cow::from(path.clone()), Cow::from(text.clone()));
    }
    collect(Path::new(FIXTURES), "", &mut all);
    Layer { name: String::new(), files: all }
}

fn is_of_catalog(path: &str) -> bool {
    ["catalog/", "templates/"].iter().any(|folder| path.starts_with(folder))
}

fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<Cow<'static, str>, Cow<'static, str>>,
) {
    for entry in fs::read_dir(folder).expect("the invented kinds") {
        let entry = entry.expect("a file");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            let text = fs::read_to_string(entry.path()).expect("a text");
            files.insert(name.into(), text.into());
        }
    }
}
