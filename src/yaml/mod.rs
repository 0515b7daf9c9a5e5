//! YAML as syntax: what CloudFormation's artifacts are written in.
pub mod print;
