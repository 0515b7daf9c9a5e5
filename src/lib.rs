//! Formwork turns a short declarative blueprint into a complete, deployable AWS stack.
//!
//! The modules stand in the order of their imports, which is the order in which the data travels:
//! a module uses only those above it.

// What everything is made of: texts with places, values, findings.
pub mod source;
pub mod value;
pub mod diagnostic;

// The languages that are read and written.
mod quote;
pub mod yaml;
pub mod hcl;

// What is said in them.
pub mod merge;
pub mod policy;
pub mod expression;
pub mod provider;
pub mod catalog;
pub mod blueprint;

// From a blueprint to resources.
pub mod resolve;
pub mod derive;
pub mod template;
pub mod assemble;
pub mod objective;
pub mod check;

// From resources to files.
pub mod cloudformation;
pub mod terraform;
pub mod verify;
pub mod fleet;
pub mod guide;
pub mod access;
pub mod explanation;
pub mod write;
pub mod artifact;
pub mod generate;
pub mod diff;
pub mod diagram;
pub mod editor;

// The program.
pub mod report;
pub mod cli;
