//! How each target reads what is known only in the account, or only to the deployer.

use super::fields::{Fields, Problems};
use crate::expression::Expression;
use crate::value::{Key, Target, Value};
use std::sync::Arc;

/// One thing to look up, spelled for each target.
#[derive(Debug)]
pub struct Lookup {
    /// Its name.
    pub name: Arc<str>,
    /// The text that stands for it in `CloudFormation`: a tree in long form.
    pub cloudformation: Option<Expression>,
    /// The template parameter it needs there: `name`, `type`, `default`, `description`.
    pub parameter: Option<Expression>,
    /// The text of the expression that stands for it in Terraform.
    pub terraform: Option<Expression>,
    /// The value that stands for it in Terraform, where that is no expression.
    pub literal: Option<Expression>,
    /// The variable it needs there: `name`, `type`, `description`, `sensitive`.
    pub variable: Option<Expression>,
    /// The data source it needs there: `type`, `name`, `arguments`, `blocks`, `suppress`.
    pub data: Option<Expression>,
    /// What each target does that shows the value to whoever reads the stack: a predicate.
    shows: [Option<Arc<str>>; 2],
    /// How many characters it has, where that is known.
    pub length: Option<usize>,
}

impl Lookup {
    pub(super) fn read(name: &Key, value: &Value, problems: &Problems) -> Self {
        let mut f = Fields::of(value, problems);
        let nothing = Value::NULL;
        let mut on = |target| Fields::of(f.get(target).unwrap_or(&nothing), problems);
        let (mut cloudformation, mut terraform) = (on("cloudformation"), on("terraform"));
        let lookup = Self {
            name: name.text.clone(),
            cloudformation: cloudformation.tree("value"),
            parameter: cloudformation.tree("parameter"),
            terraform: terraform.tree("value"),
            literal: terraform.tree("literal"),
            variable: terraform.tree("variable"),
            data: terraform.tree("data"),
            shows: [cloudformation.text("shows"), terraform.text("shows")],
            length: f.count("length"),
        };
        cloudformation.finish();
        terraform.finish();
        f.finish();
        lookup
    }

    /// What a target does that shows the value to others, if it does.
    pub fn shows(&self, target: Target) -> Option<&str> {
        self.shows[target as usize].as_deref()
    }
}
