//! What blueprints, catalogs and expressions are made of: trees that know where they were written.

use crate::source::Span;
use std::fmt;
use std::sync::Arc;

/// Where a value was written: nowhere (a constant of ours), in one place, or computed from several.
#[derive(Clone, Debug, Default)]
pub enum Origin {
    /// A constant.
    #[default]
    Nowhere,
    /// Written as it stands.
    At(Span),
    /// Left out, so the default holds; the place is the key of what it was left out of.
    Default(Span),
    /// Computed from values written in several places.
    Among(Arc<[Span]>),
}

impl Origin {
    /// The places, in the order in which they were met.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::Nowhere => &[],
            Self::At(span) | Self::Default(span) => std::slice::from_ref(span),
            Self::Among(spans) => spans,
        }
    }

    /// The origin of what is computed from values of both origins.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Nowhere, one) | (one, Self::Nowhere) => one.clone(),
            (Self::At(one), Self::At(two)) if one == two => self.clone(),
            _ => {
                let mut spans = self.spans().to_vec();
                let new = other.spans().iter().filter(|span| !self.spans().contains(span));
                spans.extend(new.cloned());
                Self::Among(spans.into())
            }
        }
    }

    /// The origin of what is computed from all of these.
    #[must_use]
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Self {
        values.into_iter().fold(Self::Nowhere, |all, value| all.and(&value.origin))
    }
}

/// A value and where it came from. Equality looks at the data alone.
#[derive(Clone, Debug, Default)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it was written.
    pub origin: Origin,
}

/// The data of a [`Value`]. Trees are shared: a clone costs a reference count.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// Absent.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number; never infinite, never NaN.
    Float(f64),
    /// Text, never interpreted.
    Text(Arc<str>),
    /// Values in order.
    List(Arc<[Value]>),
    /// Members in the order in which they were written.
    Map(Arc<Map>),
    /// A component, or a part of one; its members are its outputs.
    Unit(UnitId),
    /// Known only when the stack is deployed, or spelled differently on each target.
    Deferred(Arc<Deferred>),
}

/// Index of a component or part in its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(pub u32);

/// One generated resource, the same on both targets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId {
    /// The component or part that emits it.
    pub unit: UnitId,
    /// Its word under `emits` in the kind's file.
    pub resource: Arc<str>,
    /// The keys of the items it stands for, outermost first; empty without `each`.
    pub items: Arc<[Arc<str>]>,
}

/// What can be placed and joined, and compared with null; nothing can be calculated with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Deferred {
    /// An attribute of a resource of this stack, in the words of one target.
    Attribute {
        /// The resource.
        resource: ResourceId,
        /// `Ref`, `Arn`, … on CloudFormation; `arn`, `id`, … on Terraform.
        attribute: Arc<str>,
        /// Resources that must exist before one that reads this (an output's `ready`).
        ready: Arc<[ResourceId]>,
    },
    /// Something read from the account or the deployer; `catalog/lookups.yaml` spells it.
    Lookup {
        /// Its name there: `account_id`, `zone`, `parameter`, `ssm`, …
        lookup: Arc<str>,
        /// What the lookup is told, by name (a parameter's name and type, a path, an index).
        arguments: Arc<Map>,
    },
    /// Texts and other deferred values, one after the other.
    Join(Vec<Value>),
    /// One value, spelled differently on each target.
    Targets {
        /// On CloudFormation.
        cloudformation: Value,
        /// On Terraform.
        terraform: Value,
    },
    /// A short hash of a resource's properties, for names that change with the content.
    ContentHash(ResourceId),
    /// A document that stands in a property as JSON text.
    Json(Value),
}

/// What we generate for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// AWS `CloudFormation`.
    CloudFormation,
    /// Terraform.
    Terraform,
}

impl Target {
    /// Both, in the order in which they are always told.
    pub const ALL: [Self; 2] = [Self::CloudFormation, Self::Terraform];

    /// The word for it in blueprints, catalogs, folders and flags.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Terraform => "terraform",
        }
    }

    /// The target for a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.word() == word)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A key of a map, and where it was written.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key itself.
    pub text: Arc<str>,
    /// Where it was written, if it was.
    pub span: Option<Span>,
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self { text: text.into(), span: None }
    }
}

impl From<Arc<str>> for Key {
    fn from(text: Arc<str>) -> Self {
        Self { text, span: None }
    }
}

/// Members by name, in the order in which they were written. Small, so looked up one by one.
#[derive(Clone, Debug, Default)]
pub struct Map(pub Vec<(Key, Value)>);

impl Map {
    /// The member of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The member of that name with its key.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&(Key, Value)> {
        self.0.iter().find(|(key, _)| &*key.text == name)
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys' texts, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| &*key.text)
    }

    /// Sets a member: in place where the name is there, at the end where it is new.
    pub fn set(&mut self, key: impl Into<Key>, value: Value) {
        let key = key.into();
        match self.0.iter_mut().find(|(old, _)| old.text == key.text) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Members are compared by name: their order is how a person wrote them, not what they mean.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, value)| other.get(&key.text) == Some(value))
    }
}

impl<K: Into<Key>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        Self(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, origin: Origin::Nowhere }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Data::Text(text.into()).into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Data::Text(text.into()).into()
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Data::Boolean(boolean).into()
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Data::Integer(integer).into()
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Data::List(values.into()).into()
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Data::Map(map.into()).into()
    }
}

impl From<Deferred> for Value {
    fn from(deferred: Deferred) -> Self {
        Data::Deferred(deferred.into()).into()
    }
}

impl Value {
    /// Absent.
    pub const NULL: Self = Self { data: Data::Null, origin: Origin::Nowhere };

    /// The same data, said to come from elsewhere.
    #[must_use]
    pub fn from_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Whether it is absent.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// Its text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Boolean(boolean) => Some(boolean),
            _ => None,
        }
    }

    /// Its members, if it is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Its items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }

    /// A member of a map; `None` for everything else.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map().and_then(|map| map.get(name))
    }

    /// Where it was written first.
    #[must_use]
    pub fn span(&self) -> Option<&Span> {
        self.origin.spans().first()
    }

    /// What it is, in the words of YAML, for messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.data {
            Data::Null => "null",
            Data::Boolean(_) => "a boolean",
            Data::Integer(_) => "an integer",
            Data::Float(_) => "a number",
            Data::Text(_) => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
            Data::Unit(_) => "a component",
            Data::Deferred(_) => "a value known only at deployment",
        }
    }

    /// Whether it, or anything in it, is known only at deployment.
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        match &self.data {
            Data::Deferred(_) => true,
            Data::List(list) => list.iter().any(Self::is_deferred),
            Data::Map(map) => map.iter().any(|(_, value)| value.is_deferred()),
            _ => false,
        }
    }

    /// Calls `visit` with each deferred value in the tree, joins and both spellings included.
    pub fn each_deferred<'a>(&'a self, visit: &mut dyn FnMut(&'a Deferred)) {
        match &self.data {
            Data::List(list) => list.iter().for_each(|value| value.each_deferred(visit)),
            Data::Map(map) => map.iter().for_each(|(_, value)| value.each_deferred(visit)),
            Data::Deferred(deferred) => {
                visit(deferred);
                match &**deferred {
                    Deferred::Join(parts) => parts.iter().for_each(|p| p.each_deferred(visit)),
                    Deferred::Targets { cloudformation, terraform } => {
                        cloudformation.each_deferred(visit);
                        terraform.each_deferred(visit);
                    }
                    Deferred::Json(value) => value.each_deferred(visit),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The value as one target spells it: choices between the targets are made, joins made flat.
    #[must_use]
    pub fn on(&self, target: Target) -> Self {
        let data = match &self.data {
            Data::List(list) => Data::List(list.iter().map(|value| value.on(target)).collect()),
            Data::Map(map) => {
                let members = map.iter().map(|(key, value)| (key.clone(), value.on(target)));
                Data::Map(Arc::new(Map(members.collect())))
            }
            Data::Deferred(deferred) => match &**deferred {
                Deferred::Targets { cloudformation, terraform } => {
                    let chosen = match target {
                        Target::CloudFormation => cloudformation,
                        Target::Terraform => terraform,
                    };
                    let chosen = chosen.on(target);
                    return Self { origin: self.origin.and(&chosen.origin), ..chosen };
                }
                Deferred::Join(parts) => join(parts.iter().map(|part| part.on(target))).data,
                Deferred::Json(value) => Data::Deferred(Arc::new(Deferred::Json(value.on(target)))),
                _ => self.data.clone(),
            },
            data => data.clone(),
        };
        Self { data, origin: self.origin.clone() }
    }
}

/// Puts texts and deferred values one after the other: a text where all are texts, the value
/// itself where there is only one. Joins among the parts are made flat.
#[must_use]
pub fn join(parts: impl IntoIterator<Item = Value>) -> Value {
    let mut flat: Vec<Value> = vec![];
    let mut origin = Origin::Nowhere;
    for part in parts {
        origin = origin.and(&part.origin);
        push_joined(&mut flat, part);
    }
    let data = match flat.as_slice() {
        [] => Data::Text("".into()),
        [one] => one.data.clone(),
        _ => Data::Deferred(Arc::new(Deferred::Join(flat))),
    };
    Value { data, origin }
}

fn push_joined(flat: &mut Vec<Value>, part: Value) {
    if let Data::Deferred(deferred) = &part.data
        && let Deferred::Join(inner) = &**deferred
    {
        inner.iter().for_each(|value| push_joined(flat, value.clone()));
        return;
    }
    match (flat.last_mut(), part.as_str()) {
        (_, Some("")) => {}
        (Some(Value { data: Data::Text(last), .. }), Some(text)) => {
            *last = format!("{last}{text}").into();
        }
        _ => flat.push(part),
    }
}

/// A Rust value as JSON numbers are: `1.0` is not `1`.
impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::NULL,
            serde_json::Value::Bool(boolean) => (*boolean).into(),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(integer) => integer.into(),
                None => Data::Float(number.as_f64().unwrap_or_default()).into(),
            },
            serde_json::Value::String(text) => text.as_str().into(),
            serde_json::Value::Array(list) => {
                list.iter().map(Self::from).collect::<Vec<_>>().into()
            }
            serde_json::Value::Object(map) => map
                .iter()
                .map(|(key, value)| (key.as_str(), Self::from(value)))
                .collect::<Map>()
                .into(),
        }
    }
}
