//! `formwork graph`

use super::Place;

const BLUEPRINT: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  key: {kind: encryption-key}
  gateways:
    kind: external-principal
    arn: arn:aws:iam::444455556666:role/gateway
    writes: [readings]
  readings: {kind: kinesis-stream}
  archive: {kind: data-bucket, existing: {name: acme-archive}}
  archiver: {kind: firehose-archive, source: readings, destination: archive}
objectives:
  kept: {path: [readings, archiver, archive], latency_seconds: 1000}
environments:
  dev: {}
  prod: {}
";

fn drawn(arguments: &[&str]) -> String {
    let place = Place::with(BLUEPRINT);
    let first = ["graph", "plant-a.yaml", "--env", "prod"];
    place.run(&[&first[..], arguments].concat()).exits(0).out
}

/// What each arrow says: from, label, to, and whether it is promised.
fn arrows(mermaid: &str) -> Vec<&str> {
    mermaid
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("> ") || line.contains(">|"))
        .collect()
}

#[test]
fn arrows_point_where_data_goes_and_promises_are_thick() {
    let text = drawn(&[]);
    let wanted = [
        "c_gateways -->|writes| c_readings",
        "c_readings ==>|source| c_archiver",
        "c_archiver ==>|destination| c_archive",
    ];
    assert_eq!(arrows(text.split("subgraph").next().unwrap()), wanted, "{text}");
    assert!(text.contains("c_readings[\"<b>readings</b><br>Kinesis Data Streams\"]"), "{text}");
    assert!(text.contains("class c_gateways,c_archive outside"), "{text}");
    let apart = text.split("subgraph serving").nth(1).unwrap();
    assert!(apart.contains("c_key["), "the key serves all: {text}");
    assert!(text.contains("%% kept: within 1000 s"), "{text}");
}

#[test]
fn what_serves_all_is_drawn_when_it_is_asked_for() {
    let text = drawn(&["--all"]);
    assert!(arrows(&text).contains(&"c_readings -->|key| c_key"), "{text}");
    assert!(!text.contains("subgraph"), "{text}");
}

#[test]
fn graphviz_gets_a_graph() {
    let text = drawn(&["--format", "dot"]);
    assert!(text.starts_with("digraph \"plant-a, prod\" {\n"), "{text}");
    assert!(text.contains("\"readings\" -> \"archiver\" [label=\"source\" penwidth=3]"), "{text}");
    assert!(text.contains("\"archive\" [label=\"archive\\nAmazon S3\" style=\"rounded,dashed\"]"));
}

/// The attribute of an element, as a number.
fn number(element: &str, name: &str) -> f64 {
    let (_, rest) = element.split_once(&format!(" {name}=\"")).unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

#[test]
fn a_picture_shows_every_box_apart_from_the_others_and_fits_a_page() {
    let text = drawn(&["--format", "svg"]);
    let whole = text.lines().next().unwrap();
    assert!(number(whole, "width") <= 1200.0, "{whole}");
    let boxes: Vec<&str> = text
        .lines()
        .filter(|line| {
            ["own", "outside"]
                .iter()
                .any(|class| line.contains(&format!("<rect class=\"{class}\"")))
        })
        .collect();
    assert_eq!(boxes.len(), 5, "{text}");
    for (at, one) in boxes.iter().enumerate() {
        for other in &boxes[at + 1..] {
            let apart = |place: &str, size: &str| {
                number(one, place) + number(one, size) <= number(other, place)
                    || number(other, place) + number(other, size) <= number(one, place)
            };
            assert!(apart("x", "width") || apart("y", "height"), "{one}\n{other}");
        }
    }
    for word in ["Amazon Data Firehose", ">archiver<", ">source<", "kept: within 1000 s"] {
        assert!(text.contains(word), "no {word} in\n{text}");
    }
    assert_eq!(text.matches("class=\"promised\"").count(), 2, "{text}");
    assert_eq!(text, drawn(&["--format", "svg"]), "the same bytes on each run");
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let place = Place::with(BLUEPRINT);
    place.run(&["graph", "plant-a.yaml"]).exits(2).says(&["say which environment", "dev, prod"]);
    let broken = Place::with(&BLUEPRINT.replace("source: readings", "source: nobody"));
    let ran = broken.run(&["graph", "plant-a.yaml", "--env", "dev"]).exits(1);
    assert_eq!(ran.out, "");
    ran.says(&["nobody"]);
}

#[test]
fn a_file_is_drawn_as_its_ending_says() {
    let place = Place::with(BLUEPRINT);
    let draw = |file: &str| place.run(&["graph", "plant-a.yaml", "--env", "prod", "-o", file]);
    for (file, begins) in [("a.svg", "<svg"), ("a.dot", "digraph"), ("a.mmd", "flowchart")] {
        draw(file).exits(0).prints(&[&format!("wrote {file}")]);
        assert!(place.read(file).contains(begins), "{file}");
    }
    draw("a.png").exits(2).says(&["a.png", ".mmd, .dot or .svg", "--format"]);
    assert!(!place.path("a.png").exists());
}
