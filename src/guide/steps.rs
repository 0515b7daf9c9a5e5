//! What the kinds want done: before, after, and when an alarm is raised.

use super::Guide;
use super::markdown::{capital, code, prose, shell};
use crate::derive::Unit;
use crate::expression::{Expression, Failure};
use crate::value::Value;
use serde_json::{Value as Json, json};
use std::rc::Rc;

impl Guide<'_, '_> {
    /// The steps that a section of every unit's file asks for, in the components' order.
    pub(super) fn steps(
        &self,
        section: impl Fn(&Unit) -> Option<&Expression>,
    ) -> Result<Vec<Json>, Failure> {
        let mut steps: Vec<Json> = vec![];
        for (_, step) in self.entries(section)? {
            let text = |name| step.get(name).map(|value| self.plain.text(value));
            // The other target may have something to say where this one has not.
            let Some(say) = text("say").filter(|say| !say.is_empty()) else { continue };
            let json = step.get("json").map(|value| format!("{:#}", self.plain.json(value)));
            let step = json!({"say": prose(&say), "command": text("command"), "json": json});
            // What several components ask for is done once.
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        for (index, step) in steps.iter_mut().enumerate() {
            step["number"] = json!(index + 1);
        }
        Ok(steps)
    }

    /// Every alarm with what it means.
    pub(super) fn alarms(&self) -> Result<Vec<Json>, Failure> {
        let entries = self.entries(|unit| unit.kind.runbook.as_ref())?;
        Ok(entries.iter().map(|(unit, entry)| self.alarm(unit, entry)).collect())
    }

    fn alarm(&self, unit: &Unit, entry: &Value) -> Json {
        let text = |name| entry.get(name).map(|value| self.plain.text(value)).unwrap_or_default();
        let steps = entry.get("do").and_then(Value::as_list).unwrap_or_default().iter();
        let step = |(index, step): (usize, &Value)| {
            let say = prose(&self.plain.text(step));
            json!({"number": index + 1, "say": say})
        };
        json!({
            "title": code(&text("alarm")),
            "name": shell(&text("alarm")),
            "component": **self.stack.component(unit).name(),
            "means": capital(&prose(&text("means"))),
            "condition": prose(&text("condition")),
            "do": steps.enumerate().map(step).collect::<Vec<_>>(),
        })
    }

    /// The entries of a section of every unit's file.
    fn entries(
        &self,
        section: impl Fn(&Unit) -> Option<&Expression>,
    ) -> Result<Vec<(Rc<Unit>, Value)>, Failure> {
        let mut entries = vec![];
        for component in self.stack.sound_components() {
            for unit in self.stack.units_of(&component)? {
                let Some(section) = section(&unit) else { continue };
                let value = self.stack.evaluate(&unit, section)?;
                let own = value.as_list().unwrap_or_default().iter();
                entries.extend(own.map(|entry| (unit.clone(), entry.clone())));
            }
        }
        Ok(entries)
    }
}
