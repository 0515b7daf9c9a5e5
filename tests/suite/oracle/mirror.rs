//! Where a machine keeps the AWS provider of Terraform, so that it need not be downloaded.
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use semver::{Version, VersionReq};

/// The provider's versions that generated stacks accept.
const ACCEPTED: &str = ">=5.100, <7";

/// A folder laid out as `HOST/hashicorp/aws/VERSION/PLATFORM` that holds a version we accept.
/// `FORMWORK_PROVIDER_MIRROR` names one; else those are tried that Terraform's configuration
/// names, those that it looks into by itself, and the folders where people install things.
pub fn find(platform: &str) -> Option<PathBuf> {
    if let Some(named) = env::var_os("FORMWORK_PROVIDER_MIRROR") {
        return Some(PathBuf::from(named));
    }
    let home = env::home_dir().unwrap_or_default();
    let configuration =
        env::var_os("TF_CLI_CONFIG_FILE").map_or_else(|| home.join(".terraformrc"), PathBuf::from);
    let mut places = configured(&fs::read_to_string(configuration).unwrap_or_default());
    places.extend(env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from));
    places.extend(implied(&home));
    for root in ["/opt", "/usr/share", "/usr/local/share"].map(PathBuf::from) {
        places.extend(children(&root));
    }
    places.extend(children(&home));
    places.into_iter().find(|place| holds_provider(place, platform))
}

/// The mirrors and the cache that a configuration of Terraform names.
pub fn configured(text: &str) -> Vec<PathBuf> {
    let body = hcl::parse(text).unwrap_or_default();
    let mirrors = body
        .blocks()
        .filter(|block| block.identifier() == "provider_installation")
        .flat_map(|block| block.body.blocks())
        .filter(|block| block.identifier() == "filesystem_mirror")
        .flat_map(|block| block.body.attributes())
        .filter(|attribute| attribute.key() == "path");
    let caches = body.attributes().filter(|attribute| attribute.key() == "plugin_cache_dir");
    let paths = mirrors.chain(caches).filter_map(|attribute| match attribute.expr() {
        hcl::Expression::String(path) => Some(PathBuf::from(path)),
        _ => None,
    });
    paths.collect()
}

fn implied(home: &Path) -> Vec<PathBuf> {
    let data_home =
        env::var_os("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
    let data_dirs = env::var_os("XDG_DATA_DIRS")
        .unwrap_or_else(|| OsString::from("/usr/local/share:/usr/share"));
    let mut places = vec![home.join(".terraform.d/plugins"), data_home.join("terraform/plugins")];
    places.extend(env::split_paths(&data_dirs).map(|folder| folder.join("terraform/plugins")));
    places
}

/// Whether the folder has the layout of a mirror, and a version that we accept in it.
pub fn holds_provider(place: &Path, platform: &str) -> bool {
    let accepted = VersionReq::parse(ACCEPTED).expect("a requirement");
    children(place)
        .iter()
        .flat_map(|host| children(&host.join("hashicorp/aws")))
        .filter(|version| version.join(platform).is_dir())
        .filter_map(|version| Version::parse(version.file_name()?.to_str()?).ok())
        .any(|version| accepted.matches(&version))
}

/// The folders in a folder, in order; none where it cannot be read.
fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
