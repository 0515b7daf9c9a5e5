//! A fleet: one stack, carried to many accounts and regions.

use super::NamePattern;
use crate::value::{Map, Value};
use std::sync::Arc;

/// Where one stack is carried to, and how.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Its regions, in their order; the first is the blueprint's own.
    pub regions: Vec<Value>,
    /// The accounts that are named.
    pub accounts: Vec<Arc<str>>,
    /// The role that Terraform takes in each account, with `{account}` in it.
    pub role_arn: Option<Arc<str>>,
    /// All that was said.
    pub said: Map,
}

/// One of the deployments of a fleet.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// Its account, where accounts are named.
    pub account: Option<&'a str>,
    /// Its region.
    pub region: &'a str,
}

impl Deployment<'_> {
    /// The Terraform workspace that keeps its state.
    pub fn workspace(&self) -> String {
        self.account.into_iter().chain([self.region]).collect::<Vec<_>>().join("-")
    }
}

impl Fleet {
    /// Reads `deploy`; without regions, the only one is that of the blueprint.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let said = document.get("deploy")?.as_map()?.clone();
        let list = |name| said.get(name).and_then(Value::as_list).map(<[Value]>::to_vec);
        let own = || document.get("region").cloned().into_iter().collect();
        let accounts = list("accounts").unwrap_or_default();
        Some(Self {
            regions: list("regions").unwrap_or_else(own),
            accounts: accounts.iter().filter_map(Value::as_str).map(Arc::from).collect(),
            role_arn: said.get("role_arn").and_then(Value::as_str).map(Arc::from),
            said,
        })
    }

    /// The regions as words.
    pub fn region_names(&self) -> impl Iterator<Item = &str> {
        self.regions.iter().filter_map(Value::as_str)
    }

    /// The organizational units whose accounts get the stack set.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        let units = self.said.get("organizational_units").and_then(Value::as_list);
        units.unwrap_or_default().iter().filter_map(Value::as_str)
    }

    /// Every account and region, in the order of deployment; no account where none is named.
    pub fn deployments(&self) -> Vec<Deployment<'_>> {
        let accounts: Vec<Option<&str>> = match self.accounts.as_slice() {
            [] => vec![None],
            accounts => accounts.iter().map(|account| Some(&**account)).collect(),
        };
        let in_region =
            |region| accounts.iter().map(move |account| Deployment { account: *account, region });
        self.region_names().flat_map(in_region).collect()
    }

    /// How names are made where nothing else is said: the region is in them, since roles and
    /// buckets are known across regions.
    pub(super) fn naming() -> NamePattern {
        NamePattern { text: Value::from("{prefix}-{component}-{region}") }
    }
}
