//! Names under which deploy-time values are declared.

use crate::assemble::{address, spelled};
use crate::catalog::Lookup;
use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::expression::{Expression, Failure};
use crate::resolve::Component;
use crate::value::{Data, Deferred, Map, Target, Value};

/// What Terraform keeps for itself.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// One declaration that a deploy-time value needs.
struct Declared<'a> {
    /// The value, as it was written.
    value: &'a Value,
    name: String,
    /// What it is declared by, but for words to people.
    members: Map,
}

/// The findings about the names of parameters, variables and data sources.
pub(super) fn stack(stack: &Stack<'_>) -> Vec<Diagnostic> {
    let components = stack.resolved.components.iter().filter(|component| !component.broken);
    let mut values = vec![];
    components.for_each(|component| looked_up(component, &mut values));
    let mut findings: Vec<Diagnostic> = vec![];
    for target in &stack.resolved.envelope.targets {
        for finding in on(stack, *target, &values) {
            // What clashes on both targets is told once, as the first of them spells it.
            if !findings.iter().any(|other| same_places(other, &finding)) {
                findings.push(finding);
            }
        }
    }
    findings
}

fn same_places(one: &Diagnostic, other: &Diagnostic) -> bool {
    let places = |finding: &Diagnostic| {
        finding.labels.iter().map(|label| label.span.clone()).collect::<Vec<_>>()
    };
    places(one) == places(other)
}

fn on(stack: &Stack<'_>, target: Target, values: &[&Value]) -> Vec<Diagnostic> {
    match target {
        Target::CloudFormation => {
            let parameters = declared(stack, values, |lookup| lookup.parameter.as_ref());
            let mut findings = unlike(&parameters);
            findings.extend(taken(stack, &parameters));
            findings
        }
        Target::Terraform => {
            let variables = declared(stack, values, |lookup| lookup.variable.as_ref());
            let data = declared(stack, values, |lookup| lookup.data.as_ref());
            let mut findings = unlike(&variables);
            findings.extend(variables.iter().filter_map(reserved));
            findings.extend(unlike(&data));
            findings
        }
    }
}

/// Every value of a component that is looked up.
fn looked_up<'a>(component: &'a Component, found: &mut Vec<&'a Value>) {
    fn visit<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
        match &value.data {
            Data::List(list) => list.iter().for_each(|value| visit(value, found)),
            Data::Map(map) => map.iter().for_each(|(_, value)| visit(value, found)),
            Data::Deferred(_) => found.push(value),
            _ => {}
        }
    }
    let settled = &component.settled;
    let maps = [&settled.parameters].into_iter().chain(&settled.existing);
    let maps = maps.chain(settled.arguments());
    maps.flat_map(Map::iter).for_each(|(_, value)| visit(value, found));
    settled.given_parts.iter().for_each(|(_, value)| visit(value, found));
}

/// What the values declare; the catalog's own mistakes are told where they are printed.
fn declared<'a>(
    stack: &Stack<'_>,
    values: &[&'a Value],
    spelling: fn(&Lookup) -> Option<&Expression>,
) -> Vec<Declared<'a>> {
    let one = |value: &&'a Value| {
        let Data::Deferred(deferred) = &value.data else { return None };
        let Deferred::Lookup { lookup, arguments } = &**deferred else { return None };
        let lookup = stack.catalog.lookup(lookup)?;
        let declaration = spelled(stack, spelling(lookup), arguments).ok()??;
        let mut members = declaration.as_map()?.clone();
        let name = members.get("name")?.as_str()?.to_string();
        members.0.retain(|(key, _)| &*key.text != "description");
        Some(Declared { value, name, members })
    };
    values.iter().filter_map(one).collect()
}

/// Two values with one name, of which each needs a declaration of its own.
fn unlike(declared: &[Declared<'_>]) -> Vec<Diagnostic> {
    let mut findings = vec![];
    for (index, one) in declared.iter().enumerate() {
        let first = declared[..index].iter().find(|first| first.name == one.name);
        let Some(first) = first.filter(|first| first.members != one.members) else { continue };
        let title = format!("`{}` would be two things: {}", one.name, difference(first, one));
        let finding =
            Diagnostic::new("parameter-clash", title).label_value(first.value, "one here");
        findings.push(finding.label_value(one.value, "and another here").help(OTHER));
    }
    findings
}

const OTHER: &str = "give one of them another name";

fn difference(one: &Declared<'_>, other: &Declared<'_>) -> String {
    let text = |declared: &Declared<'_>, member: &str| {
        declared.members.get(member).and_then(Value::as_str).map(String::from)
    };
    let differs = ["type", "default"].into_iter().find_map(|member| {
        let (one, other) = (text(one, member)?, text(other, member)?);
        (one != other).then(|| format!("{one} and {other}"))
    });
    differs.unwrap_or_else(|| "they are read from different places".into())
}

fn reserved(declared: &Declared<'_>) -> Option<Diagnostic> {
    let title = format!("`{}` is a word that Terraform keeps for itself", declared.name);
    RESERVED.contains(&&*declared.name).then(|| {
        Diagnostic::new("parameter-clash", title)
            .label_value(declared.value, "")
            .help("give the parameter another name")
    })
}

/// A parameter whose name is the logical id of a resource.
fn taken(stack: &Stack<'_>, parameters: &[Declared<'_>]) -> Vec<Diagnostic> {
    if parameters.is_empty() {
        return vec![];
    }
    let mut findings = vec![];
    for component in stack.sound_components() {
        let ids = ids(stack, &component).unwrap_or_default();
        let key = &stack.component(&component).key;
        for parameter in parameters.iter().filter(|parameter| ids.contains(&parameter.name)) {
            let title = format!("`{}` would be a parameter and a resource", parameter.name);
            let finding = Diagnostic::new("parameter-clash", title)
                .label_value(parameter.value, "the parameter")
                .label_key(key, "the resource is one of this component");
            findings.push(finding.help("give the parameter another name"));
        }
    }
    findings
}

fn ids(stack: &Stack<'_>, component: &crate::derive::Unit) -> Result<Vec<String>, Failure> {
    let mut ids = vec![];
    for unit in stack.units_of(component)? {
        let emitted = stack.emitted(&unit)?.into_iter();
        ids.extend(emitted.map(|one| address(stack, Target::CloudFormation, &one.resource)));
    }
    Ok(ids)
}
