//! Formwork turns a short declarative blueprint into a complete, deployable AWS stack.
//!
//! The modules stand in the order in which the data travels.
pub mod source;
pub mod value;
pub mod diagnostic;
pub mod merge;
mod quote;
pub mod yaml;
pub mod hcl;
pub mod policy;
pub mod expression;
pub mod provider;
pub mod catalog;
pub mod blueprint;
pub mod resolve;
pub mod derive;
pub mod template;
pub mod assemble;
pub mod check;
pub mod cloudformation;
pub mod terraform;
pub mod verify;
pub mod write;
pub mod guide;
pub mod generate;
