//! What a run reads: catalogs, the project file, blueprints, and the files beside them.

use super::Failure;
use super::terminal::Terminal;
use crate::blueprint::{Blueprint, parse};
use crate::catalog::{Catalog, Layer, embedded};
use crate::diagnostic::Diagnostic;
use crate::generate::Session;
use crate::source::{Author, Source};
use crate::template::Templates;
use crate::value::Target;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Nobody writes a longer blueprint.
const LARGEST: u64 = 10 * 1024 * 1024;
/// The project file, looked for from the working directory upwards.
const PROJECT: &str = "formwork.yaml";

/// What the project file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    pub out: Option<PathBuf>,
    #[serde(default)]
    pub targets: Vec<String>,
    #[serde(default)]
    pub catalogs: Vec<PathBuf>,
    #[serde(default)]
    pub deny: Vec<String>,
}

/// What all commands share.
pub(super) struct Input {
    pub catalog: Catalog,
    pub templates: Templates,
    pub project: Project,
}

/// A blueprint, or what keeps it from being one.
pub(super) struct File {
    pub path: PathBuf,
    pub parsed: Result<Blueprint, Vec<Diagnostic>>,
}

impl Input {
    /// Reads the project file and the catalogs; whatever is wrong in a company's is found.
    pub fn open(catalogs: &[PathBuf], terminal: &Terminal) -> Result<Self, Failure> {
        let project = project()?;
        let mut layers = vec![embedded()];
        for folder in project.catalogs.iter().chain(catalogs) {
            terminal.say_more(&format!("catalog {}", folder.display()));
            layers.push(layer(folder)?);
        }
        let own = layers.len() > 1;
        let catalog = Catalog::new(layers);
        if own {
            catalog.read_all();
        }
        Ok(Self { catalog, templates: Templates::default(), project })
    }

    /// A session about a day; today unless said.
    pub fn session(&self, as_of: Option<Date>) -> Session<'_> {
        let as_of = as_of.unwrap_or_else(|| jiff::Zoned::now().date());
        Session { catalog: &self.catalog, templates: &self.templates, as_of }
    }

    /// The targets that the project narrows every run to.
    pub fn targets(&self) -> Result<Vec<Target>, Failure> {
        let targets = self.project.targets.iter();
        targets.map(|word| super::target(word).map_err(|e| format!("{PROJECT}: {e}"))).collect()
    }

    /// Reads blueprints: files, folders, and `-` for standard input. The same file counts once.
    pub fn blueprints(paths: &[PathBuf]) -> Result<Vec<File>, Failure> {
        let mut files: Vec<PathBuf> = vec![];
        for path in paths {
            if path.is_dir() {
                let before = files.len();
                below(path, &mut files)?;
                if files.len() == before {
                    return Err(format!("there is no blueprint below {}", path.display()));
                }
            } else {
                files.push(path.clone());
            }
        }
        let mut seen = vec![];
        files.retain(|path| {
            let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
            let new = !seen.contains(&identity);
            seen.push(identity);
            new
        });
        files.into_iter().map(read_blueprint).collect()
    }
}

fn read_blueprint(path: PathBuf) -> Result<File, Failure> {
    let (name, text) = if path == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().take(LARGEST + 1).read_to_string(&mut text);
        read.map_err(|error| format!("cannot read standard input: {error}"))?;
        ("<stdin>".to_string(), text)
    } else {
        (path.display().to_string(), read_text(&path)?)
    };
    if text.len() as u64 > LARGEST {
        return Err(format!("{name} is larger than {} MiB", LARGEST / 1024 / 1024));
    }
    let source = Source::new(name, text, Author::Blueprint);
    Ok(File { path, parsed: parse(&source) })
}

/// A text file of a bounded size.
fn read_text(path: &Path) -> Result<String, Failure> {
    let fail = |reason: String| format!("cannot read {}: {reason}", path.display());
    let size = fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > LARGEST {
        return Err(fail(format!("it is larger than {} MiB", LARGEST / 1024 / 1024)));
    }
    let bytes = fs::read(path).map_err(|error| fail(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8 text".into()))
}

/// Files below a folder that look like blueprints, in the order of their paths.
fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            below(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = read_text(&path)?;
            if text.lines().any(|line| line.starts_with("formwork:")) {
                files.push(path);
            }
        }
    }
    Ok(())
}

/// Reads a file that a blueprint names, beside it.
pub(super) fn beside(blueprint: &Path) -> impl Fn(&str) -> Result<Vec<u8>, String> {
    let folder = match blueprint.parent() {
        Some(parent) if blueprint != Path::new("-") => parent.to_path_buf(),
        _ => PathBuf::new(),
    };
    move |path| fs::read(folder.join(path)).map_err(|error| error.to_string())
}

fn project() -> Result<Project, Failure> {
    let here = std::env::current_dir().map_err(|error| format!("no working directory: {error}"))?;
    let found = here.ancestors().map(|folder| folder.join(PROJECT)).find(|path| path.is_file());
    let Some(path) = found else { return Ok(Project::default()) };
    let text = read_text(&path)?;
    // A blueprint may have that name too.
    if text.lines().any(|line| line.starts_with("formwork:")) {
        return Ok(Project::default());
    }
    let project: Option<Project> =
        serde_yaml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut project = project.unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    for catalog in &mut project.catalogs {
        *catalog = folder.join(&*catalog);
    }
    project.out = project.out.map(|out| folder.join(out));
    Ok(project)
}

/// The files of a catalog folder.
fn layer(folder: &Path) -> Result<Layer, Failure> {
    let mut files = BTreeMap::new();
    for name in ["catalog", "templates", "docs/rules", "blueprints"] {
        collect(folder, &folder.join(name), &mut files)?;
    }
    if files.is_empty() {
        let path = folder.display();
        return Err(format!("{path} is no catalog: it has neither catalog/ nor templates/"));
    }
    let name = format!("{}/", folder.display());
    Ok(Layer { name: if name == "./" { String::new() } else { name }, files })
}

type Files = BTreeMap<std::borrow::Cow<'static, str>, std::borrow::Cow<'static, str>>;

fn collect(root: &Path, folder: &Path, files: &mut Files) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        let known = ["yaml", "json", "hbs", "md"];
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|end| known.iter().any(|known| end == *known)) {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let name = relative.to_string_lossy().replace('\\', "/");
            files.insert(name.into(), read_text(&path)?.into());
        }
    }
    Ok(())
}
