//! What can be named on the command line, and what is refused.

use super::{PLANT, Place};
use std::fs;

#[test]
fn standard_input_is_a_blueprint() {
    let place = Place::new();
    place.run_with(PLANT, &["check", "-"]).exits(0);
    let ran = place.run_with("formwork: 1\nname: A\n", &["check", "-", "-"]).exits(1);
    ran.says(&["--> <stdin>:2:7"]);
    place.run_with(PLANT, &["generate", "-"]).exits(0);
    assert!(place.path("stacks/plant-a/dev/terraform/readings.tf").exists());
    let stale = PLANT.replace("hours: 24", "hours: 48");
    let ran = place.run_with(&stale, &["generate", "-", "--check"]).exits(1);
    ran.says(&["run `formwork generate -`"]);
}

#[test]
fn a_folder_is_every_blueprint_below_it() {
    let place = Place::new();
    place.write("all/plant-a.yaml", PLANT);
    place.write("all/deep/plant-b.yaml", format!("# Ours.\n{}", PLANT.replace("plant-a", "b")));
    place.write("all/values.yaml", "name: not-a-blueprint\n");
    place.write("all/notes.txt", PLANT);
    place.write("all/.hidden/plant-c.yaml", "formwork: 1\nname: C\n");
    place.run(&["check", "all"]).exits(0).says(&["nothing found in 4 stacks"]);
    // The same file again is the same.
    let again = ["check", "all", "all/plant-a.yaml", "./all/deep/../plant-a.yaml"];
    place.run(&again).exits(0).says(&["nothing found in 4 stacks"]);
    place.write("all/deep/plant-b.yaml", "formwork: 1\nname: B\n");
    place.run_at("all", &["check", "."]).exits(1).says(&["--> deep/plant-b.yaml:2:7"]);
    place.write("none/values.yaml", "a: 1\n");
    place.run(&["check", "none"]).exits(2).says(&["there is no blueprint below none"]);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_done() {
    let place = Place::with(&PLANT.replace("hours: 24", "hours: 1"));
    let ran = place.run(&["check", "missing.yaml", "plant-a.yaml"]).exits(2);
    ran.says(&["cannot read missing.yaml: No such file", "error[out-of-range]"]);
    place.write("latin.yaml", b"formwork: 1\nname: caf\xe9\n");
    place.run(&["check", "latin.yaml"]).exits(2).says(&["latin.yaml is not UTF-8 text (line 2)"]);
    let file = fs::File::create(place.path("large.yaml")).unwrap();
    file.set_len(10 * 1024 * 1024 + 1).unwrap();
    place.run(&["check", "large.yaml"]).exits(2).says(&["large.yaml is larger than 10 MiB"]);
}

#[test]
fn whatever_is_in_a_file_it_is_a_finding() {
    let texts = [
        "",
        "\u{feff}",
        "\0",
        "---\n---\n",
        "[[[[",
        "{}",
        "formwork: 1",
        "a: &a [*a]",
        "formwork: 1\nname: x\nregion: eu-central-1\ncomponents: []\n",
        "formwork: 1\nname: x\nregion: eu-central-1\ncomponents: {a: {kind: 1}}\n",
        "formwork: 1\nname: x\nregion: eu-central-1\ncomponents: {a: null}\n",
        "formwork: 1\nname: x\nregion: eu-central-1\ncomponents: {}\nenvironments: 3\n",
        "formwork: 1\nname: x\nregion: eu-central-1\ncomponents: {}\nenvironments: {a: {extends: a}}\n",
    ];
    let place = Place::new();
    for text in texts {
        let ran = place.run_with(text, &["check", "-"]).exits(1);
        assert!(ran.err.contains("error["), "{text}\n{}", ran.err);
    }
    let deep = "[".repeat(100_000);
    place.run_with(&deep, &["check", "-"]).exits(1).says(&["error["]);
}

#[test]
fn a_wrong_command_line_teaches() {
    let place = Place::new();
    place.run(&[]).exits(2).says(&["Usage: formwork"]);
    place.run(&["generat"]).exits(2).says(&["'generate'"]);
    place.run(&["generate"]).exits(2).says(&["<FILE>"]);
    let help = place.run(&["--help"]).exits(0);
    let help =
        help.prints(&["Examples:", "formwork new sensor-streaming -o plant-a.yaml", "Exit codes:"]);
    assert!(help.out.lines().count() <= 40, "no screen shows all of\n{}", help.out);
    let listed = help.out.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let commands: Vec<_> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let help = place.run(&[command, "--help"]).exits(0);
        let told =
            help.prints(&["Examples:", "Usage: formwork", "Exit codes:", "Options of every"]);
        assert_eq!(place.run(&["help", command]).exits(0).out, told.out);
    }
    place.run(&["--version"]).exits(0).prints(&["formwork 0."]);
}

#[test]
fn new_asks_nobody_where_nobody_is() {
    let ran = Place::new().run(&["new"]).exits(2);
    ran.says(&["nobody said which architecture", "sensor-streaming"]);
}

#[test]
fn the_environment_stands_for_flags() {
    let place = Place::with(super::PLANT);
    let run = |name: &str, value: &str, arguments: &[&str]| {
        super::Ran::of(place.command("", arguments).env(name, value).output().unwrap())
    };
    run("FORMWORK_OUT", "elsewhere", &["generate", "plant-a.yaml", "-q"]).exits(0);
    assert!(place.path("elsewhere/plant-a/prod/terraform/readings.tf").exists());
    let ran = run("FORMWORK_COLOR", "always", &["check", "missing.yaml"]).exits(2);
    ran.says(&["\u{1b}["]);
    run("FORMWORK_COLOR", "loud", &["check", "plant-a.yaml"]).exits(2).says(&["loud"]);
}
