//! Why a stack is as it is: what each component is there for, what was not chosen, and how its
//! objectives are kept.

use crate::assemble::Plain;
use crate::derive::Unit;
use crate::expression::Failure;
use crate::objective::{Evidence, Objective, objectives};
use crate::value::{Key, Map, Value};

/// What is to be said of a stack.
#[derive(Debug)]
pub struct Explanation {
    /// Its components, those that nobody wrote left out.
    pub components: Vec<Told>,
    /// Its objectives.
    pub objectives: Vec<Objective>,
    /// What was not chosen, each once.
    pub alternatives: Vec<Alternative>,
}

/// A component, as people are told of it.
#[derive(Debug)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Why it is there.
    pub purpose: String,
    /// What else its kind has to say of it.
    pub lines: Vec<String>,
}

/// What was not chosen.
#[derive(Debug)]
pub struct Alternative {
    /// Its name.
    pub name: String,
    /// The kinds that were.
    pub chosen: Vec<String>,
    /// Why.
    pub because: String,
    /// Where that was read, and when.
    pub evidence: Evidence,
}

/// Explains the stack that `plain` spells.
pub fn explanation(plain: &Plain<'_, '_>) -> Result<Explanation, Failure> {
    let stack = plain.stack;
    let (mut components, mut alternatives): (_, Vec<Alternative>) = (vec![], vec![]);
    for unit in stack.sound_components() {
        if stack.component(&unit).implied {
            continue;
        }
        components.push(told(plain, &unit)?);
        for alternative in not_chosen(plain, &unit)? {
            let Alternative { name, chosen, because, .. } = &alternative;
            let named = |other: &&mut Alternative| other.name == *name;
            let told = |other: &mut Alternative| other.chosen.contains(&chosen[0]);
            if alternatives.iter_mut().filter(named).any(told) {
                continue;
            }
            match alternatives.iter_mut().filter(named).find(|other| other.because == *because) {
                Some(other) => other.chosen.extend(alternative.chosen),
                None => alternatives.push(alternative),
            }
        }
    }
    Ok(Explanation { components, objectives: objectives(stack), alternatives })
}

fn told(plain: &Plain<'_, '_>, unit: &Unit) -> Result<Told, Failure> {
    let component = plain.stack.component(unit);
    let said = match &unit.kind.explains {
        Some(explains) if !component.exists() => plain.stack.evaluate(unit, explains)?,
        _ => Value::NULL,
    };
    let said = said.as_list().unwrap_or_default().iter().filter_map(|line| line.get("say"));
    // In the user's words; else what its first resource is there for; else what its kind is.
    let purpose = match &component.description {
        Some(description) => description.to_string(),
        None => plain.why(unit)?.unwrap_or_else(|| unit.kind.summary.to_string()),
    };
    Ok(Told {
        name: component.name().to_string(),
        kind: unit.kind.name.to_string(),
        purpose,
        lines: said.map(|line| plain.text(line)).collect(),
    })
}

fn not_chosen(plain: &Plain<'_, '_>, unit: &Unit) -> Result<Vec<Alternative>, Failure> {
    let Some(alternatives) = &unit.kind.alternatives else { return Ok(vec![]) };
    let value = plain.stack.evaluate(unit, alternatives)?;
    let alternatives = value.as_map().into_iter().flat_map(Map::iter);
    let alternative = |(name, value): (&Key, &Value)| Alternative {
        name: name.text.to_string(),
        chosen: vec![unit.kind.name.to_string()],
        because: value.get("say").map(|say| plain.text(say)).unwrap_or_default(),
        evidence: Evidence::read(plain, value),
    };
    Ok(alternatives.map(alternative).collect())
}
