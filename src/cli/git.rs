//! Files as they were at a revision of Git.

use super::stop::Stop;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A revision, seen from a folder.
#[derive(Clone)]
pub(super) struct Revision {
    folder: PathBuf,
    commit: String,
    /// What stands before the paths of files, `./` or a folder of the repository.
    below: String,
}

impl Revision {
    /// Where the branch that is checked out left a revision, seen from the folder of a file. Fails
    /// where there is no Git, no repository or no such revision.
    pub fn find(name: &str, file: &Path) -> Result<Self, Stop> {
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).to_owned();
        let revision = |commit| Self { folder: folder.clone(), commit, below: "./".into() };
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
        self.run(&["show", &format!("{}:{}{path}", self.commit, self.below)]).ok().flatten()
    }

    /// The paths of all files below a folder, relative to the revision's own.
    pub fn below(&self, folder: &str) -> Result<Vec<String>, Stop> {
        let folder = format!("./{folder}/");
        let listed = self.run(&["ls-tree", "-r", "-z", "--name-only", &self.commit, &folder])?;
        let listed = String::from_utf8_lossy(&listed.unwrap_or_default()).into_owned();
        Ok(listed.split('\0').filter(|path| !path.is_empty()).map(String::from).collect())
    }

    /// Where a file of the folder was before it was renamed: the revision seen from that folder,
    /// and the name that it had there. None where Git knows of no renaming.
    pub fn before_renaming(&self, name: &str) -> Result<Option<(Self, String)>, Stop> {
        let Some(here) = self.run(&["rev-parse", "--show-prefix"])? else { return Ok(None) };
        let now = text(&here) + name;
        let renamed = ["diff", "--name-status", "-M", "-z", "--diff-filter=R", &self.commit];
        let renamed = self.run(&renamed)?.unwrap_or_default();
        let renamed = String::from_utf8_lossy(&renamed).into_owned();
        let words: Vec<&str> = renamed.split('\0').collect();
        // Each is three words: how alike they are, the old path and the new one.
        let found = words.chunks_exact(3).find(|one| one[2] == now).map(|one| one[1]);
        Ok(found.map(|old| self.at(old)))
    }

    /// The files below the folder that are gone since, not renamed: each by the revision seen from
    /// its own folder, and its name there.
    pub fn gone(&self) -> Result<Vec<(Self, String)>, Stop> {
        let gone = ["diff", "--name-only", "-M", "-z", "--diff-filter=D", &self.commit, "--", "."];
        let gone = self.run(&gone)?.unwrap_or_default();
        let gone = String::from_utf8_lossy(&gone).into_owned();
        Ok(gone.split('\0').filter(|path| !path.is_empty()).map(|path| self.at(path)).collect())
    }

    /// Whether a file, or what is deployed of a folder, is other than it was; none where Git has
    /// never seen it. Words for people and manifests deploy nothing.
    pub fn has_changed(&self, path: &Path) -> Result<Option<bool>, Stop> {
        let here = std::path::absolute(path);
        let here = here.map_err(|error| Stop::new(format!("{}: {error}", path.display())))?;
        let path = here.to_string_lossy();
        let other = [":(exclude,glob)**/*.md", ":(exclude,glob)**/.formwork.json"];
        let asked = |first: &[&str], paths: &[&str]| {
            let found = self.run(&[first, &["--"], paths].concat())?;
            Ok::<_, Stop>(found.is_some_and(|found| !found.is_empty()))
        };
        let paths = [&[&*path], &other[..]].concat();
        let now = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let now = asked(&now, &[&path])?;
        let then = asked(&["ls-tree", "-z", &self.commit], &[&path])?;
        if !now && !then {
            return Ok(None);
        }
        let differs = asked(&["diff", "--name-only", "-z", &self.commit], &paths)?;
        let new = asked(&["ls-files", "-z", "--others", "--exclude-standard"], &paths)?;
        Ok(Some(differs || new))
    }

    /// The revision seen from the folder of a path of the repository, and the path's last step.
    fn at(&self, path: &str) -> (Self, String) {
        let (below, name) = path.rfind('/').map_or(("", path), |at| path.split_at(at + 1));
        let (folder, commit) = (self.folder.clone(), self.commit.clone());
        (Self { folder, commit, below: below.into() }, name.into())
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
