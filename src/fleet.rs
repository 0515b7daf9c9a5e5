//! What is carried to many regions is checked in each, and is the same in each.

use crate::assemble::{Assembled, Resource, of_region};
use crate::blueprint::Envelope;
use crate::catalog::Catalog;
use crate::check::Checked;
use crate::diagnostic::Diagnostic;
use crate::value::{Map, Target, Value};

/// The regions of a stack beside its own.
pub fn other_regions(envelope: &Envelope) -> &[Value] {
    envelope.fleet.as_ref().and_then(|fleet| fleet.regions.get(1..)).unwrap_or_default()
}

/// A region that is not in the same partition as the stack's own: nothing is carried there.
pub fn out_of_partition(
    catalog: &Catalog,
    envelope: &Envelope,
    region: &Value,
) -> Option<Diagnostic> {
    let partition = |region: &str| of_region(catalog, region, "partition");
    let name = region.as_str()?;
    if partition(name) == partition(&envelope.region) {
        return None;
    }
    let title = format!("`{name}` is in another partition than `{}`", envelope.region);
    let finding = Diagnostic::new("fleet-region", title).label_value(region, "");
    Some(finding.help("give it a blueprint of its own: no account is in both"))
}

/// A backend that keeps one state, where each deployment has one of its own.
pub fn one_state(catalog: &Catalog, envelope: &Envelope, document: &Value) -> Option<Diagnostic> {
    let several = envelope.fleet.as_ref().is_some_and(|fleet| fleet.deployments().len() > 1);
    let (kind, _) = envelope.backend.as_ref()?;
    let single = catalog.data("deploy").get("backends_of_one_state").cloned().unwrap_or_default();
    let mut single = single.as_list().unwrap_or_default().iter().filter_map(Value::as_str);
    let deploys = several && envelope.targets.contains(&Target::Terraform);
    if !deploys || !single.any(|one| one == &**kind) {
        return None;
    }
    let title = format!("the backend `{kind}` keeps one state, and a fleet has many");
    let backend = document.get("terraform").and_then(|terraform| terraform.get("backend"))?;
    let finding = Diagnostic::new("same-backend", title).label_value(backend, "");
    Some(finding.help("name a backend that knows workspaces"))
}

/// Adds what was found in another region alone; an `accept` is used where any region needs it.
pub fn add(checked: &mut Checked, there: Checked) {
    let new = there.findings.into_iter().filter(|one| !checked.findings.contains(one));
    let new: Vec<_> = new.collect();
    checked.findings.extend(new);
    checked.unused_accepts.retain(|unused| there.unused_accepts.contains(unused));
}

/// The first resource that would not be the same in another region.
pub fn difference(here: &Assembled, there: &Assembled, region: &Value) -> Option<Diagnostic> {
    let one = here.resources.iter().find_map(|resource| {
        let path = match there.get(&resource.id) {
            Some(other) => between(resource, other)?,
            None => String::new(),
        };
        Some((resource, path))
    });
    let more = || there.resources.iter().find(|other| here.get(&other.id).is_none());
    let (resource, path) = one.or_else(|| more().map(|resource| (resource, String::new())))?;
    let address = resource.full_address(here.target);
    let what = if path.is_empty() { address } else { format!("{address}: {path}") };
    let title = format!("`{what}` is not the same in {}", region.as_str().unwrap_or_default());
    let finding = Diagnostic::new("fleet-differs", title).label_value(region, "in this region");
    let finding = finding.label_origin(&resource.origin, "made for this component");
    let help = "give the regions blueprints of their own; in a kind, `aws.region` is the region \
                that is deployed to, and `stack.region` is for rules";
    Some(finding.about(&resource.component).help(help))
}

fn between(one: &Resource, other: &Resource) -> Option<String> {
    let members = [
        (&one.properties, &other.properties),
        (&one.settings, &other.settings),
        (&one.tags, &other.tags),
    ];
    members.into_iter().find_map(|(one, other)| in_map(one, other, ""))
}

/// The path of the first member that is not the same.
fn in_map(one: &Map, other: &Map, above: &str) -> Option<String> {
    let names = one.names().chain(other.names().filter(|name| one.get(name).is_none()));
    let nothing = Value::NULL;
    names.into_iter().find_map(|name| {
        let path = if above.is_empty() { name.to_string() } else { format!("{above}.{name}") };
        let of = |map: &Map| map.get(name).unwrap_or(&nothing).clone();
        let (one, other) = (of(one), of(other));
        match (one.as_map(), other.as_map()) {
            (Some(one), Some(other)) => in_map(one, other, &path),
            _ => (one != other).then_some(path),
        }
    })
}
