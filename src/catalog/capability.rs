//! What a kind offers to those that refer to it, an interface.

use super::fields::{Fields, Problems};
use super::schema::{Properties, properties};
use crate::value::{Key, Value};
use std::sync::Arc;

/// What components that offer the capability promise.
#[derive(Debug)]
pub struct Capability {
    /// Its name.
    pub name: Arc<str>,
    /// One line.
    pub summary: Arc<str>,
    /// A reference to it that is left out binds to the only component that offers it.
    pub ambient: bool,
    /// The outputs that can be read.
    pub outputs: Properties,
    /// The grants that can be used.
    pub grants: Vec<Arc<str>>,
    /// The collections that can be contributed to, with the type of their items.
    pub collects: Properties,
}

impl Capability {
    pub(super) fn read(name: &Key, value: &Value, problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let capability = Self {
            name: name.text.clone(),
            summary: f.required_text("summary", value),
            ambient: f.flag("ambient"),
            outputs: properties(f.members("outputs"), problems),
            grants: f.texts("grants"),
            collects: properties(f.members("collects"), problems),
        };
        f.finish();
        capability
    }
}
