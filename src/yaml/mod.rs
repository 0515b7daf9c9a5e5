<<<<<<< HEAD
//! YAML: read into values, printed from a tree of its own.

pub mod print;
pub mod read;

pub use read::{Tags, read};
=======
//! YAML as syntax: what CloudFormation's artifacts are written in.
pub mod print;
>>>>>>> h-print
