//! An independent reader of YAML: Formwork's own must not judge what Formwork wrote.
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::process::run;
use super::{FILES, Tree, venv};

/// What `PyYAML`, an implementation of YAML 1.1, makes of each text, with `CloudFormation`'s
/// short functions in their long form; or what it has against the text. Give it many.
pub fn read_yaml(texts: &[&str]) -> Option<Vec<Result<Value, String>>> {
    let programs = venv::cfn_lint_and_moto()?;
    let input = serde_json::to_string(texts).expect("texts are JSON");
    let tree = Tree::new([("texts.json", input.as_str())]);
    let mut command = venv::tool(&programs, "python", tree.root());
    command.arg(Path::new(FILES).join("read_yaml.py")).arg("texts.json");
    let run = run(&mut command, Duration::from_mins(2)).exits_with(&[0]).expect("the reader ends");
    Some(serde_json::from_str(&run.stdout).expect("the reader writes JSON"))
}
