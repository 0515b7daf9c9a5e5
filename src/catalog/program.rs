//! Programs that resources run: Python files of `templates/programs/`.
//!
//! `CloudFormation` takes a program's text as it stands; Terraform takes a ZIP file that lies among
//! the artifacts. Both hold the same bytes, under the name `index.py`.

use super::Catalog;
use crate::value::{Map, Value};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write as _};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const FOLDER: &str = "templates/programs/";

impl Catalog {
    /// A program as expressions see it: its `text`, and the `path` of its ZIP file among the
    /// artifacts. Null where there is none of that name.
    pub fn program(&self, name: &str) -> Value {
        let Some(text) = self.program_text(name) else { return Value::NULL };
        let path = Value::from(path(name, &text));
        Value::from(Map::from_iter([("text", Value::from(text.to_string())), ("path", path)]))
    }

    /// The path and the bytes of every program's ZIP file.
    pub fn program_files(&self) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
        self.names(FOLDER, ".py").into_iter().filter_map(|name| {
            let text = self.program_text(name)?;
            Some((path(name, &text), zipped(&text)?))
        })
    }

    fn program_text(&self, name: &str) -> Option<Arc<str>> {
        let (_, text) = self.file(&format!("{FOLDER}{name}.py"))?;
        Some(text.to_string().into())
    }
}

/// Under its hash, so that a changed program is another file.
fn path(name: &str, text: &str) -> String {
    let hash = format!("{:x}", Sha256::digest(text));
    format!("assets/{}-{name}.zip", &hash[..12])
}

/// Stored and without a time of its own: the same text is the same file at any time.
fn zipped(text: &str) -> Option<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(vec![]));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o644);
    archive.start_file("index.py", options).ok()?;
    archive.write_all(text.as_bytes()).ok()?;
    Some(archive.finish().ok()?.into_inner())
}
