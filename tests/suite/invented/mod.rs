//! Invented kinds, in catalogs of their own over ours, without a line of Rust for any of them.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use formwork::assemble::Plain;
use formwork::blueprint;
use formwork::catalog::{Catalog, Layer, embedded};
use formwork::derive::Stack;
use formwork::diagnostic::{Diagnostic, human};
use formwork::generate::{self, Request, Session};
use formwork::source::{Author, Source};
use formwork::template::Templates;
use formwork::value::Target;

use crate::oracle::{Moto, Plan, Terraform, Tree, Workspace, cfn_lint};

mod a;
mod b;
mod c;
mod d;
mod e;
mod f;
mod g;
mod h;
pub mod i;
mod order;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/invented");

/// Our catalog with others over it.
pub struct World {
    catalog: Catalog,
    templates: Templates,
}

/// What was made of a blueprint.
#[derive(Debug)]
pub struct Made {
    /// `<environment>/<target>/<path>`, or `<target>/<path>`, and the text.
    pub files: BTreeMap<String, String>,
    /// What was found, as people read it.
    pub findings: Vec<String>,
}

impl World {
    /// Our catalog, and over it those in the folders of that name.
    pub fn of(catalogs: &[&str]) -> Self {
        Self::over(catalogs.iter().map(|name| layer(&Path::new(FIXTURES).join(name))))
    }

    /// Our catalog, and over it these layers.
    fn over(layers: impl IntoIterator<Item = Layer>) -> Self {
        let catalog = Catalog::new(std::iter::once(embedded()).chain(layers).collect());
        Self { catalog, templates: Templates::default() }
    }

    /// What is said about one file of a catalog over ours, whose kinds are all read.
    pub fn broken(path: &str, text: &str) -> String {
        let files = BTreeMap::from([(path.to_owned().into(), text.to_owned().into())]);
        let world = Self::over([Layer { name: String::new(), files }]);
        world.catalog.read_all();
        told(&world.catalog.take_findings()).join("\n\n")
    }

    /// Makes everything of a blueprint's text; the catalogs themselves must be sound.
    pub fn make(&self, text: &str) -> Made {
        let session = self.session();
        let source = Source::new("stack.yaml", text, Author::Blueprint);
        let blueprint = match blueprint::parse(&source) {
            Ok(blueprint) => blueprint,
            Err(findings) => return Made { files: BTreeMap::new(), findings: told(&findings) },
        };
        let no_files = |path: &str| Err(format!("there is no {path}"));
        let request =
            Request { environments: &[], targets: &[], artifacts: true, read_file: &no_files };
        let (stacks, findings) = generate::blueprint(&session, &blueprint, &request);
        let broken = told(&self.catalog.take_findings());
        assert!(broken.is_empty(), "the catalog is broken:\n{}", broken.join("\n"));
        let mut files = BTreeMap::new();
        for output in stacks.iter().flat_map(|stack| &stack.outputs) {
            let environment = output.environment.iter().map(|name| format!("{name}/"));
            let folder = format!("{}{}", environment.collect::<String>(), output.target);
            for artifact in &output.artifacts {
                let text = String::from_utf8(artifact.bytes.clone()).unwrap();
                files.insert(format!("{folder}/{}", artifact.path), text);
            }
        }
        Made { files, findings: told(&findings) }
    }

    /// The steps before a deployment that an environment's components call for, parts included.
    pub fn steps(&self, text: &str, environment: &str) -> String {
        let session = self.session();
        let source = Source::new("stack.yaml", text, Author::Blueprint);
        let blueprint = blueprint::parse(&source).unwrap();
        let no_files = |path: &str| Err(format!("there is no {path}"));
        let environment = Some(environment.into());
        let found = generate::resolved(&session, &blueprint, environment.as_ref(), &no_files);
        let resolved = found.unwrap().0;
        let stack = Stack::new(&resolved, &self.catalog);
        let plain = Plain { stack: &stack, target: Target::CloudFormation };
        let mut all = String::new();
        for unit in stack.sound_components().flat_map(|unit| stack.units_of(&unit).unwrap()) {
            let Some(before) = &unit.kind.before else { continue };
            let steps = plain.json(&stack.evaluate(&unit, before).unwrap());
            for step in steps.as_array().unwrap() {
                let say = step["say"].as_str().unwrap();
                writeln!(all, "{}: {say}", stack.name(&unit)).unwrap();
                for detail in ["command", "json"].map(|name| &step[name]) {
                    if !detail.is_null() {
                        writeln!(all, "{detail:#}").unwrap();
                    }
                }
            }
        }
        all
    }

    fn session(&self) -> Session<'_> {
        Session {
            catalog: &self.catalog,
            templates: &self.templates,
            as_of: "2026-11-26".parse().unwrap(),
        }
    }

    /// What is said about a text that differs from a sound one in one place.
    pub fn complaint(&self, sound: &str, old: &str, new: &str) -> String {
        assert_eq!(sound.matches(old).count(), 1, "`{old}` stands in the blueprint once");
        self.make(&sound.replace(old, new)).findings.join("\n\n")
    }
}

impl Made {
    /// A file; where nothing was made, what was found.
    pub fn file(&self, path: &str) -> &str {
        let known: Vec<_> = self.files.keys().collect();
        self.files.get(path).unwrap_or_else(|| {
            panic!("there is no {path}: {known:#?}\n{}", self.findings.join("\n"))
        })
    }

    /// The resources of a template, or the block of a Terraform file, whose first lines name one
    /// of `ids`, in the order of the file.
    pub fn fragments(&self, path: &str, ids: &[&str]) -> String {
        let text = self.file(path);
        let terraform = path.contains("terraform/");
        let begins = |line: &str| {
            let indent = line.len() - line.trim_start().len();
            if terraform { indent == 0 } else { indent == 0 || indent == 2 && line.ends_with(':') }
        };
        let wanted = |line: &str| {
            let names =
                |id: &str| line == format!("  {id}:") || line.contains(&format!("\"{id}\""));
            ids.iter().any(|id| names(id))
        };
        let mut inside = false;
        let mut out = String::new();
        let told = |line: &&str| !line.is_empty() && !line.trim_start().starts_with('#');
        for line in text.lines().filter(told) {
            let closes = terraform && line == "}";
            if begins(line) && !closes {
                inside = wanted(line);
            }
            if inside {
                writeln!(out, "{line}").unwrap();
            }
        }
        assert!(!out.is_empty(), "none of {ids:?} stands in {path}:\n{text}");
        out
    }
}

fn told(findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(|finding| human(finding, false)).collect()
}

/// The text of a file among the fixtures.
pub fn fixture(path: &str) -> String {
    let path = Path::new(FIXTURES).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn layer(folder: &Path) -> Layer {
    let mut files = BTreeMap::new();
    for path in ["catalog", "templates"].iter().flat_map(|name| below(&folder.join(name))) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        files.insert(name.into(), fs::read_to_string(&path).unwrap().into());
    }
    assert!(!files.is_empty(), "{} holds a catalog", folder.display());
    Layer { name: String::new(), files }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

/// Every stack of these fixtures, by a name for messages.
fn all() -> Vec<(&'static str, Made)> {
    let first = [a::stacks(), b::stacks(), c::stacks(), d::stacks()];
    let others = [e::stacks(), f::stacks(), g::stacks(), h::stacks(), i::stacks()];
    first.into_iter().chain(others).flatten().collect()
}

#[test]
fn the_same_blueprint_gives_the_same_bytes() {
    for ((name, one), (_, other)) in all().iter().zip(&all()) {
        assert!(!one.files.is_empty(), "{name}: {}", one.findings.join("\n"));
        assert_eq!(one.files, other.files, "{name}");
    }
}

/// Below one folder for all judges: `<name>/[<environment>/]<target>/…`.
fn tree(all: &[(&'static str, Made)]) -> (Tree, Vec<String>) {
    let files = all.iter().flat_map(|(name, made)| {
        made.files.iter().map(move |(path, text)| (format!("{name}/{path}"), text.as_str()))
    });
    let files: Vec<_> = files.collect();
    let paths = files.iter().map(|(path, _)| path.clone()).collect();
    (Tree::new(files.iter().map(|(path, text)| (path.as_str(), *text))), paths)
}

#[test]
fn cfn_lint_finds_nothing_in_invented_kinds() {
    let (tree, paths) = tree(&all());
    let templates = paths.iter().filter(|path| path.ends_with("template.yaml"));
    let templates: Vec<_> = templates.map(|path| tree.path(path)).collect();
    let Some(findings) = cfn_lint(&templates, &["eu-central-1"]) else { return };
    let lines = findings
        .iter()
        .map(|f| format!("{}:{}: {} {}", f.file.display(), f.line, f.rule, f.message));
    assert!(findings.is_empty(), "{:#?}", lines.collect::<Vec<_>>());
}

#[test]
fn terraform_plans_invented_kinds() {
    let (Some(terraform), Some(moto)) = (Terraform::find(), Moto::start()) else { return };
    let (tree, paths) = tree(&all());
    assert_eq!(terraform.fmt_check(tree.root()), Vec::<String>::new());
    let folders = paths.iter().filter_map(|path| path.strip_suffix("/versions.tf"));
    let folders: Vec<_> = folders.map(|folder| tree.path(folder)).collect();
    assert_eq!(terraform.validate(&folders), Vec::<String>::new());
    // What is asked for, or read from elsewhere, is not there by itself.
    let asks = |text: &str| text.contains("variable \"") || text.contains("aws_ssm_parameter");
    let alone = |folder: &&PathBuf| {
        fs::read_to_string(folder.join("variables.tf")).map_or(true, |text| !asks(&text))
    };
    for folder in folders.iter().filter(alone) {
        planned(&terraform, &moto, folder);
    }
}

/// A copy of a stack for which Terraform has made a plan, and that plan.
fn planned(terraform: &Terraform, moto: &Moto, folder: &Path) -> (Workspace, Plan) {
    let stack = terraform.open(folder, moto).expect("it initialises");
    let plan = stack.plan();
    let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    (stack, plan)
}
