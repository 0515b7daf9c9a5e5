//! Parameters: a component's values against its kind's schemas, defaults filled in.

use super::ReadFile;
use super::component::{AlarmSetting, Component, Settled};
use super::deploy_time;
use super::references::Names;
use crate::blueprint::{COMPONENT_KEYS, Envelope};
use crate::catalog::{Form, Kind, Properties, Schema, Sort, number};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::value::{Data, Key, Map, Origin, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// A user's own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Where it stands among the artifacts: `assets/<hash>-<name>`.
    pub path: String,
    /// Its key in the bucket of artifacts, where it is read from there.
    pub key: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Settles one component.
pub(super) struct Settle<'a> {
    pub component: &'a Component,
    pub index: usize,
    pub names: &'a Names<'a>,
    pub envelope: &'a Envelope,
    pub read_file: Option<&'a ReadFile<'a>>,
    pub findings: Vec<Diagnostic>,
    pub assets: Vec<Asset>,
    pub since: Vec<semver::Version>,
}

/// Where a value stands: its path below the component, and the nearest key that is written.
#[derive(Clone)]
pub(super) struct Place {
    pub path: String,
    pub key: Key,
}

impl Place {
    fn below(&self, name: &str, key: Option<&Key>) -> Self {
        let path = match self.path.as_str() {
            "" => name.to_string(),
            path => format!("{path}.{name}"),
        };
        Self { path, key: key.unwrap_or(&self.key).clone() }
    }

    fn default_origin(&self) -> Origin {
        self.key.span.clone().map(Origin::Default).unwrap_or_default()
    }
}

impl<'a> Settle<'a> {
    pub fn new(
        component: &'a Component,
        index: usize,
        names: &'a Names<'a>,
        envelope: &'a Envelope,
    ) -> Self {
        let (findings, assets, since) = (vec![], vec![], vec![]);
        Self { component, index, names, envelope, read_file: None, findings, assets, since }
    }

    pub fn refuse(&mut self, rule: &'static str, title: String, at: &Value) -> &mut Diagnostic {
        self.push(Diagnostic::new(rule, title).label_value(at, ""))
    }

    pub fn push(&mut self, finding: Diagnostic) -> &mut Diagnostic {
        let last = self.findings.len();
        self.findings.push(finding.about(self.component.name()));
        &mut self.findings[last]
    }

    /// Everything that the component says.
    pub fn component(&mut self) -> Settled {
        let kind = self.component.kind.clone();
        let root = Place { path: String::new(), key: self.component.key.clone() };
        if self.component.exists() {
            return self.existing(&kind, &root);
        }
        let own = self.component.document.0.iter();
        let own = own.filter(|(key, _)| !COMPONENT_KEYS.contains(&&*key.text));
        let own = Map(own.cloned().collect());
        let parameters = self.object(&kind.parameters, &own, &root, &kind.mistaken);
        Settled {
            parameters,
            existing: None,
            alarms: self.alarms(&kind),
            given_parts: self.given_parts(&kind),
            names: self.physical_names(&kind),
            since: std::mem::take(&mut self.since),
        }
    }

    /// Every property of an object: those written, those by default, and null for the rest.
    pub fn object(
        &mut self,
        properties: &Properties,
        given: &Map,
        place: &Place,
        mistaken: &[(Key, Arc<str>)],
    ) -> Map {
        for (key, _) in given.iter() {
            if !properties.iter().any(|(known, _)| known.text == key.text) {
                self.unknown(key, properties, place, mistaken);
            }
        }
        let settled = properties.iter().map(|(key, schema)| {
            let written = given.entry(&key.text).filter(|(_, value)| !value.is_null());
            let place = place.below(&key.text, written.map(|(key, _)| key));
            let value = match written {
                Some((_, value)) => self.value(schema, value, &place),
                None => self.absent(schema, &place),
            };
            (key.text.clone(), value)
        });
        settled.collect()
    }

    fn unknown(
        &mut self,
        key: &Key,
        properties: &Properties,
        place: &Place,
        mistaken: &[(Key, Arc<str>)],
    ) {
        let lesson = mistaken.iter().find(|(wrong, _)| wrong.text == key.text);
        if let Some((_, lesson)) = lesson {
            let title = format!("there is no `{}`", key.text);
            let finding = Diagnostic::new("mistaken-key", title).label_key(key, "");
            self.push(finding.help(lesson.to_string()));
            return;
        }
        let known: Vec<&str> = properties.iter().map(|(key, _)| &*key.text).collect();
        let common = if place.path.is_empty() { &COMPONENT_KEYS[..] } else { &[] };
        let near = did_you_mean(&key.text, known.iter().chain(common).copied());
        let kind = &self.component.kind.name;
        let whole = if place.path.is_empty() { kind.to_string() } else { place.path.clone() };
        let help = near.unwrap_or_else(|| match known.as_slice() {
            [] => format!("`{whole}` takes nothing here"),
            known => format!("`{whole}` knows {}", known.join(", ")),
        });
        let title = format!("`{whole}` has no `{}`", key.text);
        self.push(Diagnostic::new("unknown-key", title).label_key(key, "").help(help));
    }

    fn absent(&mut self, schema: &Schema, place: &Place) -> Value {
        if let Form::Reference { capability, implied } = &schema.form {
            return self.unbound(schema, capability, implied.is_some(), place);
        }
        let origin = place.default_origin();
        match &schema.default {
            Some(default) => self.default(schema, default, place).from_origin(origin),
            None if schema.optional => Value::NULL.from_origin(origin),
            // An object that is left out is null, unless it has a default.
            None if matches!(schema.form, Form::Object(_)) => Value::NULL.from_origin(origin),
            None => {
                let title = format!("`{}` is missing", place.path);
                let finding = Diagnostic::new("missing-key", title);
                let finding = finding.label_key(&place.key, "here");
                let name = place.path.rsplit('.').next().unwrap_or_default();
                self.push(finding.help(format!("write `{name}: …`, {}", schema.wants())));
                Value::NULL
            }
        }
    }

    /// Defaults are settled as if they were written where they are left out.
    fn default(&mut self, schema: &Schema, default: &Value, place: &Place) -> Value {
        fn moved(value: &Value, origin: &Origin) -> Value {
            let data = match &value.data {
                Data::List(list) => Data::List(list.iter().map(|v| moved(v, origin)).collect()),
                Data::Map(map) => {
                    let members = map.0.iter();
                    let members = members.map(|(key, v)| (Key::from(key.text.clone()), moved(v, origin)));
                    Data::Map(Map(members.collect()).into())
                }
                data => data.clone(),
            };
            Value { data, origin: origin.clone() }
        }
        let default = moved(default, &place.default_origin());
        self.value(schema, &default, place)
    }

    fn unbound(&mut self, schema: &Schema, capability: &str, implied: bool, place: &Place) -> Value {
        let origin = place.default_origin();
        if implied || self.names.is_ambient(capability) {
            match self.names.ambient(&place.path, capability, self.index, &place.key) {
                Ok(Some(unit)) => return unit.from_origin(origin),
                Ok(None) => {}
                Err(finding) => {
                    self.push(finding);
                    return Value::NULL;
                }
            }
        }
        if !schema.optional {
            let title = format!("`{}` needs a component that offers `{capability}`", place.path);
            let finding = Diagnostic::new("unbound-reference", title);
            let help = format!("write `{}: NAME`, the name of such a component", place.path);
            self.push(finding.label_key(&place.key, "of this component").help(help));
        }
        Value::NULL.from_origin(origin)
    }

    /// A written value against its schema.
    pub fn value(&mut self, schema: &Schema, value: &Value, place: &Place) -> Value {
        self.note_use(schema, value, place);
        if let Some(found) = deploy_time::read(value) {
            return self.deploy_time(schema, value, found, place);
        }
        if schema.secret {
            return self.secret_literal(value, place);
        }
        let settled = match &schema.form {
            Form::Any | Form::Statements => Some(value.clone()),
            Form::Text { min, max, pattern } => {
                self.text(value, place, (*min, *max), pattern.as_ref())
            }
            Form::Number { whole, minimum, maximum } => {
                self.number(value, place, *whole, (*minimum, *maximum))
            }
            Form::Boolean => value.as_bool().map(|_| value.clone()),
            Form::File { stored } => return self.file(value, *stored, schema, place),
            Form::List { items, min, max } => self.list(items, value, place, (*min, *max)),
            Form::Object(properties) => value.as_map().map(|map| {
                let map = self.object(properties, map, place, &[]);
                Value::from(map).from_origin(value.origin.clone())
            }),
            Form::Named { item, keys } => self.named(item, keys.as_deref(), value, place),
            Form::Map { values, keys } => self.map(values, keys.as_deref(), value, place),
            Form::Reference { capability, .. } => {
                return self.reference(schema, capability, value);
            }
        };
        let Some(settled) = settled else {
            let title = format!("`{}` is {}, not {}", place.path, schema.wants(), value.type_name());
            let help = quoted(schema, value);
            let finding = Diagnostic::new("wrong-type", title).label_value(value, "");
            self.push(finding.help_if(help));
            return Value::NULL;
        };
        self.allowed(schema, &settled, place);
        settled
    }

    fn note_use(&mut self, schema: &Schema, value: &Value, place: &Place) {
        for since in &schema.since {
            if since.value.as_ref().is_none_or(|needs| needs == value) {
                self.since.push(since.version.clone());
            }
        }
        let Some((only, reason)) = &schema.only_on else { return };
        let other = self.envelope.targets.iter().find(|target| *target != only);
        if let (Some(other), false) = (other, matches!(value.origin, Origin::Default(_))) {
            let title = format!("`{}` exists only on {only}: {reason}", place.path);
            let finding = self.refuse("only-on", title, value);
            finding.help.push(format!("leave it out, or write `targets: [{only}]`; {other} cannot say it"));
        }
    }

    fn secret_literal(&mut self, value: &Value, place: &Place) -> Value {
        let title = format!("`{}` is a secret, and stands in the blueprint", place.path);
        let finding = Diagnostic::new("secret-literal", title).label_key(&place.key, "");
        let help = "write `{secret: ARN, key: NAME}`; the value is then read when it is deployed";
        self.push(finding.help(help));
        Value::NULL.from_origin(value.origin.clone())
    }

    fn text(
        &mut self,
        value: &Value,
        place: &Place,
        (min, max): (Option<usize>, Option<usize>),
        pattern: Option<&crate::catalog::Pattern>,
    ) -> Option<Value> {
        let text = value.as_str()?;
        let length = text.chars().count();
        if min.is_some_and(|min| length < min) || max.is_some_and(|max| length > max) {
            let bounds = bounds(min, max);
            let title = format!("`{}` has {length} characters, not {bounds}", place.path);
            self.refuse("out-of-range", title, value);
        } else if let Some(pattern) = pattern.filter(|pattern| !pattern.fits(text)) {
            let title = format!("`{}` has a form that is not taken", place.path);
            let help = format!("it must match `{}`", pattern.text);
            self.refuse("wrong-pattern", title, value).help.push(help);
        }
        Some(value.clone())
    }

    fn number(
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
            let title = format!("`{}` is {}, not {bounds}", place.path, value.span().map_or("", |s| s.text()));
            let limit = if low { minimum } else { maximum }.unwrap_or_default();
            let word = if low { "least" } else { "most" };
            let help = format!("write at {word} {limit}");
            self.refuse("out-of-range", title, value).help.push(help);
        }
        Some(value.clone())
    }

    fn list(
        &mut self,
        items: &Schema,
        value: &Value,
        place: &Place,
        (min, max): (Option<usize>, Option<usize>),
    ) -> Option<Value> {
        let list = value.as_list()?;
        if min.is_some_and(|min| list.len() < min) || max.is_some_and(|max| list.len() > max) {
            let title = format!("`{}` has {} items, not {}", place.path, list.len(), bounds(min, max));
            self.refuse("out-of-range", title, value);
        }
        let settle = |(index, item): (usize, &Value)| {
            self.value(items, item, &place.below(&index.to_string(), None))
        };
        let items: Vec<Value> = list.iter().enumerate().map(settle).collect();
        Some(Value::from(items).from_origin(value.origin.clone()))
    }

    fn named(
        &mut self,
        item: &Properties,
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
                    let title = format!("`{}` is a mapping, not {}", place.path, value.type_name());
                    self.refuse("wrong-type", title, value);
                    continue;
                }
            };
            let mut properties = self.object(item, properties, &place, &[]);
            let origin = key.span.clone().map(Origin::At).unwrap_or_default();
            let name = Value::from(&*key.text).from_origin(origin.clone());
            properties.0.insert(0, ("key".into(), name));
            settled.0.push((key.clone(), Value::from(properties).from_origin(origin)));
        }
        Some(Value::from(settled).from_origin(value.origin.clone()))
    }

    fn item_name(&mut self, keys: Option<&Schema>, key: &Key, place: &Place) {
        let origin = key.span.clone().map(Origin::At).unwrap_or_default();
        let text = Value::from(&*key.text).from_origin(origin);
        match keys {
            Some(schema) => {
                let place = Place { path: format!("{}.{}", place.path, key.text), key: key.clone() };
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

    fn map(
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

    fn reference(&mut self, schema: &Schema, capability: &str, value: &Value) -> Value {
        if value.as_str() == Some("none") && schema.optional {
            return Value::NULL.from_origin(value.origin.clone());
        }
        match self.names.named(value, capability, self.index) {
            Ok(unit) => unit,
            Err(finding) => {
                self.push(finding);
                Value::NULL
            }
        }
    }

    fn allowed(&mut self, schema: &Schema, value: &Value, place: &Place) {
        if schema.allowed.is_empty() || schema.allowed.contains(value) {
            return;
        }
        let words: Vec<String> = schema.allowed.iter().map(literal).collect();
        let word = literal(value);
        let near = did_you_mean(&word, words.iter().map(String::as_str));
        let help = near.unwrap_or_else(|| format!("write one of {}", words.join(", ")));
        let title = format!("`{}` cannot be `{word}`", place.path);
        self.refuse("not-allowed", title, value).help.push(help);
    }

    fn file(&mut self, value: &Value, stored: bool, schema: &Schema, place: &Place) -> Value {
        let text = |name| value.get(name).and_then(Value::as_str);
        let length = value.as_map().map_or(0, Map::len);
        let settled = match (text("file"), text("bucket"), text("key")) {
            (Some(path), None, None) if length == 1 => self.own_file(value, path, stored),
            (None, Some(_), Some(key)) if length == 2 => {
                let bucket = value.get("bucket").cloned().unwrap_or_default();
                let bucket = self.names.named(&bucket, "object-store", self.index);
                bucket.map(|bucket| {
                    Map::from_iter([("bucket", bucket), ("key", Value::from(key))])
                })
            }
            _ => {
                let title = format!("`{}` is {}", place.path, schema.wants());
                Err(Diagnostic::new("wrong-type", title).label_value(value, ""))
            }
        };
        match settled {
            Ok(mut map) => {
                for name in ["bucket", "bucket_name", "key", "sha256", "path", "text"] {
                    if map.get(name).is_none() {
                        map.set(name, Value::NULL);
                    }
                }
                Value::from(map).from_origin(value.origin.clone())
            }
            Err(finding) => {
                self.push(finding);
                Value::NULL
            }
        }
    }

    /// A file beside the blueprint becomes an asset under its hash.
    fn own_file(&mut self, value: &Value, path: &str, stored: bool) -> Result<Map, Diagnostic> {
        let refuse = |rule, title| Diagnostic::new(rule, title).label_value(value, "");
        let outside = path.starts_with('/') || path.split('/').any(|step| step == "..");
        let read = match (outside, self.read_file) {
            (false, Some(read)) => read(path),
            _ => Err("a file lies beside the blueprint, or in a folder there".into()),
        };
        let bytes = read.map_err(|reason| {
            refuse("file-not-found", format!("`{path}` cannot be read: {reason}"))
        })?;
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            let _ = write!(sha256, "{byte:02x}");
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = format!("{}-{name}", &sha256[..12]);
        let artifacts = self.envelope.artifacts.as_ref();
        if stored && artifacts.is_none() {
            let title = format!("`{path}` is read from a bucket, and the blueprint names none");
            let finding = refuse("artifacts-missing", title);
            return Err(finding.help("write `artifacts: {bucket: NAME}` at the top of the blueprint"));
        }
        let key = artifacts.filter(|_| stored).map(|to| format!("{}{name}", to.prefix));
        let asset = Asset { path: format!("assets/{name}"), key: key.clone(), bytes };
        let text = |text: Option<String>| text.map_or(Value::NULL, Value::from);
        let map = Map::from_iter([
            ("path", Value::from(asset.path.clone())),
            ("sha256", Value::from(sha256)),
            ("key", text(key)),
            ("bucket_name", artifacts.map_or(Value::NULL, |to| Value::from(&*to.bucket))),
            ("text", text(std::str::from_utf8(&asset.bytes).ok().map(String::from))),
        ]);
        self.assets.push(asset);
        Ok(map)
    }

    /// `alarms: {<alarm>: {above: …}}`, against the part that alarms are.
    fn alarms(&mut self, kind: &Kind) -> Vec<(Arc<str>, AlarmSetting)> {
        let entries = self.component.document.get("alarms").and_then(Value::as_map).cloned();
        let mut settings = vec![];
        for (key, value) in entries.unwrap_or_default().iter() {
            let alarms = || kind.parts.iter().filter(|part| part.alarm);
            let Some(part) = alarms().find(|part| part.name.text == key.text) else {
                let title = format!("`{}` has no alarm `{}`", kind.name, key.text);
                let known = alarms().map(|part| &*part.name.text);
                let near = did_you_mean(&key.text, known.clone());
                let help = near.unwrap_or_else(|| format!("there are {}", known.collect::<Vec<_>>().join(", ")));
                self.push(Diagnostic::new("unknown-alarm", title).label_key(key, "").help(help));
                continue;
            };
            if let Some(reason) = value.get("off").and_then(Value::as_str) {
                settings.push((key.text.clone(), AlarmSetting::Off(reason.into())));
                continue;
            }
            let Some(schema) = self.names.catalog.kind(Sort::Part, &part.part) else { continue };
            let known = schema.parameters.iter().filter(|(_, schema)| schema.overridable);
            let known: Properties = known.cloned().collect();
            let place = Place { path: format!("alarms.{}", key.text), key: key.clone() };
            let given = value.as_map().cloned().unwrap_or_default();
            let mut written = Map::default();
            let settled = self.object(&optional(known), &given, &place, &[]);
            for (name, value) in settled.0 {
                if given.get(&name.text).is_some() {
                    written.0.push((name, value));
                }
            }
            settings.push((key.text.clone(), AlarmSetting::Arguments(written)));
        }
        settings
    }

    /// `roles: {<part>: ARN}`: parts that are given from outside.
    fn given_parts(&mut self, kind: &Kind) -> Vec<(Arc<str>, Value)> {
        let mut given = vec![];
        let parts: Vec<_> = kind.parts.iter().filter_map(|part| {
            let file = self.names.catalog.kind(Sort::Part, &part.part)?;
            Some((part.name.text.clone(), file))
        }).collect();
        let entries = self.component.document.get("roles").and_then(Value::as_map).cloned();
        for (key, value) in entries.unwrap_or_default().iter() {
            let known = parts.iter().filter(|(_, file)| file.existing_as.as_deref() == Some("roles"));
            let names: Vec<&str> = known.map(|(name, _)| &**name).collect();
            if !names.contains(&&*key.text) {
                let title = format!("`{}` has no role `{}`", kind.name, key.text);
                let near = did_you_mean(&key.text, names.iter().copied());
                let help = near.unwrap_or_else(|| match names.as_slice() {
                    [] => "this kind needs no role".into(),
                    names => format!("there are {}", names.join(", ")),
                });
                self.push(Diagnostic::new("unknown-part", title).label_key(key, "").help(help));
                continue;
            }
            let place = Place { path: format!("roles.{}", key.text), key: key.clone() };
            let schema = Schema { deploy_time: true, ..Schema::text() };
            given.push((key.text.clone(), self.value(&schema, value, &place)));
        }
        given
    }

    /// `names: {<resource>: NAME}`: physical names that a user chose.
    fn physical_names(&mut self, kind: &Kind) -> Map {
        let names = self.component.document.get("names").and_then(Value::as_map).cloned();
        let names = names.unwrap_or_default();
        for (key, _) in names.iter() {
            let named = kind.emits.iter().filter(|emit| emit.name.is_some());
            let known: Vec<&str> = named.map(|emit| &*emit.resource.text).collect();
            let part = key.text.split_once('.').is_some_and(|(part, _)| {
                kind.parts.iter().any(|own| &*own.name.text == part)
            });
            if !part && !known.contains(&&*key.text) {
                let title = format!("`{}` has no resource `{}` with a name", kind.name, key.text);
                let finding = Diagnostic::new("unknown-part", title).label_key(key, "");
                self.push(finding.help(format!("there are {}", known.join(", "))));
            }
        }
        names
    }
}

fn optional(properties: Properties) -> Properties {
    let free = |(key, schema)| (key, Schema { optional: true, default: None, ..schema });
    properties.into_iter().map(free).collect()
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

/// A number or boolean where a string is wanted is a matter of quotes.
fn quoted(schema: &Schema, value: &Value) -> Option<String> {
    let scalar = matches!(value.data, Data::Integer(_) | Data::Float(_) | Data::Boolean(_));
    let text = value.span().map(|span| span.text().to_string())?;
    (scalar && matches!(schema.form, Form::Text { .. })).then(|| format!("write \"{text}\""))
}

fn bounds<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "any".into(),
    }
}
