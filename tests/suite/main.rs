//! Every integration test, in one binary: it links once, and the outside judges are set up once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of this is tests")]

mod catalog_files;
mod changes;
mod cli;
#[cfg(unix)]
mod crash;
mod deployed;
mod determinism;
mod documents;
mod editor;
mod fleets;
mod guide;
mod hostile;
mod invented;
mod judged;
mod laws;
mod layering;
mod mistakes;
mod mutants;
mod oracle;
mod patches;
mod places;
mod planned;
mod program;
mod reading;
mod rules;
mod shipped;
mod snapshot;
mod stacks;
mod wording;
#[cfg(unix)]
mod yard;
