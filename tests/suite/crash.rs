//! Generating is stopped, starved, raced and hindered: no file is half, nothing foreign is touched,
//! and the next run ends with the new state.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use formwork::write::{apply, plan};
use tempfile::TempDir;

use crate::oracle::say;
use crate::program::{files, generate};
use crate::stacks::{Case, Made, OURS, made};

/// How often generating is killed.
const KILLS: u32 = 100;

/// How the files end that a run which was killed leaves for the next one.
const SCRATCH: [&str; 2] = [".tmp", ".formwork.lock"];

/// A folder with two versions of a blueprint, and everything that each of them generates.
struct Yard {
    folder: TempDir,
    blueprints: [PathBuf; 2],
    made: [Vec<Made>; 2],
    states: [BTreeMap<String, Vec<u8>>; 2],
}

impl Yard {
    /// The versions differ in every file, and in some files that only one of them has.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let texts = [version("one", &[]), version("two", &["four", "five"])];
        let blueprints = ["one.yaml", "two.yaml"].map(|name| folder.path().join(name));
        let mut index = 0;
        let made = texts.map(|text| {
            fs::write(&blueprints[index], &text).expect("a file");
            index += 1;
            made(&OURS, &Case { name: "yard".to_owned(), text })
        });
        let states = [&made[0], &made[1]].map(|made| {
            let clean = tempfile::tempdir().expect("a temporary folder");
            write(clean.path(), made);
            files(clean.path())
        });
        assert!(states[0].len() > 10 && states[0] != states[1]);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        Self { folder, blueprints, made, states }
    }

    /// The output folder, with the first version and with what others put there.
    fn out(&self, name: &str) -> PathBuf {
        let out = self.folder.path().join(name);
        write(&out, &self.made[0]);
        for (path, text) in self.foreign() {
            let path = out.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        out
    }

    fn foreign(&self) -> [(String, &'static str); 3] {
        let folder = self.made[0].iter().map(|made| made.output.folder(Path::new("")));
        let folder = { folder }.next_back().expect("a stack").to_string_lossy().into_owned();
        [
            (format!("{folder}/terraform.tfstate"), "{\"state\": 1}"),
            (format!("{folder}/.terraform/modules.json"), "{}"),
            (format!("{folder}/notes.txt"), "mine"),
        ]
    }

    /// Every file is old, new or foreign, and all foreign ones are there.
    fn is_whole(&self, out: &Path, when: &str) {
        let mut now = files(out);
        for (path, text) in self.foreign() {
            assert_eq!(now.remove(&path).as_deref(), Some(text.as_bytes()), "{when}: {path}");
        }
        for (path, bytes) in now {
            let manifest = path.ends_with("/.formwork.json");
            let ours = self.states.iter().any(|state| state.get(&path) == Some(&bytes));
            let scratch = SCRATCH.iter().any(|ending| path.ends_with(ending));
            assert!(ours || manifest || scratch, "{when}: {path} is half: {} bytes", bytes.len());
            if manifest {
                let read = serde_json::from_slice::<serde_json::Value>(&bytes);
                assert!(read.is_ok(), "{when}: {path} is half");
            }
        }
    }

    /// Whether a check of the second version says that a run was interrupted.
    fn is_interrupted(&self, out: &Path) -> bool {
        let plans = self.made[1].iter().map(|made| plan(out, &made.output).expect("a plan"));
        let interrupted = plans.filter(|plan| plan.interrupted).count() > 0;
        if interrupted {
            let mut check = generate(&self.blueprints[1], out);
            let check = check.arg("--check").output().expect("it runs");
            let said = String::from_utf8_lossy(&check.stderr);
            assert_eq!(check.status.code(), Some(1), "{said}");
            assert!(said.contains("interrupted"), "{said}");
        }
        interrupted
    }

    fn folders(&self, out: &Path) -> Vec<PathBuf> {
        self.made[0].iter().map(|made| made.output.folder(out)).collect()
    }

    /// The next run, without force, has the second version, and nothing is left over.
    fn next_run_finishes(&self, out: &Path, when: &str) {
        Writing::start(&self.blueprints[1], out).succeeds();
        let mut now = files(out);
        for (path, _) in self.foreign() {
            assert!(now.remove(&path).is_some(), "{when}: {path}");
        }
        // The lock of a run that was killed once it had written all: empty, and in nobody's way.
        now.retain(|path, _| !path.ends_with(".formwork.lock"));
        assert!(now == self.states[1], "{when}: {:?}", now.keys());
    }
}

/// Three stacks that hold no data worth protecting, each file of them with the word in it.
fn version(word: &str, components: &[&str]) -> String {
    let component = |name: &&str| {
        format!("  {name}: {{kind: data-bucket, description: {word}, tags: {{version: {word}}}}}\n")
    };
    let components: String =
        ["one", "two", "three"].iter().chain(components).map(component).collect();
    format!(
        "formwork: 1\nname: yard\ndescription: {word}\nregion: eu-central-1\nprotect: false\n\
         tags: {{stack: {word}}}\ncomponents:\n{components}environments: {{a: {{}}, b: {{}}}}\n"
    )
}

fn write(out: &Path, all: &[Made]) {
    for made in all {
        let plan = plan(out, &made.output).expect("a plan");
        let written = apply(&plan, false).expect("it is written");
        assert!(written.problems.is_empty(), "{:#?}", written.problems);
    }
}

/// A process that has come to writing.
struct Writing(Child);

impl Writing {
    fn start(blueprint: &Path, out: &Path) -> Self {
        let mut command = generate(blueprint, out);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Self(command.spawn().expect("it starts"))
    }

    /// Waits until a lock says that writing has begun, or until all is over.
    fn begins(&mut self, folders: &[PathBuf]) {
        let locked = || folders.iter().any(|folder| folder.join(".formwork.lock").exists());
        while !locked() && self.0.try_wait().expect("it can be asked").is_none() {}
    }

    fn kill(mut self) {
        self.0.kill().expect("it was there");
        self.0.wait().expect("it ends");
    }

    fn succeeds(self) {
        let output = self.0.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

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
        interrupted += u32::from(yard.is_interrupted(&out));
        yard.next_run_finishes(&out, &when);
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
