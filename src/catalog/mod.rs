//! The catalog: kinds, parts, capabilities, lookups and facts, in layers of files.
//!
//! Ours are embedded in the binary, a company's lie in a folder; the same code reads both. A later
//! layer's file stands in place of an earlier one's. Kinds are read when they are first used.

mod capability;
mod check;
mod consequence;
mod embedded;
mod emit;
mod extend;
mod fields;
mod kind;
mod lookup;
mod program;
mod schema;
mod statements;

pub use capability::Capability;
pub use consequence::{Consequence, Outcome};
pub use embedded::embedded;
pub use emit::{Emit, Existing, Holds, Naming, Output, OutputValue, Piece};
pub use kind::{Bindings, Contribution, Kind, Part, Rule};
pub use lookup::Lookup;
pub use schema::{Form, Pattern, Properties, Schema, Since, number};

use crate::diagnostic::Diagnostic;
use crate::provider::Facts;
use crate::source::{Author, Source};
use crate::value::{Map, Target, Value};
use crate::yaml::{self, Tags};
use fields::{Fields, Problems};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Files by path, as they lie in a folder with `catalog/` and `templates/`.
#[derive(Debug, Default)]
pub struct Layer {
    /// What stands before a path in messages; empty for ours.
    pub name: String,
    /// Paths with `/`, and texts.
    pub files: BTreeMap<Cow<'static, str>, Cow<'static, str>>,
}

/// Whether a file says what components are, or what parts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// `catalog/kinds/`
    Kind,
    /// `catalog/parts/`
    Part,
}

impl Sort {
    fn folder(self) -> &'static str {
        match self {
            Self::Kind => "catalog/kinds/",
            Self::Part => "catalog/parts/",
        }
    }
}

type Read<T> = BTreeMap<(Sort, Arc<str>), Option<Arc<T>>>;

/// All layers as one.
#[derive(Debug, Default)]
pub struct Catalog {
    layers: Vec<Layer>,
    kinds: Mutex<Read<Kind>>,
    capabilities: OnceLock<BTreeMap<Arc<str>, Capability>>,
    lookups: OnceLock<BTreeMap<Arc<str>, Lookup>>,
    facts: Mutex<BTreeMap<Arc<str>, Value>>,
    provider: [OnceLock<Facts>; 2],
    findings: Mutex<Vec<Diagnostic>>,
    is_trusted: bool,
}

impl Catalog {
    /// The layers, the first below the others.
    pub fn new(layers: Vec<Layer>) -> Self {
        Self { layers, ..Self::default() }
    }

    /// Ours alone. What the tests have checked is not checked again whenever somebody runs it.
    pub fn ours() -> Self {
        Self { is_trusted: true, ..Self::new(vec![embedded()]) }
    }

    /// What was found wrong in the catalog's own files so far; taken away by asking.
    pub fn take_findings(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.findings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The text of a file in the topmost layer that has it, with the name to show for it.
    pub fn file(&self, path: &str) -> Option<(String, &str)> {
        self.layers.iter().rev().find_map(|layer| {
            let text = layer.files.get(path)?;
            Some((format!("{}{path}", layer.name), &**text))
        })
    }

    /// The paths below a folder that end alike, in all layers, without the folder and the ending.
    pub fn names(&self, folder: &str, ending: &str) -> Vec<&str> {
        let paths = self.layers.iter().flat_map(|layer| layer.files.keys());
        let names = paths.filter_map(|path| path.strip_prefix(folder)?.strip_suffix(ending));
        let mut names: Vec<&str> = names.filter(|name| !name.contains('/')).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The paths of all files below a folder, in all layers, without the folder.
    pub fn below(&self, folder: &str) -> Vec<&str> {
        let paths = self.layers.iter().flat_map(|layer| layer.files.keys());
        let mut paths: Vec<&str> = paths.filter_map(|path| path.strip_prefix(folder)).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The names of all kinds, or of all parts.
    pub fn kinds(&self, sort: Sort) -> Vec<&str> {
        self.names(sort.folder(), ".yaml")
    }

    /// A kind or part; `None` when there is none of that name, or its file is broken: then
    /// [`Catalog::take_findings`] says how.
    pub fn kind(&self, sort: Sort, name: &str) -> Option<Arc<Kind>> {
        let key = (sort, Arc::from(name));
        if let Some(read) = lock(&self.kinds).get(&key) {
            return read.clone();
        }
        let kind = self.read_kind(sort, name).map(Arc::new);
        lock(&self.kinds).insert(key, kind.clone());
        kind
    }

    /// Reads every file of the catalog, so that whatever is wrong in it is found.
    pub fn read_all(&self) {
        for sort in [Sort::Part, Sort::Kind] {
            for name in self.kinds(sort) {
                let _ = self.kind(sort, name);
            }
        }
        let _ = self.lookup("");
    }

    /// The capability of that name.
    pub fn capability(&self, name: &str) -> Option<&Capability> {
        self.capabilities().get(name)
    }

    /// All capabilities by name.
    pub fn capabilities(&self) -> &BTreeMap<Arc<str>, Capability> {
        let read = |map: &Map, problems: &Problems| {
            let read = map.0.iter().map(|(key, value)| Capability::read(key, value, problems));
            read.map(|capability| (capability.name.clone(), capability)).collect()
        };
        self.capabilities.get_or_init(|| self.layered("catalog/capabilities.yaml", read))
    }

    /// How a value known only at deployment is looked up.
    pub fn lookup(&self, name: &str) -> Option<&Lookup> {
        let read = |map: &Map, problems: &Problems| {
            let read = map.0.iter().map(|(key, value)| Lookup::read(key, value, problems));
            read.map(|lookup| (lookup.name.clone(), lookup)).collect()
        };
        self.lookups.get_or_init(|| self.layered("catalog/lookups.yaml", read)).get(name)
    }

    /// A file of facts, null when there is none of that name.
    pub fn facts(&self, name: &str) -> Value {
        self.data(&format!("facts/{name}"))
    }

    /// A file of data below `catalog/`, null when there is none of that name.
    pub fn data(&self, name: &str) -> Value {
        if let Some(facts) = lock(&self.facts).get(name) {
            return facts.clone();
        }
        let path = format!("catalog/{name}.yaml");
        let facts = self.document(&path, self.layers.len()).unwrap_or_default();
        lock(&self.facts).insert(name.into(), facts.clone());
        facts
    }

    /// What the provider's schemas say of a target's resource types.
    pub fn provider(&self, target: Target) -> &Facts {
        self.provider[target as usize].get_or_init(|| {
            let paths = [target.word(), "openness"].map(|of| format!("catalog/provider/{of}.json"));
            let mut all = Facts::default();
            for (layer, path) in
                self.layers.iter().flat_map(|one| paths.iter().map(move |p| (one, p)))
            {
                let Some(text) = layer.files.get(path.as_str()) else { continue };
                match Facts::read(text) {
                    Ok(facts) => all.layer(facts),
                    Err(error) => self.note(vec![Diagnostic::new(
                        "broken-catalog",
                        format!("{}{path}: {error}", layer.name),
                    )]),
                }
            }
            all
        })
    }

    /// One map from the same file of all layers, a later layer's member in place of an earlier's.
    fn layered<T>(
        &self,
        path: &str,
        read: impl Fn(&Map, &Problems) -> BTreeMap<Arc<str>, T>,
    ) -> BTreeMap<Arc<str>, T> {
        let mut all = BTreeMap::new();
        for above in 1..=self.layers.len() {
            if self.layers[above - 1].files.contains_key(path)
                && let Some(document) = self.document(path, above)
            {
                let problems = Problems::default();
                all.extend(read(Fields::of(&document, &problems).map(), &problems));
                self.note(problems.into_findings());
            }
        }
        all
    }

    fn note(&self, findings: Vec<Diagnostic>) {
        lock(&self.findings).extend(findings);
    }

    /// The topmost file of that path below layer `above`, read.
    fn document(&self, path: &str, above: usize) -> Option<Value> {
        let mut below = self.layers[..above].iter().rev();
        let (layer, text) = below.find_map(|layer| Some((layer, layer.files.get(path)?)))?;
        let source = Source::new(format!("{}{path}", layer.name), &**text, Author::Catalog);
        match yaml::read(&source, Tags::Refused) {
            Ok(document) => Some(document),
            Err(finding) => {
                self.note(vec![*finding]);
                None
            }
        }
    }

    fn read_kind(&self, sort: Sort, name: &str) -> Option<Kind> {
        let document = self.extended(sort, name, self.layers.len(), 0)?;
        let problems = Problems::default();
        let kind = Kind::read(&document, &problems);
        if *kind.name != *name {
            let title = format!("the file of `{name}` says that it is `{}`", kind.name);
            problems.at(&document, title);
        }
        if !self.is_trusted {
            check::kind(self, &kind, &problems);
        }
        let findings = problems.into_findings();
        let sound = findings.is_empty();
        self.note(findings);
        sound.then_some(kind)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
