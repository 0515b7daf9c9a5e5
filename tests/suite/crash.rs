//! Generating is stopped, starved, raced and hindered: no file is half, nothing foreign is touched,
//! and the next run ends with the new state.
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread::sleep;
use std::time::Instant;

use formwork::write::{apply, plan};

use crate::oracle::say;
use crate::program::{files, generate};
use crate::yard::{Writing, Yard, write};

/// How often generating is killed.
const KILLS: u32 = 100;

#[test]
fn killed_at_any_moment() {
    let yard = Yard::new();
    let out = yard.out("timed");
    let mut process = Writing::start(&yard.blueprints[1], &out);
    process.begins(&yard.folders(&out));
    let begun = Instant::now();
    process.succeeds();
    let writing = begun.elapsed();
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let out = yard.out(&format!("kill-{kill}"));
        let mut process = Writing::start(&yard.blueprints[1], &out);
        process.begins(&yard.folders(&out));
        sleep(writing * kill / KILLS);
        process.kill();
        let when = format!("killed after {kill} % of {writing:?}");
        yard.is_whole(&out, &when);
        if yard.is_interrupted(&out) {
            interrupted += 1;
            if interrupted <= 3 {
                yard.check_says(&out);
            }
        }
        // The same in this process, for all but a few: starting costs more than writing.
        if kill % 10 == 0 {
            yard.next_run_finishes(&out, &when);
        } else {
            write(&out, &yard.made[1]);
            yard.is_finished(&out, &when);
        }
        fs::remove_dir_all(&out).expect("it goes");
    }
    assert!(interrupted >= KILLS / 20, "only {interrupted} runs were stopped in the middle");
}

#[test]
fn two_at_once() {
    let yard = Yard::new();
    for round in 0..10 {
        let out = yard.out(&format!("race-{round}"));
        let racers = [1, 0, 1].map(|at: usize| Writing::start(&yard.blueprints[at], &out));
        racers.into_iter().for_each(Writing::succeeds);
        yard.is_whole(&out, "after a race");
        yard.next_run_finishes(&out, "after a race");
    }
}

#[test]
fn a_full_disk() {
    let yard = Yard::new();
    let out = yard.out("full");
    // A limit on the size of files stands for the disk: writing fails in the middle of one.
    let plain = generate(&yard.blueprints[1], &out);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""]);
    command.arg(plain.get_program()).args(plain.get_args());
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("cannot write"), "{said}");
    yard.is_whole(&out, "on a full disk");
    yard.next_run_finishes(&out, "after a full disk");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let yard = Yard::new();
    let out = yard.out("read-only");
    let folders = yard.folders(&out);
    let mode = |mode: u32| {
        for folder in &folders {
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).expect("a mode");
        }
    };
    mode(0o555);
    let mut command = generate(&yard.blueprints[1], &out);
    if fs::write(folders[0].join("notes-2.txt"), "").is_ok() {
        // Nothing is forbidden to the superuser: somebody else has to try.
        fs::remove_file(folders[0].join("notes-2.txt")).expect("it goes");
        command.uid(65534).gid(65534);
    }
    match command.output() {
        Err(error) => {
            say(&format!("SKIPPED a read-only folder: nobody else can run this: {error}"));
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && said.contains("cannot "), "{said}");
        }
    }
    mode(0o755);
    yard.is_whole(&out, "in a read-only folder");
    yard.next_run_finishes(&out, "after a read-only folder");
}

#[test]
fn links_edits_and_strangers_are_left_alone() {
    let yard = Yard::new();
    let out = yard.out("hindered");
    let outside = yard.folder.path().join("outside.txt");
    fs::write(&outside, "mine").expect("a file");
    let made = yard.made[1].iter().max_by_key(|made| made.output.artifacts.len()).expect("a stack");
    let folder = made.output.folder(&out);
    let artifacts = &made.output.artifacts;
    let only_new = artifacts.iter().find(|a| !folder.join(&a.path).exists()).expect("a new file");
    let [link, edited] = [&artifacts[0], &artifacts[1]].map(|file| folder.join(&file.path));
    let foreign = folder.join(&only_new.path);
    fs::remove_file(&link).expect("it goes");
    symlink(&outside, &link).expect("a link");
    fs::write(&edited, "edited").expect("a file");
    fs::write(&foreign, "foreign").expect("a file");
    let before = files(&folder);
    let plan = plan(&out, &made.output).expect("a plan");
    for (force, kept) in [(false, vec![&link, &edited, &foreign]), (true, vec![&link])] {
        let problems = apply(&plan, force).expect("it looks").problems;
        let told: Vec<_> = problems.iter().map(|problem| format!("{problem:?}")).collect();
        for path in kept {
            let name = path.display().to_string();
            assert!(told.iter().any(|told| told.contains(&name)), "{name}: {told:#?}");
        }
        assert!(files(&folder) == before, "something was written");
    }
    assert_eq!(fs::read_to_string(&outside).expect("a file"), "mine");
    for path in [&link, &edited, &foreign] {
        fs::remove_file(path).expect("it goes");
    }
    yard.next_run_finishes(&out, "once nothing is in the way");
}
