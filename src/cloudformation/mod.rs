//! CloudFormation: a stack's resources as one template, and the policy that protects its data.

mod document;
mod spell;
mod stack_set;

pub use document::{Template, template};
pub use stack_set::stack_set;

use crate::assemble::Assembled;
use crate::blueprint::Envelope;
use crate::derive::Stack;
use crate::value::Value;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The key of a template that is read from the bucket of artifacts. A stack set changes with the
/// place of its template alone, so that has the content in it.
pub fn template_key(envelope: &Envelope, template: &str) -> String {
    let prefix = envelope.artifacts.as_ref().map_or("", |one| &one.prefix);
    let mut key = format!("{prefix}{}", envelope.deployed_as());
    if envelope.fleet.is_some() {
        let hash = format!("{:x}", Sha256::digest(template));
        key = format!("{key}-{}", &hash[..12]);
    }
    key + ".yaml"
}

/// What `CloudFormation` wants to have acknowledged for the types in a template.
pub fn capabilities(stack: &Stack<'_>, assembled: &Assembled) -> Vec<String> {
    let deploy = stack.catalog.data("deploy");
    let entries = deploy.get("acknowledged").and_then(Value::as_list).unwrap_or_default();
    let wanted = |entry: &Value| {
        let begin = entry.get("types")?.as_str()?;
        let resources = assembled.resources.iter();
        let mut there = resources.filter(|one| one.type_name.starts_with(begin)).peekable();
        there.peek()?;
        let named = there.any(|one| !one.name.is_null());
        entry.get(if named { "named" } else { "unnamed" })?.as_str().map(String::from)
    };
    entries.iter().filter_map(wanted).collect()
}

/// A stack policy that allows every update, but for the replacement and deletion of what is
/// protected; `None` where nothing is.
pub fn stack_policy(assembled: &Assembled) -> Option<String> {
    let protected = assembled
        .resources
        .iter()
        .filter(|resource| resource.protection.is_some_and(|protection| protection.protect));
    let protected: Vec<String> =
        protected.map(|resource| format!("LogicalResourceId/{}", resource.address)).collect();
    if protected.is_empty() {
        return None;
    }
    let lost = ["Update:Replace", "Update:Delete"];
    let policy = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": lost, "Resource": protected},
    ]});
    Some(format!("{policy:#}\n"))
}
