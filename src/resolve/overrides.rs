//! What a component says about its alarms, roles and names.

use super::component::AlarmSetting;
use super::parameters::{Place, Settle};
use crate::catalog::{Kind, Properties, Schema, Sort};
use crate::diagnostic::{Diagnostic, meant_or_known};
use crate::value::{Map, Value};
use std::sync::Arc;

impl Settle<'_> {
    /// `alarms: {<alarm>: {above: …}}`, against the part that alarms are.
    pub(super) fn alarms(&mut self, kind: &Kind) -> Vec<(Arc<str>, AlarmSetting)> {
        let entries = self.component.document.get("alarms").and_then(Value::as_map).cloned();
        let mut settings = vec![];
        for (key, value) in entries.unwrap_or_default().iter() {
            let alarms = || kind.parts.iter().filter(|part| part.alarm);
            let Some(part) = alarms().find(|part| part.name.text == key.text) else {
                let title = format!("`{}` has no alarm `{}`", kind.name, key.text);
                let known = alarms().map(|part| &*part.name.text);
                let help = meant_or_known(&key.text, known);
                self.push(Diagnostic::new("unknown-alarm", title).label_key(key, "").help(help));
                continue;
            };
            if let Some(off) = value.get("off") {
                match off.as_str() {
                    Some(_) => settings.push((key.text.clone(), AlarmSetting::Off)),
                    None => self.off_without_reason(&key.text, off),
                }
                continue;
            }
            let Some(schema) = self.names.catalog.kind(Sort::Part, &part.part) else { continue };
            let known = schema.parameters.iter().filter(|(_, schema)| schema.overridable);
            let known: Properties = known.cloned().collect();
            let place = Place { path: format!("alarms.{}", key.text), key: key.clone() };
            let given = value.as_map().cloned().unwrap_or_default();
            let mut written = Map::default();
            let settled = self.object(&optional(known), &given, &place, &[]);
            for (name, value) in settled.0 {
                if given.get(&name.text).is_some() {
                    written.0.push((name, value));
                }
            }
            settings.push((key.text.clone(), AlarmSetting::Arguments(written)));
        }
        settings
    }

    fn off_without_reason(&mut self, alarm: &str, off: &Value) {
        let title = format!("`alarms.{alarm}.off` takes a string, not {}", off.type_name());
        let help = format!("say why: `{alarm}: {{off: …}}`");
        let finding = Diagnostic::new("wrong-type", title).label_value(off, "");
        self.push(finding.help(help));
    }

    /// `roles: {<part>: ARN}`: parts that are given from outside.
    pub(super) fn given_parts(&mut self, kind: &Kind) -> Vec<(Arc<str>, Value)> {
        let mut given = vec![];
        let parts: Vec<_> = kind
            .parts
            .iter()
            .filter_map(|part| {
                let file = self.names.catalog.kind(Sort::Part, &part.part)?;
                Some((part.name.text.clone(), file))
            })
            .collect();
        let entries = self.component.document.get("roles").and_then(Value::as_map).cloned();
        for (key, value) in entries.unwrap_or_default().iter() {
            let known =
                parts.iter().filter(|(_, file)| file.existing_as.as_deref() == Some("roles"));
            let names: Vec<&str> = known.map(|(name, _)| &**name).collect();
            if !names.contains(&&*key.text) {
                let title = format!("`{}` has no role `{}`", kind.name, key.text);
                let help = meant_or_known(&key.text, names);
                self.push(Diagnostic::new("unknown-part", title).label_key(key, "").help(help));
                continue;
            }
            let place = Place { path: format!("roles.{}", key.text), key: key.clone() };
            let schema = Schema { deploy_time: true, ..Schema::text() };
            given.push((key.text.clone(), self.value(&schema, value, &place)));
        }
        given
    }

    /// `names: {<resource>: NAME}`: physical names that a user chose.
    pub(super) fn physical_names(&mut self, kind: &Kind) -> Map {
        let names = self.component.document.get("names").and_then(Value::as_map).cloned();
        let names = names.unwrap_or_default();
        for (key, _) in names.iter() {
            let named = kind.emits.iter().filter(|emit| emit.name.is_some());
            let known: Vec<&str> = named.map(|emit| &*emit.resource.text).collect();
            let part = key
                .text
                .split_once('.')
                .is_some_and(|(part, _)| kind.parts.iter().any(|own| &*own.name.text == part));
            if !part && !known.contains(&&*key.text) {
                let title = format!("`{}` has no resource `{}` with a name", kind.name, key.text);
                let finding = Diagnostic::new("unknown-part", title).label_key(key, "");
                self.push(finding.help(meant_or_known(&key.text, known)));
            }
        }
        names
    }
}

fn optional(properties: Properties) -> Properties {
    let free = |(key, schema)| (key, Schema { optional: true, default: None, ..schema });
    properties.into_iter().map(free).collect()
}
