//! The catalog that the binary carries.

use super::Layer;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Our own kinds, templates, rule pages and blueprints, as they lie in the repository.
pub fn embedded() -> Layer {
    let files = EMBEDDED.iter().map(|(path, text)| ((*path).into(), (*text).into()));
    Layer { name: String::new(), files: files.collect() }
}
