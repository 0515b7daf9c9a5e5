//! `formwork pipeline`

use super::Context;
use super::input::cannot;
use super::new::write;
use super::stop::{Exit, Stop};
use crate::diagnostic::meant_or_known;
use clap::Args;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  formwork pipeline github            into the repository that you stand in
  formwork pipeline gitlab -o look    to look at it first

The first lines of each file say what it needs. Files that are there already are not overwritten.";

/// Where a host's files lie in the catalog.
const FOLDER: &str = "templates/pipeline/";

/// The folder there of what every host runs.
const SHARED: &str = "all";

/// Write pipeline files for a repository of blueprints
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Pipeline {
    /// Whose pipelines: `github`, `gitlab` or `codebuild`
    #[arg(value_name = "HOST")]
    host: String,
    /// Write them below this folder
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Pipeline {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let all = context.catalog.below(FOLDER);
        let hosts = all.iter().filter_map(|path| path.split('/').next());
        let hosts: BTreeSet<&str> = hosts.filter(|host| *host != SHARED).collect();
        if !hosts.contains(&*self.host) {
            let stop = Stop::new(format!("there are no pipelines for `{}`", self.host));
            return Err(stop.help(meant_or_known(&self.host, hosts.iter().copied())));
        }
        let of = |folder: &str| {
            let folder = format!("{folder}/");
            let paths = all.iter().filter_map(|path| Some((*path, path.strip_prefix(&folder)?)));
            paths.collect::<Vec<_>>()
        };
        let files = [of(&self.host), of(SHARED)].concat();
        let there = files.iter().map(|(_, path)| self.out.join(path)).find(|path| path.exists());
        if let Some(path) = there {
            let stop = Stop::new(format!("{} is there already", path.display()));
            return Err(stop.help("write them elsewhere with `-o`, and compare"));
        }
        for (ours, path) in files {
            let Some((_, text)) = context.catalog.file(&format!("{FOLDER}{ours}")) else {
                continue;
            };
            let text =
                text.replace("\"{{version}}\"", concat!('"', env!("CARGO_PKG_VERSION"), '"'));
            let path = self.out.join(path);
            let folder = path.parent().unwrap_or(Path::new("."));
            let failed = |error| cannot("write", &folder.display().to_string(), &error);
            fs::create_dir_all(folder).map_err(failed)?;
            write(&path, &text)?;
            context.console.done(&format!("wrote {}\n", path.display()));
        }
        Ok(Exit::Fine)
    }
}
