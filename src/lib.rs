//! Formwork turns a short declarative blueprint into a complete, deployable AWS stack.
pub mod expression;
pub mod source;
pub mod value;
