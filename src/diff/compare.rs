//! Trees compared by the identity of what is in them.

use crate::provider::Effect;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// One value that is not as it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PropertyChange {
    /// Where: steps joined by dots; an item of a list by its identity, in brackets.
    pub path: String,
    /// What it was; null where it was not there.
    pub old: Json,
    /// What it is; null where it is not there any more.
    pub new: Json,
    /// What the change does; none in a blueprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// The replaced resource that it comes from, where nothing was written differently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// The path without items, as the provider facts name it.
    #[serde(skip)]
    pub fact: String,
}

/// What differs between two trees.
pub fn trees(old: &Json, new: &Json) -> Vec<PropertyChange> {
    let mut changes = vec![];
    compare(&Place::default(), old, new, &mut changes);
    changes
}

#[derive(Clone, Default)]
struct Place {
    path: String,
    fact: String,
}

impl Place {
    fn member(&self, name: &str) -> Self {
        let join =
            |path: &str| if path.is_empty() { name.into() } else { format!("{path}.{name}") };
        Self { path: join(&self.path), fact: join(&self.fact) }
    }

    fn item(&self, identity: &str) -> Self {
        Self { path: format!("{}[{identity}]", self.path), fact: self.fact.clone() }
    }
}

fn compare(at: &Place, old: &Json, new: &Json, changes: &mut Vec<PropertyChange>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Json::Object(one), Json::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                let of = |map: &Map<String, Json>| map.get(name).cloned().unwrap_or_default();
                compare(&at.member(name), &of(one), &of(other), changes);
            }
        }
        (Json::Array(one), Json::Array(other)) => lists(at, one, other, changes),
        _ => compare_whole(at, old.clone(), new.clone(), changes),
    }
}

/// Items that have an identity are compared one by one; trees without one come and go as they
/// are; what else is in a list is one value.
fn lists(at: &Place, old: &[Json], new: &[Json], changes: &mut Vec<PropertyChange>) {
    if let ([one], [other]) = (old, new)
        && one.is_object()
        && other.is_object()
    {
        return compare(at, one, other, changes);
    }
    if !old.iter().chain(new).all(Json::is_object) {
        let whole = |list: &[Json]| Json::Array(list.to_vec());
        return compare_whole(at, whole(old), whole(new), changes);
    }
    let before = changes.len();
    let identity = identity(old, new);
    if let Some(identity) = &identity {
        let [one, other] = [old, new].map(|list| named(list, identity));
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let of = |list: &BTreeMap<String, &Json>| {
                list.get(name).map_or(Json::Null, |item| (*item).clone())
            };
            compare(&at.item(name), &of(&one), &of(&other), changes);
        }
    } else {
        for item in old.iter().filter(|item| !new.contains(item)) {
            compare_whole(at, item.clone(), Json::Null, changes);
        }
        for item in new.iter().filter(|item| !old.contains(item)) {
            compare_whole(at, Json::Null, item.clone(), changes);
        }
    }
    if changes.len() == before {
        // The same items: what differs is their order.
        let name = |item: &Json| {
            let name = identity.as_ref().and_then(|identity| name_of(item, identity));
            name.map_or_else(|| item.clone(), Json::from)
        };
        let order = |list: &[Json]| list.iter().map(name).collect::<Json>();
        compare_whole(at, order(old), order(new), changes);
    }
}

/// Items by their names. Some lists end with items that have none, such as a default.
fn named<'a>(list: &'a [Json], identity: &str) -> BTreeMap<String, &'a Json> {
    let mut unnamed = 0;
    let name = |item: &'a Json| {
        let name = name_of(item, identity).unwrap_or_else(|| {
            unnamed += 1;
            format!("unnamed {unnamed}")
        });
        (name, item)
    };
    list.iter().map(name).collect()
}

fn name_of(item: &Json, identity: &str) -> Option<String> {
    let mut steps = identity.split('.');
    let value = steps.try_fold(item, |value, step| value.get(step))?;
    is_scalar(value).then(|| text(value))
}

fn compare_whole(at: &Place, old: Json, new: Json, changes: &mut Vec<PropertyChange>) {
    let Place { path, fact } = at.clone();
    changes.push(PropertyChange { path, old, new, effect: None, through: None, fact });
}

/// The member that tells the items of both lists apart, or one within a member: one that names
/// them, before any other. An item or two may be without.
fn identity(old: &[Json], new: &[Json]) -> Option<String> {
    let first = old.first().or(new.first())?.as_object()?;
    let inner = first.iter().filter_map(|(name, value)| Some((name, value.as_object()?)));
    let inner =
        inner.flat_map(|(name, map)| map.keys().map(move |inner| format!("{name}.{inner}")));
    let mut paths: Vec<String> = first.keys().cloned().chain(inner).collect();
    paths.sort_by_key(|path| (!tells_apart(path), path.contains('.')));
    let unique = |path: &str, list: &[Json]| {
        let names: Vec<String> = list.iter().filter_map(|item| name_of(item, path)).collect();
        let all_differ = names.iter().collect::<BTreeSet<_>>().len() == names.len();
        let unnamed = list.len() - names.len();
        all_differ && (unnamed == 0 || tells_apart(path) && unnamed <= 2 && unnamed < names.len())
    };
    paths.into_iter().find(|path| unique(path, old) && unique(path, new))
}

fn tells_apart(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["id", "name", "key", "title"].iter().any(|ending| path.ends_with(ending))
}

fn is_scalar(value: &Json) -> bool {
    !value.is_object() && !value.is_array() && !value.is_null()
}

/// A value as a reader writes it.
pub(super) fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(old: &Json, new: &Json) -> Vec<String> {
        trees(old, new).into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn items_are_found_by_their_identity() {
        let old = json!({"rules": [{"id": "a", "days": 1}, {"id": "b", "days": 2}]});
        let new = json!({"rules": [{"id": "b", "days": 3}, {"id": "c", "days": 1}]});
        assert_eq!(paths(&old, &new), ["rules[a]", "rules[b].days", "rules[c]"]);
        assert_eq!(trees(&old, &new)[1].fact, "rules.days");
    }

    #[test]
    fn another_order_is_one_change() {
        let old = json!({"queues": [{"name": "a"}, {"name": "b"}]});
        let new = json!({"queues": [{"name": "b"}, {"name": "a"}]});
        let changes = trees(&old, &new);
        assert_eq!(changes[0].path, "queues");
        assert_eq!((&changes[0].old, &changes[0].new), (&json!(["a", "b"]), &json!(["b", "a"])));
        assert_eq!(changes.len(), 1);
    }

    #[test]
    fn what_has_no_identity_is_one_value() {
        assert_eq!(paths(&json!({"zones": ["a"]}), &json!({"zones": ["a", "b"]})), ["zones"]);
        assert_eq!(paths(&json!({"x": [{"y": 1}]}), &json!({"x": [{"y": 2}]})), ["x.y"]);
    }
}
