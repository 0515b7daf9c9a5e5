//! What permission statements allow that they did not.

use super::compare::text;
use serde_json::Value as Json;
use std::fmt::Write as _;

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
pub(super) fn broadened(old: Option<&Json>, new: &Json) -> Vec<String> {
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
        self.action == "*" || self.action.ends_with(":*") || self.principal == "*"
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
        None => vec![String::new()],
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
}
