//! `--catalog`: a company's own kinds, and what is broken in them.

use super::{PLANT, Place};

const NARROWED: &str = "\
kind: kinesis-stream
extends: kinesis-stream
summary: A stream as we want it
parameters: {retention_hours: {default: 48, minimum: 48}}
";

fn with_catalog() -> Place {
    let place = Place::with(&PLANT.replace("hours: 24", "hours: 72"));
    place.write("ours/catalog/kinds/kinesis-stream.yaml", NARROWED);
    place.write(
        "ours/blueprints/small.yaml",
        PLANT.replace("region:", "description: Small\nregion:"),
    );
    place.write("ours/docs/rules/unknown-key.md", "Our own words.\n");
    place
}

#[test]
fn a_layer_stands_over_ours() {
    let place = with_catalog();
    let ran = place.run(&["--catalog", "ours", "check", "plant-a.yaml", "-v"]).exits(0);
    ran.says(&["catalog ours/: 3 files", "read 1 blueprints", "took "]);
    place.write("plant-a.yaml", PLANT);
    let ran = place.run(&["check", "plant-a.yaml", "--catalog", "ours"]).exits(1);
    ran.says(&["`retention_hours` is 24, not 48 to 8760"]);
    place.run(&["check", "plant-a.yaml"]).exits(0);
    let ran = place.run(&["list", "--catalog", "ours"]).exits(0);
    let ran = ran.prints(&["A stream as we want it", "\n  sensor-streaming "]);
    let small = ran.out.lines().find(|line| line.starts_with("  small ")).unwrap();
    assert!(small.ends_with(" Small"), "{small}");
    let ran = place.run(&["explain", "unknown-key", "--catalog", "./ours/"]).exits(0);
    ran.prints(&["Our own words."]);
    place.run(&["new", "small", "--catalog", "ours"]).exits(0).prints(&["name: plant-a"]);
}

#[test]
fn the_project_file_names_catalogs() {
    let place = with_catalog();
    place.write("formwork.yaml", "catalogs: [ours]\n");
    place.write("deep/plant-a.yaml", PLANT);
    place.run_at("deep", &["check", "plant-a.yaml"]).exits(1).says(&["not 48 to 8760"]);
}

#[test]
fn a_broken_file_of_a_catalog_is_drawn_and_nothing_is_done() {
    let place = with_catalog();
    place.write("ours/catalog/kinds/unused.yaml", "kind: unused\nsumary: Wrong\n");
    let ran = place.run(&["generate", "plant-a.yaml", "--catalog", "ours"]).exits(2);
    ran.says(&[
        "error[broken-catalog]",
        "--> ours/catalog/kinds/unused.yaml:2:1",
        "2 | sumary: Wrong",
        "error: the catalog is broken",
    ]);
    assert!(!place.path("stacks").exists());
}

#[test]
fn a_broken_template_is_found_before_it_is_used() {
    let place = with_catalog();
    place.write("ours/templates/terraform/data-bucket.tf.hbs", "resource {{#if\n");
    let ran = place.run(&["check", "plant-a.yaml", "--catalog", "ours"]).exits(2);
    ran.says(&["error[broken-catalog]", "ours/templates/terraform/data-bucket.tf.hbs"]);
}

#[test]
fn what_only_a_blueprint_brings_to_light_is_not_the_blueprints() {
    let place = with_catalog();
    let template = "resource \"aws_kinesis_stream\" {{id \"main\"}} {\n  name = {{nonsense}}\n}\n";
    place.write("ours/templates/terraform/kinesis-stream.tf.hbs", template);
    let ran = place.run(&["generate", "plant-a.yaml", "--catalog", "ours"]).exits(2);
    ran.says(&["error[broken-catalog]", "ours/templates/terraform/kinesis-stream.tf.hbs:2"]);
    assert!(!place.path("stacks").exists());
}

#[test]
fn a_folder_that_is_no_catalog_is_refused() {
    let place = with_catalog();
    let ran = place.run(&["list", "--catalog", "missing"]).exits(2);
    ran.says(&["there is no folder missing"]);
    let ran = place.run(&["list", "--catalog", "ours/docs"]).exits(2);
    ran.says(&["ours/docs is no catalog", "catalog/kinds/"]);
}
