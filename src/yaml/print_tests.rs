use super::*;
use arbtest::arbitrary::{Result, Unstructured};
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

fn texts(values: &[&str]) -> Node {
    Node::List(values.iter().map(|value| Node::Text((*value).to_owned())).collect())
}

fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Map(entries.into_iter().map(|(key, value)| Entry::new(key, value)).collect())
}

fn tagged(tag: &'static str, node: Node) -> Node {
    Node::Tagged(tag, Box::new(node))
}

/// The document as JSON, a tag as an object's key.
fn expected(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Boolean(value) => json!(value),
        Node::Integer(value) => json!(value),
        Node::Float(value) => json!(value),
        Node::Text(value) => json!(value),
        Node::Tagged(tag, inner) => {
            let long = matches!(**inner, Node::Tagged(..));
            let key = if long { long_form(tag) } else { (*tag).to_owned() };
            json!({ key: expected(inner) })
        }
        Node::List(items) => items.iter().map(expected).collect(),
        Node::Map(entries) => Value::Object(
            entries.iter().map(|entry| (entry.key.clone(), expected(&entry.value))).collect(),
        ),
    }
}

fn read_by_yaml_serde(text: &str) -> Value {
    fn json(value: serde_yaml::Value) -> Value {
        match value {
            serde_yaml::Value::Sequence(items) => items.into_iter().map(json).collect(),
            serde_yaml::Value::Mapping(entries) => Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.as_str().unwrap().to_owned(), json(value)))
                    .collect(),
            ),
            serde_yaml::Value::Tagged(tagged) => {
                json!({ tagged.tag.to_string(): json(tagged.value) })
            }
            scalar => serde_json::to_value(scalar).unwrap(),
        }
    }
    json(serde_yaml::from_str(text).unwrap())
}

/// What `PyYAML` reads; nothing where there is none.
fn read_by_pyyaml(text: &str) -> Option<Value> {
    const SCRIPT: &str = "
import json, sys
try:
    import yaml
except ImportError:
    sys.exit(3)
class Loader(yaml.SafeLoader):
    pass
def tagged(loader, name, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {'!' + name: value}
Loader.add_multi_constructor('!', tagged)
print(json.dumps(yaml.load(sys.stdin.buffer, Loader)))
";
    let child = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let output = child.and_then(|mut child| {
        child.stdin.take().unwrap().write_all(text.as_bytes())?;
        child.wait_with_output()
    });
    match output {
        Ok(output) if output.status.code() != Some(3) => {
            assert!(output.status.success(), "PyYAML refuses this:\n{text}");
            Some(serde_json::from_slice(&output.stdout).unwrap())
        }
        _ => {
            assert!(std::env::var_os("CI").is_none(), "python3 with PyYAML is missing");
            eprintln!("skipped: there is no python3 with PyYAML");
            None
        }
    }
}

/// Every scalar in order, and whether it is quoted.
fn read_by_saphyr(text: &str) -> Vec<(String, bool)> {
    let events = Parser::new_from_str(text).map(|event| event.unwrap().0);
    events
        .filter_map(|event| match event {
            Event::Scalar(text, style, ..) => {
                Some((text.into_owned(), style != ScalarStyle::Plain))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn layout() {
    let commented = |comment: &str, blank_before, key: &str, value| Entry {
        comment: Some(comment.to_owned()),
        blank_before,
        ..Entry::new(key, value)
    };
    let first = commented("A first\u{2028}one\r\n\nof three", false, "Id", Node::Null);
    let document = Node::Map(vec![
        Entry::new("Version", Node::Text("2010-09-09".to_owned())),
        Entry::new("Empty", Node::List(vec![Node::Map(vec![]), Node::List(vec![])])),
        commented(
            "Above",
            true,
            "AWS::Region",
            Node::List(vec![
                Node::Map(vec![first, Entry::new("B", texts(&["x", "on"]))]),
                Node::List(vec![texts(&["a", "b"]), Node::Integer(-1)]),
            ]),
        ),
        Entry::new("Ref", tagged("!Ref", Node::Text("Main".to_owned()))),
        Entry::new("If", Node::List(vec![tagged("!If", texts(&["c", "d"]))])),
        Entry::new("Data", tagged("!Base64", tagged("!Sub", Node::Text("x".to_owned())))),
        Entry::new(
            "Transform",
            tagged("!Transform", map([("Name", Node::Boolean(true)), ("F", Node::Float(2.0))])),
        ),
    ]);
    let header = ["Made for\nreading".to_owned(), String::new()];
    assert_eq!(print(&document, &header), LAYOUT);
}

const LAYOUT: &str = r#"# Made for
# reading
#

Version: "2010-09-09"
Empty:
  - {}
  - []

# Above
AWS::Region:
  # A first one
  #
  # of three
  - Id: null
    B:
      - x
      - "on"
  - - - a
      - b
    - -1
Ref: !Ref Main
If:
  - !If
    - c
    - d
Data:
  Fn::Base64: !Sub x
Transform: !Transform
  Name: true
  F: 2.0
"#;

#[test]
fn hostile_texts_come_back_from_every_reader() {
    let hostile = quote::hostile::texts();
    assert!(hostile.len() > 150);
    let list = |node: fn(String) -> Node| Node::List(hostile.iter().cloned().map(node).collect());
    let commented = hostile.iter().enumerate().map(|(index, text)| Entry {
        comment: Some(text.clone()),
        ..Entry::new(text.clone(), Node::Integer(i64::try_from(index).unwrap()))
    });
    let document = map([
        ("keys", Node::Map(commented.collect())),
        ("texts", list(Node::Text)),
        ("tagged", list(|text| tagged("!Sub", Node::Text(text)))),
    ]);
    let text = print(&document, &hostile);
    assert_eq!(read_by_yaml_serde(&text), expected(&document));
    let scalars = read_by_saphyr(&text);
    for (index, one) in hostile.iter().enumerate() {
        let (key, quoted) = &scalars[1 + 2 * index];
        assert_eq!((key, *quoted), (one, !is_plain(one)));
        for start in [2, 3].map(|lists| lists + hostile.len() * lists) {
            assert_eq!(&scalars[start + index].0, one);
        }
    }
    if let Some(value) = read_by_pyyaml(&text) {
        assert_eq!(value, expected(&document));
    }
}

#[test]
fn one_blank_line_is_enough() {
    let entry = Entry { blank_before: true, ..Entry::new("a", Node::Null) };
    let document = Node::Map(vec![entry.clone(), entry]);
    assert_eq!(print(&document, &["b".to_owned()]), "# b\n\na: null\n\na: null\n");
    assert_eq!(print(&document, &[]), "a: null\n\na: null\n");
}

#[test]
fn numbers_stay_numbers() {
    let floats = [0.0, -1.5, 1e21, 1.25e-9, 1e16, f64::MAX, f64::MIN_POSITIVE];
    let document = Node::List(floats.map(Node::Float).into());
    let text = print(&document, &[]);
    assert!(text.contains("- 1.0e+21\n- 1.25e-9\n- 1.0e+16\n"), "{text}");
    assert_eq!(read_by_yaml_serde(&text), expected(&document));
    if let Some(value) = read_by_pyyaml(&text) {
        assert_eq!(value, expected(&document));
    }
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Node::Float);
    assert_eq!(print(&Node::List(special.into()), &[]), "- .nan\n- .inf\n- -.inf\n");
}

#[test]
fn a_document_may_be_a_scalar() {
    assert_eq!(print(&tagged("!Ref", Node::Text("A".to_owned())), &[]), "!Ref A\n");
}

#[test]
fn random_trees_come_back() {
    arbtest::arbtest(|u| {
        let document = random(u, &quote::hostile::texts(), 4)?;
        assert_eq!(read_by_yaml_serde(&print(&document, &[])), expected(&document));
        Ok(())
    });
}

fn random(u: &mut Unstructured<'_>, texts: &[String], depth: usize) -> Result<Node> {
    Ok(match u.int_in_range(0..=if depth == 0 { 4 } else { 8 })? {
        0 => Node::Null,
        1 => Node::Boolean(u.arbitrary()?),
        2 => Node::Integer(u.arbitrary()?),
        3 => Node::Text(u.choose(texts)?.clone()),
        4 => Node::Text(u.arbitrary()?),
        5 => {
            let tag = *u.choose(&["!Sub", "!If", "!Base64"])?;
            let inner = match random(u, texts, depth - 1)? {
                // What a tag makes of these is up to the reader.
                Node::Null | Node::Boolean(_) | Node::Integer(_) => Node::Map(vec![]),
                inner => inner,
            };
            tagged(tag, inner)
        }
        6 => {
            let items = u.int_in_range(0..=4)?;
            Node::List((0..items).map(|_| random(u, texts, depth - 1)).collect::<Result<_>>()?)
        }
        _ => {
            let mut entries = Vec::<Entry>::new();
            for _ in 0..u.int_in_range(0..=4)? {
                let comment = u.arbitrary()?;
                let key = u.choose(texts)?.clone();
                let value = random(u, texts, depth - 1)?;
                if entries.iter().all(|entry| entry.key != key) {
                    entries.push(Entry { comment, blank_before: u.arbitrary()?, key, value });
                }
            }
            Node::Map(entries)
        }
    })
}
