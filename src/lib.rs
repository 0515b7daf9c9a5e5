//! Formwork turns a short declarative blueprint into a complete, deployable AWS stack.
pub mod source;
pub mod value;
pub mod write;
