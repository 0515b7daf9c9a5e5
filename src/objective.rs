//! Objectives: paths of components with a latency that they promise, and what each hop takes.

use crate::assemble::Plain;
use crate::catalog::number;
use crate::derive::{Stack, Unit};
use crate::expression::Failure;
use crate::value::{Key, Target, Value};
use std::rc::Rc;

/// A promise, and what is on the way.
#[derive(Debug)]
pub struct Objective {
    /// Its name.
    pub name: Key,
    /// The promise as it was written, in seconds.
    pub latency_seconds: Value,
    /// The components on the path that are there, in its order.
    pub hops: Vec<Hop>,
    /// Items of the path that name no component.
    pub unknown: Vec<Value>,
    /// Whether nothing on the path has an error of its own.
    pub sound: bool,
}

/// A component on a path.
#[derive(Debug)]
pub struct Hop {
    /// The component.
    pub unit: Rc<Unit>,
    /// Where the path names it.
    pub at: Value,
    /// What it takes, where its kind says.
    pub latency: Option<Latency>,
}

/// What a component adds to the latency of a path.
#[derive(Debug)]
pub struct Latency {
    /// In milliseconds, as is usual.
    pub typical: f64,
    /// In milliseconds; none where nothing bounds it.
    pub worst: Option<f64>,
    /// Why it takes that long.
    pub because: String,
    /// Where the figures come from, and the day they were checked.
    pub evidence: Evidence,
}

/// Where something that ages was read, and when.
#[derive(Debug, Default)]
pub struct Evidence {
    /// An address.
    pub source: String,
    /// An ISO date.
    pub checked: String,
}

impl Evidence {
    /// Reads `source` and `checked` of a mapping.
    pub fn read(plain: &Plain<'_, '_>, value: &Value) -> Self {
        let text = |name| value.get(name).map(|one| plain.text(one)).unwrap_or_default();
        Self { source: text("source"), checked: text("checked") }
    }
}

impl Objective {
    /// The promise in milliseconds.
    pub fn promised(&self) -> f64 {
        number(&self.latency_seconds).unwrap_or_default() * 1000.0
    }

    /// The sum of what the hops usually take, in milliseconds.
    pub fn typical(&self) -> f64 {
        self.latencies().map(|latency| latency.typical).sum()
    }

    /// The sum of the most that the hops take, in milliseconds; none where one has no bound.
    pub fn worst(&self) -> Option<f64> {
        self.latencies().map(|latency| latency.worst).sum()
    }

    /// Whether every hop says what it takes; else the sums are lower bounds.
    pub fn is_whole(&self) -> bool {
        self.hops.iter().all(|hop| hop.latency.is_some())
    }

    /// The promise beside what is to be expected, on one line.
    pub fn summary(&self) -> String {
        let seconds = |milliseconds: f64| format!("{} s", milliseconds / 1000.0);
        format!(
            "{}: promises {}; usually takes {}{}, at worst {}",
            self.name.text,
            seconds(self.promised()),
            if self.is_whole() { "" } else { "at least " },
            seconds(self.typical()),
            self.worst().map_or("without bound".into(), seconds),
        )
    }

    /// The hop that usually takes longest.
    pub fn slowest(&self) -> Option<(&Hop, &Latency)> {
        let known = self.hops.iter().filter_map(|hop| Some((hop, hop.latency.as_ref()?)));
        known.max_by(|(_, one), (_, other)| one.typical.total_cmp(&other.typical))
    }

    fn latencies(&self) -> impl Iterator<Item = &Latency> {
        self.hops.iter().filter_map(|hop| hop.latency.as_ref())
    }
}

/// The objectives of a stack, without the components that have an error.
pub fn objectives(stack: &Stack<'_>) -> Vec<Objective> {
    let objectives = stack.resolved.envelope.objectives.iter();
    objectives.map(|(name, value)| objective(stack, name, value)).collect()
}

fn objective(stack: &Stack<'_>, name: &Key, value: &Value) -> Objective {
    let path = value.get("path").and_then(Value::as_list).unwrap_or_default();
    let components = &stack.resolved.components;
    let is_component = |at: &&Value| components.iter().any(|one| at.as_str() == Some(one.name()));
    let unread = |at: &&Value| stack.resolved.unread.iter().any(|one| at.as_str() == Some(one));
    let (known, unknown): (Vec<_>, Vec<_>) = path.iter().partition(is_component);
    let hops: Vec<_> = known.into_iter().filter_map(|at| hop(stack, at)).collect();
    Objective {
        sound: hops.len() + unknown.iter().filter(|at| !unread(at)).count() == path.len(),
        name: name.clone(),
        latency_seconds: value.get("latency_seconds").cloned().unwrap_or_default(),
        hops,
        unknown: unknown.into_iter().filter(|at| !unread(at)).cloned().collect(),
    }
}

fn hop(stack: &Stack<'_>, at: &Value) -> Option<Hop> {
    let named = |unit: &Rc<Unit>| at.as_str() == Some(stack.component(unit).name());
    let unit = stack.sound_components().find(named)?;
    let latency = latency(stack, &unit).ok().flatten();
    Some(Hop { unit, at: at.clone(), latency })
}

/// What a component adds to a path; none where its kind does not say, or where it exists already.
/// Fails where what the kind says is no latency.
pub fn latency(stack: &Stack<'_>, unit: &Unit) -> Result<Option<Latency>, Failure> {
    let told = unit.kind.latency.as_ref().filter(|_| !stack.component(unit).exists());
    let Some(told) = told else { return Ok(None) };
    let value = stack.evaluate(unit, told)?;
    let milliseconds = |name: &str| value.get(name).and_then(number);
    let plain = Plain { stack, target: Target::CloudFormation };
    let Some(typical) = milliseconds("typical_milliseconds") else {
        let message = "`typical_milliseconds` is a number that is known when generating";
        return Err(Failure::new(message).at(told.span()));
    };
    Ok(Some(Latency {
        typical,
        worst: milliseconds("worst_milliseconds"),
        because: value.get("because").map(|text| plain.text(text)).unwrap_or_default(),
        evidence: Evidence::read(&plain, &value),
    }))
}
