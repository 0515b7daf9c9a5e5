//! Values that are known only when the stack is deployed.

use super::parameters::{Place, Settle};
use crate::catalog::{Form, Schema};
use crate::diagnostic::Diagnostic;
use crate::value::{Deferred, Map, Value};

/// What a user wrote in place of a value: the lookup, and what it is told.
pub(super) struct DeployTime {
    lookup: &'static str,
    arguments: Map,
}

/// `{parameter: NAME}`, `{ssm: PATH}` or `{secret: ARN, key: KEY}`; anything else is a value.
pub(super) fn read(value: &Value) -> Option<DeployTime> {
    let map = value.as_map()?;
    let names: Vec<&str> = map.names().collect();
    let lookup = match names.as_slice() {
        ["parameter"] => "parameter",
        ["ssm"] => "ssm",
        ["secret"] | ["secret", "key"] | ["key", "secret"] => "secret",
        _ => return None,
    };
    Some(DeployTime { lookup, arguments: map.clone() })
}

impl Settle<'_> {
    /// Checks that the schema allows it, and defers it.
    pub(super) fn deploy_time(
        &mut self,
        schema: &Schema,
        value: &Value,
        found: &DeployTime,
        place: &Place,
    ) -> Value {
        let scalar = matches!(
            schema.form,
            Form::Text { .. } | Form::Number { .. } | Form::Boolean | Form::Any
        );
        if !scalar || !(schema.deploy_time || schema.secret) {
            let title = format!("`{}` must be known when the stack is generated", place.path);
            let finding = Diagnostic::new("deploy-time-not-allowed", title).label_value(value, "");
            self.push(finding.help("write the value; other values depend on it"));
            return Value::NULL;
        }
        let mut arguments = Map::default();
        for (key, argument) in found.arguments.iter() {
            let Some(text) = argument.as_str() else {
                let title = format!("`{}` is a string", key.text);
                self.refuse("wrong-type", title, argument);
                return Value::NULL;
            };
            arguments.set(key.text.clone(), Value::from(text));
        }
        if found.lookup == "parameter" && !self.parameter_name(value, &arguments) {
            return Value::NULL;
        }
        let wanted = match schema.form {
            Form::Number { .. } => "number",
            Form::Boolean => "boolean",
            _ => "string",
        };
        arguments.set("type", Value::from(wanted));
        arguments.set(
            "used_for",
            Value::from(format!("components.{}.{}", self.component.name(), place.path)),
        );
        self.note_secret(schema, value, found.lookup, place);
        let lookup = found.lookup.into();
        let deferred = Deferred::Lookup { lookup, arguments: arguments.into() };
        Value::from(deferred).from_origin(value.origin.clone())
    }

    fn parameter_name(&mut self, value: &Value, arguments: &Map) -> bool {
        let name = arguments.get("parameter").and_then(Value::as_str).unwrap_or_default();
        let fits = crate::blueprint::is_name(name);
        if !fits {
            let title = format!("`{name}` is not a name of a parameter");
            let help = "write lower-case letters and digits, joined by single hyphens";
            self.refuse("wrong-name", title, value).help.push(help.into());
        }
        fits
    }

    /// A secret that a target shows to whoever reads its state or its configuration.
    fn note_secret(&mut self, schema: &Schema, value: &Value, lookup: &str, place: &Place) {
        let known_as_secret = lookup == "secret";
        if !(known_as_secret || schema.secret) {
            return;
        }
        let catalog = self.names.catalog;
        for target in &self.envelope.targets {
            let Some(shows) = catalog.lookup(lookup).and_then(|one| one.shows(*target)) else {
                continue;
            };
            let title = format!("`{}` is a secret, and {} {shows}", place.path, target.name());
            let help = if known_as_secret {
                "let few read it there, and accept this rule with that reason; or leave the target \
                 out of `targets`"
            } else {
                "write `{secret: ARN, key: NAME}`"
            };
            self.refuse("secret-in-state", title, value).help.push(help.into());
        }
    }
}
