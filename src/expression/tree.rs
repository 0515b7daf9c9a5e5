//! YAML trees whose texts hold expressions.

use super::parse::{Code, deeper, expression};
use super::{Binding, Expression, Failure, Node, Place, Repeat};
use crate::source::Span;
use crate::value::{Data, Key, Map, Value};
use hcl::Identifier;

/// Parses a tree whose texts may hold `${…}`. Alone in its text an expression keeps its type, in
/// text it is joined. A mapping with exactly `cloudformation` and `terraform` is one value with
/// two spellings; an item of a list that says `when` or `each` is there only then, or for each.
pub fn tree(value: &Value) -> Result<Expression, Failure> {
    branch(value, 0)
}

fn branch(value: &Value, depth: usize) -> Result<Expression, Failure> {
    let span = value.span();
    let depth = deeper(depth, span)?;
    let node = match &value.data {
        Data::Text(text) => return Code::new(text, span).template(depth),
        Data::List(list) => list_node(
            list.iter().map(|item| repeated(item, depth)).collect::<Result<_, Failure>>()?,
        ),
        Data::Map(map) => members(map.iter().collect(), depth)?,
        // A constant of the catalog comes from nowhere: findings point at what users wrote.
        data => Node::Literal(data.clone().into()),
    };
    Ok(built(node, span))
}

fn built(node: Node, span: Option<&Span>) -> Expression {
    Expression { node, place: Place { whole: "".into(), start: 0, end: 0, span: span.cloned() } }
}

/// An item of a list, which may say `each` and `when`.
fn repeated(item: &Value, depth: usize) -> Result<(Repeat, Expression), Failure> {
    let (each, when) = (item.get("each"), item.get("when"));
    let Some(map) = item.as_map().filter(|_| each.is_some() || when.is_some()) else {
        return Ok((Repeat::default(), branch(item, depth)?));
    };
    let each = each.map(bindings).transpose()?.unwrap_or_default();
    let when = when.map(expression).transpose()?;
    let rest: Vec<_> =
        map.iter().filter(|(key, _)| !matches!(&*key.text, "when" | "each")).collect();
    let body = match rest.as_slice() {
        [] => {
            let message = "there is nothing beside `when` and `each`";
            return Err(Failure::new(message).at(item.span()));
        }
        [(key, value)] if &*key.text == "value" => branch(value, depth)?,
        _ => built(members(rest, depth)?, item.span()),
    };
    Ok((Repeat { each, when }, body))
}

fn bindings(each: &Value) -> Result<Vec<Binding>, Failure> {
    let names = each.as_map().filter(|names| !names.is_empty()).ok_or_else(|| {
        let message =
            format!("`each` is written {{name: expression}}, not as {}", each.type_name());
        Failure::new(message).at(each.span())
    })?;
    let bind = |(key, of): (&Key, &Value)| {
        if Identifier::new(&*key.text).is_err() {
            let failure = Failure::new(format!("`{}` cannot be a name", key.text));
            return Err(failure.at(key.span.as_ref()).at(each.span()));
        }
        Ok(Binding { key: None, name: key.text.clone(), of: expression(of)? })
    };
    names.iter().map(bind).collect()
}

fn members(members: Vec<(&Key, &Value)>, depth: usize) -> Result<Node, Failure> {
    let named = |name: &str| members.iter().find(|(key, _)| &*key.text == name);
    if let (2, Some((_, cloudformation)), Some((_, terraform))) =
        (members.len(), named("cloudformation"), named("terraform"))
    {
        let both = [branch(cloudformation, depth)?, branch(terraform, depth)?];
        return Ok(Node::Targets(Box::new(both)));
    }
    let member = |(key, value): (&Key, &Value)| {
        let span = key.span.as_ref().or(value.span());
        let key = Code::new(&key.text, span).template(depth)?;
        Ok((Repeat::default(), key, branch(value, depth)?))
    };
    members.into_iter().map(member).collect::<Result<_, _>>().map(map_node)
}

/// A list; one literal where all items are, so that constants are shared instead of rebuilt.
pub(super) fn list_node(items: Vec<(Repeat, Expression)>) -> Node {
    let constants = items.iter().map(|(repeat, item)| repeat.constant(item).cloned());
    match constants.collect::<Option<Vec<Value>>>() {
        Some(constants) => Node::Literal(constants.into()),
        None => Node::List(items),
    }
}

/// A map, likewise; a key that is not a text, or comes twice, is left to fail in evaluation.
pub(super) fn map_node(members: Vec<(Repeat, Expression, Expression)>) -> Node {
    let mut map = Map::default();
    for (repeat, key, value) in &members {
        let key = repeat.constant(key).and_then(Value::as_str);
        match (key, repeat.constant(value)) {
            (Some(key), Some(value)) if map.get(key).is_none() => map.set(key, value.clone()),
            _ => return Node::Map(members),
        }
    }
    Node::Literal(map.into())
}

impl Repeat {
    fn constant<'a>(&self, item: &'a Expression) -> Option<&'a Value> {
        match &item.node {
            Node::Literal(value) if self.each.is_empty() && self.when.is_none() => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::tests::{Words, word};
    use crate::value::{Deferred, Origin};
    use serde_json::json;

    fn grown(json: &serde_json::Value) -> Result<Value, Failure> {
        tree(&Value::from(json))?.evaluate(&Words)
    }

    #[test]
    fn trees() {
        for (written, expected) in [
            (json!("plain %{x} $ text"), json!("plain %{x} $ text")),
            (json!("$${two} ${two}"), json!("${two} 2")),
            (json!("${many}"), json!([3, 1, 2])),
            (
                json!({"a": ["${two}", "x ${name} \"y\""], "n-${two}": null}),
                json!({"a": [2, "x a-b \"y\""], "n-2": null}),
            ),
            (
                json!([{"when": "two > 1", "a": 1}, {"when": "two > 2", "a": 2}, {"when": false,
                    "value": 3}]),
                json!([{"a": 1}]),
            ),
            (
                json!([{"each": {"x": "many"}, "when": "x > 1", "value": "v${x}"}, "end"]),
                json!(["v3", "v2", "end"]),
            ),
            (
                json!([{"each": {"x": "[1, 2]", "y": "range(x)"}, "value": "${x}${y}"}]),
                json!(["10", "20", "21"]),
            ),
            (json!([{"each": {"m": "map"}, "n": "${m.n}"}]), json!([{"n": 1}, {"n": 2}])),
            (json!({"when": "${two}"}), json!({"when": 2})),
        ] {
            assert_eq!(grown(&written).unwrap(), Value::from(&expected), "{written}");
        }
        let both = grown(&json!({"terraform": "${two}", "cloudformation": "c"})).unwrap();
        let expected = Deferred::Targets { cloudformation: "c".into(), terraform: 2.into() };
        assert_eq!(both, expected.into());
        for (written, gist) in [
            (json!("a ${none}"), "`none` is null"),
            (json!({"k${none}": 1}), "is null"),
            (json!({"a": 1, "${\"a\"}": 1}), "the key `a` is there twice"),
            (json!({"${two}": 1}), "a key is an integer"),
            (json!([{"when": true}]), "nothing beside"),
            (json!([{"each": "many", "a": 1}]), "{name: expression}"),
            (json!([{"each": {"a-b c": "many"}, "a": 1}]), "cannot be a name"),
            (json!([{"when": "two", "a": 1}]), "not a boolean"),
            (json!([{"each": {"x": "none"}, "a": 1}]), "`none` is null"),
            (json!("a ${two"), "cannot be read"),
        ] {
            let message = grown(&written).unwrap_err().message;
            assert!(message.contains(gist), "{written}: {message}");
        }
    }

    #[test]
    fn a_literal_of_a_tree_comes_from_nowhere_and_a_failure_from_its_line() {
        let written = Value::from("half").from_origin(Origin::At(word("half")));
        let tree = tree(&vec![written].into()).unwrap().evaluate(&Words).unwrap();
        assert!(tree.as_list().unwrap()[0].span().is_none());
        let written = Value::from("nowhere").from_origin(Origin::At(word("name")));
        let failure = expression(&written).unwrap().evaluate(&Words).unwrap_err();
        assert_eq!(failure.span, Some(word("name")));
    }
}
