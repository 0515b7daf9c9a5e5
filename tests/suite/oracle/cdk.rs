//! What the CDK says of two CloudFormation templates.
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

use super::{node, or_skip};

static PACKAGES: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| node::packages("cdk"));

/// Two templates, functions in their long form.
#[derive(Serialize)]
pub struct Pair {
    pub old: Value,
    pub new: Value,
}

/// For each pair the impact of what changes, by logical id; `None` where Node or npm is missing.
pub fn cdk(pairs: &[Pair]) -> Option<Vec<BTreeMap<String, String>>> {
    let packages = or_skip("the CDK's diff", &PACKAGES)?;
    Some(node::ask(&packages, "cdk/differ.mjs", &packages, &pairs))
}
