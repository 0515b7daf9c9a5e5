//! DEPLOY.md and RUNBOOK.md: what a person does with a stack.

use crate::assemble::Assembled;
use crate::derive::Stack;
use crate::expression::Failure;

/// What the printed artifacts say of themselves.
#[derive(Debug, Default)]
pub struct Facts {
    /// The parameters or variables that the deployer is asked for.
    pub asked: Vec<String>,
    /// The size of the template in bytes.
    pub size: usize,
}

/// File names and texts.
pub fn guides(
    _stack: &Stack<'_>,
    _assembled: &Assembled,
    _facts: &Facts,
    _header: &[String],
) -> Result<Vec<(String, String)>, Failure> {
    Ok(vec![])
}
