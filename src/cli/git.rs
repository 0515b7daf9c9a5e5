//! Files as they were at a revision of Git.

use super::stop::Stop;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A revision, seen from a folder.
pub(super) struct Revision {
    folder: PathBuf,
    commit: String,
}

impl Revision {
    /// Where the branch that is checked out left a revision, seen from the folder of a file. Fails
    /// where there is no Git, no repository or no such revision.
    pub fn find(name: &str, file: &Path) -> Result<Self, Stop> {
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).to_owned();
        let revision = |commit| Self { folder: folder.clone(), commit };
        let commit = format!("{name}^{{commit}}");
        let at =
            revision(String::new()).run(&["rev-parse", "--verify", "--end-of-options", &commit]);
        let Some(at) = at? else {
            let stop = Stop::new(format!("there is no revision `{name}` of Git here"));
            return Err(stop.help("a shallow clone has only the newest: fetch the base first"));
        };
        let at = text(&at);
        let left = revision(String::new()).run(&["merge-base", &at, "HEAD"])?;
        Ok(revision(left.map_or(at, |left| text(&left))))
    }

    /// A file, by its path relative to the folder; none where it was not there.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.run(&["show", &format!("{}:./{path}", self.commit)]).ok().flatten()
    }

    /// What Git prints; none where it fails.
    fn run(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, Stop> {
        let output = Command::new("git").arg("-C").arg(&self.folder).args(arguments).output();
        let output = output.map_err(|error| Stop::new(format!("cannot run git: {error}")))?;
        Ok(output.status.success().then_some(output.stdout))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_string()
}
