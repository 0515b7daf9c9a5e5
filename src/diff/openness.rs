//! What a resource is more open to than before: what permission statements allow that they did
//! not, and who reaches it, sees it or outlives it by its other properties.

use super::compare::text;
use super::describe::Described;
use crate::provider::{Facts, Opening, Opens};
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Everything that a resource is more open to than its old self, in words. One that is new had
/// nobody who reached it.
pub(super) fn of(old: Option<&Described>, new: &Described, facts: &Facts) -> Vec<String> {
    let tree = old.map(|old| &old.properties);
    let mut all = broadened(tree, &new.properties);
    for (path, opening) in facts.openings(&new.type_name) {
        let before = tree.map(|tree| values(tree, path)).unwrap_or_default();
        let after = values(&new.properties, path);
        if opens(opening, &before, &after) {
            let word = |values: &[&Json]| {
                let texts: Vec<String> = values.iter().map(|value| short(value)).collect();
                if texts.is_empty() { "nothing".into() } else { texts.join(", ") }
            };
            let (say, before, after) = (&opening.say, word(&before), word(&after));
            all.push(match old {
                Some(_) => format!("{say} ({path}: {before} becomes {after})"),
                None => format!("{say} ({path}: {after})"),
            });
        }
    }
    all
}

/// Whether what stands at a property opens more than what stood there.
fn opens(opening: &Opening, before: &[&Json], after: &[&Json]) -> bool {
    let is_set = |value: &&&Json| is_set(value, &opening.unset);
    let is_on = |values: &[&Json]| values.iter().any(|value| **value == Json::Bool(true));
    let longest = |values: &[&Json]| values.iter().filter_map(|value| value.as_i64()).max();
    match opening.opens {
        Opens::On => is_on(after) && !is_on(before),
        Opens::Off => {
            before.iter().any(|one| is_set(&one)) && !after.iter().any(|one| is_set(&one))
        }
        Opens::Reach => after.iter().any(|new| !before.iter().any(|old| reaches(old, new))),
        Opens::Shorter => longest(after) < longest(before) && longest(after).is_some(),
    }
}

fn is_set(value: &Json, unset: &[Box<str>]) -> bool {
    let begins = |word: &str| unset.iter().any(|nothing| word.starts_with(&**nothing));
    !value.as_str().is_some_and(begins) && !value.is_null() && *value != Json::Bool(false)
}

/// Whether all that `new` lets in, `old` let in too.
fn reaches(old: &Json, new: &Json) -> bool {
    let range = |value: &Json| value.as_str().and_then(range);
    match (range(old), range(new)) {
        (Some((from, wide)), Some((at, narrow))) => {
            let bits = |address: IpAddr| match address {
                IpAddr::V4(address) => (32, u128::from(address.to_bits())),
                IpAddr::V6(address) => (128, address.to_bits()),
            };
            let ((size, from), (other, at)) = (bits(from), bits(at));
            let host = size - wide.min(size);
            size == other && wide <= narrow && from.checked_shr(host) == at.checked_shr(host)
        }
        _ => old == new,
    }
}

fn range(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = text.split_once('/')?;
    Some((address.parse().ok()?, prefix.parse().ok()?))
}

/// What stands at a path; items of lists are no step, and a list at its end is its items.
fn values<'a>(tree: &'a Json, path: &str) -> Vec<&'a Json> {
    if let Some(items) = tree.as_array() {
        return items.iter().flat_map(|item| values(item, path)).collect();
    }
    if path.is_empty() {
        return if tree.is_null() { vec![] } else { vec![tree] };
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    tree.get(step).map(|member| values(member, rest)).unwrap_or_default()
}

fn short(value: &Json) -> String {
    if value.is_object() { "a configuration".into() } else { text(value) }
}

/// One thing that a statement says.
#[derive(Debug, PartialEq)]
struct Permission {
    effect: String,
    principal: String,
    action: String,
    resource: String,
    condition: Json,
}

/// What the new tree allows and the old one did not, in words. A tree that was not there allowed
/// nothing, and what is new is broadened only where it allows a wildcard.
fn broadened(old: Option<&Json>, new: &Json) -> Vec<String> {
    let after = permissions(new);
    let Some(old) = old else {
        let open = after.iter().filter(|one| one.allows() && one.is_open());
        return words(open.collect());
    };
    let before = permissions(old);
    let covered = |one: &&Permission| before.iter().any(|other| other.covers(one));
    let more = after.iter().filter(|one| one.allows() && !covered(one));
    let denied = before.iter().filter(|one| !one.allows() && !after.contains(one));
    let denied = words(denied.collect()).into_iter().map(|words| format!("no longer: {words}"));
    words(more.collect()).into_iter().chain(denied).collect()
}

/// Permissions that differ in their actions alone are told together.
fn words(permissions: Vec<&Permission>) -> Vec<String> {
    let mut groups: Vec<(&Permission, Vec<&str>)> = vec![];
    for one in permissions {
        match groups.iter_mut().find(|(first, _)| first.differs_in_action_from(one)) {
            Some((_, actions)) => actions.push(&one.action),
            None => groups.push((one, vec![&one.action])),
        }
    }
    groups.into_iter().map(|(one, actions)| one.words(&actions.join(", "))).collect()
}

impl Permission {
    fn allows(&self) -> bool {
        self.effect == "Allow"
    }

    fn is_open(&self) -> bool {
        let all = |text: &str| text == "*" || text.starts_with("all but ");
        let anybody = self.principal.ends_with(" *");
        all(&self.action) || self.action.ends_with(":*") || all(&self.principal) || anybody
    }

    /// Whether it says all that the other says, and perhaps more.
    fn covers(&self, other: &Self) -> bool {
        self.effect == other.effect
            && (self.principal == other.principal || self.principal == "*")
            && matches(&self.action.to_lowercase(), &other.action.to_lowercase())
            && matches(&self.resource, &other.resource)
            && (self.condition == other.condition || self.condition.is_null())
    }

    fn differs_in_action_from(&self, other: &Self) -> bool {
        self.effect == other.effect
            && self.principal == other.principal
            && self.resource == other.resource
            && self.condition == other.condition
    }

    fn words(&self, actions: &str) -> String {
        let Self { effect, principal, resource, condition, .. } = self;
        let mut words = format!("{} {actions}", effect.to_lowercase());
        for (word, value) in [("on", resource), ("to", principal)] {
            if !value.is_empty() {
                let _ = write!(words, " {word} {value}");
            }
        }
        if !condition.is_null() {
            let _ = write!(words, " if {condition}");
        }
        words
    }
}

/// Whether a pattern with `*` stands for a text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((begin, rest)) => text.strip_prefix(begin).is_some_and(|tail| {
            let mut ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            ends.any(|at| matches(rest, &tail[at..]))
        }),
    }
}

/// Everything that the statements in a tree say, wherever they stand.
fn permissions(tree: &Json) -> Vec<Permission> {
    let mut all = vec![];
    match tree {
        Json::Object(map) => {
            for (name, value) in map {
                if name == "Statement" {
                    all.extend(list(value).iter().flat_map(statement));
                } else {
                    all.extend(permissions(value));
                }
            }
        }
        Json::Array(items) => all.extend(items.iter().flat_map(permissions)),
        _ => {}
    }
    all
}

fn statement(statement: &Json) -> Vec<Permission> {
    let texts = |name: &str| match statement.get(name) {
        // Whatever is left out is one thing: other items of it are another.
        None => match statement.get(format!("Not{name}")) {
            None => vec![String::new()],
            Some(others) => vec![format!("all but {others}")],
        },
        Some(Json::Object(map)) => {
            let pairs = map.iter().flat_map(|(kind, value)| {
                list(value).into_iter().map(move |one| format!("{kind} {}", text(&one)))
            });
            pairs.collect()
        }
        Some(value) => list(value).iter().map(text).collect(),
    };
    let mut all = vec![];
    for principal in texts("Principal") {
        for action in texts("Action") {
            for resource in texts("Resource") {
                all.push(Permission {
                    effect: statement.get("Effect").map(text).unwrap_or_default(),
                    principal: principal.clone(),
                    action: action.clone(),
                    resource,
                    condition: statement.get("Condition").cloned().unwrap_or_default(),
                });
            }
        }
    }
    all
}

/// The items of a list, or the one value.
fn list(value: &Json) -> Vec<Json> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(action: &str, resource: &str) -> Json {
        json!({"policy": {"Statement": [
            {"Effect": "Allow", "Action": [action], "Resource": [resource]},
        ]}})
    }

    #[test]
    fn a_wildcard_is_broader_and_its_end_is_not() {
        let (narrow, wide) = (policy("s3:GetObject", "arn:a/x"), policy("s3:*", "arn:a/*"));
        assert_eq!(broadened(Some(&narrow), &wide), ["allow s3:* on arn:a/*"]);
        assert_eq!(broadened(Some(&wide), &narrow), Vec::<String>::new());
        assert_eq!(broadened(None, &narrow), Vec::<String>::new());
        assert_eq!(broadened(None, &wide), ["allow s3:* on arn:a/*"]);
    }

    #[test]
    fn a_denial_that_goes_is_told() {
        let deny = json!({"Statement": {"Effect": "Deny", "Action": "s3:*", "Principal": "*"}});
        assert_eq!(broadened(Some(&deny), &json!({})), ["no longer: deny s3:* to *"]);
    }

    #[test]
    fn a_condition_that_goes_is_broader() {
        let with = json!({"Statement": [
            {"Effect": "Allow", "Action": "a:b", "Condition": {"Bool": {"x": "true"}}},
        ]});
        let without = json!({"Statement": [{"Effect": "Allow", "Action": "a:b"}]});
        assert_eq!(broadened(Some(&with), &without), ["allow a:b"]);
        assert!(broadened(Some(&without), &with).is_empty());
    }

    fn opened(how: Opens, before: &Json, after: &Json) -> bool {
        let opening = Opening { opens: how, unset: vec!["NONE".into()], ..Opening::default() };
        opens(&opening, &values(before, "a.b"), &values(after, "a.b"))
    }

    #[test]
    fn a_switch_opens_in_one_direction() {
        let (on, off, none) = (json!({"a": {"b": true}}), json!({"a": [{"b": false}]}), json!({}));
        for (how, before, after) in [(Opens::On, &off, &on), (Opens::Off, &on, &off)] {
            assert!(opened(how, before, after) && !opened(how, after, before));
            assert!(!opened(how, before, before) && !opened(how, &none, &none));
        }
        assert!(opened(Opens::Off, &on, &none) && opened(Opens::On, &none, &on));
        assert!(opened(Opens::Off, &json!({"a": {"b": "KMS"}}), &json!({"a": {"b": "NONE"}})));
    }

    #[test]
    fn a_range_within_a_range_is_no_more_reach() {
        let from = |ranges: &[&str]| json!({"a": {"b": ranges}});
        let opened = |old: &[&str], new: &[&str]| opened(Opens::Reach, &from(old), &from(new));
        assert!(opened(&["10.0.0.0/16"], &["10.0.0.0/8"]));
        assert!(!opened(&["10.0.0.0/8"], &["10.0.0.0/16"]));
        assert!(!opened(&["0.0.0.0/0"], &["192.168.0.0/24"]));
        assert!(!opened(&["::/0"], &["2001:db8::/32"]));
        assert!(opened(&["0.0.0.0/0"], &["::/0"]));
        assert!(opened(&["10.0.0.0/16"], &["10.0.0.0/16", "10.1.0.0/16"]));
        assert!(opened(&["${Web.id}"], &["${Other.id}"]));
        assert!(!opened(&["10.0.0.0/16", "10.1.0.0/16"], &["10.1.0.0/16"]));
    }

    #[test]
    fn a_shorter_past_is_told_and_a_longer_is_not() {
        let days = |days: i64| json!({"a": {"b": days}});
        assert!(opened(Opens::Shorter, &days(30), &days(7)));
        assert!(!opened(Opens::Shorter, &days(7), &days(30)));
        assert!(!opened(Opens::Shorter, &days(7), &json!({})));
    }
}
