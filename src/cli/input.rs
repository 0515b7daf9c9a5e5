//! Files that are named on the command line, and files beside them.

use super::stop::Stop;
use crate::source::{Author, Source};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Nobody writes more by hand.
const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// A blueprint that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `-`
    StandardInput,
    /// A file.
    File(PathBuf),
}

impl Place {
    /// Reads it. Fails when it cannot be read, is too large, or is not text.
    pub fn read(&self) -> Result<Arc<Source>, Stop> {
        let (name, text) = match self {
            Self::StandardInput => ("<stdin>".to_string(), text("<stdin>", io::stdin().lock())?),
            Self::File(path) => (path.display().to_string(), read_text(path)?),
        };
        Ok(Source::new(name, text, Author::Blueprint))
    }

    /// What the files that it names are relative to.
    pub fn folder(&self) -> PathBuf {
        let parent = match self {
            Self::StandardInput => None,
            Self::File(path) => path.parent(),
        };
        parent.map(Path::to_owned).unwrap_or_default()
    }
}

/// The text of a file. Fails when it cannot be read, is too large, or is not text.
pub(super) fn read_text(path: &Path) -> Result<String, Stop> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| cannot("read", &name, &error))?;
    text(&name, file)
}

fn text(name: &str, reader: impl Read) -> Result<String, Stop> {
    let mut bytes = vec![];
    let read = reader.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| cannot("read", name, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Stop::new(format!("{name} is larger than 10 MiB")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        Stop::new(format!("{name} is not UTF-8 text (line {line})")).help("save it as UTF-8")
    })
}

/// What could not be done to a file, without the number of the error, which differs by system.
pub(super) fn cannot(action: &str, name: &str, error: &io::Error) -> Stop {
    let reason = error.to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default();
    Stop::new(format!("cannot {action} {name}: {reason}"))
}

/// Reads a user's own file, relative to a folder.
pub(super) fn asset(folder: &Path, path: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(path);
    let reason = |error: io::Error| {
        error.to_string().split(" (os error").next().unwrap_or_default().to_string()
    };
    match fs::metadata(&path) {
        Ok(metadata) if !metadata.is_file() => Err("it is not a file".into()),
        Ok(_) => fs::read(&path).map_err(reason),
        Err(error) => Err(reason(error)),
    }
}

/// The blueprints that arguments name, each once: files, `-`, and those below folders. What cannot
/// be looked at is told beside them.
pub(super) fn places(arguments: &[PathBuf]) -> (Vec<Place>, Vec<Stop>) {
    let (mut places, mut stops) = (vec![], vec![]);
    let mut seen = BTreeSet::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            if !places.contains(&Place::StandardInput) {
                places.push(Place::StandardInput);
            }
            continue;
        }
        let mut files = vec![];
        match below(argument, &mut files) {
            Ok(()) if files.is_empty() => stops.push(nothing_below(argument)),
            Ok(()) => {}
            Err(stop) => stops.push(stop),
        }
        for file in files {
            let here = argument.as_os_str() == ".";
            let short = file.strip_prefix(".").ok().filter(|_| here).map(Path::to_owned);
            let file = short.unwrap_or(file);
            let same = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
            if seen.insert(same) {
                places.push(Place::File(file));
            }
        }
    }
    (places, stops)
}

fn nothing_below(folder: &Path) -> Stop {
    Stop::new(format!("there is no blueprint below {}", folder.display()))
        .help("a blueprint is a *.yaml file that starts with `formwork: 1`")
}

/// The argument itself where it is no folder; else every blueprint below it, sorted.
fn below(argument: &Path, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    if !argument.is_dir() {
        files.push(argument.to_owned());
        return Ok(());
    }
    for path in entries(argument)? {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let linked = path.is_symlink() && path.is_dir();
        if path.is_dir() && !hidden && !linked {
            below(&path, files)?;
        } else if is_blueprint(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// What lies in a folder, sorted.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let error = |error| cannot("read", &folder.display().to_string(), &error);
    let mut paths = vec![];
    for entry in fs::read_dir(folder).map_err(error)? {
        paths.push(entry.map_err(error)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Whether a file is a blueprint.
fn is_blueprint(path: &Path) -> bool {
    let yaml = is_yaml(path) && path.is_file();
    let text = if yaml { read_text(path).ok() } else { None };
    begins_blueprint(path, text.unwrap_or_default().as_bytes())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// Whether a file of this name and text starts, after comments, with the version of a blueprint.
pub(super) fn begins_blueprint(path: &Path, text: &[u8]) -> bool {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let first = lines.find(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && line != "---"
    });
    is_yaml(path) && first.is_some_and(|line| line.starts_with("formwork:"))
}
