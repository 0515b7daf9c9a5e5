//! A user's own files, which become assets, and objects that lie in buckets already.

use super::parameters::{Place, Settle};
use crate::blueprint::Artifacts;
use crate::catalog::Schema;
use crate::diagnostic::Diagnostic;
use crate::value::{Map, Value};
use sha2::{Digest, Sha256};

/// A user's own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Where it stands among the artifacts: `assets/<hash>-<name>`.
    pub path: String,
    /// Its key in the bucket of artifacts, where it is read from there.
    pub key: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Settle<'_> {
    /// `{file: PATH}`, or an object in a bucket; both give the same members, null where there is
    /// nothing to say.
    pub(super) fn file(
        &mut self,
        value: &Value,
        stored: bool,
        capability: Option<&str>,
        schema: &Schema,
        place: &Place,
    ) -> Value {
        let text = |name| value.get(name).and_then(Value::as_str);
        let length = value.as_map().map_or(0, Map::len);
        let settled = match (text("file"), value.get("bucket"), text("key"), capability) {
            (Some(path), None, None, _) if length == 1 => self.own_file(value, path, stored),
            (None, Some(bucket), Some(key), Some(capability)) if length == 2 => {
                let Some(bucket) = self.named_component(bucket, capability) else {
                    return Value::NULL;
                };
                Ok(Map::from_iter([("bucket", bucket), ("key", Value::from(key))]))
            }
            _ => {
                let title = format!("`{}` takes {}", place.path, schema.wants());
                Err(Diagnostic::new("wrong-type", title).label_value(value, ""))
            }
        };
        let mut map = match settled {
            Ok(map) => map,
            Err(finding) => {
                self.push(finding);
                return Value::NULL;
            }
        };
        for name in ["bucket", "bucket_name", "key", "sha256", "path", "text"] {
            if map.get(name).is_none() {
                map.set(name, Value::NULL);
            }
        }
        Value::from(map).from_origin(value.origin.clone())
    }

    /// A file beside the blueprint becomes an asset under its hash.
    fn own_file(&mut self, value: &Value, path: &str, stored: bool) -> Result<Map, Diagnostic> {
        let refuse = |rule, title| Diagnostic::new(rule, title).label_value(value, "");
        let outside = path.starts_with('/') || path.split('/').any(|step| step == "..");
        let read = match (outside, self.read_file) {
            (false, Some(read)) => read(path),
            _ => Err("a file lies beside the blueprint, or in a folder there".into()),
        };
        let bytes = read.map_err(|reason| {
            refuse("file-not-found", format!("`{path}` cannot be read: {reason}"))
                .help("write its path as seen from the blueprint")
        })?;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = format!("{}-{name}", &sha256[..12]);
        let artifacts = self.envelope.artifacts.as_ref();
        if stored && artifacts.is_none() {
            let title = format!("`{path}` is read from a bucket, and the blueprint names none");
            let finding = refuse("artifacts-missing", title);
            return Err(
                finding.help("write `artifacts: {bucket: NAME}` at the top of the blueprint")
            );
        }
        let regions = self.envelope.fleet.as_ref().map_or(1, |fleet| fleet.regions.len());
        if stored && regions > 1 && artifacts.is_some_and(|to| !to.bucket.contains("{region}")) {
            let title = format!("`{path}` is read in {regions} regions, each from a bucket there");
            let finding = refuse("artifacts-missing", title);
            return Err(finding.help("write `{region}` into the name `artifacts: {bucket: …}`"));
        }
        let key = artifacts.filter(|_| stored).map(|to| format!("{}{name}", to.prefix));
        let asset = Asset { path: format!("assets/{name}"), key: key.clone(), bytes };
        let text = |text: Option<String>| text.map_or(Value::NULL, Value::from);
        let map = Map::from_iter([
            ("path", Value::from(asset.path.clone())),
            ("sha256", Value::from(sha256)),
            ("key", text(key)),
            ("bucket_name", artifacts.map_or(Value::NULL, Artifacts::bucket_here)),
            ("text", text(std::str::from_utf8(&asset.bytes).ok().map(String::from))),
        ]);
        self.assets.push(asset);
        Ok(map)
    }
}
