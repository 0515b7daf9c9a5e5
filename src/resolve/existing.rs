//! Components that exist already: their outputs are given, and nothing is generated.

use super::component::Settled;
use super::parameters::{Place, Settle};
use crate::blueprint::COMPONENT_KEYS;
use crate::catalog::{Existing, Kind, Output, Schema};
use crate::diagnostic::{Diagnostic, meant_or_known};
use crate::value::{Deferred, Key, Map, Value};

/// What may stand beside `existing`.
pub(crate) const BESIDE: [&str; 6] = ["kind", "id", "description", "accept", "share", "existing"];

/// What `from` may say.
const FROM: [&str; 3] = ["prefix", "component", "with"];

impl Settle<'_> {
    pub(super) fn existing(&mut self, kind: &Kind, root: &Place) -> Settled {
        for (key, _) in self.component.document.clone().iter() {
            if !BESIDE.contains(&&*key.text) {
                self.beside(key, kind);
            }
        }
        let given = self.component.document.get("existing").cloned().unwrap_or_default();
        let given = given.as_map().cloned().unwrap_or_default();
        let outputs = match given.get("from").cloned() {
            Some(from) => self.shared(kind, &given, &from),
            None => self.given(kind, &given, root),
        };
        let null = |(key, _): &(Key, Schema)| (key.text.clone(), Value::NULL);
        Settled {
            parameters: kind.parameters.iter().map(null).collect(),
            existing: Some(outputs),
            ..Settled::default()
        }
    }

    fn beside(&mut self, key: &Key, kind: &Kind) {
        let own = kind.parameter(&key.text).is_some() || COMPONENT_KEYS.contains(&&*key.text);
        let rule = if own { "existing-with-parameters" } else { "unknown-key" };
        let title = format!("`{}` does not stand beside `existing`", key.text);
        let help = "what exists is described by its outputs alone: take it away";
        self.push(Diagnostic::new(rule, title).label_key(key, "").help(help));
    }

    /// Outputs as the user wrote them; those that follow from others may be left out.
    fn given(&mut self, kind: &Kind, given: &Map, root: &Place) -> Map {
        for (key, _) in given.iter().filter(|(key, _)| kind.output(&key.text).is_none()) {
            let names = kind.outputs.iter().map(|output| &*output.name.text);
            let help = meant_or_known(&key.text, names);
            let title = format!("`{}` has no output `{}`", kind.name, key.text);
            self.push(Diagnostic::new("unknown-key", title).label_key(key, "").help(help));
        }
        let mut outputs = Map::default();
        for output in &kind.outputs {
            let written = given.entry(&output.name.text);
            let key = written.map_or(&root.key, |(key, _)| key);
            let place = Place { path: format!("existing.{}", output.name.text), key: key.clone() };
            match (written, &output.existing) {
                (Some((_, value)), _) if !value.is_null() => {
                    let value = self.value(&everywhere(&output.schema), value, &place);
                    outputs.0.push((output.name.clone(), value));
                }
                (_, Existing::Required) => self.output_missing(output, &place),
                _ => {}
            }
        }
        outputs
    }

    fn output_missing(&mut self, output: &Output, place: &Place) {
        let title = format!("`{}` is missing", place.path);
        let finding =
            Diagnostic::new("missing-key", title).label_key(&place.key, "of this component");
        self.push(finding.help(format!("write `existing: {{{}: …}}`", output.name.text)));
    }

    /// The optional outputs that `from` lists; whatever else is wrong in it is told.
    fn with<'v>(&mut self, kind: &Kind, from: &'v Value) -> Vec<&'v str> {
        let keys = from.as_map().into_iter().flat_map(Map::iter).map(|(key, _)| key);
        for key in keys.filter(|key| !FROM.contains(&&*key.text)) {
            let title = format!("`from` knows no `{}`", key.text);
            let help = meant_or_known(&key.text, FROM);
            self.push(Diagnostic::new("unknown-key", title).label_key(key, "").help(help));
        }
        let listed = from.get("with").and_then(Value::as_list).unwrap_or_default();
        for value in listed {
            let name = value.as_str().unwrap_or_default();
            if kind.output(name).is_none() {
                let names = kind.outputs.iter().map(|output| &*output.name.text);
                let help = meant_or_known(name, names);
                let title = format!("`{}` has no output `{name}`", kind.name);
                self.refuse("unknown-key", title, value).help.push(help);
            }
        }
        listed.iter().filter_map(Value::as_str).collect()
    }

    /// `from: {prefix, component, with}`: outputs that another stack publishes.
    fn shared(&mut self, kind: &Kind, given: &Map, from: &Value) -> Map {
        for (key, _) in given.iter().filter(|(key, _)| &*key.text != "from") {
            let title = format!("`{}` does not stand beside `from`", key.text);
            self.push(Diagnostic::new("unknown-key", title).label_key(key, ""));
        }
        let with = self.with(kind, from);
        let text = |name: &str| from.get(name).and_then(Value::as_str).map(String::from);
        let (Some(prefix), Some(component)) = (text("prefix"), text("component")) else {
            let title =
                "`from` says the `prefix` of the other stack, and the id of its `component`";
            self.refuse("missing-key", title.into(), from).help.push(
                "write `existing: {from: {prefix: plant-a-prod, component: archive}}`".into(),
            );
            return Map::default();
        };
        let mut outputs = Map::default();
        for output in &kind.outputs {
            let name = &*output.name.text;
            if matches!(output.existing, Existing::Optional) && !with.contains(&name) {
                continue;
            }
            let list = matches!(output.schema.form, crate::catalog::Form::List { .. });
            let arguments = Map::from_iter([
                ("ssm", Value::from(format!("/formwork/{prefix}/{component}/{name}"))),
                ("type", Value::from(if list { "list" } else { "string" })),
                ("used_for", Value::from(format!("components.{}", self.component.name()))),
            ]);
            let deferred = Deferred::Lookup { lookup: "ssm".into(), arguments: arguments.into() };
            let value = Value::from(deferred).from_origin(from.origin.clone());
            outputs.0.push((output.name.clone(), value));
        }
        outputs
    }
}

/// Outputs may always be known only at deployment, in lists and mappings too.
pub(crate) fn everywhere(schema: &Schema) -> Schema {
    use crate::catalog::Form;
    let form = match &schema.form {
        Form::List { items, min, max } => {
            Form::List { items: Box::new(everywhere(items)), min: *min, max: *max }
        }
        Form::Map { values, keys } => {
            Form::Map { values: Box::new(everywhere(values)), keys: keys.clone() }
        }
        form => form.clone(),
    };
    Schema { form, deploy_time: true, ..schema.clone() }
}
