//! The command line as its users meet it: the built binary, in a folder of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

mod catalogs;
mod differences;
mod explained;
mod findings;
mod formats;
mod generate;
mod inputs;
mod looks;
mod pictures;
mod pipelines;
mod progress;
mod reference;
mod reviews;
mod story;

const PLANT: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  readings:
    kind: kinesis-stream
    retention_hours: 168
environments:
  dev:
    components:
      readings: {retention_hours: 24}
  prod: {}
";

/// A folder that a command runs in.
struct Place(TempDir);

/// What came of a command.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one blueprint, `plant-a.yaml`.
    fn with(blueprint: &str) -> Self {
        let place = Self::new();
        place.write("plant-a.yaml", blueprint);
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn command(&self, at: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
        command.current_dir(self.path(at)).args(arguments).env_remove("NO_COLOR");
        let unset = ["GITHUB_STEP_SUMMARY", "FORMWORK_CATALOG", "FORMWORK_COLOR", "FORMWORK_OUT"];
        for name in unset {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_at("", arguments)
    }

    fn run_at(&self, at: &str, arguments: &[&str]) -> Ran {
        Ran::of(self.command(at, arguments).output().unwrap())
    }

    fn run_with(&self, input: &str, arguments: &[&str]) -> Ran {
        let mut child = self.command("", arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Every file below a folder with its bytes.
    fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        fn below(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, files);
                } else {
                    files.push((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        let mut files = vec![];
        below(&self.path(folder), &mut files);
        files.sort();
        files
    }
}

impl Ran {
    fn of(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// The streams, when the code is the one expected.
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }

    /// Asserts that a stream holds each of these texts.
    #[track_caller]
    fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.err.contains(text), "no `{text}` in\n{}", self.err);
        }
        self
    }

    #[track_caller]
    fn prints(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.out.contains(text), "no `{text}` in\n{}", self.out);
        }
        self
    }
}

/// Asserts that a document keeps a schema of ours.
#[track_caller]
fn keeps_schema(name: &str, text: &str) -> serde_json::Value {
    let schema = format!("{}/catalog/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let document = serde_json::from_str(text).unwrap();
    let errors = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        errors.iter_errors(&document).map(|error| format!("{error}")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}
