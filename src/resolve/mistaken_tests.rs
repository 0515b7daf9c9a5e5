//! Lessons for members and values that people write and that do not exist.

use super::resolve;
use crate::blueprint;
use crate::catalog::{Catalog, Layer};
use crate::source::{Author, Source};

const KIND: &str = "
kind: post
summary: A post
parameters:
  office:
    optional: true
    mistaken: {city: \"write `town`\"}
    properties: {town: {type: string, optional: true}}
  boxes:
    mistaken: {width: \"write `size`\"}
    named:
      size: {enum: [small, large], default: small, mistaken: {medium: \"write `large`\"}}
  stamps:
    default: {}
    map: {type: integer}
    keys: {enum: [red, blue], mistaken: {green: \"write `blue`\"}}
";

fn findings(component: &str) -> Vec<(String, Vec<String>)> {
    let path = "catalog/kinds/post.yaml";
    let layer = Layer { name: String::new(), files: [(path.into(), KIND.into())].into() };
    let catalog = Catalog::new(vec![layer]);
    let text = format!(
        "formwork: 1\nname: a\nregion: eu-central-1\n\
         components:\n  b: {{kind: post, {component}}}\n"
    );
    let blueprint = blueprint::parse(&Source::new("b.yaml", text, Author::Blueprint)).unwrap();
    let variant = blueprint.variant(None).unwrap();
    let found = match resolve(&variant, &catalog, &|_| Err(String::new())) {
        Ok((_, found)) | Err(found) => found,
    };
    assert_eq!(catalog.take_findings(), []);
    found.into_iter().map(|finding| (finding.rule.to_string(), finding.help)).collect()
}

#[test]
fn nested_members_and_values_have_lessons() {
    let lesson = |rule: &str, help: &str| vec![(rule.to_string(), vec![help.to_string()])];
    let cases = [
        ("boxes: {}, office: {city: x}", lesson("mistaken-key", "write `town`")),
        ("boxes: {a: {width: 2}}", lesson("mistaken-key", "write `size`")),
        ("boxes: {a: {size: medium}}", lesson("mistaken-value", "write `large`")),
        ("boxes: {}, stamps: {green: 1}", lesson("mistaken-value", "write `blue`")),
        ("boxes: {a: {size: huge}}", lesson("not-allowed", "there are `small`, `large`")),
        ("boxes: {a: {size: large}}, office: {town: x}, stamps: {red: 1}", vec![]),
    ];
    for (component, wanted) in cases {
        assert_eq!(findings(component), wanted, "{component}");
    }
}
