//! Physical names: made from the prefix, the id, the resource's word and the item.

use super::parts::Bound;
use super::{Emitted, Stack, Unit};
use crate::blueprint::NamePattern;
use crate::catalog::Naming;
use crate::expression::Failure;
use crate::value::{Deferred, Map, ResourceId, Value, join};
use std::sync::Arc;

impl Stack<'_> {
    /// `resources.<word>`: `name`, or `names` by item where there may be several.
    pub(super) fn resource_names(&self, unit: &Unit, word: &str) -> Result<Value, Failure> {
        let mut names = Map::default();
        let mut name = Value::NULL;
        for emitted in self.emitted_of(unit, word)? {
            let value = self.physical_name(unit, &emitted)?;
            match emitted.resource.items.last() {
                Some(item) => names.set(item.clone(), value),
                None => name = value,
            }
        }
        Ok(Map::from_iter([("name", name), ("names", names.into())]).into())
    }

    /// The physical name of a resource, null when it has none of its own.
    pub fn physical_name(&self, unit: &Unit, emitted: &Emitted) -> Result<Value, Failure> {
        let emit = &unit.kind.emits[emitted.emit];
        let Some(naming) = &emit.name else { return Ok(Value::NULL) };
        if let Some(given) = self.given_name(unit, &emitted.resource) {
            return Ok(given);
        }
        let before = self.before(unit, &emitted.bound, naming)?;
        let pattern = self.pattern(naming);
        let mut parts = vec![before];
        parts.extend(self.patterned(unit, &pattern));
        let main = &*emitted.resource.resource == "main";
        let word =
            (!main && !naming.bare).then(|| crate::resolve::kebab(&emitted.resource.resource));
        let words = unit.words.iter().cloned().chain(word);
        for word in words.chain(emitted.resource.items.iter().cloned()) {
            parts.push(Value::from(format!("-{word}")));
        }
        if naming.account && !pattern.has("account") {
            parts.extend([Value::from("-"), Value::lookup("account_id")]);
        }
        if naming.by_content {
            let hash = Deferred::ContentHash(emitted.resource.clone());
            parts.extend([Value::from("-"), hash.into()]);
        }
        if naming.underscores {
            parts.iter_mut().for_each(underscored);
        }
        Ok(join(parts).from_origin(self.component(unit).key.origin()))
    }

    fn before(&self, unit: &Unit, bound: &Bound, naming: &Naming) -> Result<Value, Failure> {
        match &naming.before {
            Some(before) => self.evaluate_with(unit, bound, before),
            None => Ok(Value::from("")),
        }
    }

    /// The pattern that holds for a resource: that of roles, where the kind says so.
    fn pattern(&self, naming: &Naming) -> NamePattern {
        let envelope = &self.resolved.envelope;
        let roles = envelope.iam.role_names.as_ref();
        let of_its_own = roles.filter(|_| naming.naming.as_deref() == Some("iam.role_names"));
        of_its_own.unwrap_or(&envelope.naming).clone()
    }

    fn patterned(&self, unit: &Unit, pattern: &NamePattern) -> Vec<Value> {
        let envelope = &self.resolved.envelope;
        let text = |text: &Arc<str>| Value::from(&**text);
        let placeholder = |name: &str| match name {
            "prefix" => text(&envelope.prefix),
            "name" => text(&envelope.name),
            "environment" => text(&envelope.environment.clone().unwrap_or_default()),
            "region" if envelope.fleet.is_some() => Value::lookup("region"),
            "region" => text(&envelope.region),
            "account" => Value::lookup("account_id"),
            _ => text(&self.component(unit).id),
        };
        let pieces = pattern.pieces().into_iter();
        pieces.map(|piece| piece.map_or_else(Value::from, placeholder)).collect()
    }

    /// A name that the user chose: `names: {main: …}`, `names: {delivery.main: …}`.
    fn given_name(&self, unit: &Unit, resource: &ResourceId) -> Option<Value> {
        let words = unit.words.iter().chain([&resource.resource]).chain(resource.items.iter());
        let path = words.map(|word| &**word).collect::<Vec<_>>().join(".");
        self.component(unit).settled.names.get(&path).cloned()
    }
}

/// For services whose names know no hyphen.
fn underscored(part: &mut Value) {
    if let Some(text) = part.as_str() {
        *part = Value::from(text.replace('-', "_"));
    }
}
