//! What blueprints, catalogs and expressions are made of: trees that know where they were written.

mod convert;
mod deferred;
mod json;
mod line;
mod map;
mod origin;
mod target;

pub use deferred::{Deferred, ResourceId, UnitId, join};
pub use json::{json_string, json_text};
pub use line::line;
pub use map::{Key, Map};
pub use origin::Origin;
pub use target::Target;

use crate::source::Span;
use std::sync::Arc;

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

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl Value {
    /// Absent.
    pub const NULL: Self = Self { data: Data::Null, origin: Origin::Nowhere };

    /// What a lookup without arguments finds.
    pub fn lookup(name: &str) -> Self {
        Deferred::Lookup { lookup: name.into(), arguments: Arc::default() }.into()
    }

    /// The same data, said to come from elsewhere.
    #[must_use]
    pub fn from_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Whether it is absent.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// Its text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Boolean(boolean) => Some(boolean),
            _ => None,
        }
    }

    /// Its members, if it is a map.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Its items, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }

    /// A member of a map; `None` for everything else.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map().and_then(|map| map.get(name))
    }

    /// Where it was written first.
    pub fn span(&self) -> Option<&Span> {
        self.origin.spans().first()
    }

    /// What it is, in the words of YAML, for messages.
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
}
