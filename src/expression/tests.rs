//! Expressions as catalogs write them, against a scope of invented values.

use super::{Bound, Expression, Failure, Found, Scope, expression};
use crate::source::{Author, Source, Span};
use crate::value::{Data, Deferred, Map, Origin, ResourceId, UnitId, Value};
use serde_json::json;
use std::sync::Arc;

/// Where the value of that name in the scope was written: at the word itself.
pub(super) fn word(name: &str) -> Span {
    let source = SOURCE.with(Arc::clone);
    let at = u32::try_from(source.text.find(name).unwrap()).unwrap();
    Span { source, start: at, end: at + u32::try_from(name.len()).unwrap() }
}

thread_local! {
    static SOURCE: Arc<Source> =
        Source::new("b.yaml", "two half name many empty", Author::Blueprint);
}

fn deferred() -> Value {
    let resource = ResourceId { unit: UnitId(0), resource: "main".into(), items: [].into() };
    let attribute = Deferred::Attribute { resource, attribute: "Arn".into(), ready: [].into() };
    attribute.into()
}

fn scope_value(root: &str) -> Option<Value> {
    let at = |json| Some(Value::from(&json).from_origin(Origin::At(word(root))));
    match root {
        "two" => at(json!(2)),
        "half" => at(json!(0.5)),
        "name" => at(json!("a-b")),
        "many" => at(json!([3, 1, 2])),
        "empty" => at(json!(null)),
        "yes" => Some(true.into()),
        "none" => Some(Value::NULL),
        "arn" => Some(deferred()),
        "self" => Some(Data::Unit(UnitId(1)).into()),
        "other" => Some(Data::Unit(UnitId(2)).into()),
        "map" => {
            let item = |n: i64| Value::from([("n", n.into())].into_iter().collect::<Map>());
            Some([("z", item(1)), ("a", item(2))].into_iter().collect::<Map>().into())
        }
        "hostile" => Some("${two}%{if \"${{".into()),
        _ => None,
    }
}

pub(super) struct Words;

impl Scope for Words {
    fn lookup(&self, root: &str, member: Option<&str>) -> Result<Found, Failure> {
        if let ("outputs", Some(member)) = (root, member) {
            return Ok(Found { value: format!("output {member}").into(), took_member: true });
        }
        let value = scope_value(root).ok_or_else(|| Failure::new(format!("no {root}")))?;
        Ok(Found { value, took_member: false })
    }

    fn member(&self, unit: UnitId, name: &str) -> Result<Value, Failure> {
        Ok(format!("{name} of {}", unit.0).into())
    }
}

pub(super) fn parse(text: &str) -> Expression {
    expression(&text.into()).unwrap_or_else(|failure| panic!("{text}: {failure}"))
}

pub(super) fn value(text: &str) -> Value {
    parse(text).evaluate(&Words).unwrap_or_else(|failure| panic!("{text}: {failure}"))
}

#[test]
fn values() {
    for (text, expected) in [
        ("1 + 2 * 3", json!(7)),
        ("7 / 2", json!(3.5)),
        ("6 / 2", json!(3)),
        ("half * 4", json!(2)),
        ("-7 % 4", json!(-3)),
        ("-two", json!(-2)),
        ("1.0 == 1 && [1] == [1.0] && !(1 == \"1\")", json!(true)),
        ("two < 2.5 && two >= 2 && 0.1 > 0", json!(true)),
        ("9007199254740993 > 9007199254740992", json!(true)),
        ("false && none.x.y > 1", json!(false)),
        ("true || nowhere", json!(true)),
        ("yes ? 1 : nowhere", json!(1)),
        ("none == null && arn != null && !(arn == null) && self != null", json!(true)),
        ("self == self && self != other", json!(true)),
        ("none.a[0].b", json!(null)),
        ("none[\"a\"]", json!(null)),
        ("many[0] + many.1 + many[two]", json!(6)),
        ("map.z.n + map[\"a\"].n + map[\"${\"a\"}\"][\"n\"]", json!(5)),
        ("self.arn", json!("arn of 1")),
        ("outputs.arn", json!("output arn")),
        ("map[*].n", json!([1, 2])),
        ("[map, map][*].z.n", json!([1, 1])),
        ("[map, map].*.z[1].n", json!(1)),
        ("[[map], [map]][*][*].a.n", json!([[2], [2]])),
        ("[for x in many : x * 2 if x > 1]", json!([6, 4])),
        ("[for i, x in many : i]", json!([0, 1, 2])),
        ("[for k, v in map : \"${k}${v.n}\"]", json!(["z1", "a2"])),
        ("[for v in map : v.n]", json!([1, 2])),
        ("{for k, v in map : upper(k) => v.n if v.n > 1}", json!({"A": 2})),
        ("[for x in many : [for x in [x] : x]]", json!([[3], [1], [2]])),
        ("{a = 1, \"b-${two}\" = 2, (name) = 3}", json!({"a": 1, "b-2": 2, "a-b": 3})),
        ("\"x-${name}-${half}-${yes}-$${\"", json!("x-a-b-0.5-true-${")),
        ("\"q\\\"${\"in \\\"${name}\\\"\"}\"", json!("q\"in \"a-b\"")),
        ("\"${many}\"", json!([3, 1, 2])),
        ("hostile", json!("${two}%{if \"${{")),
        ("\"-${hostile}\"", json!("-${two}%{if \"${{")),
    ] {
        assert_eq!(value(text), Value::from(&expected), "{text}");
    }
    assert_eq!(expression(&true.into()).unwrap().evaluate(&Words).unwrap(), true.into());
}

#[test]
fn functions() {
    for (text, expected) in [
        ("length(many) + length(map) + length(\"ñé\")", json!(7)),
        ("concat(many, [4], [])", json!([3, 1, 2, 4])),
        ("concat([many, many]...)", json!([3, 1, 2, 3, 1, 2])),
        ("flatten([1, [2, [3]], []])", json!([1, 2, 3])),
        ("distinct([1, 1.0, \"1\", 2])", json!([1, "1", 2])),
        ("sort([\"b\", \"a\"])", json!(["a", "b"])),
        ("reverse(many)", json!([2, 1, 3])),
        ("slice(many, 1, 3)", json!([1, 2])),
        ("[contains(many, 2), contains(many, 9)]", json!([true, false])),
        ("[keys(map), values(map)[*].n]", json!([["z", "a"], [1, 2]])),
        ("merge({a = 1, b = 1}, null, {b = 2})", json!({"a": 1, "b": 2})),
        ("zipmap([\"a\", \"b\"], [1, null])", json!({"a": 1, "b": null})),
        (
            "[range(3), range(1, 3), range(5, 0, -2), range(0)]",
            json!([[0, 1, 2], [1, 2], [5, 3, 1], []]),
        ),
        ("[element(many, 4), element(many, -1)]", json!([1, 2])),
        ("join(\"-\", [1, \"a\", true])", json!("1-a-true")),
        ("split(\"-\", name)", json!(["a", "b"])),
        ("replace(\"a.b.c\", \".\", \"/\")", json!("a/b/c")),
        ("lower(upper(\"aß\"))", json!("ass")),
        ("title(\"big-screen of x_y it\")", json!("Big-Screen Of X_y It")),
        ("trimprefix(trimsuffix(\"xax\", \"x\"), \"x\")", json!("a")),
        ("[substr(\"ñbc\", 0, 2), substr(\"abc\", -2, -1)]", json!(["ñb", "bc"])),
        ("startswith(name, \"a\") && endswith(name, \"b\")", json!(true)),
        ("format(\"%s-%05d 100%% %d\", \"é\", 42, -1)", json!("é-00042 100% -1")),
        ("[floor(2.5), ceil(2.5), floor(-0.5), abs(-3)]", json!([2, 3, -1, 3])),
        ("[max(1, 3.5, 2), min(many...), sum(many), sum([])]", json!([3.5, 1, 6, 0])),
        ("[pow(2, 10), pow(4, 0.5), pow(2, -1)]", json!([1024, 2, 0.5])),
        ("coalesce(null, none, \"\", 1)", json!("")),
        ("[lookup(map, \"z\", 1).n, lookup(map, \"q\", 1)]", json!([1, 1])),
        ("[alltrue([]), alltrue([yes, false]), anytrue([false, yes])]", json!([true, false, true])),
        (
            "[tostring(1.0), tostring(true), tonumber(\"1.5\"), tonumber(\"7\"), tostring(null)]",
            json!(["1", "true", 1.5, 7, null]),
        ),
        ("cidrsubnet(\"10.0.0.0/16\", 8, 3)", json!("10.0.3.0/24")),
        ("cidrsubnet(\"10.9.8.7/8\", 24, 1)", json!("10.0.0.1/32")),
        ("cidrsubnet(\"0.0.0.0/0\", 0, 0)", json!("0.0.0.0/0")),
        (
            "[cidrhost(\"10.0.0.0/24\", 5), cidrhost(\"10.0.0.0/24\", -1)]",
            json!(["10.0.0.5", "10.0.0.255"]),
        ),
        ("substr(sha256(\"abc\"), 0, 8)", json!("ba7816bf")),
        ("[known(map), known([{a = arn}]), known(json(1))]", json!([true, false, false])),
        ("compact([1, null, \"\", 0])", json!([1, 0])),
        ("length(json({b = [\"<\", null], a = null}))", json!(21)),
    ] {
        assert_eq!(value(text), Value::from(&expected), "{text}");
    }
}

#[test]
fn what_is_known_only_at_deployment_is_moved_and_joined() {
    let arn = deferred();
    let moved = [
        "concat([arn], [])[0]",
        "element([arn], 1)",
        "reverse([arn])[0]",
        "merge({a = arn}).a",
        "flatten([[arn]])[0]",
        "coalesce(null, arn)",
        "values({a = arn})[0]",
        "compact([arn])[0]",
        "lookup({}, \"a\", arn)",
        "zipmap([\"a\"], [arn]).a",
        "distinct([arn, arn])[0]",
        "[for a in [arn] : a][0]",
    ];
    for text in moved {
        assert_eq!(value(text), arn, "{text}");
    }
    let joined = Deferred::Join(vec!["x-".into(), arn.clone(), "-2".into()]);
    assert_eq!(value("\"x-${arn}-${two}\""), joined.into());
    let joined = Deferred::Join(vec!["a,".into(), arn.clone()]);
    assert_eq!(value("join(\",\", [\"a\", arn])"), joined.into());
    let document = Value::from([("a", arn)].into_iter().collect::<Map>());
    assert_eq!(value("json({a = arn})"), Deferred::Json(document).into());
}

#[test]
fn failures_name_the_expression_and_what_is_wrong() {
    fails(&[
        ("none + 1", "`none + 1`: `none` is null, not a number"),
        ("two > 1 && none.x + 1 > 3", "`none.x + 1`: `none.x` is null"),
        ("1 / 0", "division by zero"),
        ("1.5 % 0", "division by zero"),
        ("9223372036854775807 + 1", "out of range"),
        ("1e308 * 10", "out of range"),
        ("pow(10, 99999999999)", "out of range"),
        ("pow(0, -1)", "out of range"),
        ("12345678901234567890", "out of range"),
        ("\"a\" < \"b\"", "`\"a\"` is a string, not a number"),
        ("arn == \"x\"", "known only at deployment"),
        ("[arn] == [arn]", "known only at deployment"),
        ("self == \"x\"", "a component can be compared"),
        ("arn ? 1 : 2", "`arn` is known only at deployment"),
        ("arn.x", "what `x` is read from is known only at deployment"),
        ("!two", "`two` is an integer, not a boolean"),
        ("two && yes", "not a boolean"),
        ("map.zz", "`map.zz`: there is no `zz`; did you mean `z`?"),
        ("map.quite", "there are: z, a"),
        ("two.x", "what `x` is read from is an integer"),
        ("many[9]", "there is no item 9 among 3"),
        ("many[-1]", "there is no item -1"),
        ("many[arn]", "the index arn is known only at deployment"),
        ("many[yes]", "a boolean, not an integer"),
        ("[for x in none : x]", "`none` is null, not a list or a mapping"),
        ("[for x in arn : x]", "`arn` is known only at deployment"),
        ("none[*].x", "is null"),
        ("{for x in many : \"a\" => x}", "the key `a` is there twice"),
        ("{a = 1, (\"a\") = 2}", "the key `a` is there twice"),
        ("{(two) = 1}", "a key is an integer"),
        ("\"x${none}\"", "`none` is null"),
        ("\"x${many}\"", "`many` is a list"),
        ("\"x${self}\"", "`self` is a component"),
        ("nowhere", "no nowhere"),
    ]);
}

#[test]
fn functions_say_which_argument_is_wrong() {
    fails(&[
        ("upper(arn)", "argument 1 is known only at deployment"),
        ("sort([name, arn])", "item 1 is known only at deployment"),
        ("length(arn)", "argument 1 is known only at deployment"),
        ("format(\"%s\", arn)", "known only at deployment"),
        ("format(\"%x\", 1)", "%s, %d, %05d and %% only"),
        ("format(\"%s\")", "argument 2 is null"),
        ("format(\"a\", 1)", "the format takes 0, not 1"),
        ("format(\"%\")", "only"),
        ("range(0, 100000000000)", "at most 10000"),
        ("range(0, 1, 0)", "step"),
        ("slice(many, 2, 9)", "no items 2 to 9 of 3"),
        ("element([], 0)", "empty"),
        ("coalesce(null)", "every argument is null"),
        ("zipmap([\"a\"], [])", "1 keys do not fit 0 values"),
        ("tonumber(\"1x\")", "`1x` is not a number"),
        ("tonumber(\"inf\")", "`inf` is not a number"),
        ("cidrsubnet(\"10.0.0.0/16\", 17, 0)", "17 more bits do not fit after 16"),
        ("cidrsubnet(\"10.0.0.0/16\", 2, 4)", "2 bits have no number 4"),
        ("cidrsubnet(\"::/16\", 2, 4)", "not an IPv4 network"),
        ("cidrhost(\"10.0.0.0/24\", 256)", "no address 256"),
        ("upper(many...)", "`upper` takes 1, not 3 arguments"),
        ("concat(two...)", "expands is an integer"),
    ]);
}

fn fails(table: &[(&str, &str)]) {
    for (text, gist) in table {
        let value = expression(&(*text).into()).and_then(|parsed| parsed.evaluate(&Words));
        let message = value.err().unwrap_or_else(|| panic!("`{text}` has a value")).message;
        assert!(message.contains(gist), "{text}: {message}");
    }
}

#[test]
fn origins() {
    for (text, words) in [
        ("two", &["two"][..]),
        ("two + half * two", &["two", "half"]),
        ("1 + 1", &[]),
        ("yes ? two : half", &["two"]),
        ("two == 2 ? 1 : 0", &["two"]),
        ("two == 2 ? half : 0", &["half"]),
        ("\"${name}-${two}\"", &["name", "two"]),
        ("empty.member", &["empty"]),
        ("empty == null || half > 1", &["empty"]),
        ("length(many)", &["many"]),
        ("length([two, half])", &["two", "half"]),
        ("coalesce(empty, two)", &["two"]),
        ("coalesce(empty, 1)", &["empty"]),
        ("max(half, two)", &["two"]),
        ("[two, half]", &[]),
        ("[two, half][1]", &["half"]),
        ("[for x in many : x if two > 1]", &["many", "two"]),
        ("[for x in [half] : x if two > 1]", &["half"]),
        ("[two, half][*]", &["two", "half"]),
        ("!(two > 1)", &["two"]),
        ("-two", &["two"]),
        ("join(\"\", [name, two])", &["name", "two"]),
    ] {
        let spans: Vec<_> = words.iter().map(|name| word(name)).collect();
        assert_eq!(value(text).origin.spans(), spans, "{text}");
    }
}

#[test]
fn bound_names_hide_outer_ones() {
    let bound = Bound { outer: &Words, name: "two", value: 5.into() };
    assert_eq!(parse("two + many[0]").evaluate(&bound).unwrap(), 8.into());
    assert_eq!(parse("self.x").evaluate(&bound).unwrap(), "x of 1".into());
}

#[test]
fn maps_keep_the_order_in_which_they_were_written() {
    let merged = value("merge({z = 1, a = 1}, {b = 2, z = 3})");
    assert_eq!(merged.as_map().unwrap().names().collect::<Vec<_>>(), ["z", "a", "b"]);
}
