//! `reference`, `man` and `completions`: what is written of the catalog and the commands.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use super::Place;

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kinds");

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let page = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read_to_string(entry.path()).expect("a page"))
    };
    entries.map(|entry| page(entry.expect("an entry"))).collect()
}

/// As snapshots do, `INSTA_UPDATE=always` writes what is new.
#[test]
fn pages_of_kinds_are_those_of_the_catalog() {
    let place = Place::new();
    place.run(&["reference", "-o", "kinds"]).exits(0);
    let new = pages(&place.path("kinds"));
    assert!(new.len() > 20, "{:?}", new.keys());
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let _ = fs::remove_dir_all(PAGES);
        fs::create_dir_all(PAGES).expect("a folder");
        for (name, text) in &new {
            fs::write(Path::new(PAGES).join(name), text).expect("a page");
        }
    }
    let old = pages(Path::new(PAGES));
    let names = new.keys().chain(old.keys());
    let differs: Vec<_> = names.filter(|name| new.get(*name) != old.get(*name)).collect();
    assert!(differs.is_empty(), "write them with INSTA_UPDATE=always: {differs:?}");
}

#[test]
fn every_command_has_a_manual_page() {
    let place = Place::new();
    place.run(&["man", "-o", "man1"]).exits(0);
    for command in ["formwork", "formwork-generate", "formwork-diff", "formwork-explain"] {
        let page = place.read(&format!("man1/{command}.1"));
        assert!(page.contains(".SH NAME") && page.contains("Examples"), "{page}");
    }
}

#[test]
fn shells_complete_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Place::new().run(&["completions", shell]).exits(0);
        ran.prints(&["generate", "explain"]);
    }
}

#[test]
fn the_environment_names_a_catalog() {
    let place = Place::with(super::PLANT);
    let mut command = place.command("", &["check", "plant-a.yaml"]);
    let output = command.env("FORMWORK_CATALOG", "nowhere").output().unwrap();
    super::Ran::of(output).exits(2).says(&["nowhere"]);
}
