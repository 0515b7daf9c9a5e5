//! Every line of the catalog matters: without it, something that is promised is different.
//!
//! Each mutant is a file of the catalog without one of its nodes. It is dead when the file is
//! refused, or when a blueprint that the tests know gives other artifacts or other findings. A
//! run tries one of [`SHARE`]; with `FORMWORK_MUTANTS=all`, every one (minutes).
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use std::{env, thread};

use formwork::catalog::{Layer, embedded};
use formwork::diagnostic::human;
use formwork::editor;

use crate::invented::i::reports;
use crate::rules::blueprints_of_pages;
use crate::stacks::{Engine, OURS, changed, composed, examples, read_file, shipped};

/// Few enough to stay within seconds, and spread over all files.
const SHARE: usize = 60;

/// What may be tried; kinds and parts only where `FORMWORK_MUTANTS_OF` asks for their paths.
const FOLDERS: [&str; 4] =
    ["catalog/kinds/", "catalog/parts/", "templates/cloudformation/", "templates/terraform/"];

/// Below these keys stand words for people, and what the other tests of a kind read.
const WORDS: [&str; 12] = [
    "summary",
    "service",
    "description",
    "mistaken",
    "changes",
    "examples",
    "explains",
    "alternatives",
    "latency",
    "timing",
    "panels",
    "flow",
];

struct Mutant {
    path: String,
    line: usize,
    taken: String,
    text: String,
}

/// A catalog, read once for all blueprints that bring no files of their own.
struct Tried {
    changes: BTreeMap<String, String>,
    engine: Engine,
}

static UNHARMED: LazyLock<Tried> = LazyLock::new(|| Tried::new(BTreeMap::new()));

impl Tried {
    fn new(changes: BTreeMap<String, String>) -> Self {
        let engine = beside(&changes, &BTreeMap::new());
        Self { changes, engine }
    }
}

/// With a layer above it, even an empty one, our catalog is not trusted.
fn beside(changes: &BTreeMap<String, String>, files: &BTreeMap<String, String>) -> Engine {
    let files = files.iter().map(|(path, text)| (path.clone().into(), text.clone().into()));
    Engine::new(vec![changed(changes), Layer { name: "beside/".into(), files: files.collect() }])
}

/// A blueprint that the tests know, with the files of a catalog beside it.
struct Trial {
    text: String,
    beside: BTreeMap<String, String>,
    told: u64,
}

impl Trial {
    fn new(text: String, beside: BTreeMap<String, String>) -> Self {
        let trial = Self { text, beside, told: 0 };
        Self { told: trial.told(&UNHARMED), ..trial }
    }

    /// All that it gives with a catalog, as a number.
    fn told(&self, catalog: &Tried) -> u64 {
        let own = (!self.beside.is_empty()).then(|| beside(&catalog.changes, &self.beside));
        let engine = own.as_ref().unwrap_or(&catalog.engine);
        let (made, findings) =
            engine.generate_beside(&self.text, &|path| match self.beside.get(path) {
                Some(text) => Ok(text.clone().into_bytes()),
                None => read_file(path),
            });
        let mut hasher = DefaultHasher::new();
        for artifact in made.iter().flat_map(|stack| &stack.outputs).flat_map(|one| &one.artifacts)
        {
            (&artifact.path, &artifact.bytes).hash(&mut hasher);
        }
        let findings: Vec<_> = findings.iter().map(|finding| human(finding, false)).collect();
        findings.hash(&mut hasher);
        hasher.finish()
    }

    fn has_one_of(&self, kinds: &[String]) -> bool {
        let said = |kind: &String| {
            let word = format!("kind: {kind}");
            self.text.split(word.as_str()).skip(1).any(|rest| !is_name(rest))
        };
        kinds.is_empty() || kinds.iter().any(said)
    }
}

/// Short ones first: what differs is found soon.
static TRIALS: LazyLock<Vec<Trial>> = LazyLock::new(|| {
    let cases = examples().into_iter().chain(composed()).chain(shipped());
    let cases = cases.map(|case| (case.text, BTreeMap::new()));
    cases
        .chain(blueprints_of_pages())
        .chain([reports()])
        .map(|(text, beside)| Trial::new(text, beside))
        .collect()
});

/// What an editor is told of all kinds; bounds and words that no blueprint tries stand there.
fn schema(engine: &Engine) -> String {
    editor::schema(&engine.catalog, &editor::Known::default()).to_string()
}

static SCHEMA: LazyLock<String> = LazyLock::new(|| schema(&OURS));

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines of the node that begins at a line.
fn node(lines: &[&str], at: usize) -> usize {
    let own = indent(lines[at]);
    let inside = |line: &&&str| line.is_empty() || indent(line) > own;
    let length = 1 + lines[at + 1..].iter().take_while(inside).count();
    let closes = |line: &&str| indent(line) == own && line.trim_start().starts_with(['}', ']']);
    length + usize::from(length > 1 && lines.get(at + length).is_some_and(closes))
}

/// The key of a line, and those that it stands below.
fn above<'a>(lines: &'a [&str], at: usize) -> impl Iterator<Item = &'a str> {
    let mut own = indent(lines[at]) + 1;
    let above = lines[..=at].iter().rev().filter(move |line| {
        let outside = !line.trim().is_empty() && indent(line) < own;
        own = if outside { indent(line) } else { own };
        outside
    });
    above.filter_map(|line| line.trim_start_matches([' ', '-']).split(':').next())
}

fn mutants(path: &str, text: &str) -> Vec<Mutant> {
    let lines: Vec<&str> = text.lines().collect();
    let is_node = |at: &usize| {
        let line = lines[*at].trim();
        let syntax = ["#", "{{#", "{{/", "{{else", "}", "]"];
        !line.is_empty() && !syntax.iter().any(|begin| line.starts_with(begin))
    };
    // What a part's parameters may be, only a kind's author would see.
    let words = |at: &usize| {
        let mut keys = above(&lines, *at);
        let of_part = path.starts_with("catalog/parts/");
        keys.any(|key| WORDS.contains(&key) || of_part && key == "parameters")
    };
    let nodes = (0..lines.len()).filter(is_node).filter(|at| !words(at));
    let mutant = |at: usize| {
        let rest = [&lines[..at], &lines[at + node(&lines, at)..]].concat();
        let text = rest.join("\n") + "\n";
        Mutant { path: path.to_owned(), line: at + 1, taken: lines[at].trim().to_owned(), text }
    };
    nodes.map(mutant).collect()
}

/// `a/b/emr-groups.tf.hbs` and `a/emr-groups/b.tf.hbs` are of `emr-groups`.
fn stem(path: &str) -> &str {
    let steps = path.split('/').skip(2);
    let name = steps.into_iter().find(|step| !["parts", "partials", "kinds"].contains(step));
    name.and_then(|name| name.split('.').next()).unwrap_or_default()
}

/// The names of the kinds that a file has a say in: its own, those that extend it, those that
/// take the partial in. None stands for all: the engine adds parts by itself.
fn kinds_of(path: &str) -> Vec<String> {
    if path.contains("/parts/") {
        return vec![];
    }
    let name = stem(path);
    let uses = ["extends: ", "{{> partials/"].map(|begin| format!("{begin}{name}"));
    let used_in = |text: &str| {
        let after = |one: &String| text.split(one.as_str()).skip(1).any(|rest| !is_name(rest));
        uses.iter().any(after)
    };
    let files = embedded().files;
    let users = files.iter().filter(|(_, text)| used_in(text)).map(|(path, _)| stem(path));
    let own = (!path.contains("/partials/")).then_some(name);
    users.chain(own).map(String::from).collect()
}

/// Whether a text goes on with a letter of a name.
fn is_name(text: &str) -> bool {
    text.starts_with(|next: char| next.is_alphanumeric() || next == '-')
}

fn lives(mutant: &Mutant) -> bool {
    let changes = BTreeMap::from([(mutant.path.clone(), mutant.text.clone())]);
    let harmed = Tried::new(changes);
    let kinds = kinds_of(&mutant.path);
    let mut trials = TRIALS.iter().filter(|trial| trial.has_one_of(&kinds));
    trials.all(|trial| trial.told(&harmed) == trial.told)
        && schema(&Engine::new(vec![changed(&harmed.changes)])) == *SCHEMA
}

#[test]
fn every_line_of_a_template_matters() {
    let share = if env::var("FORMWORK_MUTANTS").is_ok_and(|of| of == "all") { 1 } else { SHARE };
    let only = env::var("FORMWORK_MUTANTS_OF").unwrap_or_else(|_| "templates/".into());
    let files = embedded().files;
    let ours = files.iter().filter(|(path, _)| FOLDERS.iter().any(|one| path.starts_with(one)));
    let ours = ours.filter(|(path, _)| path.contains(&only));
    let all: Vec<_> = ours.flat_map(|(path, text)| mutants(path, text)).collect();
    let some: Vec<_> = all.iter().step_by(share).collect();
    let survivors: Vec<&Mutant> = thread::scope(|scope| {
        let shares = some.chunks(some.len().div_ceil(2).max(1));
        let workers: Vec<_> = shares
            .map(|share| {
                let look = || share.iter().filter(|one| lives(one)).copied().collect::<Vec<_>>();
                scope.spawn(look)
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    let told: Vec<_> =
        survivors.iter().map(|one| format!("{}:{}: {}", one.path, one.line, one.taken)).collect();
    assert!(told.is_empty(), "{} of {}:\n{}", told.len(), some.len(), told.join("\n"));
}
