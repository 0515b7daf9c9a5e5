//! Snapshots, all through one place, so that one that nobody takes any more is found.
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use similar::TextDiff;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");

/// The modules of this suite that take snapshots.
const TAKERS: [&str; 11] = [
    "fleets::",
    "cli::explained::access",
    "cli::reviews::a_branch",
    "judged::state_machines",
    "judged::the_starter",
    "shipped::",
    "invented::",
    "guide::",
    "rules::what_pages",
    "rules::pages",
    "rules::messages::",
];

/// Compares a text with the snapshot of that name, one for the whole suite.
pub fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// What `new` changes in `old`; empty where they are the same.
pub fn delta(old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(2).to_string()
}

/// The content of a snapshot, without its head; none where there is no such file.
pub fn read(name: &str) -> Option<String> {
    let text = fs::read_to_string(Path::new(FOLDER).join(format!("{name}.snap"))).ok()?;
    let body = text.strip_prefix("---\n")?.split_once("\n---\n")?.1;
    Some(body.to_owned())
}

/// Runs the tests that take snapshots once more, to see which files they ask for.
#[test]
fn no_snapshot_is_an_orphan() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let asked = folder.path().join("asked");
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(TAKERS)
        // The judges of invented kinds take none.
        .args(["--quiet", "--skip", "cfn_lint", "--skip", "terraform", "--skip", "plan_from"])
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", &asked)
        .env("INSTA_UPDATE", "no")
        .env("INSTA_FORCE_PASS", "1")
        .output()
        .expect("it runs");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    let asked = fs::read_to_string(asked).expect("some snapshots are taken");
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let asked: BTreeSet<_> = asked.lines().filter_map(|line| name(Path::new(line))).collect();
    let files = fs::read_dir(FOLDER).expect("the snapshots");
    let files = files.filter_map(|entry| name(&entry.expect("a file").path()));
    // What a failing test proposes lies beside them, and is somebody's to look at.
    let is_snapshot = |file: &String| !file.ends_with(".snap.new");
    let orphans: Vec<_> = files.filter(|file| is_snapshot(file) && !asked.contains(file)).collect();
    assert!(asked.len() > 20, "{asked:?}");
    assert!(orphans.is_empty(), "nobody takes these snapshots any more; delete them: {orphans:#?}");
}
