//! README and CONTRIBUTING say what is true: their blocks are executed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A fenced block: the path named in the line above it, if any, its language, and its text.
struct Block {
    path: Option<String>,
    language: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = vec![];
    let mut said = "";
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let named = said.trim_end_matches(':').rsplit_once('`').map(|(before, _)| before);
            let path = named.and_then(|before| before.rsplit_once('`')).map(|(_, path)| path);
            let path = path.filter(|path| path.contains('.') && said.ends_with(':'));
            blocks.push(Block {
                path: path.map(String::from),
                language: language.into(),
                text: body.join("\n") + "\n",
            });
        } else if !line.is_empty() {
            said = line;
        }
    }
    blocks
}

fn formwork(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
    command.current_dir(folder).args(arguments).output().expect("the program can be started")
}

/// Runs each `$ formwork …` line of a block; all must end well.
fn run_console(folder: &Path, block: &Block) -> usize {
    let commands = block.text.lines().filter_map(|line| line.strip_prefix("$ formwork "));
    let mut count = 0;
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = formwork(folder, &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "formwork {command}\n{said}");
        count += 1;
    }
    count
}

#[test]
fn a_kind_is_added_as_contributing_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut run = 0;
    for block in blocks(include_str!("../../CONTRIBUTING.md")) {
        match (&block.path, block.language.as_str()) {
            (Some(path), _) => {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("made");
                fs::write(path, &block.text).expect("written");
            }
            (None, "console") => run += run_console(folder.path(), &block),
            (None, language) => panic!("a block of {language} without a path"),
        }
    }
    assert!(run >= 3, "the commands were not found");
    let terraform = folder.path().join("stacks/shop/terraform/greeting.tf");
    let text = fs::read_to_string(terraform).expect("it was generated");
    assert!(text.contains("\"Good morning\""), "{text}");
}

#[test]
fn the_blueprint_reference_names_every_key_and_is_sound() {
    let reference = include_str!("../../docs/blueprint.md");
    let folder = tempfile::tempdir().expect("a folder");
    let shown: Vec<_> =
        blocks(reference).into_iter().filter(|block| block.language == "yaml").collect();
    assert_eq!(shown.len(), 2, "one of a stack, one of a fleet");
    for block in shown {
        fs::write(folder.path().join("shop.yaml"), &block.text).expect("written");
        let output = formwork(folder.path(), &["check", "shop.yaml"]);
        let told = String::from_utf8_lossy(&output.stderr).to_string();
        assert!(output.status.success() && !told.contains("warning"), "{told}");
    }
    let schema = include_str!("../../catalog/schema/blueprint.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
    let parts = ["/properties", "/properties/deploy/properties", "/$defs/component/properties"];
    for part in parts {
        for key in schema.pointer(part).and_then(|part| part.as_object()).expect("keys").keys() {
            assert!(reference.contains(&format!("{key}:")), "docs/blueprint.md lacks `{key}`");
        }
    }
}

#[test]
fn the_readme_shows_a_blueprint_that_generates_and_commands_that_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let readme = blocks(include_str!("../../README.md"));
    let blueprint = readme.iter().find(|block| block.language == "yaml").expect("a blueprint");
    fs::write(folder.path().join("shown.yaml"), &blueprint.text).expect("written");
    let output = formwork(folder.path(), &["generate", "shown.yaml"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let own = readme.iter().find(|block| block.text.contains("$ formwork new ")).expect("a start");
    assert!(run_console(folder.path(), own) >= 4);
}

#[test]
fn the_readme_shows_a_finding_as_it_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = "formwork: 1\nname: broken\nregion: eu-central-1\ncomponents:\n  readings: \
        {kind: kinesis-stream, capacity: {mode: on-demand, shards: 4}}\n";
    fs::write(folder.path().join("broken.yaml"), broken).expect("written");
    let output = formwork(folder.path(), &["check", "broken.yaml"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let readme = blocks(include_str!("../../README.md"));
    let shown = readme.iter().find(|block| block.text.contains("broken.yaml")).expect("a finding");
    for line in shown.text.lines().filter(|line| !line.starts_with('$')) {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn the_readme_shows_a_comment_as_it_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = include_str!("../../README.md");
    let readme = blocks(text);
    let old = &readme.iter().find(|block| block.language == "yaml").expect("a blueprint").text;
    let edits = [
        ("hours: 168", "hours: 24"),
        ("destination: archive}", "destination: archive, prefix: raw/}"),
    ];
    let new = edits.iter().fold(old.clone(), |text, (old, new)| text.replace(old, new));
    fs::write(folder.path().join("old.yaml"), old).expect("written");
    fs::write(folder.path().join("new.yaml"), new).expect("written");
    let command = "diff old.yaml new.yaml --env prod --target terraform --format markdown";
    let arguments: Vec<&str> = command.split(' ').collect();
    let output = formwork(folder.path(), &arguments);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let quoted = text.lines().filter_map(|line| line.strip_prefix('>'));
    let quoted: Vec<&str> = quoted.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    assert!(quoted.len() > 8);
    assert!(told.contains(&quoted.join("\n")), "{told}");
}

#[test]
fn the_catalog_reference_names_every_key_of_a_kind() {
    let reference = include_str!("../../docs/catalog.md");
    // The loader says which keys it knows when it meets one that it does not.
    let folder = tempfile::tempdir().expect("a folder");
    let kinds = folder.path().join("own/catalog/kinds");
    fs::create_dir_all(&kinds).expect("made");
    fs::write(kinds.join("x.yaml"), "kind: x\nsummary: x\nzzzzqqqq: 1\n").expect("written");
    let output = formwork(folder.path(), &["--catalog", "own", "list"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).to_string();
    let known = told.split("known here: ").nth(1).expect("the keys are listed");
    for key in known.lines().next().unwrap_or_default().split(", ") {
        assert!(reference.contains(&format!("`{key}`")), "docs/catalog.md does not know `{key}`");
    }
}
