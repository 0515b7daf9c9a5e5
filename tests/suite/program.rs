//! Our program, and what it leaves in a folder.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// `formwork generate BLUEPRINT -o OUT`, without the machine's settings for colours and such.
pub fn generate(blueprint: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
    command.arg("generate").arg(blueprint).arg("-o").arg(out);
    command
}

/// The files below a folder by path; a link by where it leads.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below it").to_string_lossy().into_owned();
            let kind = fs::symlink_metadata(&path).expect("it is there").file_type();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                let target = fs::read_link(&path).expect("a link");
                all.insert(name, target.to_string_lossy().into_owned().into_bytes());
            } else {
                all.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    all
}
