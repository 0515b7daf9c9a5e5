//! `check`: what is found, how it is told, and what it comes to.

use super::{PLANT, Place, keeps_schema};

/// Three mistakes, the last one in an overlay.
const MISTAKES: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  readings: {kind: kinesis-streem}
  archive:
    kind: data-bucket
    expire_day: 30
  events: {kind: kinesis-stream}
environments:
  dev: {}
  prod:
    components:
      events: {retention_hours: 9000}
";

const WARNING: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  archive: {kind: data-bucket, existing: {name: acme-lake}}
";

const EXPIRED: &str = "\
formwork: 1
name: plant-a
region: eu-central-1
components:
  archive:
    kind: data-bucket
    existing: {name: acme-lake}
    accept: {unused-component: {reason: soon, until: 2026-01-31}}
";

#[test]
fn every_mistake_is_told_with_its_line_and_what_to_write() {
    let ran = Place::with(MISTAKES).run(&["check", "plant-a.yaml"]).exits(1);
    let expected = "\
error[unknown-kind]: there is no kind `kinesis-streem`
 --> plant-a.yaml:5:20
  |
5 |   readings: {kind: kinesis-streem}
  |                    ^^^^^^^^^^^^^^
  |
  = help: did you mean `kinesis-stream`?

error[unknown-key]: `data-bucket` has no `expire_day`
 --> plant-a.yaml:8:5
  |
8 |     expire_day: 30
  |     ^^^^^^^^^^
  |
  = help: did you mean `expire_days`?

error[out-of-range]: `retention_hours` is 9000, not 24 to 8760
  --> plant-a.yaml:14:33
   |
14 |       events: {retention_hours: 9000}
   |                                 ^^^^
   |
   = help: write at most 8760
   = note: found in prod

3 errors
";
    assert_eq!(ran.err, expected);
    assert_eq!(ran.out, "");
}

#[test]
fn nothing_found_says_how_much_was_looked_at() {
    let place = Place::with(PLANT);
    let ran = place.run(&["check", "plant-a.yaml"]).exits(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", "nothing found in 2 stacks\n"));
    let ran = place.run(&["check", "plant-a.yaml", "-q"]).exits(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    assert!(place.files("stacks").is_empty());
}

#[test]
fn one_environment_alone_is_looked_at() {
    let place = Place::with(MISTAKES);
    let ran = place.run(&["check", "plant-a.yaml", "--env", "dev"]).exits(1);
    assert!(!ran.err.contains("out-of-range"), "{}", ran.err);
    let ran = place.run(&["check", "plant-a.yaml", "--env", "staging"]).exits(2);
    ran.says(&["there is no environment `staging`", "there is dev, prod"]);
}

#[test]
fn findings_for_machines_keep_their_schema() {
    let ran = Place::with(MISTAKES).run(&["check", "plant-a.yaml", "--format", "json"]).exits(1);
    let document = keeps_schema("findings", &ran.out);
    let finding = &document["findings"][2];
    assert_eq!(finding["rule"], "out-of-range");
    assert_eq!(finding["component"], "events");
    assert_eq!(finding["environments"], serde_json::json!(["prod"]));
    let place = serde_json::json!({
        "file": "plant-a.yaml", "line": 14, "column": 33, "end_line": 14, "end_column": 37, "text": "",
    });
    assert_eq!(finding["places"], serde_json::json!([place]));
    let ran = Place::with(PLANT).run(&["check", "plant-a.yaml", "--format", "json"]).exits(0);
    assert_eq!(keeps_schema("findings", &ran.out)["findings"], serde_json::json!([]));
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let place = Place::with(WARNING);
    let ran = place.run(&["check", "plant-a.yaml"]).exits(0);
    ran.says(&["warning[unused-component]", "1 warning"]);
    place.run(&["check", "plant-a.yaml", "--deny", "warnings"]).exits(1);
    place.run(&["check", "plant-a.yaml", "--deny", "unused-component"]).exits(1);
    place.run(&["check", "plant-a.yaml", "--deny", "too-many-consumers"]).exits(0);
    let ran = place.run(&["check", "plant-a.yaml", "--deny", "unused-components"]).exits(2);
    ran.says(&["there is no rule `unused-components` to deny"]);
    place.write("formwork.yaml", "deny: [warnings]\n");
    place.run(&["check", "plant-a.yaml"]).exits(1);
}

#[test]
fn a_date_alone_fails_nothing_unless_it_was_said() {
    let place = Place::with(EXPIRED);
    let deny = ["check", "plant-a.yaml", "--deny", "warnings"];
    place.run(&deny).exits(0).says(&["warning[expired-accept]"]);
    place.run(&[&deny[..], &["--as-of", "2026-02-01"]].concat()).exits(1);
    let ran = place.run(&[&deny[..], &["--as-of", "2026-01-31"]].concat()).exits(0);
    assert_eq!(ran.err, "nothing found in 1 stack\n");
    place.run(&["check", "plant-a.yaml", "--as-of", "tomorrow"]).exits(2);
}

#[test]
fn colours_are_for_those_who_see_them() {
    let place = Place::with(MISTAKES);
    let ran = place.run(&["check", "plant-a.yaml"]).exits(1);
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
    let ran = place.run(&["check", "plant-a.yaml", "--color", "always"]).exits(1);
    ran.says(&["\u{1b}["]);
}

#[test]
fn stacks_that_cannot_live_side_by_side_are_told() {
    let place = Place::with(PLANT);
    let named =
        |name: &str, more: &str| PLANT.replace("name: plant-a", &format!("name: {name}\n{more}"));
    place.write("same.yaml", PLANT);
    let ran = place.run(&["check", "plant-a.yaml", "same.yaml"]).exits(1);
    ran.says(&["error[same-output]", "--> same.yaml:2:7", "plant-a.yaml:2:7"]);

    place.write("prefix.yaml", named("other", "prefix: plant-a-dev"));
    let both = ["check", "plant-a.yaml", "prefix.yaml"];
    place.run(&both).exits(1).says(&["error[same-prefix]"]);

    let account = "account: \"111122223333\"";
    place.write("plant-a.yaml", named("plant-a", account));
    let other = named("other", "account: \"444455556666\"");
    place.write("prefix.yaml", other.replace("  dev:\n", "  dev:\n    prefix: plant-a-dev\n"));
    place.run(&both).exits(0);

    let backend = "terraform: {backend: {s3: {bucket: acme-state, key: plant.tfstate}}}";
    place.write("one.yaml", named("one", backend).replace("  prod: {}\n", ""));
    place.write("two.yaml", named("two", backend).replace("  prod: {}\n", ""));
    let ran = place.run(&["check", "one.yaml", "two.yaml"]).exits(1);
    ran.says(&["error[same-backend]"]);
}

#[test]
fn blueprints_that_collide_are_told_once_with_all_places() {
    let place = Place::new();
    for file in ["a", "b", "c", "d"] {
        place.write(&format!("all/{file}.yaml"), PLANT);
    }
    let ran = place.run(&["check", "all"]).exits(1);
    assert_eq!(ran.err.matches("error[same-output]").count(), 1, "{}", ran.err);
    ran.says(&["all/a.yaml:2", "all/b.yaml:2", "all/c.yaml:2", "all/d.yaml:2"]);
}
