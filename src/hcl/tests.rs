use super::print::print;
use super::read::read;
use super::{Body, Content, Expression, Piece, Structure};
use crate::quote::hostile;
use arbtest::arbitrary::{Result, Unstructured};
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What terraform answers; nothing where there is none.
fn terraform(arguments: &[&str], input: &str) -> Option<Output> {
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new("terraform")
        .args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        assert!(std::env::var_os("CI").is_none(), "terraform is missing");
        eprintln!("skipped: there is no terraform");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    Some(output)
}

/// Asserts that terraform reads the text and would lay it out no other way.
fn assert_formatted(text: &str) {
    let Some(output) = terraform(&["fmt", "-"], text) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let formatted = String::from_utf8(output.stdout).unwrap();
    let difference = text.lines().zip(formatted.lines()).find(|(ours, theirs)| ours != theirs);
    assert_eq!(difference, None);
    assert_eq!(text.len(), formatted.len());
}

pub(super) fn text(value: &str) -> Expression {
    Expression::Text(value.to_owned())
}

pub(super) fn reference(path: &str) -> Expression {
    Expression::Traversal(path.to_owned())
}

pub(super) fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call(name.to_owned(), arguments)
}

pub(super) fn template(before: &str, path: &str, after: &str) -> Expression {
    let [before, after] = [before, after].map(|part| Piece::Text(part.to_owned()));
    Expression::Template(vec![before, Piece::Expression(reference(path)), after])
}

pub(super) fn object(entries: Vec<(&str, Expression)>) -> Expression {
    Expression::Object(entries.into_iter().map(|(key, value)| (text(key), value)).collect())
}

pub(super) fn block(kind: &str, labels: &[&str], structures: Vec<Structure>) -> Structure {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    Structure::block(kind, labels, Body(structures))
}

fn commented(lines: &[&str], structure: Structure) -> Structure {
    let comment = lines.iter().map(|line| (*line).to_owned()).collect();
    Structure { comment, ..structure }
}

#[test]
fn layout() {
    let at = Structure::attribute;
    let policy = object(vec![
        ("Version", text("2012-10-17")),
        (
            "Statement",
            Expression::List(vec![object(vec![
                ("Effect", text("Allow")),
                ("aws:SourceAccount", reference("data.x.y.id")),
                ("Grüße", template("a-", "var.b", "")),
                ("nai\u{308}ve", Expression::List(vec![])),
            ])]),
        ),
    ]);
    let long = (0..12).map(|index| text(&format!("item-{index}"))).collect::<Vec<_>>();
    let body = Body(vec![
        block("locals", &[], vec![]),
        commented(
            &["What it is for", "and \u{1b}why\nnot"],
            block(
                "resource",
                &["aws_x", "main"],
                vec![
                    at("name", text("a ${b} %{c} \"d\"\n\u{2028}")),
                    at("rate", Expression::Float(1.5)),
                    at("policy", call("jsonencode", vec![policy])),
                    at("a", Expression::Integer(-1)),
                    block("empty", &[], vec![]),
                    commented(&["Above"], at("bcd", Expression::Null)),
                    at("ef", reference("aws_y.z[0].arn")),
                    at("none", object(vec![])),
                    at("short", Expression::List(vec![text("a"), reference("var.b")])),
                    at("long", Expression::List(long.clone())),
                    commented(&["Nested"], block("nested", &[], vec![at("on", true.into())])),
                    at("set", call("toset", vec![Expression::List(long)])),
                    at(
                        "merged",
                        call("merge", vec![reference("local.t"), object(vec![("if", 1.into())])]),
                    ),
                    at(
                        "keys",
                        Expression::Object(vec![
                            (reference("var.k"), text("v")),
                            (template("", "var.k", "-x"), text("w")),
                            (text("a b"), template("$", "f.g", "$")),
                            (text("bare"), template("", "f.g", "")),
                        ]),
                    ),
                ],
            ),
        ),
    ]);
    let printed = print(&body, &["A header".to_owned()]);
    assert_eq!(printed, LAYOUT);
    assert_formatted(&printed);
}

const LAYOUT: &str = r#"# A header

locals {}

# What it is for
# and  why
# not
resource "aws_x" "main" {
  name = "a $${b} %%{c} \"d\"\n\u2028"
  rate = 1.5
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect              = "Allow"
        "aws:SourceAccount" = data.x.y.id
        "Grüße"             = "a-${var.b}"
        "nai\u0308ve"       = []
      },
    ]
  })
  a = -1
  # Above
  bcd   = null
  ef    = aws_y.z[0].arn
  none  = {}
  short = ["a", var.b]
  long = [
    "item-0",
    "item-1",
    "item-2",
    "item-3",
    "item-4",
    "item-5",
    "item-6",
    "item-7",
    "item-8",
    "item-9",
    "item-10",
    "item-11",
  ]
  set = toset([
    "item-0",
    "item-1",
    "item-2",
    "item-3",
    "item-4",
    "item-5",
    "item-6",
    "item-7",
    "item-8",
    "item-9",
    "item-10",
    "item-11",
  ])
  merged = merge(
    local.t,
    {
      "if" = 1
    },
  )
  keys = {
    (var.k)        = "v"
    ("${var.k}-x") = "w"
    "a b"          = "\u0024${f.g}$"
    bare           = f.g
  }

  empty {}

  # Nested
  nested {
    on = true
  }
}
"#;

impl From<bool> for Expression {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Expression {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

#[test]
fn a_list_fills_a_line_up_to_its_end() {
    let list = |length| Expression::List(vec![text(&"x".repeat(length)), text("y")]);
    let lines = |value| {
        let printed = print(&Body(vec![Structure::attribute("list", value)]), &[]);
        let widest = printed.lines().map(str::len).max().unwrap();
        (printed.lines().count(), widest)
    };
    assert_eq!(lines(list(84)), (1, 100));
    assert_eq!(lines(list(85)).0, 4);
    let arguments = |length| call("f", vec![call("g", vec![list(length)]), Expression::Null]);
    assert_eq!(lines(arguments(72)), (1, 100));
    assert_eq!(lines(arguments(73)), (4, 88));
    assert_eq!(lines(arguments(85)), (4, 100));
    assert_eq!(lines(arguments(86)).0, 7);
    assert_eq!(lines(Expression::List(vec![list(1)])), (3, 13));
}

/// Each text as a value, as a key, in a template, in a label and in a comment.
fn hostile_body() -> Body {
    let texts = hostile::texts();
    let structures = texts.iter().enumerate().map(|(index, one)| {
        let label = one.replace(|c: char| !c.is_alphanumeric() && !" -_\"\\.:".contains(c), "");
        let keys = [one.clone(), format!("{one}2"), "k".to_owned()];
        let entries = keys.into_iter().map(|key| (Expression::Text(key), text(one))).collect();
        let attributes = vec![
            commented(&[one], Structure::attribute(format!("a{index}"), text(one))),
            Structure::attribute("bb", template(one, "var.x", one)),
            Structure::attribute("list", Expression::List(vec![text(one), reference("a.b")])),
            Structure::attribute("c", Expression::Object(entries)),
            Structure::attribute("json", call("jsonencode", vec![object(vec![("k", text(one))])])),
        ];
        commented(&[one, one], block("case", &[&label], attributes))
    });
    Body(structures.collect())
}

#[test]
fn hostile_texts_come_back() {
    let body = hostile_body();
    let printed = print(&body, &hostile::texts());
    assert_eq!(printed.chars().find(|&c| c != '\n' && crate::quote::misleads(c)), None);
    assert_eq!(read(&printed).unwrap(), plain(&body));
    assert_formatted(&printed);
}

/// The body as it is read: without comments, without pieces that are empty.
fn plain(body: &Body) -> Body {
    Body(body.0.iter().map(plain_structure).collect())
}

fn plain_structure(structure: &Structure) -> Structure {
    match &structure.content {
        Content::Value(value) => Structure::attribute(&structure.name, plain_expression(value)),
        Content::Block(labels, body) => {
            Structure::block(&structure.name, labels.clone(), plain(body))
        }
    }
}

fn plain_expression(expression: &Expression) -> Expression {
    match expression {
        Expression::Template(pieces) => {
            let pieces = pieces.iter().filter(|piece| **piece != Piece::Text(String::new()));
            match pieces.cloned().collect::<Vec<_>>().as_slice() {
                [Piece::Expression(one)] => one.clone(),
                pieces => Expression::Template(pieces.to_vec()),
            }
        }
        other => other.clone(),
    }
}

#[test]
fn terraform_reads_the_same_texts() {
    let texts: Vec<_> = hostile::texts().into_iter().filter(|text| text.len() < 2_000).collect();
    let values = texts.iter().map(|one| text(one));
    let templates = texts.iter().map(|one| template(one, "v", one));
    let values = super::print::inline(&Expression::List(values.collect()));
    let templates = super::print::inline(&Expression::List(templates.collect()));
    let input = format!("jsonencode([{values}, [for v in [\"V\"] : {templates}][0]])\n");
    let Some(output) = terraform(&["console"], &input) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The console quotes what it prints as Go does.
    let quoted = String::from_utf8(output.stdout).unwrap();
    let quoted = ['\u{e0041}', '\u{e007f}', '\u{10ffff}']
        .iter()
        .fold(quoted.replace("\\x7f", "\\u007f"), |quoted, c| {
            quoted.replace(&format!("\\U{:08x}", u32::from(*c)), &c.to_string())
        });
    let json: String = serde_json::from_str(&quoted).unwrap();
    let read: [Vec<String>; 2] = serde_json::from_str(&json).unwrap();
    assert_eq!(read[0], texts);
    assert_eq!(read[1], texts.iter().map(|one| format!("{one}V{one}")).collect::<Vec<_>>());
}

#[test]
fn numbers() {
    for (float, spelled) in [(1.5, "1.5"), (1.0, "1"), (1e300, "1e300"), (-1e-9, "-1e-9")] {
        assert_eq!(super::print::inline(&Expression::Float(float)), spelled);
    }
    assert_eq!(super::print::inline(&Expression::Float(f64::NAN)), "null");
}

#[test]
fn random_bodies_come_back_and_are_formatted() {
    let mut all = String::new();
    arbtest::arbtest(|u| {
        let body = random_body(u, &hostile::texts(), 3)?;
        let body = Body(vec![Structure::block("case", vec![], body)]);
        let printed = print(&body, &[]);
        assert_eq!(read(&printed).unwrap(), body);
        if all.len() < 2_000_000 {
            all.push_str(&printed);
            all.push('\n');
        }
        Ok(())
    });
    assert_formatted(&format!("{}\n", all.trim_end()));
}

fn random_body(u: &mut Unstructured<'_>, texts: &[String], depth: usize) -> Result<Body> {
    let mut structures = Vec::new();
    for index in 0..u.int_in_range(0..=4)? {
        let name = format!("a{}{index}", "_".repeat(u.int_in_range(0..=6)?));
        structures.push(Structure::attribute(name, random(u, texts, 3)?));
    }
    for _ in 0..u.int_in_range(0..=if depth == 0 { 0 } else { 2 })? {
        let labels = vec![u.choose(&["aws_x", "a.b", "日本", ""])?.to_string()];
        structures.push(Structure::block("b", labels, random_body(u, texts, depth - 1)?));
    }
    Ok(Body(structures))
}

fn random(u: &mut Unstructured<'_>, texts: &[String], depth: usize) -> Result<Expression> {
    let some = |u: &mut Unstructured<'_>| {
        let count = u.int_in_range(0..=4)?;
        (0..count).map(|_| random(u, texts, depth - 1)).collect::<Result<Vec<_>>>()
    };
    Ok(match u.int_in_range(0..=if depth == 0 { 5 } else { 9 })? {
        0 => Expression::Null,
        1 => Expression::Boolean(u.arbitrary()?),
        2 => Expression::Integer(u.arbitrary()?),
        3 => Expression::Float(f64::from(u.arbitrary::<i32>()?) + 0.25),
        4 => reference(u.choose(&["x", "var.long_name", "a.b[0].c", "d[\"e\"]", "f[*].g"])?),
        5 => Expression::Text(u.choose(texts)?.clone()),
        6 => {
            let parts = [u.choose(texts)?.clone(), "x".to_owned() + u.choose(texts)?];
            let [before, after] = parts.map(Piece::Text);
            let inner = match random(u, texts, depth - 1)? {
                inner @ (Expression::Call(..) | Expression::Text(_)) => inner,
                _ => reference("x.y"),
            };
            let inner = Piece::Expression(inner);
            let mut pieces = vec![before, inner, after];
            pieces.retain(|piece| *piece != Piece::Text(String::new()));
            Expression::Template(pieces)
        }
        7 => call(u.choose(&["f", "jsonencode", "provider::aws::f"])?, some(u)?),
        8 => Expression::List(some(u)?),
        _ => {
            let mut entries = Vec::<(Expression, Expression)>::new();
            for value in some(u)? {
                let path = if u.ratio(1, 5)? { reference("var.k") } else { Expression::Null };
                let text = Expression::Text(u.choose(texts)?.clone());
                let key = if path == Expression::Null { text } else { path };
                if entries.iter().all(|(other, _)| *other != key) {
                    entries.push((key, value));
                }
            }
            Expression::Object(entries)
        }
    })
}
