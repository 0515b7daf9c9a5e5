//! JSON merge patches (RFC 7396) over values; every value keeps where it was written.

use crate::value::{Key, Map, Value};

/// `base` with `patch` over it: null takes a member away, mappings merge, all else replaces.
///
/// Below a member for which `keeps_nulls` says so, a null stays to be seen by whoever merges next.
pub fn patch(base: &Value, patch: &Value, keeps_nulls: &dyn Fn(&str) -> bool) -> Value {
    merge(base, patch, keeps_nulls, false)
}

fn merge(base: &Value, patch: &Value, keeps: &dyn Fn(&str) -> bool, kept: bool) -> Value {
    let Some(changes) = patch.as_map() else { return patch.clone() };
    let (mut merged, origin) = match base.as_map() {
        Some(map) => (map.clone(), base.origin.clone()),
        None => (Map::default(), patch.origin.clone()),
    };
    for (key, value) in changes.iter() {
        let kept = kept || keeps(&key.text);
        if value.is_null() && !kept {
            merged.0.retain(|(old, _)| old.text != key.text);
            continue;
        }
        let old = merged.get(&key.text).cloned().unwrap_or_default();
        replace(&mut merged, key, merge(&old, value, keeps, kept));
    }
    Value::from(merged).from_origin(origin)
}

/// Sets a member at its old place, under the key as the patch wrote it.
fn replace(map: &mut Map, key: &Key, value: Value) {
    match map.0.iter_mut().find(|(old, _)| old.text == key.text) {
        Some(entry) => *entry = (key.clone(), value),
        None => map.0.push((key.clone(), value)),
    }
}
