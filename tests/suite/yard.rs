//! A folder where generating is stopped, starved, raced and hindered.
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use formwork::write::{apply, plan};
use tempfile::TempDir;

use crate::program::{files, generate};
use crate::stacks::{Case, Made, OURS, made};

/// How the files end that a run which was killed leaves for the next one.
const SCRATCH: [&str; 2] = [".tmp", ".formwork.lock"];

/// A folder with two versions of a blueprint, and everything that each of them generates.
pub struct Yard {
    pub folder: TempDir,
    pub blueprints: [PathBuf; 2],
    /// What each of them makes.
    pub made: [Vec<Made>; 2],
    states: [BTreeMap<String, Vec<u8>>; 2],
}

impl Yard {
    /// The versions differ in every file, and in some files that only one of them has.
    pub fn new() -> Self {
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
    pub fn out(&self, name: &str) -> PathBuf {
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
    pub fn is_whole(&self, out: &Path, when: &str) {
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

    /// Whether a run was interrupted.
    pub fn is_interrupted(&self, out: &Path) -> bool {
        let mut made = self.made[1].iter();
        made.any(|made| plan(out, &made.output).expect("a plan").interrupted)
    }

    /// Whether `--check` says so too.
    pub fn check_says(&self, out: &Path) {
        let mut check = generate(&self.blueprints[1], out);
        let check = check.arg("--check").output().expect("it runs");
        let said = String::from_utf8_lossy(&check.stderr);
        assert_eq!(check.status.code(), Some(1), "{said}");
        assert!(said.contains("interrupted"), "{said}");
    }

    pub fn folders(&self, out: &Path) -> Vec<PathBuf> {
        self.made[0].iter().map(|made| made.output.folder(out)).collect()
    }

    /// The next run, without force, has the second version, and nothing is left over.
    pub fn next_run_finishes(&self, out: &Path, when: &str) {
        Writing::start(&self.blueprints[1], out).succeeds();
        self.is_finished(out, when);
    }

    pub fn is_finished(&self, out: &Path, when: &str) {
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

/// Generates in this process, and nothing stands against it.
pub fn write(out: &Path, all: &[Made]) {
    for made in all {
        let plan = plan(out, &made.output).expect("a plan");
        let written = apply(&plan, false).expect("it is written");
        assert!(written.problems.is_empty(), "{:#?}", written.problems);
    }
}

/// A process that has come to writing.
pub struct Writing(Child);

impl Writing {
    pub fn start(blueprint: &Path, out: &Path) -> Self {
        let mut command = generate(blueprint, out);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Self(command.spawn().expect("it starts"))
    }

    /// Waits until a lock says that writing has begun, or until all is over.
    pub fn begins(&mut self, folders: &[PathBuf]) {
        let locked = || folders.iter().any(|folder| folder.join(".formwork.lock").exists());
        while !locked() && self.0.try_wait().expect("it can be asked").is_none() {
            sleep(Duration::from_micros(100));
        }
    }

    pub fn kill(mut self) {
        self.0.kill().expect("it was there");
        self.0.wait().expect("it ends");
    }

    pub fn succeeds(self) {
        let output = self.0.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
