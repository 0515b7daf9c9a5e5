//! CloudFormation: a stack's resources as one template, and the policy that protects its data.

mod document;
mod spell;

pub use document::{Template, template};

use crate::assemble::Assembled;
use serde_json::json;

/// A stack policy that allows every update, but for the replacement and deletion of what is
/// protected; `None` where nothing is.
#[must_use]
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
