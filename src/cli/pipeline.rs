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

The first lines of each file say what it needs. Files that are there already are not overwritten;
those that are the same are left alone.";

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
        let files: Vec<_> = files
            .into_iter()
            .filter_map(|(ours, path)| Some((self.out.join(path), text(context, ours)?)))
            .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text))
            .collect();
        if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
            let stop = Stop::new(format!("{} is there already, and differs", path.display()));
            return Err(stop.help("write them elsewhere with `-o`, and compare"));
        }
        for (path, text) in files {
            let folder = path.parent().unwrap_or(Path::new("."));
            let failed = |error| cannot("write", &folder.display().to_string(), &error);
            fs::create_dir_all(folder).map_err(failed)?;
            write(&path, &text)?;
            context.console.done(&format!("wrote {}\n", path.display()));
        }
        Ok(Exit::Fine)
    }
}

fn text(context: &Context, ours: &str) -> Option<String> {
    let (_, text) = context.catalog.file(&format!("{FOLDER}{ours}"))?;
    Some(text.replace("\"{{version}}\"", concat!('"', env!("CARGO_PKG_VERSION"), '"')))
}
