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
    let _ = write!(text, "{:?}", replaced(&Value::from(properties.clone()), &BTreeMap::new()).data);
    let mut hex = String::new();
    for byte in &Sha256::digest(text)[..LENGTH / 2] {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn replaced(value: &Value, hashes: &BTreeMap<ResourceId, String>) -> Value {
    let data = match &value.data {
        Data::List(list) => Data::List(list.iter().map(|v| replaced(v, hashes)).collect()),
        Data::Map(map) => {
            let members = map.iter().map(|(key, value)| (key.text.clone(), replaced(value, hashes)));
            Data::Map(members.collect::<Map>().into())
        }
        Data::Deferred(deferred) => match &**deferred {
            Deferred::ContentHash(id) => {
                Data::Text(hashes.get(id).cloned().unwrap_or_default().into())
            }
            Deferred::Join(parts) => {
                let parts = parts.iter().map(|part| replaced(part, hashes));
                crate::value::join(parts).data
            }
            Deferred::Json(value) => Data::Deferred(Deferred::Json(replaced(value, hashes)).into()),
            _ => value.data.clone(),
        },
        data => data.clone(),
    };
    // Places have no part in what a property says.
    Value { data, origin: if hashes.is_empty() { Default::default() } else { value.origin.clone() } }
}
