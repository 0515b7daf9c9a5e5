//! The same blueprint gives the same bytes: everywhere, always, whatever else changes.
use std::collections::BTreeMap;
use std::fs;

use formwork::catalog::embedded;

use crate::program::{files, generate};
use crate::shipped::pieces;
use crate::stacks::{Case, Engine, Made, OURS, examples, made, shipped};

fn bytes(all: &[Made]) -> BTreeMap<String, &[u8]> {
    fn of(made: &Made) -> impl Iterator<Item = (String, &[u8])> {
        let path = |path| format!("{}/{}/{path}", made.stack, made.output.target);
        made.output.artifacts.iter().map(move |file| (path(&file.path), &file.bytes[..]))
    }
    all.iter().flat_map(of).collect()
}

#[test]
fn twice_is_once() {
    let fresh = Engine::new(vec![embedded()]);
    // The other way round, so that nothing depends on what was generated before.
    for case in shipped().iter().chain(&examples()).rev() {
        let (one, other) = (made(&OURS, case), made(&fresh, case));
        assert!(bytes(&one) == bytes(&other), "{}", case.name);
    }
}

#[test]
fn neither_place_nor_locale_nor_time_zone_matters() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    for case in shipped() {
        let [here, there] = ["here", "there/far away"].map(|name| root.join(name));
        for place in [&here, &there] {
            fs::create_dir_all(place).expect("a folder");
            fs::write(place.join("blueprint.yaml"), &case.text).expect("a file");
        }
        let mut one = generate(&here.join("blueprint.yaml"), &here.join("out"));
        one.env("TZ", "Pacific/Kiritimati").env("LC_ALL", "C").env("HOME", &here);
        let mut other = generate("blueprint.yaml".as_ref(), "out".as_ref());
        other.current_dir(&there).env("TZ", "America/Adak").env("LC_ALL", "tr_TR.UTF-8");
        other.env("LANG", "tr_TR.UTF-8").env_remove("HOME").env("COLUMNS", "20");
        for command in [&mut one, &mut other] {
            let output = command.output().expect("it runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let [one, other] = [&here, &there].map(|place| files(&place.join("out")));
        assert!(one.len() > 10, "{:?}", one.keys());
        assert!(one == other, "{}: {:?} {:?}", case.name, one.keys(), other.keys());
    }
}

#[test]
fn layout_and_comments_change_nothing() {
    for case in shipped() {
        let text = case.text.replace("\ncomponents:", "\n\n# Moved down.\n\n\ncomponents:");
        let moved = Case { name: case.name.clone(), text: format!("# A remark.\n{text}") };
        assert_ne!(moved.text.lines().count(), case.text.lines().count() + 1, "{}", case.name);
        assert!(bytes(&made(&OURS, &case)) == bytes(&made(&OURS, &moved)), "{}", case.name);
    }
}

/// A component that says something new of itself changes its own artifacts, and no other's.
#[test]
fn an_edit_stays_in_its_component() {
    let mut changed = 0;
    for case in shipped() {
        let before = made(&OURS, &case);
        let mut document: serde_yaml::Value = serde_yaml::from_str(&case.text).expect("YAML");
        let components = document["components"].as_mapping().expect("components");
        let names: Vec<_> =
            components.keys().filter_map(|k| Some(k.as_str()?.to_owned())).collect();
        for name in names {
            if !document["components"][name.as_str()]["existing"].is_null() {
                continue;
            }
            let old = document.clone();
            document["components"][name.as_str()]["tags"]["edited"] = "yes".into();
            let text = serde_yaml::to_string(&document).expect("YAML");
            let after = made(&OURS, &Case { name: case.name.clone(), text });
            for (before, after) in before.iter().zip(&after) {
                let own = [format!("{name}.tf"), format!("template.{name}.yaml")];
                let (before, after) = (pieces(before), pieces(after));
                let differs = |path: &&String| before.get(*path) != after.get(*path);
                for path in before.keys().chain(after.keys()).filter(differs) {
                    assert!(own.contains(path), "{}: {name} changes {path}", case.name);
                    changed += 1;
                }
            }
            document = old;
        }
    }
    assert!(changed > 4, "{changed} artifacts changed");
}

/// A manifest's protected values are compared with those of a later run: naming the account that
/// the stack was in all along replaces nothing.
#[test]
fn what_a_manifest_remembers_is_what_would_be_replaced() {
    for case in shipped() {
        let text = format!("{}\naccount: \"111122223333\"\n", case.text);
        let named = Case { name: case.name.clone(), text };
        let mut held = 0;
        for (one, other) in made(&OURS, &case).iter().zip(made(&OURS, &named)) {
            assert_eq!(one.output.holders, other.output.holders, "{}", one.stack);
            held += one.output.holders.len();
        }
        assert!(held > 0, "{} protects nothing", case.name);
    }
}
