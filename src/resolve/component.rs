//! Components: what each says beside its kind's parameters.

use crate::blueprint::Envelope;
use crate::catalog::{Catalog, Kind, Sort};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::value::{Data, Key, Map, Value};
use std::sync::Arc;

/// Names that would be files of ours in a Terraform folder.
const RESERVED: [&str; 7] =
    ["versions", "variables", "outputs", "override", "terraform", "cloudformation", "none"];

/// A named thing in a blueprint.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name, where it was written.
    pub key: Key,
    /// Makes its ids and names.
    pub id: Arc<str>,
    /// What it is.
    pub kind: Arc<Kind>,
    /// All that it says.
    pub document: Map,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Its own tags.
    pub tags: Map,
    /// Whether its data outlives the stack.
    pub protect: bool,
    /// Whether it publishes its outputs.
    pub share: bool,
    /// Findings that it accepts.
    pub accept: Vec<Accept>,
    /// Whether nobody wrote it: another component needs it.
    pub implied: bool,
    /// Whether it has an error; then nothing is derived from it.
    pub broken: bool,
    /// Its values, once they are settled.
    pub settled: Settled,
}

/// A component's values, bound and typed.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// The kind's parameters: every one there, null where it is left out without a default.
    pub parameters: Map,
    /// The outputs given, where the component exists already.
    pub existing: Option<Map>,
    /// What the user says about alarms.
    pub alarms: Vec<(Arc<str>, AlarmSetting)>,
    /// Roles and the like, given from outside: the part's name and its first output.
    pub given_parts: Vec<(Arc<str>, Value)>,
    /// Physical names, by resource.
    pub names: Map,
    /// The provider's lowest version for what is used.
    pub since: Vec<semver::Version>,
}

/// What a user says about an alarm.
#[derive(Clone, Debug)]
pub enum AlarmSetting {
    /// It is not wanted.
    Off,
    /// Arguments in place of the kind's.
    Arguments(Map),
}

/// A warning that is known and silenced.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The rule.
    pub rule: Key,
    /// Until when, as an ISO date.
    pub until: Option<Value>,
}

impl Component {
    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.key.text
    }

    /// Whether it was there before the stack.
    pub fn exists(&self) -> bool {
        self.document.get("existing").is_some()
    }

    /// A component that nobody wrote.
    pub(super) fn implied(kind: Arc<Kind>, envelope: &Envelope) -> Self {
        let key = Key::from(kind.name.clone());
        let mut component = Self::new(key, kind, Map::default(), envelope);
        component.implied = true;
        component
    }

    fn new(key: Key, kind: Arc<Kind>, document: Map, envelope: &Envelope) -> Self {
        let text = |name| document.get(name).and_then(Value::as_str).map(Arc::from);
        let flag = |name| document.get(name).and_then(Value::as_bool);
        Self {
            id: text("id").unwrap_or_else(|| key.text.clone()),
            description: text("description"),
            tags: document.get("tags").and_then(Value::as_map).cloned().unwrap_or_default(),
            protect: flag("protect").unwrap_or(envelope.protect),
            share: flag("share").unwrap_or_default(),
            accept: accept(&document),
            implied: false,
            broken: false,
            settled: Settled::default(),
            key,
            kind,
            document,
        }
    }

    /// Whether one of its parameters, or the topic of one of its alarms, is the component of that
    /// index.
    pub fn refers_to(&self, index: usize) -> bool {
        let mut maps = self.settled.arguments().chain([&self.settled.parameters]);
        maps.any(|map| map.iter().any(|(_, value)| names(value, index)))
    }
}

impl Settled {
    /// What alarms are told in place of the kind's arguments.
    pub fn arguments(&self) -> impl Iterator<Item = &Map> {
        self.alarms.iter().filter_map(|(_, setting)| match setting {
            AlarmSetting::Arguments(map) => Some(map),
            AlarmSetting::Off => None,
        })
    }
}

/// Whether a value holds the component of that index.
fn names(value: &Value, index: usize) -> bool {
    match &value.data {
        Data::Unit(unit) => unit.0 as usize == index,
        Data::List(list) => list.iter().any(|value| names(value, index)),
        Data::Map(map) => map.iter().any(|(_, value)| names(value, index)),
        _ => false,
    }
}

fn accept(document: &Map) -> Vec<Accept> {
    let entries = document.get("accept").and_then(Value::as_map);
    let entries = entries.into_iter().flat_map(Map::iter);
    let accept = |(rule, value): (&Key, &Value)| Accept {
        rule: rule.clone(),
        until: value.get("until").cloned(),
    };
    entries.map(accept).collect()
}

/// Every component whose kind is known; the others are findings.
pub(super) fn read(
    document: &Value,
    envelope: &Envelope,
    catalog: &Catalog,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Component> {
    let entries = document.get("components").and_then(Value::as_map);
    let mut components = vec![];
    for (key, value) in entries.into_iter().flat_map(Map::iter) {
        if RESERVED.contains(&&*key.text) {
            let title = format!("`{}` is taken by a file or word of ours", key.text);
            let finding = Diagnostic::new("reserved-name", title).label_key(key, "");
            findings.push(finding.help("choose another name; `id` keeps the old ids"));
        }
        let Some(map) = value.as_map() else { continue };
        let word = map.get("kind").and_then(Value::as_str).unwrap_or_default();
        match catalog.kind(Sort::Kind, word) {
            Some(kind) => components.push(Component::new(key.clone(), kind, map.clone(), envelope)),
            None if catalog.kinds(Sort::Kind).contains(&word) => {}
            None => findings.push(unknown_kind(word, map, catalog)),
        }
    }
    components
}

fn unknown_kind(word: &str, component: &Map, catalog: &Catalog) -> Diagnostic {
    let kinds = catalog.kinds(Sort::Kind);
    let near = did_you_mean(word, kinds.iter().copied());
    let help = near
        .unwrap_or_else(|| "`formwork list` shows every kind; your own need `--catalog`".into());
    let finding = Diagnostic::new("unknown-kind", format!("there is no kind `{word}`")).help(help);
    component.get("kind").map_or(finding.clone(), |kind| finding.label_value(kind, ""))
}

/// An id makes ids of resources: two components that share one would share resources.
pub(super) fn same_id(components: &mut [Component]) -> Vec<Diagnostic> {
    let mut findings = vec![];
    for later in 1..components.len() {
        let (before, rest) = components.split_at_mut(later);
        let component = &mut rest[0];
        let Some(first) = before.iter().find(|first| first.id == component.id) else { continue };
        let title = format!("`{}` and `{}` have one id", first.name(), component.name());
        let finding = Diagnostic::new("duplicate-id", title).label_key(&component.key, "this one");
        let finding = finding.label_key(&first.key, "and this one");
        findings.push(finding.help("give one of them an `id` of its own"));
        component.broken = true;
    }
    findings
}
