//! YAML: read into values, printed from a tree of its own.

pub mod print;
pub mod read;

pub use read::{Tags, read};
