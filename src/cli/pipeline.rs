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
  formwork pipeline github -o /tmp    to look at it first

The first lines of each file say what it needs. Files that are there already are not overwritten.";

/// Where a host's files lie in the catalog.
const FOLDER: &str = "templates/pipeline/";

/// Write pipeline files for a repository of blueprints
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Pipeline {
    /// Whose pipelines: `github`
    #[arg(value_name = "HOST")]
    host: String,
    /// Write them below this folder
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Pipeline {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let all = context.catalog.below(FOLDER);
        let hosts: BTreeSet<&str> = all.iter().filter_map(|path| path.split('/').next()).collect();
        if !hosts.contains(&*self.host) {
            let stop = Stop::new(format!("there are no pipelines for `{}`", self.host));
            return Err(stop.help(meant_or_known(&self.host, hosts.iter().copied())));
        }
        let own = format!("{FOLDER}{}/", self.host);
        let files = context.catalog.below(&own);
        let there = files.iter().map(|path| self.out.join(path)).find(|path| path.exists());
        if let Some(path) = there {
            let stop = Stop::new(format!("{} is there already", path.display()));
            return Err(stop.help("write them elsewhere with `-o`, and compare"));
        }
        for path in files {
            let Some((_, text)) = context.catalog.file(&format!("{own}{path}")) else { continue };
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
