//! Terraform: a stack's resources as a folder of files.

mod files;
mod spell;

pub use files::{Folder, folder};
