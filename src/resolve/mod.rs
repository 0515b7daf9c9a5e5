//! From a merged document to components whose parameters are bound, filled and typed.

mod advice;
mod component;
mod deploy_time;
mod existing;
mod files;
mod forms;
#[cfg(test)]
mod mistaken_tests;
mod overrides;
mod parameters;
mod references;

pub use component::{Accept, AlarmSetting, Component, Settled};
pub(crate) use existing::{BESIDE as BESIDE_EXISTING, everywhere};
pub use files::Asset;

use crate::blueprint::{Envelope, Variant};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::value::UnitId;
use std::sync::Arc;

/// Reads a user's own file, by its path relative to the blueprint.
pub type ReadFile<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// A stack whose components are known, and nothing is derived from them yet.
#[derive(Debug)]
pub struct Resolved {
    /// What holds for the whole stack.
    pub envelope: Envelope,
    /// The components in the blueprint's order, implied ones last; a [`UnitId`] below their number
    /// is an index into them.
    pub components: Vec<Component>,
    /// Files that the components name.
    pub assets: Vec<Asset>,
    /// Components whose kind is not known, which has been told.
    pub unread: Vec<Arc<str>>,
}

impl Resolved {
    /// The component that a unit is.
    pub fn component(&self, unit: UnitId) -> Option<&Component> {
        self.components.get(unit.0 as usize)
    }
}

/// Binds, fills and types. The findings may hold errors: components with one are `broken`.
pub fn resolve(
    variant: &Variant,
    catalog: &Catalog,
    read_file: &ReadFile<'_>,
) -> Result<(Resolved, Vec<Diagnostic>), Vec<Diagnostic>> {
    let envelope = Envelope::read(variant)?;
    let mut findings = requires(variant);
    let mut components = component::read(&variant.document, &envelope, catalog, &mut findings);
    references::add_implied(&mut components, &envelope, catalog);
    findings.extend(component::same_id(&mut components));
    let mut assets = vec![];
    let names = references::Names::of(&components, &variant.document, catalog);
    let settled: Vec<_> = (0..components.len())
        .map(|index| {
            let mut settle = parameters::Settle::new(&components[index], index, &names, &envelope);
            settle.read_file = Some(read_file);
            let settled = settle.component();
            assets.append(&mut settle.assets);
            (settled, std::mem::take(&mut settle.findings), settle.told)
        })
        .collect();
    for (component, (settled, problems, told)) in components.iter_mut().zip(settled) {
        component.broken |= told || problems.iter().any(Diagnostic::is_error);
        component.settled = settled;
        findings.extend(problems);
    }
    assets.sort_by(|one, other| one.path.cmp(&other.path));
    assets.dedup_by(|one, other| one.path == other.path);
    let unread = names.unread;
    Ok((Resolved { envelope, components, assets, unread }, findings))
}

/// Whether this version may generate the blueprint.
fn requires(variant: &Variant) -> Vec<Diagnostic> {
    let Some(value) = variant.document.get("requires") else { return vec![] };
    let text = value.as_str().unwrap_or_default();
    let refuse = |title: String, help: &str| {
        vec![Diagnostic::new("requires", title).label_value(value, "").help(help)]
    };
    let version = env!("CARGO_PKG_VERSION");
    match (semver::VersionReq::parse(text), semver::Version::parse(version)) {
        (Ok(wanted), Ok(version)) if wanted.matches(&version) => vec![],
        (Ok(_), _) => refuse(
            format!("this is formwork {version}; the blueprint requires {text}"),
            "install a version that it allows, or change the requirement",
        ),
        (Err(_), _) => refuse(
            format!("`{text}` is not a requirement of versions"),
            "write for example \">=0.2\" or \">=0.2, <0.5\"",
        ),
    }
}

/// The words that stand for a unit in an id or a name.
pub fn kebab(text: &str) -> Arc<str> {
    text.replace('_', "-").into()
}
