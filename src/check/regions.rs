//! ARNs of another region than the stack's.

use crate::derive::Stack;
use crate::diagnostic::Diagnostic;
use crate::value::{Data, Map, Value};

/// What a component says that names nothing of AWS's, or goes past the kind.
const ASIDE: [&str; 5] = ["accept", "description", "names", "patch", "tags"];

/// The findings about ARNs, wherever a component has one; what a kind's own rule has found in a
/// place is not said again.
pub(super) fn stack(stack: &Stack<'_>, found: &[Diagnostic]) -> Vec<Diagnostic> {
    let envelope = &stack.resolved.envelope;
    let region = &*envelope.region;
    let help = match envelope.fleet {
        Some(_) => "a fleet takes one ARN in every region: read it where it is deployed, with \
                    `{ssm: /path}`, or accept this rule where the service reaches into other \
                    regions"
            .to_string(),
        None => format!(
            "name one of {region}, or accept this rule where the service reaches into other regions"
        ),
    };
    let mut findings = vec![];
    for component in &stack.resolved.components {
        let members = component.document.iter().filter(|(key, _)| !ASIDE.contains(&&*key.text));
        let mut away = vec![];
        members.for_each(|(_, value)| walk(value, region, &mut away));
        away.retain(|(value, _)| !found.iter().any(|finding| points_at(finding, value)));
        let finding = |(value, other): (&Value, &str)| {
            let title = format!("an ARN of {other} in a stack of {region}");
            Diagnostic::new("arn-of-another-region", title)
                .label_value(value, "")
                .help(help.clone())
                .about(component.name())
        };
        findings.extend(away.into_iter().map(finding));
    }
    findings
}

fn points_at(finding: &Diagnostic, value: &Value) -> bool {
    finding.labels.iter().any(|label| value.origin.spans().contains(&label.span))
}

/// The texts that are ARNs of other regions, with those.
fn walk<'v>(value: &'v Value, region: &str, found: &mut Vec<(&'v Value, &'v str)>) {
    match &value.data {
        Data::Text(text) => {
            let other = region_of(text).filter(|other| *other != region);
            found.extend(other.map(|other| (value, other)));
        }
        Data::List(list) => list.iter().for_each(|value| walk(value, region, found)),
        Data::Map(map) => Map::iter(map).for_each(|(_, value)| walk(value, region, found)),
        _ => {}
    }
}

/// The region of an ARN; none where it has none, or a pattern.
fn region_of(text: &str) -> Option<&str> {
    let mut pieces = text.strip_prefix("arn:")?.splitn(5, ':');
    let region = pieces.nth(2)?;
    pieces.nth(1)?;
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!region.is_empty() && region.chars().all(word)).then_some(region)
}
