//! The project file, and the catalogs that it and the flags name.

use super::console::Console;
use super::git::Revision;
use super::input::{self, entries, read_text};
use super::stop::Stop;
use crate::catalog::{Catalog, Layer, Sort, embedded};
use crate::diagnostic::Diagnostic;
use crate::template::Templates;
use crate::value::Target;
use serde::Deserialize;
use std::env;
use std::path::{Path, PathBuf};

const NAME: &str = "formwork.yaml";
/// What a catalog's folder may hold, and the endings of what is read.
const FOLDERS: [&str; 4] = ["blueprints", "catalog", "docs/rules", "templates"];
const ENDINGS: [&str; 7] = ["yaml", "yml", "json", "hbs", "md", "py", "sh"];

/// Settings for all blueprints of a folder; paths are relative to the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    out: Option<PathBuf>,
    targets: Vec<String>,
    catalogs: Vec<PathBuf>,
    deny: Vec<String>,
}

/// The nearest `formwork.yaml` from the working directory upwards, or the defaults.
#[derive(Debug, Default)]
pub(super) struct Project {
    /// Where stacks are written.
    pub out: PathBuf,
    /// What is generated of each blueprint; all that it says when empty.
    pub targets: Vec<Target>,
    /// What fails beside errors.
    pub deny: Vec<String>,
    /// The file, where there is one.
    file: Option<PathBuf>,
    catalogs: Vec<PathBuf>,
    /// The catalogs that the command line names.
    flags: Vec<PathBuf>,
}

impl Project {
    /// Fails when a project file is there and cannot be understood.
    pub fn find(flags: &[PathBuf]) -> Result<Self, Stop> {
        Ok(Self { flags: flags.to_vec(), ..Self::nearest()? })
    }

    fn nearest() -> Result<Self, Stop> {
        let depth = env::current_dir().map_or(1, |folder| folder.ancestors().count());
        let mut folder = PathBuf::new();
        for _ in 0..depth {
            let file = folder.join(NAME);
            let text = if file.is_file() { read_text(&file)? } else { String::new() };
            // A blueprint may have that name too.
            if file.is_file() && !text.lines().any(|line| line.starts_with("formwork:")) {
                return Self::read(&folder, &file, &text);
            }
            folder.push("..");
        }
        Ok(Self { out: "stacks".into(), ..Self::default() })
    }

    fn read(folder: &Path, file: &Path, text: &str) -> Result<Self, Stop> {
        let name = file.display().to_string();
        let settings = settings(&name, text)?;
        let target = |word: &String| {
            let wrong = || Stop::new(format!("{name}: there is no target `{word}`"));
            Target::from_word(word).ok_or_else(wrong)
        };
        Ok(Self {
            out: folder.join(settings.out.unwrap_or_else(|| "stacks".into())),
            targets: settings.targets.iter().map(target).collect::<Result<_, _>>()?,
            deny: settings.deny,
            file: Some(file.to_owned()),
            catalogs: settings.catalogs.iter().map(|path| folder.join(path)).collect(),
            flags: vec![],
        })
    }

    /// Our catalog with those of the project and of the flags over it. All of it is read where
    /// there are any, so that whatever is broken is told at once.
    pub fn catalog(&self, console: &Console) -> Result<Catalog, Stop> {
        let layer = |folder: &PathBuf| {
            let layer = layer(folder)?;
            console.detail(&format!("catalog {}: {} files", layer.name, layer.files.len()));
            Ok(layer)
        };
        layered(self.catalogs.iter().chain(&self.flags).map(layer).collect::<Result<_, Stop>>()?)
    }

    /// The catalog as it was where this branch left a revision of Git; none where there is but
    /// ours. A folder that the command line names and the repository does not have is as it is.
    pub fn catalog_at(&self, base: &str) -> Result<Option<Catalog>, Stop> {
        if self.file.is_none() && self.flags.is_empty() {
            return Ok(None);
        }
        let mut layers = vec![];
        if let Some(file) = &self.file {
            let revision = Revision::find(base, file)?;
            let text = revision.read(NAME).unwrap_or_default();
            let name = format!("{}@{base}", file.display());
            for folder in settings(&name, &String::from_utf8_lossy(&text))?.catalogs {
                layers.push(layer_at(&revision, &folder, base)?);
            }
        }
        for folder in &self.flags {
            let then = layer_at(&Revision::find(base, Path::new(NAME))?, folder, base)?;
            layers.push(if then.files.is_empty() { layer(folder)? } else { then });
        }
        if layers.is_empty() && self.catalogs.is_empty() {
            return Ok(None);
        }
        layered(layers).map(Some)
    }
}

fn settings(name: &str, text: &str) -> Result<Settings, Stop> {
    let settings: Option<Settings> =
        serde_yaml::from_str(text).map_err(|error| Stop::new(format!("{name}: {error}")))?;
    Ok(settings.unwrap_or_default())
}

/// Our catalog with others over it; sound as a whole.
fn layered(others: Vec<Layer>) -> Result<Catalog, Stop> {
    if others.is_empty() {
        return Ok(Catalog::ours());
    }
    let catalog = Catalog::new(std::iter::once(embedded()).chain(others).collect());
    let findings = all_findings(&catalog);
    if findings.is_empty() {
        Ok(catalog)
    } else {
        Err(Stop::findings("the catalog is broken", findings))
    }
}

/// A folder's catalog as it was; empty where it was not there.
fn layer_at(revision: &Revision, folder: &Path, base: &str) -> Result<Layer, Stop> {
    let folder = folder.to_string_lossy().replace('\\', "/");
    let folder = folder.trim_matches('/').trim_start_matches("./");
    let name = format!("{folder}@{base}/");
    let mut layer = Layer { name, ..Layer::default() };
    for path in revision.below(folder)? {
        let key = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/');
        let inside = FOLDERS.iter().any(|part| key.starts_with(&format!("{part}/")));
        let ending = key.rsplit('.').next().is_some_and(|ending| ENDINGS.contains(&ending));
        if inside
            && ending
            && let Some(bytes) = revision.read(&path)
        {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            layer.files.insert(key.to_string().into(), text.into());
        }
    }
    Ok(layer)
}

fn layer(folder: &Path) -> Result<Layer, Stop> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(Stop::new(format!("there is no folder {shown}")));
    }
    if !folder.join("catalog").is_dir() && !folder.join("templates").is_dir() {
        let help = "a catalog has its kinds in catalog/kinds/ and their templates in templates/";
        return Err(Stop::new(format!("{shown} is no catalog")).help(help));
    }
    let name = format!("{}/", shown.to_string().trim_end_matches('/'));
    let name = if name == "./" { String::new() } else { name };
    let mut layer = Layer { name, ..Layer::default() };
    for part in FOLDERS.map(|part| folder.join(part)) {
        if part.is_dir() {
            add(&mut layer, folder, &part)?;
        }
    }
    Ok(layer)
}

/// Adds every file below `at` by its path below `root`.
fn add(layer: &mut Layer, root: &Path, at: &Path) -> Result<(), Stop> {
    for path in entries(at)? {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if path.is_dir() {
            add(layer, root, &path)?;
        } else if ENDINGS.contains(&ending) {
            let below = path.strip_prefix(root).unwrap_or(&path);
            let key = below.to_string_lossy().replace('\\', "/");
            layer.files.insert(key.into(), input::read_text(&path)?.into());
        }
    }
    Ok(())
}

/// Everything that is wrong in a catalog, templates included.
fn all_findings(catalog: &Catalog) -> Vec<Diagnostic> {
    catalog.read_all();
    let templates = Templates::default();
    let mut findings = vec![];
    for target in Target::ALL {
        let _ = catalog.provider(target);
        for sort in [Sort::Part, Sort::Kind] {
            let kinds = catalog.kinds(sort).into_iter();
            for kind in kinds.filter_map(|name| catalog.kind(sort, name)) {
                if let Err(failure) = templates.of(catalog, &kind, target) {
                    findings.push(failure.finding());
                }
            }
        }
    }
    [catalog.take_findings(), findings].concat()
}
