//! Artifacts read back, without what printed them: the texts in them, and where each stands.
use formwork::hcl::read::read;
use formwork::hcl::{Body, Content, Expression, Piece, Structure};
use formwork::value::Target;
use regex_lite::Regex;
use serde_json::{Map, Value, json};

use crate::stacks::Made;

/// Where a text stands, without indices, and the text. A key is a text too.
pub type Leaf = (String, String);

/// All texts of a stack's template or module; those of JSON inside a text, too.
pub fn leaves(made: &Made) -> Vec<Leaf> {
    let mut all = vec![];
    for (path, text) in made.texts() {
        let document = match (made.output.target, path.rsplit('.').next()) {
            (Target::CloudFormation, Some("yaml")) => yaml(text),
            (Target::Terraform, Some("tf")) => {
                let text = looked_up(text);
                body(&read(&text).unwrap_or_else(|error| panic!("{path}: {error:?}\n{text}")))
            }
            _ => continue,
        };
        walk("", &document, &mut all);
    }
    all
}

/// What is looked up at deployment calls functions, which our reader of templates refuses.
fn looked_up(text: &str) -> String {
    let call = Regex::new(r#"jsondecode\((data\.[\w.]+)\)\["[^"\n]*"\]"#).expect("a pattern");
    call.replace_all(text, "$1").into_owned()
}

/// The leaves of a document that somebody else read.
pub fn leaves_of(document: &Value) -> Vec<Leaf> {
    let mut all = vec![];
    walk("", document, &mut all);
    all
}

fn walk(at: &str, value: &Value, all: &mut Vec<Leaf>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                all.push((format!("{at}.key"), key.clone()));
                let value = if key == "Fn::Sub" { &substituted(value) } else { value };
                walk(&format!("{at}.{key}"), value, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(at, item, all)),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) if text.len() > 2 => {
                walk(&format!("{at}.json"), &inner, all);
            }
            _ => all.push((at.to_owned(), text.clone())),
        },
        Value::Null => {}
        scalar => all.push((at.to_owned(), scalar.to_string())),
    }
}

/// What CloudFormation makes of a substitution: `${!x}` is the text `${x}`, all else is replaced.
fn substituted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let first = items.first().map(substituted);
            first.into_iter().chain(items.iter().skip(1).cloned()).collect()
        }
        Value::String(text) => {
            let mut pieces = text.split("${");
            let mut plain = pieces.next().unwrap_or_default().to_owned();
            for piece in pieces {
                match (piece.strip_prefix('!'), piece.split_once('}')) {
                    (Some(literal), _) => plain.extend(["${", literal]),
                    (None, Some((_, after))) => plain.extend(["<value>", after]),
                    (None, None) => panic!("an open substitution in {text:?}"),
                }
            }
            Value::String(plain)
        }
        other => other.clone(),
    }
}

/// YAML as another reader than our own takes it.
fn yaml(text: &str) -> Value {
    let value: serde_yaml::Value =
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    plain(value)
}

fn plain(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let name = if tag == "Ref" { tag.to_owned() } else { format!("Fn::{tag}") };
            json!({ name: plain(tagged.value) })
        }
        Yaml::Mapping(map) => map
            .into_iter()
            .map(|(key, value)| (key.as_str().expect("a key is a text").to_owned(), plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        scalar => serde_json::to_value(scalar).expect("a scalar"),
    }
}

fn body(Body(structures): &Body) -> Value {
    let structure = |Structure { name, content, .. }: &Structure| match content {
        Content::Value(value) => json!({ name.as_str(): expression(value) }),
        Content::Block(labels, inner) => {
            json!({ format!("{name} {}", labels.join(" ")): body(inner) })
        }
    };
    structures.iter().map(structure).collect()
}

fn expression(value: &Expression) -> Value {
    match value {
        Expression::Null => Value::Null,
        Expression::Boolean(boolean) => json!(boolean),
        Expression::Integer(integer) => json!(integer),
        Expression::Float(float) => json!(float),
        Expression::Text(text) => json!(text),
        Expression::Template(pieces) => json!(pieces.iter().map(piece).collect::<String>()),
        Expression::Traversal(path) => json!(format!("<{path}>")),
        Expression::Call(name, arguments) => {
            json!({ name.as_str(): arguments.iter().map(expression).collect::<Value>() })
        }
        Expression::List(items) => items.iter().map(expression).collect(),
        Expression::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let key = expression(key);
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                (key, expression(value))
            })
            .collect::<Map<_, _>>()
            .into(),
    }
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Expression(_) => "<value>".to_owned(),
    }
}
