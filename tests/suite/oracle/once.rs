//! What is made once on a machine and kept under the build folder.
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::{env, fmt::Write};

use sha2::{Digest, Sha256};

/// The folder called `name` and made from `recipe`: as an earlier run left it, or by `make`.
/// Others who want the same one wait; one whose making failed or was cut short is made anew.
/// `make` gets the lock for its processes to hold, so that one that outlives the tests still
/// keeps others away.
/// `FORMWORK_ORACLES` names a folder that keeps such things from one clone to the next.
pub fn made_once(
    name: &str,
    recipe: &str,
    make: impl FnOnce(&Path, &File) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let all = env::var_os("FORMWORK_ORACLES")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracles"), PathBuf::from);
    let folder = all.join(format!("{name}-{}", short_hash(recipe)));
    let done = folder.join("complete");
    let fails = |error: io::Error| format!("{}: {error}", folder.display());

    fs::create_dir_all(&all).map_err(fails)?;
    let lock = File::create(folder.with_extension("lock")).map_err(fails)?;
    lock.lock().map_err(fails)?;
    if done.exists() {
        return Ok(folder);
    }
    remove(&folder).map_err(fails)?;
    fs::create_dir(&folder).map_err(fails)?;
    let made = make(&folder, &lock).and_then(|()| fs::write(&done, recipe).map_err(fails));
    if made.is_err() {
        remove(&folder).map_err(fails)?;
    }
    made.map(|()| folder)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(6).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}
