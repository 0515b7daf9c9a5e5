//! Names that change with what they name.

use super::Resource;
use crate::value::{Data, Deferred, Map, ResourceId, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Enough that two contents of one stack do not meet.
const LENGTH: usize = 8;

/// Puts the hash of a resource's properties where its name has one.
pub(super) fn name_by_content(resources: &mut [Resource]) {
    let named = resources.iter().filter(|resource| resource.by_content);
    let hashes: BTreeMap<ResourceId, String> =
        named.map(|resource| (resource.id.clone(), hash(&resource.properties))).collect();
    if hashes.is_empty() {
        return;
    }
    for resource in resources {
        for map in [&mut resource.properties, &mut resource.settings, &mut resource.tags] {
            for (_, value) in &mut map.0 {
                *value = replaced(value, &hashes);
            }
        }
        resource.name = replaced(&resource.name, &hashes);
    }
}

/// The hash of a canonical spelling, in which hashes themselves are nothing.
fn hash(properties: &Map) -> String {
    let mut text = String::new();
    canonical(&replaced(&Value::from(properties.clone()), &BTreeMap::new()), &mut text);
    format!("{:x}", Sha256::digest(text))[..LENGTH].into()
}

/// A spelling that says what a value is, and not where it was written.
fn canonical(value: &Value, text: &mut String) {
    let _ = match &value.data {
        Data::List(list) => {
            text.push('[');
            for item in list.iter() {
                canonical(item, text);
            }
            write!(text, "]")
        }
        Data::Map(map) => {
            text.push('{');
            for (key, value) in map.iter() {
                let _ = write!(text, "{:?}:", key.text);
                canonical(value, text);
            }
            write!(text, "}}")
        }
        Data::Deferred(deferred) => match &**deferred {
            Deferred::Join(parts) => {
                for part in parts {
                    canonical(part, text);
                }
                Ok(())
            }
            Deferred::Json(value) => {
                canonical(value, text);
                Ok(())
            }
            Deferred::Attribute { resource, attribute, .. } => {
                write!(text, "{:?}{:?}.{attribute}", resource.resource, resource.items)
            }
            Deferred::Lookup { lookup, arguments } => {
                let _ = write!(text, "{lookup}");
                canonical(&Value::from((**arguments).clone()), text);
                Ok(())
            }
            _ => Ok(()),
        },
        data => write!(text, "{data:?};"),
    };
}

fn replaced(value: &Value, hashes: &BTreeMap<ResourceId, String>) -> Value {
    value.rewritten(&|deferred| match deferred {
        Deferred::ContentHash(id) => Some(hashes.get(id).cloned().unwrap_or_default().into()),
        _ => None,
    })
}
