//! Every integration test, in one binary: it links once, and the outside judges are set up once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of this is tests")]

mod documents;
mod hostile;
mod invented;
mod judged;
mod layering;
mod oracle;
mod places;
mod planned;
mod reading;
mod rules;
mod shipped;
mod snapshot;
mod stacks;
mod wording;
