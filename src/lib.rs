//! Formwork turns a short declarative blueprint into a complete, deployable AWS stack.
//!
//! The modules stand in the order in which the data travels.
pub mod artifact;
pub mod assemble;
pub mod blueprint;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod cloudformation;
pub mod derive;
pub mod diagnostic;
pub mod expression;
pub mod generate;
pub mod guide;
pub mod hcl;
pub mod merge;
pub mod policy;
pub mod provider;
mod quote;
pub mod report;
pub mod resolve;
pub mod source;
pub mod template;
pub mod terraform;
pub mod value;
pub mod verify;
pub mod write;
pub mod yaml;
