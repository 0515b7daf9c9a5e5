//! What a template for CloudFormation printed: YAML with short functions.

use super::place::{Place, Raw};
use crate::expression::Failure;
use crate::source::{Author, Source, Span};
use crate::value::{Data, Key, Map, Value};
use crate::yaml::{self, Tags};
use std::collections::BTreeSet;

/// Reads the resources and places the values.
pub(super) fn read(place: &Place<'_>) -> Result<Vec<Raw>, Failure> {
    let source = Source::new("printed", place.printed.text.as_str(), Author::Catalog);
    let document = yaml::read(&source, Tags::Functions).map_err(|finding| {
        let line = finding.labels.first().map_or(1, |label| label.span.line_column().0);
        place.fail(line, finding.title.clone())
    })?;
    let reader = Reader { place };
    let resources = document.as_map().into_iter().flat_map(Map::iter);
    let resources = resources.map(|(key, value)| reader.resource(key, value));
    let resources = resources.collect::<Result<_, _>>()?;
    place.all_placed()?;
    Ok(resources)
}

struct Reader<'a> {
    place: &'a Place<'a>,
}

fn line(span: Option<&Span>) -> usize {
    span.map_or(1, |span| span.line_column().0)
}

impl Reader<'_> {
    fn resource(&self, key: &Key, value: &Value) -> Result<Raw, Failure> {
        let fail = |message: String| Err(self.place.fail(line(key.span.as_ref()), message));
        if !self.place.expected.contains_key(&*key.text) {
            let title = format!("`{}` is printed, and the kind does not say it emits it", key.text);
            return fail(title);
        }
        let Some(map) = value.as_map() else {
            return fail(format!("`{}` is no resource", key.text));
        };
        let type_name = map.get("Type").and_then(Value::as_str).unwrap_or_default().to_string();
        let mut raw = Raw {
            address: key.text.to_string(),
            type_name,
            properties: Map::default(),
            settings: Map::default(),
            blocks: BTreeSet::new(),
        };
        for (key, value) in map.iter() {
            match &*key.text {
                "Type" => {}
                "Properties" => {
                    let placed = self.value(value)?.unwrap_or_default();
                    raw.properties = placed.as_map().cloned().unwrap_or_default();
                }
                "DependsOn" | "Metadata" | "DeletionPolicy" | "UpdateReplacePolicy" => {
                    return fail(format!("`{}` is not for templates to say", key.text));
                }
                _ => {
                    if let Some(placed) = self.value(value)? {
                        raw.settings.set(key.text.clone(), placed);
                    }
                }
            }
        }
        Ok(raw)
    }

    /// The value with its tokens' values; `None` where nothing is left of it.
    fn value(&self, value: &Value) -> Result<Option<Value>, Failure> {
        match &value.data {
            Data::Text(text) => self.text(text, value.span()),
            Data::List(list) if !list.is_empty() => {
                let items = list.iter().map(|item| self.value(item));
                let kept: Vec<Value> =
                    items.filter_map(Result::transpose).collect::<Result<_, _>>()?;
                Ok((!kept.is_empty()).then(|| kept.into()))
            }
            Data::Map(map) if !map.is_empty() => self.map(map),
            // A key with nothing below it, where a template went over an empty list.
            Data::Null => Ok(None),
            data => Ok(Some(data.clone().into())),
        }
    }

    fn text(&self, text: &str, at: Option<&Span>) -> Result<Option<Value>, Failure> {
        match self.place.token(text, line(at))? {
            Some(value) => Ok((!value.is_null()).then_some(value)),
            None => Ok(Some(text.into())),
        }
    }

    fn map(&self, map: &Map) -> Result<Option<Value>, Failure> {
        if let [(key, value)] = map.0.as_slice()
            && (&*key.text == "Ref" || key.text.starts_with("Fn::"))
        {
            return self.function(&key.text, value).map(Some);
        }
        let mut kept = Map::default();
        for (key, value) in map.iter() {
            let at = key.span.as_ref();
            let key = match self.text(&key.text, at)? {
                Some(text) => text.as_str().map(Key::from),
                None => None,
            };
            let Some(key) = key else {
                return Err(self.place.fail(line(at), "a key is a text that is there"));
            };
            if let Some(value) = self.value(value)? {
                kept.0.push((key, value));
            }
        }
        Ok((!kept.is_empty()).then(|| kept.into()))
    }

    /// A reference to a resource of the same unit; everything else is a value's to say.
    fn function(&self, name: &str, value: &Value) -> Result<Value, Failure> {
        let text = value.as_str().unwrap_or_default();
        let (address, attribute) = match name {
            "Ref" => (text, "Ref"),
            "Fn::GetAtt" => text.split_once('.').unwrap_or((text, "")),
            _ => (text, ""),
        };
        let found = self.place.attribute(address, attribute).filter(|_| !attribute.is_empty());
        found.ok_or_else(|| {
            let message = format!("`{name}` of `{text}` names no resource of this kind");
            self.place.fail(line(value.span()), message)
        })
    }
}
