//! The blueprints that the tests generate: those that we ship, the examples of every kind, and
//! what composes them otherwise.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use formwork::assemble::{Assembled, assemble};
use formwork::blueprint::{self, Blueprint};
use formwork::catalog::{Catalog, Layer, Sort, embedded};
use formwork::derive::Stack;
use formwork::diagnostic::{Diagnostic, human};
use formwork::generate::{self, Generated, Request, Session};
use formwork::resolve::{ReadFile, resolve};
use formwork::source::{Author, Source};
use formwork::template::Templates;
use formwork::value::Target;
use formwork::write::Output;
use serde_yaml::{Mapping, Value};

/// A catalog, with all that is made of it once.
#[derive(Default)]
pub struct Engine {
    pub catalog: Catalog,
    templates: Templates,
}

impl Engine {
    pub fn new(layers: Vec<Layer>) -> Self {
        Self { catalog: Catalog::new(layers), templates: Templates::default() }
    }

    pub fn session(&self) -> Session<'_> {
        Session { catalog: &self.catalog, templates: &self.templates, as_of: today() }
    }

    /// All stacks of a blueprint with their artifacts, and all findings.
    pub fn generate(&self, text: &str) -> (Vec<Generated>, Vec<Diagnostic>) {
        self.generate_beside(text, &read_file)
    }

    /// The same, with the files that the blueprint names.
    pub fn generate_beside(
        &self,
        text: &str,
        read_file: &ReadFile<'_>,
    ) -> (Vec<Generated>, Vec<Diagnostic>) {
        let blueprint = match parse(text) {
            Ok(blueprint) => blueprint,
            Err(findings) => return (vec![], findings),
        };
        let session = self.session();
        let request = Request { environments: &[], targets: &[], artifacts: true, read_file };
        let (made, mut findings) = generate::blueprint(&session, &blueprint, &request);
        findings.extend(self.catalog.take_findings());
        (made, findings)
    }

    /// Shows each stack of a blueprint to `look`, on each of its targets, before it is printed.
    pub fn assembled(&self, text: &str, mut look: impl FnMut(&Stack<'_>, &Assembled)) {
        let blueprint = parse(text).expect("a blueprint");
        for environment in blueprint.stacks() {
            let variant = blueprint.variant(environment.as_ref()).expect("an envelope");
            let (resolved, _) = resolve(&variant, &self.catalog, &read_file).expect("components");
            let stack = Stack::new(&resolved, &self.catalog);
            for target in &resolved.envelope.targets {
                look(&stack, &assemble(&stack, &self.templates, *target).expect("resources"));
            }
        }
    }
}

fn parse(text: &str) -> Result<Blueprint, Vec<Diagnostic>> {
    blueprint::parse(&Source::new("blueprint.yaml", text, Author::Blueprint))
}

/// Dated rules are asked about one day, so that the tests do not change with the calendar.
fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 26)
}

/// Whatever file an example names, it is there.
#[expect(clippy::unnecessary_wraps, reason = "the engine's own signature")]
pub fn read_file(path: &str) -> Result<Vec<u8>, String> {
    Ok(format!("the content of {path}\n").into_bytes())
}

/// Our own catalog, read once.
pub static OURS: LazyLock<Engine> = LazyLock::new(|| Engine::new(vec![embedded()]));

/// A blueprint, and what it is called in the tests.
#[derive(Clone, Debug)]
pub struct Case {
    /// `sensor-streaming`, or `<kind>.<example>`.
    pub name: String,
    pub text: String,
}

/// The blueprints that we ship.
pub fn shipped() -> Vec<Case> {
    let files = embedded().files;
    let named = files.iter().filter_map(|(path, text)| {
        let name = path.strip_prefix("blueprints/")?.strip_suffix(".yaml")?;
        Some(Case { name: name.to_owned(), text: text.to_string() })
    });
    let cases: Vec<_> = named.collect();
    assert!(!cases.is_empty(), "no blueprint is shipped");
    cases
}

/// Blueprints that compose kinds as nobody foresaw, and use what no example does.
pub fn composed() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/composed");
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let case = |path: &PathBuf| Case {
        name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        text: std::fs::read_to_string(path).expect("a blueprint"),
    };
    paths.iter().map(case).collect()
}

/// Each example of each kind as a blueprint of its own, a kind's in the order of its file.
pub fn examples() -> Vec<Case> {
    let kinds = OURS.catalog.kinds(Sort::Kind);
    let all: Vec<_> = kinds.iter().flat_map(|kind| examples_of(&embedded(), kind)).collect();
    assert!(all.len() >= kinds.len(), "every kind has an example");
    all
}

fn examples_of(layer: &Layer, kind: &str) -> Vec<Case> {
    let text = &layer.files[format!("catalog/kinds/{kind}.yaml").as_str()];
    let document: Value = serde_yaml::from_str(text).expect("a kind's file");
    let examples = document["examples"].as_mapping().expect("every kind has examples");
    // A kind that extends another takes some of its examples back, with a null.
    let examples = examples.iter().filter(|(_, example)| !example.is_null());
    let case = |(name, example): (&Value, &Value)| {
        let name = format!("{kind}.{}", name.as_str().expect("a name"));
        let blueprint = example_blueprint(kind, example.as_mapping().expect("a component"));
        Case { name, text: serde_yaml::to_string(&blueprint).expect("YAML") }
    };
    examples.map(case).collect()
}

fn example_blueprint(kind: &str, example: &Mapping) -> Value {
    let mut component = Mapping::from_iter([("kind".into(), kind.into())]);
    component.extend(example.clone());
    let neighbours = component.remove("with").unwrap_or_default();
    let mut components = Mapping::from_iter([("example".into(), component.into())]);
    components.extend(neighbours.as_mapping().cloned().unwrap_or_default());
    Value::from(Mapping::from_iter([
        ("formwork".into(), 1.into()),
        ("name".into(), "acme".into()),
        ("region".into(), "eu-central-1".into()),
        ("artifacts".into(), Mapping::from_iter([("bucket".into(), "acme-files".into())]).into()),
        ("components".into(), components.into()),
    ]))
}

/// What one case writes for one environment and target.
pub struct Made {
    /// The case's name.
    pub case: String,
    /// The case's name with the environment: `sensor-streaming.prod`.
    pub stack: String,
    pub region: String,
    pub output: Output,
}

impl Made {
    /// Path and text of each file that is text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let artifacts = self.output.artifacts.iter();
        artifacts.filter_map(|file| Some((&*file.path, std::str::from_utf8(&file.bytes).ok()?)))
    }

    /// The text of the file at that path.
    pub fn text(&self, path: &str) -> &str {
        let mut texts = self.texts();
        texts.find(|(at, _)| *at == path).unwrap_or_else(|| panic!("{}: no {path}", self.stack)).1
    }

    /// Writes the files below `root`, and says into which folder.
    pub fn write(&self, root: &Path) -> PathBuf {
        let folder = root.join(&self.stack).join(self.output.target.word());
        for file in &self.output.artifacts {
            let path = folder.join(&file.path);
            std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
            std::fs::write(path, &file.bytes).expect("an artifact");
        }
        folder
    }
}

/// Everything that the blueprints and the examples generate; none has an error.
pub static ALL: LazyLock<Vec<Made>> = LazyLock::new(|| {
    let cases = shipped().into_iter().chain(examples()).chain(composed());
    cases.flat_map(|case| made(&OURS, &case)).collect()
});

/// What a case that has no error generates.
pub fn made(engine: &Engine, case: &Case) -> Vec<Made> {
    let (generated, findings) = engine.generate(&case.text);
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    let told: Vec<_> = errors.iter().map(|finding| human(finding, false)).collect();
    assert!(told.is_empty(), "{}:\n{}\n{}", case.name, told.join("\n"), case.text);
    let stack = |stack: Generated| {
        let environment = stack.environment.as_ref().map(|name| format!(".{name}"));
        let name = format!("{}{}", case.name, environment.unwrap_or_default());
        let region = stack.envelope.expect("an envelope").region.to_string();
        assert!(!stack.outputs.is_empty(), "{name} generates nothing");
        stack.outputs.into_iter().map(move |output| Made {
            case: case.name.clone(),
            stack: name.clone(),
            region: region.clone(),
            output,
        })
    };
    generated.into_iter().flat_map(stack).collect()
}

/// All that is generated for one target.
pub fn all_on(target: Target) -> Vec<&'static Made> {
    let made: Vec<_> = ALL.iter().filter(|made| made.output.target == target).collect();
    assert!(!made.is_empty(), "nothing is generated for {target}");
    made
}

/// A text of the catalog that is not the embedded one: our files with some of them changed.
pub fn changed(changes: &BTreeMap<String, String>) -> Layer {
    let mut layer = embedded();
    for (path, text) in changes {
        layer.files.insert(path.clone().into(), text.clone().into());
    }
    layer
}
