//! Lists the files of the catalog, so that the binary carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FOLDERS: [&str; 4] = ["blueprints", "catalog", "docs/rules", "templates"];
const ENDINGS: [&str; 7] = ["yaml", "yml", "json", "hbs", "md", "py", "sh"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut paths = vec![];
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        files_below(&root.join(folder), &mut paths)?;
    }
    paths.sort();
    let mut list = String::from("static EMBEDDED: &[(&str, &str)] = &[\n");
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let absolute = path.to_string_lossy();
        let _ = writeln!(list, "    ({name:?}, include_str!({absolute:?})),");
    }
    list.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("embedded.rs"), list)
}

fn files_below(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, paths)?;
        } else if path.extension().is_some_and(|e| ENDINGS.iter().any(|known| e == *known)) {
            paths.push(path);
        }
    }
    Ok(())
}
