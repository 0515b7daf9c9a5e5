//! From templates to resources: what was printed is parsed, values stand where their tokens stood,
//! and what every resource has (tags, protection, waiting, a reason) is added.

mod address;
mod content;
mod lookups;
mod patch;
mod place;
mod plain;
mod read_cloudformation;
mod read_terraform;
mod remember;
mod resource;

pub use address::{address, logical_id, terraform_name};
pub use lookups::spelled;
pub use place::without_nulls;
pub use plain::{Plain, of_region, placeholder};
pub use remember::remembered;
pub use resource::{Protection, Resource};

use crate::derive::{Emitted, Stack, Unit};
use crate::diagnostic::Diagnostic;
use crate::expression::{Failure, Reason};
use crate::source::Span;
use crate::template::{Printed, Templates, render};
use crate::value::{ResourceId, Target, Value};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// All resources of a stack on one target, components in the blueprint's order.
#[derive(Debug)]
pub struct Assembled {
    /// The target.
    pub target: Target,
    /// The resources.
    pub resources: Vec<Resource>,
}

impl Assembled {
    /// The resource of that identity.
    pub fn get(&self, id: &ResourceId) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == *id)
    }
}

/// Renders and assembles every sound component. What is broken in the catalog or in a template is
/// a finding, as is a patch of something that is not there.
pub fn assemble(
    stack: &Stack<'_>,
    templates: &Templates,
    target: Target,
) -> Result<Assembled, Vec<Diagnostic>> {
    let mut findings = vec![];
    let mut resources = vec![];
    for component in stack.sound_components() {
        match component_resources(stack, templates, target, &component) {
            Ok(mut own) => {
                let document = &stack.component(&component).document;
                findings.extend(patch::apply(document, target, &mut own, stack.catalog));
                resources.extend(own);
            }
            Err(failure) => findings.extend(finding(stack, &component, &failure)),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    content::name_by_content(&mut resources);
    resource::add_waits(&mut resources);
    Ok(Assembled { target, resources })
}

/// What failed, as a finding: in the catalog's own file, or in the blueprint where it is a cycle.
pub fn finding(stack: &Stack<'_>, unit: &Unit, failure: &Failure) -> Option<Diagnostic> {
    let component = stack.component(unit);
    let finding = |rule| Diagnostic::new(rule, failure.message.clone()).about(component.name());
    let mut finding = match &failure.reason {
        Reason::Told => return None,
        Reason::Cycle(keys) => {
            let keys = keys.iter().cloned();
            let finding = keys.fold(finding("cycle"), |finding, key| finding.label(key, ""));
            return Some(finding.help("take away one of the references between them"));
        }
        Reason::Twice(items) => {
            let items = items.iter().cloned();
            let finding = items.fold(finding("same-logical-id"), |one, item| one.label(item, ""));
            let finding = finding.label_key(&component.key, "in this component");
            return Some(finding.help("name each item once"));
        }
        Reason::Catalog => finding("broken-catalog"),
    };
    if let Some(span) = &failure.span {
        finding = finding.label(span.clone(), "");
    }
    Some(finding.label_key(&component.key, "for this component"))
}

fn component_resources(
    stack: &Stack<'_>,
    templates: &Templates,
    target: Target,
    component: &Unit,
) -> Result<Vec<Resource>, Failure> {
    let mut resources = vec![];
    for unit in stack.units_of(component)? {
        resources.extend(unit_resources(stack, templates, target, &unit)?);
    }
    Ok(resources)
}

/// The resources of one unit that its kind has on the target, in the order of the kind's file.
fn unit_resources(
    stack: &Stack<'_>,
    templates: &Templates,
    target: Target,
    unit: &Rc<Unit>,
) -> Result<Vec<Resource>, Failure> {
    let has = |emitted: &Emitted| unit.kind.emits[emitted.emit].type_on(target).is_some();
    let emitted: Vec<Emitted> = stack.emitted(unit)?.into_iter().filter(has).collect();
    if emitted.is_empty() {
        return Ok(vec![]);
    }
    let spell = |id: &ResourceId| address(stack, target, id);
    named_once(&emitted, &spell)?;
    let expected: BTreeMap<String, &Emitted> =
        emitted.iter().map(|emitted| (spell(&emitted.resource), emitted)).collect();
    let mut printed = BTreeMap::new();
    for template in templates.of(stack.catalog, &unit.kind, target)?.iter() {
        let text = render(template, stack, unit, &spell)?;
        for raw in read(&text, target, &expected)? {
            printed.insert(raw.address.clone(), raw);
        }
    }
    let build = |emitted: &Emitted| {
        let address = spell(&emitted.resource);
        let Some(raw) = printed.remove(&address) else {
            let kind = &unit.kind.name;
            let word = &emitted.resource.resource;
            let message =
                format!("`{kind}` says it emits `{word}`, and no template for {target} prints it");
            return Err(Failure::new(message).at(unit.kind.document.span()));
        };
        Resource::build(stack, unit, emitted, raw, target)
    };
    emitted.iter().map(build).collect()
}

/// Lists of a blueprint may say an item twice; what is made of each item cannot be there twice.
fn named_once(emitted: &[Emitted], spell: &dyn Fn(&ResourceId) -> String) -> Result<(), Failure> {
    let mut seen: BTreeMap<&ResourceId, &Emitted> = BTreeMap::new();
    for one in emitted {
        let Some(first) = seen.insert(&one.resource, one) else { continue };
        let bound = first.bound.iter().chain(&one.bound);
        let place = |value: &Value| value.get("key").unwrap_or(value).span().cloned();
        let mut items: Vec<Span> = bound.filter_map(|(_, item)| place(item)).collect();
        items.dedup();
        let message = format!("two resources would be `{}`", spell(&one.resource));
        return Err(Failure { message, span: None, reason: Reason::Twice(items) });
    }
    Ok(())
}

/// The resources that a template printed, each one of those expected.
fn read(
    printed: &Printed,
    target: Target,
    expected: &BTreeMap<String, &Emitted>,
) -> Result<Vec<place::Raw>, Failure> {
    let place = place::Place { printed, target, expected, placed: Cell::default() };
    match target {
        Target::CloudFormation => read_cloudformation::read(&place),
        Target::Terraform => read_terraform::read(&place),
    }
}
