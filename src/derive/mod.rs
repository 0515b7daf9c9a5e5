//! Everything that follows from a resolved stack: values, outputs, parts, collections, grants.
//!
//! Values are pulled when they are asked for and remembered; no order is declared anywhere.

mod collect;
mod emits;
mod names;
mod outputs;
mod parts;
mod scope;
mod statements;

pub use emits::{Emitted, item_key};
pub use scope::UnitScope;

use crate::catalog::{Catalog, Kind};
use crate::expression::{Failure, Reason};
use crate::resolve::{Component, Resolved};
use crate::value::{Map, UnitId, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A component, or a part of one.
#[derive(Debug)]
pub struct Unit {
    /// Its index in the stack.
    pub id: UnitId,
    /// The index of the component that it is, or belongs to.
    pub component: usize,
    /// Its kind, or its part's.
    pub kind: Arc<Kind>,
    /// What it is a part of.
    pub parent: Option<Parent>,
    /// The words that it adds to the component's id: part names and items, outermost first.
    pub words: Vec<Arc<str>>,
    /// The outputs that are given, where it exists already.
    pub given: Option<Map>,
}

/// Where a part stands.
#[derive(Debug)]
pub struct Parent {
    /// The unit that it is a part of.
    pub unit: UnitId,
    /// Its index among that kind's parts; `None` where the engine adds it.
    pub part: Option<usize>,
    /// Names bound by the part's `each`, in the parent's scope.
    pub bound: Vec<(Arc<str>, Value)>,
    /// Arguments that the user set in place of the kind's.
    pub set: Map,
}

/// What is pulled and remembered of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Parameter(usize),
    Value(usize),
    Output(usize),
    Collected(usize),
    Instances(usize),
    Share,
}

/// A stack from which everything can be pulled.
pub struct Stack<'a> {
    /// Its components.
    pub resolved: &'a Resolved,
    /// Where their kinds come from.
    pub catalog: &'a Catalog,
    units: RefCell<Vec<Rc<Unit>>>,
    memo: RefCell<HashMap<(UnitId, Slot), Option<Value>>>,
    /// What is being computed, each with its component: the innermost is the last.
    open: RefCell<Vec<(usize, String)>>,
}

impl<'a> Stack<'a> {
    /// Nothing is derived yet.
    pub fn new(resolved: &'a Resolved, catalog: &'a Catalog) -> Self {
        let unit = |(index, component): (usize, &Component)| {
            Rc::new(Unit {
                id: unit_id(index),
                component: index,
                kind: component.kind.clone(),
                parent: None,
                words: vec![],
                given: component.settled.existing.clone(),
            })
        };
        let units = resolved.components.iter().enumerate().map(unit).collect();
        Self {
            resolved,
            catalog,
            units: RefCell::new(units),
            memo: RefCell::default(),
            open: RefCell::default(),
        }
    }

    /// The unit of that id.
    ///
    /// # Panics
    /// Never: ids are made here alone.
    pub fn unit(&self, id: UnitId) -> Rc<Unit> {
        self.units.borrow()[id.0 as usize].clone()
    }

    /// The component that a unit is, or belongs to.
    pub fn component(&self, unit: &Unit) -> &'a Component {
        &self.resolved.components[unit.component]
    }

    /// The components that nothing was found wrong with.
    pub fn sound_components(&self) -> impl Iterator<Item = Rc<Unit>> + '_ {
        let components = self.resolved.components.iter().enumerate();
        let sound = components.filter(|(_, component)| !component.broken);
        sound.map(|(index, _)| self.unit(unit_id(index)))
    }

    /// A component and all its parts, the component first.
    pub fn units_of(&self, unit: &Unit) -> Result<Vec<Rc<Unit>>, Failure> {
        let mut all = vec![self.unit(unit.id)];
        for part in 0..unit.kind.parts.len() {
            for instance in self.instances(unit, part)? {
                all.extend(self.units_of(&instance)?);
            }
        }
        all.extend(self.share(unit)?);
        Ok(all)
    }

    /// A unit's name for people: `archiver`, `archiver.delivery`.
    pub fn name(&self, unit: &Unit) -> String {
        let component = self.component(unit).name();
        let words = std::iter::once(&**component).chain(unit.words.iter().map(|word| &**word));
        words.collect::<Vec<_>>().join(".")
    }

    /// Computes something once; asking for it while it is being computed is a cycle.
    fn pull(
        &self,
        unit: &Unit,
        slot: Slot,
        what: &str,
        compute: impl FnOnce() -> Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        let key = (unit.id, slot);
        let known = self.memo.borrow().get(&key).cloned();
        let name = || format!("{}.{what}", self.name(unit));
        match known {
            Some(Some(value)) => return Ok(value),
            Some(None) => return Err(self.cycle(&name())),
            None => {}
        }
        self.memo.borrow_mut().insert(key, None);
        self.open.borrow_mut().push((unit.component, name()));
        let value = compute();
        self.open.borrow_mut().pop();
        match value {
            Ok(value) => {
                self.memo.borrow_mut().insert(key, Some(value.clone()));
                Ok(value)
            }
            Err(failure) => {
                self.memo.borrow_mut().remove(&key);
                Err(failure)
            }
        }
    }

    /// A circle is the same from wherever it was entered: it is spelled from its first component.
    fn cycle(&self, again: &str) -> Failure {
        let open = self.open.borrow();
        let start = open.iter().position(|(_, name)| name == again).unwrap_or_default();
        let mut circle: Vec<&(usize, String)> = open[start..].iter().collect();
        let first =
            circle.iter().min().and_then(|first| circle.iter().position(|one| one == first));
        circle.rotate_left(first.unwrap_or_default());
        let names: Vec<&str> = circle.iter().map(|(_, name)| &**name).collect();
        let message = format!("{0} waits for itself: {1} → {0}", names[0], names.join(" → "));
        let keys = circle.iter().map(|(component, _)| &self.resolved.components[*component].key);
        let keys = keys.filter_map(|key| key.span.clone()).collect();
        Failure { message, span: None, reason: Reason::Cycle(keys) }
    }
}

fn unit_id(index: usize) -> UnitId {
    UnitId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// What failed has been told already.
fn told() -> Failure {
    Failure { message: String::new(), span: None, reason: Reason::Told }
}
