//! Kinds that extend others, or themselves as a layer below has them.

use super::{Catalog, Kind, Sort};
use crate::diagnostic::Diagnostic;
use crate::merge;
use crate::value::{Key, Map, Value};
use std::sync::Arc;

/// What a kind may extend that extends others in turn.
const MAX_DEPTH: usize = 8;

impl Catalog {
    /// A kind's document, merged over the one that it extends; `above` layers are looked into.
    pub(super) fn extended(
        &self,
        sort: Sort,
        name: &str,
        above: usize,
        depth: usize,
    ) -> Option<Value> {
        let path = format!("{}{name}.yaml", sort.folder());
        let layer = self.layers[..above].iter().rposition(|l| l.files.contains_key(&*path))?;
        let document = self.document(&path, layer + 1)?;
        let Some(base) = document.get("extends") else { return Some(document) };
        let base_name = base.as_str().unwrap_or_default();
        let above = if base_name == name { layer } else { self.layers.len() };
        let extended =
            (depth < MAX_DEPTH).then(|| self.extended(sort, base_name, above, depth + 1));
        let Some(extended) = extended.flatten() else {
            let title = format!("there is no `{base_name}` to extend");
            self.note(vec![Diagnostic::new("broken-catalog", title).label_value(base, "")]);
            return None;
        };
        Some(merge::patch(&extended, &self.withholding(&extended, &document), &|_| false))
    }

    /// The extension with its parameters that take one away: it stays for what reads it, withheld.
    fn withholding(&self, base: &Value, extension: &Value) -> Value {
        let Some(parameters) = extension.get("parameters") else { return extension.clone() };
        let withheld = self.withheld(base.get("parameters"), parameters);
        let mut narrowed = extension.as_map().cloned().unwrap_or_default();
        narrowed.set("parameters", withheld);
        Value::from(narrowed).from_origin(extension.origin.clone())
    }

    /// Schemas by name, with `withheld` in the place of null.
    fn withheld(&self, base: Option<&Value>, schemas: &Value) -> Value {
        let Some(map) = schemas.as_map() else { return schemas.clone() };
        let schema = |(key, schema): (&Key, &Value)| {
            let below = base.and_then(|base| base.get(&key.text));
            if schema.is_null() && below.is_none() {
                let title = format!("there is no `{}` to take away", key.text);
                self.note(vec![Diagnostic::new("broken-catalog", title).label_key(key, "")]);
            }
            let schema = match schema.as_map() {
                None if schema.is_null() && below.is_some() => {
                    let withheld = Value::from(true).from_origin(schema.origin.clone());
                    Map::from_iter([("withheld", withheld)]).into()
                }
                None => schema.clone(),
                Some(words) => {
                    Value::from(self.inside(below, words)).from_origin(schema.origin.clone())
                }
            };
            (key.clone(), schema)
        };
        let all: Map = map.iter().map(schema).collect();
        Value::from(all).from_origin(schemas.origin.clone())
    }

    /// A schema's own words, with `withheld` in the place of null among its properties.
    fn inside(&self, base: Option<&Value>, words: &Map) -> Map {
        let word = |(key, value): (&Key, &Value)| {
            let value = match &*key.text {
                "properties" | "named" => {
                    self.withheld(base.and_then(|base| base.get(&key.text)), value)
                }
                _ => value.clone(),
            };
            (key.clone(), value)
        };
        words.iter().map(word).collect()
    }

    /// Where a kind's templates lie: its own name, or the nearest of those that it extends.
    pub fn template_names(&self, kind: &Kind) -> Vec<Arc<str>> {
        let sort = if kind.is_part { Sort::Part } else { Sort::Kind };
        let mut names = vec![kind.name.clone()];
        let mut base = kind.base();
        while let Some(name) = base.filter(|name| !names.contains(name)) {
            base = self.kind(sort, &name).and_then(|kind| kind.base());
            names.push(name);
        }
        names
    }
}
