//! The last look before anything is written: ids, names, references, cycles, limits.

use crate::assemble::{Assembled, Resource};
use crate::diagnostic::Diagnostic;
use crate::value::{Deferred, ResourceId, Target};
use std::collections::BTreeMap;

/// As many resources as a CloudFormation stack may have.
const MOST_RESOURCES: usize = 500;

/// As many bytes as a CloudFormation template may have.
const MOST_BYTES: usize = 1_048_576;

/// A template that CloudFormation would not take, however it is sent.
pub fn template_size(assembled: &Assembled, template: &str) -> Option<Diagnostic> {
    let size = template.len();
    let title = format!("the template has {size} bytes; CloudFormation takes {MOST_BYTES}");
    (size > MOST_BYTES)
        .then(|| most(assembled, Diagnostic::new("template-too-large", title)).help(DIVIDE))
}

/// Everything that would keep the stack from being deployed as it is.
pub fn verify(assembled: &Assembled) -> Vec<Diagnostic> {
    let mut findings = same_address(assembled);
    findings.extend(same_name(assembled));
    findings.extend(cycle(assembled));
    let count = assembled.resources.len();
    if assembled.target == Target::CloudFormation && count > MOST_RESOURCES {
        let title =
            format!("the stack has {count} resources; CloudFormation takes {MOST_RESOURCES}");
        let finding = Diagnostic::new("too-many-resources", title);
        findings.push(most(assembled, finding).help(DIVIDE));
    }
    findings
}

const DIVIDE: &str = "divide the blueprint: `share` hands outputs from one stack to another";

/// Draws the component that has the most resources.
fn most(assembled: &Assembled, finding: Diagnostic) -> Diagnostic {
    let mut counts: Vec<(&Resource, usize)> = vec![];
    for resource in &assembled.resources {
        match counts.iter_mut().find(|(first, _)| first.component == resource.component) {
            Some((_, count)) => *count += 1,
            None => counts.push((resource, 1)),
        }
    }
    match counts.iter().max_by_key(|(_, count)| *count) {
        Some((resource, count)) => {
            finding.label_origin(&resource.origin, format!("{count} resources are here"))
        }
        None => finding,
    }
}

fn both(finding: Diagnostic, one: &Resource, other: &Resource) -> Diagnostic {
    let finding = finding.label_origin(&other.origin, "one of them");
    finding.label_origin(&one.origin, "the other").about(&other.component)
}

fn same_address(assembled: &Assembled) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<String, &Resource> = BTreeMap::new();
    let mut findings = vec![];
    for resource in &assembled.resources {
        let address = resource.full_address(assembled.target);
        if let Some(first) = seen.insert(address.clone(), resource) {
            let title = format!("two resources would be `{address}`");
            let finding = both(Diagnostic::new("same-logical-id", title), first, resource);
            findings.push(finding.help("give one of the components another `id`"));
        }
    }
    findings
}

fn same_name(assembled: &Assembled) -> Vec<Diagnostic> {
    let mut findings = vec![];
    let named: Vec<&Resource> =
        assembled.resources.iter().filter(|resource| !resource.name.is_null()).collect();
    for (index, resource) in named.iter().enumerate() {
        let same = |first: &&&Resource| {
            first.type_name == resource.type_name && first.name == resource.name
        };
        if let Some(first) = named[..index].iter().find(same) {
            let title = format!("{} and {} would have one name", path(first), path(resource));
            let finding = Diagnostic::new("same-physical-name", title);
            let finding = finding.label_origin(&resource.name.origin, "one of them");
            let finding = finding.label_origin(&first.name.origin, "the other");
            let finding = finding.about(&resource.component);
            findings.push(finding.help("choose another name under `names`"));
        }
    }
    findings
}

/// What a resource is called, the same on both targets.
fn path(resource: &Resource) -> String {
    format!("`{}.{}`", resource.component, resource.path)
}

/// What a resource refers to or waits for.
fn needs(resource: &Resource) -> Vec<ResourceId> {
    let mut needs = resource.waits.clone();
    resource.each_deferred(&mut |deferred| {
        if let Deferred::Attribute { resource, .. } = deferred {
            needs.push(resource.clone());
        }
    });
    needs
}

fn cycle(assembled: &Assembled) -> Option<Diagnostic> {
    let index: BTreeMap<&ResourceId, usize> =
        assembled.resources.iter().enumerate().map(|(index, one)| (&one.id, index)).collect();
    let edges: Vec<Vec<usize>> = assembled
        .resources
        .iter()
        .map(|one| needs(one).iter().filter_map(|id| index.get(id).copied()).collect())
        .collect();
    let mut done = vec![false; edges.len()];
    for start in 0..edges.len() {
        if let Some(chain) = walk(start, &edges, &mut done, &mut vec![]) {
            return Some(told(assembled, &chain));
        }
    }
    None
}

/// The first cycle that can be reached, as the indexes along it.
fn walk(
    at: usize,
    edges: &[Vec<usize>],
    done: &mut [bool],
    path: &mut Vec<usize>,
) -> Option<Vec<usize>> {
    if done[at] {
        return None;
    }
    if let Some(start) = path.iter().position(|earlier| *earlier == at) {
        return Some(path[start..].to_vec());
    }
    path.push(at);
    let found = edges[at].iter().find_map(|next| walk(*next, edges, done, path));
    path.pop();
    done[at] = true;
    found
}

fn told(assembled: &Assembled, chain: &[usize]) -> Diagnostic {
    let resources: Vec<&Resource> = chain.iter().map(|at| &assembled.resources[*at]).collect();
    let names: Vec<String> = resources.iter().map(|one| path(one)).collect();
    let title = format!("{} → {} wait for one another", names.join(" → "), names[0]);
    let finding = Diagnostic::new("resource-cycle", title);
    resources.iter().fold(finding, |finding, one| finding.label_origin(&one.origin, ""))
}
