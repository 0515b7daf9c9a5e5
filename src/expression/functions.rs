//! The closed list of functions, named and behaving as Terraform's of that name, but that maps
//! keep their order; `known`, `json`, `compact`, `islist` and `policy` are our own.
//!
//! Functions over lists and maps only move values, whatever these are; all others look at them,
//! and so refuse what is known only at deployment.

use super::evaluate::{same, text_of};
use super::number::Number;
use super::shape::{self, Shape};
use super::texts;
use crate::policy;
use crate::value::{Data, Deferred, Map, Value, join, json_text};
use hcl::expr::BinaryOperator;
use std::fmt;
use std::ops::RangeInclusive;

/// A function that expressions can call.
pub(super) struct Function {
    name: &'static str,
    arity: RangeInclusive<usize>,
    /// What the result looks like, given the arguments' shapes.
    pub(super) shape: fn(&[Shape]) -> Shape,
    /// An error is what is wrong, without the expression's text.
    pub(super) run: Run,
}

type Run = fn(&Arguments<'_>) -> Result<Value, String>;

impl Function {
    /// Whether it can be called with so many arguments.
    pub(super) fn accepts(&self, count: usize) -> Result<(), String> {
        if self.arity.contains(&count) {
            return Ok(());
        }
        let (least, most) = (*self.arity.start(), *self.arity.end());
        Err(match most {
            most if most == least => format!("`{}` takes {least}, not {count}", self.name),
            usize::MAX => format!("`{}` takes {least} or more, not {count}", self.name),
            most => format!("`{}` takes {least} to {most}, not {count}", self.name),
        } + " arguments")
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// All there are.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

const ANY: usize = usize::MAX;

const fn f(
    name: &'static str,
    arity: RangeInclusive<usize>,
    shape: fn(&[Shape]) -> Shape,
    run: Run,
) -> Function {
    Function { name, arity, shape, run }
}

static FUNCTIONS: &[Function] = &[
    f("abs", 1..=1, shape::scalar, |a| Ok(a.number(0)?.abs()?.into())),
    f("alltrue", 1..=1, shape::scalar, |a| a.booleans().map(|all| all.iter().all(|b| *b).into())),
    f("anytrue", 1..=1, shape::scalar, |a| a.booleans().map(|all| all.iter().any(|b| *b).into())),
    f("ceil", 1..=1, shape::scalar, |a| Ok(a.number(0)?.round(f64::ceil)?.into())),
    f("cidrhost", 2..=2, shape::scalar, texts::cidr_host),
    f("cidrsubnet", 3..=3, shape::scalar, texts::cidr_subnet),
    f("coalesce", 1..=ANY, shape::union, coalesce),
    f("compact", 1..=1, shape::first, |a| {
        Ok(kept(a.list(0)?, |item| !item.is_null() && item.as_str() != Some("")))
    }),
    f("concat", 0..=ANY, shape::union, |a| {
        let lists = (0..a.0.len()).map(|at| a.list(at)).collect::<Result<Vec<_>, _>>()?;
        Ok(lists.concat().into())
    }),
    f("contains", 2..=2, shape::scalar, |a| {
        Ok(a.list(0)?.iter().any(|item| same(item, a.get(1))).into())
    }),
    f("distinct", 1..=1, shape::first, distinct),
    f("element", 2..=2, shape::item, element),
    f("endswith", 2..=2, shape::scalar, |a| Ok(a.text(0)?.ends_with(a.text(1)?).into())),
    f("flatten", 1..=1, shape::any, |a| {
        let mut flat = vec![];
        flatten(a.list(0)?, &mut flat);
        Ok(flat.into())
    }),
    f("floor", 1..=1, shape::scalar, |a| Ok(a.number(0)?.round(f64::floor)?.into())),
    f("format", 1..=ANY, shape::scalar, texts::format),
    f("islist", 1..=1, shape::scalar, |a| Ok(a.get(0).as_list().is_some().into())),
    f("join", 2..=2, shape::scalar, joined),
    f("json", 1..=1, shape::scalar, |a| Ok(Deferred::Json(a.get(0).clone()).into())),
    f("keys", 1..=1, shape::scalars, |a| {
        let keys = a.map(0)?.iter().map(|(key, _)| Data::Text(key.text.clone()).into());
        Ok(keys.collect::<Vec<Value>>().into())
    }),
    f("known", 1..=1, shape::scalar, |a| Ok((!a.get(0).is_deferred()).into())),
    f("length", 1..=1, shape::scalar, length),
    f("lookup", 3..=3, shape::any, |a| Ok(a.map(0)?.get(a.text(1)?).unwrap_or(a.get(2)).clone())),
    f("lower", 1..=1, shape::scalar, |a| Ok(a.text(0)?.to_lowercase().into())),
    f("max", 1..=ANY, shape::scalar, |a| a.extreme(|new, old| new.compare(old).is_gt())),
    f("merge", 0..=ANY, shape::merged, merge),
    f("min", 1..=ANY, shape::scalar, |a| a.extreme(|new, old| new.compare(old).is_lt())),
    f("policy", 1..=1, shape::any, |a| policy::document(a.get(0))),
    f("pow", 2..=2, shape::scalar, |a| Ok(a.number(0)?.power(a.number(1)?)?.into())),
    f("range", 1..=3, shape::scalars, range),
    f("replace", 3..=3, shape::scalar, |a| Ok(a.text(0)?.replace(a.text(1)?, a.text(2)?).into())),
    f("reverse", 1..=1, shape::first, |a| {
        Ok(a.list(0)?.iter().rev().cloned().collect::<Vec<_>>().into())
    }),
    f("sha256", 1..=1, shape::scalar, texts::sha256),
    f("slice", 3..=3, shape::first, slice),
    f("sort", 1..=1, shape::first, sort),
    f("split", 2..=2, shape::scalars, |a| {
        let parts = a.text(1)?.split(a.text(0)?).map(Value::from);
        Ok(parts.collect::<Vec<_>>().into())
    }),
    f("startswith", 2..=2, shape::scalar, |a| Ok(a.text(0)?.starts_with(a.text(1)?).into())),
    f("substr", 3..=3, shape::scalar, texts::substr),
    f("sum", 1..=1, shape::scalar, sum),
    f("title", 1..=1, shape::scalar, |a| Ok(texts::title(a.text(0)?).into())),
    f("tonumber", 1..=1, shape::scalar, to_number),
    f("tostring", 1..=1, shape::scalar, |a| match text_of(a.get(0)) {
        Some(text) => Ok(Data::Text(text).into()),
        None if a.get(0).is_null() => Ok(Value::NULL),
        None => a.scalar(0).map(Value::from),
    }),
    f("trimprefix", 2..=2, shape::scalar, |a| {
        Ok(a.text(0)?.strip_prefix(a.text(1)?).unwrap_or(a.text(0)?).into())
    }),
    f("trimsuffix", 2..=2, shape::scalar, |a| {
        Ok(a.text(0)?.strip_suffix(a.text(1)?).unwrap_or(a.text(0)?).into())
    }),
    f("upper", 1..=1, shape::scalar, |a| Ok(a.text(0)?.to_uppercase().into())),
    f("values", 1..=1, shape::items, |a| {
        Ok(a.map(0)?.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>().into())
    }),
    f("zipmap", 2..=2, shape::any, zipmap),
];

/// What a function was called with.
pub(super) struct Arguments<'a>(pub(super) &'a [Value]);

impl<'a> Arguments<'a> {
    /// One of them; null beyond the last.
    pub(super) fn get(&self, at: usize) -> &'a Value {
        self.0.get(at).unwrap_or(&Value::NULL)
    }

    fn read<T>(
        &self,
        at: usize,
        wanted: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, String> {
        let value = self.get(at);
        read(value).ok_or_else(|| format!("argument {} {}", at + 1, wrong(value, wanted)))
    }

    pub(super) fn text(&self, at: usize) -> Result<&'a str, String> {
        self.read(at, "a string", Value::as_str)
    }

    /// A string, number or boolean, as text.
    pub(super) fn scalar(&self, at: usize) -> Result<String, String> {
        self.read(at, "a string, number or boolean", text_of).map(|text| text.to_string())
    }

    pub(super) fn integer(&self, at: usize) -> Result<i64, String> {
        self.read(at, "an integer", |value| match value.data {
            Data::Integer(integer) => Some(integer),
            _ => None,
        })
    }

    fn number(&self, at: usize) -> Result<Number, String> {
        self.read(at, "a number", Number::of)
    }

    fn list(&self, at: usize) -> Result<&'a [Value], String> {
        self.read(at, "a list", Value::as_list)
    }

    fn map(&self, at: usize) -> Result<&'a Map, String> {
        self.read(at, "a mapping", Value::as_map)
    }

    /// The items of the first argument, each read as the same type.
    fn all<T>(&self, wanted: &str, read: fn(&'a Value) -> Option<T>) -> Result<Vec<T>, String> {
        let read = |(at, item): (usize, &'a Value)| {
            read(item).ok_or_else(|| format!("item {at} {}", wrong(item, wanted)))
        };
        self.list(0)?.iter().enumerate().map(read).collect()
    }

    fn booleans(&self) -> Result<Vec<bool>, String> {
        self.all("a boolean", Value::as_bool)
    }

    /// The number that is `better` than all others, as it was given.
    fn extreme(&self, better: fn(Number, Number) -> bool) -> Result<Value, String> {
        let mut best = (self.number(0)?, 0);
        for at in 1..self.0.len() {
            let number = self.number(at)?;
            if better(number, best.0) {
                best = (number, at);
            }
        }
        Ok(self.get(best.1).clone())
    }
}

/// The end of a sentence about a value of the wrong type.
pub(super) fn wrong(value: &Value, wanted: &str) -> String {
    match value.data {
        Data::Deferred(_) => "is known only at deployment".into(),
        _ => format!("is {}, not {wanted}", value.type_name()),
    }
}

fn kept(list: &[Value], keep: impl Fn(&Value) -> bool) -> Value {
    list.iter().filter(|item| keep(item)).cloned().collect::<Vec<_>>().into()
}

fn coalesce(a: &Arguments<'_>) -> Result<Value, String> {
    let first = a.0.iter().find(|value| !value.is_null());
    first.cloned().ok_or_else(|| "every argument is null".into())
}

fn distinct(a: &Arguments<'_>) -> Result<Value, String> {
    let mut seen: Vec<Value> = vec![];
    for item in a.list(0)? {
        if !seen.iter().any(|old| same(old, item)) {
            seen.push(item.clone());
        }
    }
    Ok(seen.into())
}

/// Goes round where the index is beyond the last item.
fn element(a: &Arguments<'_>) -> Result<Value, String> {
    let (list, at) = (a.list(0)?, a.integer(1)?);
    let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let at = at.checked_rem_euclid(count).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| list.get(at)).cloned().ok_or_else(|| "the list is empty".into())
}

fn flatten(list: &[Value], flat: &mut Vec<Value>) {
    for item in list {
        match item.as_list() {
            Some(inner) => flatten(inner, flat),
            None => flat.push(item.clone()),
        }
    }
}

fn joined(a: &Arguments<'_>) -> Result<Value, String> {
    let separator = a.text(0)?;
    let mut parts = vec![];
    for (at, item) in a.list(1)?.iter().enumerate() {
        if at > 0 {
            parts.push(separator.into());
        }
        let data = match (text_of(item), &item.data) {
            (Some(text), _) => Data::Text(text),
            (None, Data::Deferred(_)) => item.data.clone(),
            _ => return Err(format!("item {at} {}", wrong(item, "a string"))),
        };
        parts.push(Value { data, origin: item.origin.clone() });
    }
    Ok(join(parts))
}

fn length(a: &Arguments<'_>) -> Result<Value, String> {
    let value = a.get(0);
    let count = match &value.data {
        Data::List(list) => list.len(),
        Data::Map(map) => map.len(),
        Data::Text(text) => text.chars().count(),
        _ => known_json(value)
            .ok_or_else(|| format!("argument 1 {}", wrong(value, "a list, mapping or string")))?
            .chars()
            .count(),
    };
    Ok(i64::try_from(count).unwrap_or(i64::MAX).into())
}

/// The text of a JSON document in which everything is known.
fn known_json(value: &Value) -> Option<String> {
    match &value.data {
        Data::Deferred(deferred) => match &**deferred {
            Deferred::Json(document) => json_text(document),
            _ => None,
        },
        _ => None,
    }
}

/// Nulls among the maps are passed over, as Terraform does.
fn merge(a: &Arguments<'_>) -> Result<Value, String> {
    let mut merged = Map::default();
    for at in (0..a.0.len()).filter(|at| !a.get(*at).is_null()) {
        a.map(at)?.iter().for_each(|(key, value)| merged.set(key.clone(), value.clone()));
    }
    Ok(merged.into())
}

fn range(a: &Arguments<'_>) -> Result<Value, String> {
    const MOST: usize = 10_000;
    let (start, end) = match a.0.len() {
        1 => (0, a.integer(0)?),
        _ => (a.integer(0)?, a.integer(1)?),
    };
    let step = match a.0.len() {
        3 => a.integer(2)?,
        _ if end < start => -1,
        _ => 1,
    };
    if step == 0 {
        return Err("a range needs a step other than 0".into());
    }
    let inside = |at: &i64| if step > 0 { *at < end } else { *at > end };
    let steps = std::iter::successors(Some(start), |at| at.checked_add(step)).take_while(inside);
    let items: Vec<Value> = steps.take(MOST + 1).map(Value::from).collect();
    if items.len() > MOST {
        return Err(format!("a range has at most {MOST} items"));
    }
    Ok(items.into())
}

fn slice(a: &Arguments<'_>) -> Result<Value, String> {
    let (list, from, to) = (a.list(0)?, a.integer(1)?, a.integer(2)?);
    let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
    let part = range.and_then(|(from, to)| list.get(from..to));
    let part =
        part.ok_or_else(|| format!("there are no items {from} to {to} of {}", list.len()))?;
    Ok(part.to_vec().into())
}

fn sort(a: &Arguments<'_>) -> Result<Value, String> {
    a.all("a string", Value::as_str)?;
    let mut items = a.list(0)?.to_vec();
    items.sort_by(|one, two| one.as_str().cmp(&two.as_str()));
    Ok(items.into())
}

fn sum(a: &Arguments<'_>) -> Result<Value, String> {
    let numbers = a.all("a number", Number::of)?;
    let add = |sum: Number, number| sum.calculate(BinaryOperator::Plus, number);
    numbers.into_iter().try_fold(Number::Integer(0), add).map(Value::from)
}

fn to_number(a: &Arguments<'_>) -> Result<Value, String> {
    let value = a.get(0);
    match (&value.data, Number::of(value)) {
        (Data::Null, _) | (_, Some(_)) => Ok(value.clone()),
        _ => {
            let text = a.text(0)?;
            let number = Number::read(text).ok_or_else(|| format!("`{text}` is not a number"));
            number.map(Value::from)
        }
    }
}

fn zipmap(a: &Arguments<'_>) -> Result<Value, String> {
    let (keys, values) = (a.all("a string", Value::as_str)?, a.list(1)?);
    if keys.len() != values.len() {
        return Err(format!("{} keys do not fit {} values", keys.len(), values.len()));
    }
    let mut map = Map::default();
    keys.into_iter().zip(values).for_each(|(key, value)| map.set(key, value.clone()));
    Ok(map.into())
}
