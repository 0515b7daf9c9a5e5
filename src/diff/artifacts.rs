//! The resources of artifacts that lie somewhere: what was generated before, by whatever version.

use super::Side;
use super::describe::{Described, Reference};
use crate::hcl::{self, Body, Content, Expression, Piece, Structure};
use crate::source::{Author, Source};
use crate::value::{Data, Map, Target, Value};
use crate::yaml::{self, Tags};
use serde_json::{Map as Object, Value as Json, json};

/// Reads the artifacts of a stack: their paths in its folder, and their texts. Of what stands in
/// them beside resources (outputs, variables, guides), nothing is known. Fails with what cannot be
/// read.
pub fn side<'a>(
    target: Target,
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Side, String> {
    let mut side = Side::default();
    for (path, text) in files {
        let found = match target {
            Target::CloudFormation if path == "template.yaml" => template(text),
            Target::Terraform => match path.strip_suffix(".tf") {
                Some(component) if !path.contains('/') => module(component, text),
                _ => continue,
            },
            Target::CloudFormation => continue,
        };
        let found = found.map_err(|why| format!("{path}: {why}"))?;
        side.resources.extend(found.into_iter().map(|one| (one.address.clone(), one)));
    }
    Ok(side)
}

fn template(text: &str) -> Result<Vec<Described>, String> {
    let source = Source::new("template.yaml", text, Author::Catalog);
    let document = yaml::read(&source, Tags::Functions).map_err(|finding| finding.title)?;
    let resources = document.get("Resources").and_then(Value::as_map);
    let word = |value: &Value, key| value.get(key).and_then(Value::as_str).map(String::from);
    let described = |(address, resource): (&crate::value::Key, &Value)| {
        let properties = resource.get("Properties").map(plain).unwrap_or_default();
        let policy = word(resource, "DeletionPolicy").unwrap_or_default();
        let mut references = vec![];
        functions(&properties, "", &mut references);
        Described {
            address: address.text.to_string(),
            type_name: word(resource, "Type").unwrap_or_default(),
            properties,
            protected: policy.starts_with("Retain") || policy == "Snapshot",
            references,
            ..Described::default()
        }
    };
    Ok(resources.into_iter().flat_map(Map::iter).map(described).collect())
}

/// A value as JSON; text that is JSON, as what it says.
fn plain(value: &Value) -> Json {
    match &value.data {
        Data::Null | Data::Unit(_) | Data::Deferred(_) => Json::Null,
        Data::Boolean(boolean) => (*boolean).into(),
        Data::Integer(integer) => (*integer).into(),
        Data::Float(float) => (*float).into(),
        Data::Text(text) => inside(text),
        Data::List(list) => list.iter().map(plain).collect(),
        Data::Map(map) => map.iter().map(|(key, one)| (key.text.to_string(), plain(one))).collect(),
    }
}

fn inside(text: &str) -> Json {
    let looks_so = text.starts_with(['{', '[']);
    let read = if looks_so { serde_json::from_str(text).ok() } else { None };
    read.unwrap_or_else(|| text.into())
}

/// What `Ref` and `Fn::GetAtt` name, by the properties that they stand in.
fn functions(value: &Json, path: &str, found: &mut Vec<Reference>) {
    let to = |address: &str, attribute: &str| Reference {
        path: path.into(),
        address: address.into(),
        attribute: attribute.into(),
    };
    match value {
        Json::Array(items) => items.iter().for_each(|item| functions(item, path, found)),
        Json::Object(map) => {
            for (key, inner) in map {
                match (key.as_str(), inner.as_str()) {
                    ("Ref", Some(name)) => found.push(to(name, "Ref")),
                    ("Fn::GetAtt", Some(name)) => {
                        let (address, attribute) = name.split_once('.').unwrap_or((name, ""));
                        found.push(to(address, attribute));
                    }
                    _ if key.starts_with("Fn::") => functions(inner, path, found),
                    _ if path.is_empty() => functions(inner, key, found),
                    _ => functions(inner, &format!("{path}.{key}"), found),
                }
            }
        }
        _ => {}
    }
}

fn module(component: &str, text: &str) -> Result<Vec<Described>, String> {
    let body = hcl::read::read(text).map_err(|e| format!("line {}: {}", e.line, e.message))?;
    let resource = |structure: &Structure| {
        let Content::Block(labels, body) = &structure.content else { return None };
        let [type_name, name] = labels.as_slice() else { return None };
        (structure.name == "resource").then(|| described(component, type_name, name, body))
    };
    Ok(body.0.iter().filter_map(resource).collect())
}

fn described(component: &str, type_name: &str, name: &str, body: &Body) -> Described {
    let mut properties = members(body);
    let lifecycle = properties.remove("lifecycle").unwrap_or_default();
    properties.remove("depends_on");
    let mut references = vec![];
    traversals(body, "", &mut references);
    Described {
        address: format!("{type_name}.{name}"),
        type_name: type_name.into(),
        component: component.into(),
        component_id: component.into(),
        properties: properties.into(),
        ignored: ignored(&lifecycle),
        holds_data: None,
        protected: lifecycle[0]["prevent_destroy"] == json!(true),
        references,
    }
}

/// The paths below `ignore_changes`.
fn ignored(lifecycle: &Json) -> Vec<String> {
    let paths = lifecycle[0]["ignore_changes"].as_array().into_iter().flatten();
    let paths = paths.filter_map(|path| path.as_str()?.strip_prefix("${")?.strip_suffix('}'));
    paths.map(|path| path.replace("[0]", "")).collect()
}

/// Attributes, and blocks as lists of mappings.
fn members(body: &Body) -> Object<String, Json> {
    let mut all = Object::new();
    for Structure { name, content, .. } in &body.0 {
        match content {
            Content::Value(value) => {
                all.insert(name.clone(), spelled(value));
            }
            Content::Block(_, body) => {
                let list = all.entry(name.clone()).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(members(body).into());
                }
            }
        }
    }
    all
}

fn spelled(expression: &Expression) -> Json {
    match expression {
        Expression::Null => Json::Null,
        Expression::Boolean(boolean) => (*boolean).into(),
        Expression::Integer(integer) => (*integer).into(),
        Expression::Float(float) => (*float).into(),
        Expression::Text(text) => text.as_str().into(),
        Expression::Traversal(path) => format!("${{{path}}}").into(),
        Expression::Template(pieces) => pieces.iter().map(piece).collect::<String>().into(),
        Expression::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
            ("jsonencode", [inner]) => spelled(inner),
            _ => json!({ name.as_str(): arguments.iter().map(spelled).collect::<Vec<_>>() }),
        },
        Expression::List(items) => items.iter().map(spelled).collect(),
        Expression::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let key = spelled(key);
                (key.as_str().map_or_else(|| key.to_string(), String::from), spelled(value))
            })
            .collect(),
    }
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Expression(inner) => {
            let spelled = spelled(inner);
            spelled.as_str().map_or_else(|| format!("${{{spelled}}}"), String::from)
        }
    }
}

/// What traversals name, by the attributes that they stand in.
fn traversals(body: &Body, path: &str, found: &mut Vec<Reference>) {
    let below = |name: &str| if path.is_empty() { name.into() } else { format!("{path}.{name}") };
    for Structure { name, content, .. } in &body.0 {
        match content {
            Content::Value(value) => named(value, &below(name), found),
            Content::Block(_, body) => traversals(body, &below(name), found),
        }
    }
}

fn named(expression: &Expression, path: &str, found: &mut Vec<Reference>) {
    match expression {
        Expression::Traversal(text) => {
            let mut steps = text.splitn(3, '.');
            if let (Some(kind), Some(name), Some(attribute)) =
                (steps.next(), steps.next(), steps.next())
            {
                let address = format!("{kind}.{name}");
                found.push(Reference { path: path.into(), address, attribute: attribute.into() });
            }
        }
        Expression::Template(pieces) => {
            for piece in pieces {
                if let Piece::Expression(inner) = piece {
                    named(inner, path, found);
                }
            }
        }
        Expression::Call(_, items) | Expression::List(items) => {
            for item in items {
                named(item, path, found);
            }
        }
        Expression::Object(members) => {
            for (_, value) in members {
                named(value, path, found);
            }
        }
        _ => {}
    }
}
