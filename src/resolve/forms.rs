//! The forms that a value may have: texts, numbers, lists, mappings.

use super::advice::{examples, members};
use super::parameters::{Place, Settle};
use crate::catalog::{Pattern, Properties, Schema, number};
use crate::diagnostic::{Diagnostic, meant_or_known};
use crate::value::{Data, Key, Map, Value};
use std::sync::Arc;

impl Settle<'_> {
    pub(super) fn text(
        &mut self,
        value: &Value,
        place: &Place,
        (min, max): (Option<usize>, Option<usize>),
        pattern: Option<&Pattern>,
    ) -> Option<Value> {
        let text = value.as_str()?;
        let length = text.chars().count();
        if min.is_some_and(|min| length < min) || max.is_some_and(|max| length > max) {
            let bounds = bounds(min, max);
            let title = format!("`{}` has {length} characters, not {bounds}", place.path);
            self.refuse("out-of-range", title, value);
        } else if let Some(pattern) = pattern.filter(|pattern| !pattern.fits(text)) {
            let title = match length {
                ..=60 => format!("`{}` cannot be `{text}`", place.path),
                _ => format!("`{}` does not have the form that it must have", place.path),
            };
            let must = format!("it must match `{}`", pattern.text);
            let mut like = examples(&self.component.kind, &place.path).filter_map(Value::as_str);
            let like = like.find(|text| pattern.fits(text));
            let help = like.map(|like| format!("write it like `{like}`: {must}")).unwrap_or(must);
            self.refuse("wrong-pattern", title, value).help.push(help);
        }
        Some(value.clone())
    }

    pub(super) fn number(
        &mut self,
        value: &Value,
        place: &Place,
        whole: bool,
        (minimum, maximum): (Option<f64>, Option<f64>),
    ) -> Option<Value> {
        let float = number(value).filter(|_| !whole || matches!(value.data, Data::Integer(_)))?;
        let low = minimum.is_some_and(|minimum| float < minimum);
        let high = maximum.is_some_and(|maximum| float > maximum);
        if low || high {
            let bounds = bounds(minimum, maximum);
            let title = format!(
                "`{}` is {}, not {bounds}",
                place.path,
                value.span().map_or("", |s| s.text())
            );
            let limit = if low { minimum } else { maximum }.unwrap_or_default();
            let word = if low { "least" } else { "most" };
            let help = format!("write at {word} {limit}");
            self.refuse("out-of-range", title, value).help.push(help);
        }
        Some(value.clone())
    }

    pub(super) fn list(
        &mut self,
        items: &Schema,
        value: &Value,
        place: &Place,
        (min, max): (Option<usize>, Option<usize>),
    ) -> Option<Value> {
        let list = value.as_list()?;
        if min.is_some_and(|min| list.len() < min) || max.is_some_and(|max| list.len() > max) {
            let title =
                format!("`{}` has {} items, not {}", place.path, list.len(), bounds(min, max));
            self.refuse("out-of-range", title, value);
        }
        let settle = |(index, item): (usize, &Value)| {
            self.value(items, item, &place.below(&index.to_string(), None))
        };
        let items: Vec<Value> = list.iter().enumerate().map(settle).collect();
        Some(Value::from(items).from_origin(value.origin.clone()))
    }

    pub(super) fn named(
        &mut self,
        (item, mistaken): (&Properties, &[(Key, Arc<str>)]),
        keys: Option<&Schema>,
        value: &Value,
        place: &Place,
    ) -> Option<Value> {
        let map = value.as_map()?;
        let mut settled = Map::default();
        for (key, value) in map.iter() {
            self.item_name(keys, key, place);
            let place = place.below(&key.text, Some(key));
            let nothing = Map::default();
            let properties = match value.as_map() {
                Some(map) => map,
                None if value.is_null() => &nothing,
                None => {
                    let title =
                        format!("`{}` takes a mapping, not {}", place.path, value.type_name());
                    let help = format!("write `{}: {}`", key.text, members(item));
                    self.refuse("wrong-type", title, value).help.push(help);
                    continue;
                }
            };
            let mut properties = self.object(item, properties, &place, mistaken);
            let name = Value::from(&*key.text).from_origin(key.origin());
            properties.0.insert(0, ("key".into(), name));
            settled.0.push((key.clone(), Value::from(properties).from_origin(key.origin())));
        }
        Some(Value::from(settled).from_origin(value.origin.clone()))
    }

    fn item_name(&mut self, keys: Option<&Schema>, key: &Key, place: &Place) {
        let text = Value::from(&*key.text).from_origin(key.origin());
        match keys {
            Some(schema) => {
                let place =
                    Place { path: format!("{}.{}", place.path, key.text), key: key.clone() };
                self.value(schema, &text, &place);
            }
            None if !crate::blueprint::is_name(&key.text) => {
                let title = format!("`{}` is not a name", key.text);
                let finding = Diagnostic::new("wrong-name", title).label_key(key, "");
                let help = "write lower-case letters and digits, joined by single hyphens";
                self.push(finding.help(help));
            }
            None => {}
        }
    }

    pub(super) fn map(
        &mut self,
        values: &Schema,
        keys: Option<&Schema>,
        value: &Value,
        place: &Place,
    ) -> Option<Value> {
        let map = value.as_map()?;
        let mut settled = Map::default();
        for (key, value) in map.iter() {
            if keys.is_some() {
                self.item_name(keys, key, place);
            }
            let value = self.value(values, value, &place.below(&key.text, Some(key)));
            settled.0.push((key.clone(), value));
        }
        Some(Value::from(settled).from_origin(value.origin.clone()))
    }

    pub(super) fn allowed(&mut self, schema: &Schema, value: &Value, place: &Place) {
        if schema.allowed.is_empty() || schema.allowed.contains(value) {
            return;
        }
        let words: Vec<String> = schema.allowed.iter().map(literal).collect();
        let word = literal(value);
        let lesson = schema.mistaken.iter().find(|(wrong, _)| *wrong.text == *word);
        if let Some((_, lesson)) = lesson {
            let title = format!("`{}` cannot be `{word}`", place.path);
            self.refuse("mistaken-value", title, value).help.push(lesson.to_string());
            return;
        }
        let help = meant_or_known(&word, words.iter().map(String::as_str));
        let title = match place.path.rsplit_once('.') {
            Some((mapping, name)) if name == word => format!("`{mapping}` has no `{word}`"),
            _ => format!("`{}` cannot be `{word}`", place.path),
        };
        self.refuse("not-allowed", title, value).help.push(help);
    }
}

/// A scalar as it is written.
fn literal(value: &Value) -> String {
    match &value.data {
        Data::Text(text) => text.to_string(),
        Data::Integer(integer) => integer.to_string(),
        Data::Boolean(boolean) => boolean.to_string(),
        Data::Float(float) => float.to_string(),
        _ => value.type_name().into(),
    }
}

fn bounds<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "any".into(),
    }
}
