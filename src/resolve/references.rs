//! References: names of components that offer what is asked for.

use super::component::Component;
use crate::blueprint::Envelope;
use crate::catalog::{Catalog, Kind, Sort};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::value::{Data, Key, Map, UnitId, Value};
use std::sync::Arc;

/// Who offers what.
pub(super) struct Names<'a> {
    pub catalog: &'a Catalog,
    offers: Vec<(Key, Vec<Arc<str>>)>,
    /// Components whose kind is not known, which has been told.
    pub unread: Vec<Arc<str>>,
}

impl<'a> Names<'a> {
    pub fn of(components: &[Component], document: &Value, catalog: &'a Catalog) -> Self {
        let offers = components.iter().map(|one| (one.key.clone(), one.kind.offers.clone()));
        let written = document.get("components").and_then(Value::as_map);
        let unread = written.into_iter().flat_map(Map::iter).map(|(key, _)| key.text.clone());
        let unread = unread.filter(|name| !components.iter().any(|one| one.name() == name));
        Self { catalog, offers: offers.collect(), unread: unread.collect() }
    }

    /// The components that offer a capability, but for one.
    fn offering(&self, capability: &str, not: usize) -> Vec<(usize, &Key)> {
        let all = self.offers.iter().enumerate();
        let fits = all.filter(|(index, (_, offers))| {
            *index != not && offers.iter().any(|offer| **offer == *capability)
        });
        fits.map(|(index, (key, _))| (index, key)).collect()
    }

    /// The component that a written reference names; none where nothing more can be said of it
    /// than what has been told.
    pub fn named(
        &self,
        value: &Value,
        capability: &str,
        own: usize,
    ) -> Result<Option<Value>, Diagnostic> {
        let word = value.as_str().unwrap_or_default();
        let found = self.offers.iter().position(|(key, _)| *key.text == *word);
        let refuse = |rule, title: String| Diagnostic::new(rule, title).label_value(value, "");
        match found {
            Some(index) if index == own => {
                let finding = refuse("self-reference", format!("`{word}` refers to itself"));
                Err(finding.help(self.who(capability, own)))
            }
            Some(index) if self.offers[index].1.iter().any(|offer| **offer == *capability) => {
                Ok(Some(unit(index).from_origin(value.origin.clone())))
            }
            Some(index) => {
                let (key, offers) = &self.offers[index];
                let offers: Vec<&str> = offers.iter().map(|offer| &**offer).collect();
                let what = match offers.as_slice() {
                    [] => "it offers nothing to others".to_string(),
                    offers => format!("it offers {}", offers.join(", ")),
                };
                let title = format!("`{word}` does not offer `{capability}`");
                let finding = refuse("unknown-reference", title).label_key(key, what);
                Err(finding.help(self.who(capability, own)))
            }
            None if self.unread.iter().any(|name| **name == *word) => Ok(None),
            None => {
                let names = self.offering(capability, own);
                let near = did_you_mean(word, names.iter().map(|(_, key)| &*key.text));
                let finding =
                    refuse("unknown-reference", format!("there is no component `{word}`"));
                Err(finding.help_if(near.or_else(|| Some(self.who(capability, own)))))
            }
        }
    }

    pub fn who(&self, capability: &str, own: usize) -> String {
        let names = self.offering(capability, own);
        let names: Vec<&str> = names.iter().map(|(_, key)| &*key.text).collect();
        match names.as_slice() {
            [] => self.which_kinds(capability),
            names => format!("`{capability}` is offered by {}", listed(names)),
        }
    }

    fn which_kinds(&self, capability: &str) -> String {
        let kinds = self.catalog.kinds(Sort::Kind).into_iter();
        let kinds = kinds.filter_map(|name| self.catalog.kind(Sort::Kind, name));
        let offers = |kind: &Arc<Kind>| kind.offers.iter().any(|offer| **offer == *capability);
        let names: Vec<Arc<str>> = kinds.filter(offers).map(|kind| kind.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        match names.as_slice() {
            [] => format!("no component offers `{capability}`, and no kind does"),
            names => {
                format!("no component offers `{capability}`; add one of kind {}", listed(names))
            }
        }
    }

    /// What a reference that was left out binds to: the only component that offers the
    /// capability; none where several do is an error, none at all is left to the caller.
    pub fn ambient(
        &self,
        parameter: &str,
        capability: &str,
        own: usize,
        key: &Key,
    ) -> Result<Option<Value>, Diagnostic> {
        match self.offering(capability, own).as_slice() {
            [] => Ok(None),
            [(index, _)] => Ok(Some(unit(*index))),
            several => {
                let names: Vec<&str> = several.iter().map(|(_, key)| &*key.text).collect();
                let title = format!("`{parameter}` could be {}", listed(&names));
                let finding = Diagnostic::new("ambiguous-reference", title)
                    .label_key(key, "of this component");
                Err(finding.help(format!("write `{parameter}: {}`", names[0])))
            }
        }
    }

    /// Whether references to the capability bind by themselves.
    pub fn is_ambient(&self, capability: &str) -> bool {
        self.catalog.capability(capability).is_some_and(|capability| capability.ambient)
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        names => names.join(""),
    }
}

fn unit(index: usize) -> Value {
    Data::Unit(UnitId(u32::try_from(index).unwrap_or(u32::MAX))).into()
}

/// Adds each component that a kind implies where the blueprint has none that would do.
pub(super) fn add_implied(components: &mut Vec<Component>, envelope: &Envelope, catalog: &Catalog) {
    let mut next = 0;
    while let Some(component) = components.get(next) {
        next += 1;
        if component.exists() {
            continue;
        }
        let mut wanted = implied(&component.kind, catalog, 0);
        wanted.retain(|(capability, _)| !refuses(component, capability));
        for (capability, kind) in wanted {
            let offered = components.iter().any(|one| one.kind.offers.contains(&capability));
            if let (false, Some(kind)) = (offered, catalog.kind(Sort::Kind, &kind)) {
                components.push(Component::implied(kind, envelope));
            }
        }
    }
}

/// Whether a component says `none` wherever it could refer to the capability.
fn refuses(component: &Component, capability: &str) -> bool {
    let parameters = component.kind.parameters.iter();
    let mut refers = parameters
        .filter(|(_, schema)| schema.reference().is_some_and(|(of, _)| **of == *capability))
        .map(|(key, _)| component.document.get(&key.text).and_then(Value::as_str))
        .peekable();
    refers.peek().is_some() && refers.all(|word| word == Some("none"))
}

/// The capabilities that a kind's references imply a kind for, its parts' included.
fn implied(kind: &Kind, catalog: &Catalog, depth: usize) -> Vec<(Arc<str>, Arc<str>)> {
    let own = kind.parameters.iter().filter_map(|(_, schema)| schema.reference());
    let own = own.filter_map(|(capability, kind)| Some((capability.clone(), kind?.clone())));
    let mut all: Vec<_> = own.collect();
    for part in kind.parts.iter().filter(|_| depth < 4) {
        if let Some(part) = catalog.kind(Sort::Part, &part.part) {
            all.extend(implied(&part, catalog, depth + 1));
        }
    }
    all
}
