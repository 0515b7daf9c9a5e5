//! Two runs at once into one folder: the second waits, and then looks again.

use super::manifest::PREFIX;
use super::plan::unless_missing;
use super::{WriteError, manifest};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const NAME: &str = ".formwork.lock";

/// An exclusive lock on a folder, for as long as it lives.
///
/// On Unix its file is removed at the end. That is safe because whoever waited for a file makes
/// sure afterwards that this file still has the name, and starts again otherwise: of two runs, one
/// on the removed file and one on a new one, only the latter goes on. Elsewhere that cannot be told
/// with the standard library, and the empty file stays.
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits for the folder, which is made where it is missing.
    pub fn acquire(folder: &Path) -> Result<Self, WriteError> {
        let path = folder.join(NAME);
        loop {
            fs::create_dir_all(folder).map_err(|e| WriteError::new("create", folder, e))?;
            match lock(&path) {
                Ok(Some(file)) => return Ok(Self { path, _file: file }),
                Ok(None) => {}
                Err(error) => return Err(WriteError::new("lock", path, error)),
            }
        }
    }
}

#[cfg(unix)]
impl Drop for Lock {
    fn drop(&mut self) {
        // A lock file that stays does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// The file, locked; nothing when it lost its name in the meantime.
fn lock(path: &Path) -> io::Result<Option<File>> {
    if unless_missing(fs::symlink_metadata(path))?.is_some_and(|found| !found.is_file()) {
        return Err(io::Error::other("it is not a regular file"));
    }
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(has_name(&file, path)?.then_some(file))
}

#[cfg(unix)]
fn has_name(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    let named = unless_missing(fs::symlink_metadata(path))?;
    Ok(named.is_some_and(|named| (named.dev(), named.ino()) == (ours.dev(), ours.ino())))
}

#[cfg(not(unix))]
fn has_name(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// The name of the `n`th file that this process is writing.
pub(super) fn temporary_name(n: usize) -> String {
    format!("{PREFIX}-{}-{n}.tmp", std::process::id())
}

/// The files in the folder that have such a name.
pub(super) fn leftovers(folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let error = |error| WriteError::new("read", folder, error);
    let Some(entries) = unless_missing(fs::read_dir(folder)).map_err(error)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(error)?;
        let is_file = entry.file_type().is_ok_and(|file_type| file_type.is_file());
        if is_file && is_temporary(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn is_temporary(name: &str) -> bool {
    let middle = name.strip_prefix(manifest::PREFIX).and_then(|rest| rest.strip_suffix(".tmp"));
    middle.is_some_and(|middle| middle.starts_with('-'))
}
