//! YAML: read into values, printed from a tree of its own.

pub mod print;
#[cfg(test)]
#[path = "print_tests.rs"]
mod print_tests;
pub mod read;

pub use read::{Tags, read};
