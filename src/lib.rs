//! Formwork turns a short declarative blueprint into a complete, deployable AWS stack.
//!
//! The modules stand in the order in which the data travels.
pub mod source;
pub mod value;
pub mod diagnostic;
pub mod merge;
pub mod yaml;
pub mod provider;
