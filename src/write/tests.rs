//! The states of a folder, and what writing makes of them.

use super::{Artifact, Output, Plan, Problem, State, Written, apply, plan};
use crate::value::Target;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// An output folder that a test works in.
pub(super) struct Place {
    pub out: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { out: TempDir::new().unwrap() }
    }

    /// A folder in which this was generated.
    pub fn with(output: &Output) -> Self {
        let place = Self::new();
        assert_eq!(place.generate(output).problems, []);
        place
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.out.path().join("plant/terraform").join(path)
    }

    pub fn plan<'a>(&self, output: &'a Output) -> Plan<'a> {
        plan(self.out.path(), output).unwrap()
    }

    pub fn generate(&self, output: &Output) -> Written {
        apply(&self.plan(output), false).unwrap()
    }

    pub fn force(&self, output: &Output) -> Written {
        apply(&self.plan(output), true).unwrap()
    }

    pub fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The state of one file, and what `--check` says of it.
    pub fn state(&self, output: &Output, path: &str) -> (Option<State>, Option<&'static str>) {
        let plan = self.plan(output);
        let stale = plan.stale();
        let reason = stale.iter().find(|reason| reason.path == self.path(path));
        (plan.files.get(path).copied(), reason.map(|reason| reason.what))
    }

    /// Every file below the folder with its content; links are not followed.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(&self.path(""), "", &mut files);
        files
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files.insert(format!("{name}/"), String::new());
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read_to_string(entry.path()).unwrap_or_default());
        }
    }
}

pub(super) fn output(artifacts: &[(&str, &str)]) -> Output {
    let artifacts = artifacts
        .iter()
        .map(|(path, text)| Artifact { path: (*path).into(), bytes: text.as_bytes().into() });
    Output {
        blueprint: "plant".into(),
        environment: None,
        target: Target::Terraform,
        artifacts: artifacts.collect(),
        holders: Vec::new(),
        unprotected: Vec::new(),
        removed: Vec::new(),
    }
}

pub(super) fn rules(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.rule).collect()
}

#[test]
fn a_new_folder_is_written_with_its_manifest() {
    let place = Place::new();
    let new = output(&[("main.tf", "one"), ("assets/a-b.py", "two")]);
    assert_eq!(place.state(&new, "main.tf"), (Some(State::New), Some("is missing")));
    let written = place.generate(&new);
    assert_eq!(written.written, ["assets/a-b.py", "main.tf"]);
    let manifest = concat!(
        "{\n  \"artifacts\": {\n",
        "    \"assets/a-b.py\": ",
        "\"3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3\",\n",
        "    \"main.tf\": ",
        "\"7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed\"\n",
        "  },\n  \"blueprint\": \"plant\",\n  \"environment\": null,\n  \"format\": 1,\n",
        "  \"holders\": [],\n  \"target\": \"terraform\"\n}\n",
    );
    let expected = [
        (".formwork.json", manifest),
        ("assets/", ""),
        ("assets/a-b.py", "two"),
        ("main.tf", "one"),
    ];
    assert_eq!(place.files(), expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    assert_eq!(place.plan(&new).stale(), []);
}

#[cfg(unix)]
#[test]
fn files_are_for_all_to_read_and_for_nobody_to_run() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&output(&[("a.tf", "one")]));
    let mode = fs::metadata(place.path("a.tf")).unwrap().permissions().mode();
    // The user's umask may take more away.
    assert_eq!((mode & 0o600, mode & 0o133), (0o600, 0));
}

#[test]
fn an_environment_has_a_folder_of_its_own() {
    let place = Place::new();
    let mut new = output(&[("template.yaml", "one")]);
    new.environment = Some("dev".into());
    new.target = Target::CloudFormation;
    assert_eq!(place.generate(&new).written, ["template.yaml"]);
    let folder = place.out.path().join("plant/dev/cloudformation");
    assert_eq!(place.plan(&new).folder(), folder);
    assert_eq!(fs::read_to_string(folder.join("template.yaml")).unwrap(), "one");
}

#[test]
fn what_is_as_it_should_be_is_not_touched() {
    let new = output(&[("main.tf", "one"), ("assets/a.py", "two")]);
    let place = Place::with(&new);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let names = [".formwork.json", "main.tf", "assets/a.py"];
    for name in names {
        File::options()
            .append(true)
            .open(place.path(name))
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
    }
    let modified = |name| fs::metadata(place.path(name)).unwrap().modified().unwrap();
    assert_eq!(place.generate(&new).unchanged, 2);
    assert!(names.into_iter().all(|name| modified(name) == long_ago));

    let written = place.generate(&output(&[("main.tf", "other"), ("assets/a.py", "two")]));
    assert_eq!((written.written, written.unchanged), (vec!["main.tf".to_owned()], 1));
    assert_eq!(modified("assets/a.py"), long_ago);
    assert_ne!(modified("main.tf"), long_ago);
}

#[test]
fn a_changed_and_a_missing_file_are_written_again() {
    let place = Place::with(&output(&[("a.tf", "one"), ("b.tf", "two")]));
    let next = output(&[("a.tf", "other"), ("b.tf", "two")]);
    fs::remove_file(place.path("b.tf")).unwrap();
    for name in ["a.tf", "b.tf"] {
        assert_eq!(place.state(&next, name), (Some(State::Changed), Some("is out of date")));
    }
    assert_eq!(place.generate(&next).written, ["a.tf", "b.tf"]);
    assert_eq!((place.text("a.tf"), place.text("b.tf")), ("other".into(), "two".into()));
}

#[test]
fn a_stale_file_goes_with_the_folder_that_it_leaves_empty() {
    let place = Place::with(&output(&[("a.tf", "one"), ("assets/b.py", "two"), ("c/d/e", "")]));
    place.put("c/mine", "keep me");
    let next = output(&[("a.tf", "one")]);
    let stale = (Some(State::Stale), Some("is no longer generated"));
    assert_eq!(place.state(&next, "assets/b.py"), stale);
    assert_eq!(place.generate(&next).removed, ["assets/b.py", "c/d/e"]);
    let names: Vec<_> = place.files().into_keys().collect();
    assert_eq!(names, [".formwork.json", "a.tf", "c/", "c/mine"]);
}

#[test]
fn an_edited_file_is_kept_unless_forced() {
    let place = Place::with(&output(&[("a.tf", "one"), ("b.tf", "two"), ("c.tf", "three")]));
    place.put("a.tf", "by hand");
    place.put("b.tf", "by hand too");
    let next = output(&[("a.tf", "one"), ("c.tf", "other")]);
    assert_eq!(place.state(&next, "a.tf").0, Some(State::Edited));
    assert_eq!(place.state(&next, "b.tf").0, Some(State::StaleEdited));

    let before = place.files();
    let refused = place.generate(&next);
    assert_eq!(rules(&refused.problems), ["edited-artifact", "edited-artifact"]);
    assert_eq!((refused.written.len(), place.files()), (0, before));
    assert_eq!(refused.problems[0].path, Some(place.path("a.tf")));
    assert!(refused.problems[0].help.contains("--force"));

    let forced = place.force(&next);
    assert_eq!((forced.written.len(), forced.removed.len(), forced.problems.len()), (2, 1, 0));
    assert_eq!((place.text("a.tf"), place.path("b.tf").exists()), ("one".into(), false));
}

#[test]
fn a_hand_edit_that_is_what_would_be_written_is_no_edit() {
    let place = Place::with(&output(&[("a.tf", "one")]));
    place.put("a.tf", "two");
    let next = output(&[("a.tf", "two")]);
    assert_eq!(place.state(&next, "a.tf").0, Some(State::Unchanged));
    assert_eq!(place.state(&next, ".formwork.json").0, Some(State::Changed));
    assert_eq!(place.generate(&next).problems, []);
    assert_eq!(place.plan(&next).stale(), []);
}

#[test]
fn foreign_files_are_kept() {
    let place = Place::new();
    place.put("a.tf", "mine");
    place.put("terraform.tfstate", "state");
    place.put(".terraform/x", "plugin");
    place.put(".formwork.lock", "");
    let new = output(&[("a.tf", "one"), ("b.tf", "two")]);
    assert_eq!(place.state(&new, "a.tf").0, Some(State::Foreign));
    let refused = place.generate(&new);
    assert_eq!(rules(&refused.problems), ["foreign-file"]);
    assert_eq!((place.text("a.tf"), place.path("b.tf").exists()), ("mine".into(), false));

    assert_eq!(place.force(&new).written, ["a.tf", "b.tf"]);
    assert_eq!(place.text("a.tf"), "one");
    assert_eq!(place.generate(&output(&[("b.tf", "two")])).removed, ["a.tf"]);
    assert_eq!(place.text("terraform.tfstate") + &place.text(".terraform/x"), "stateplugin");
}

#[cfg(unix)]
#[test]
fn links_and_folders_in_the_way_are_never_written_through() {
    use std::os::unix::fs::symlink;
    for in_the_way in ["a.tf", "assets", ".formwork.json", "folder.tf"] {
        let place = Place::new();
        place.put("elsewhere/x.py", "mine");
        match in_the_way {
            "folder.tf" => fs::create_dir(place.path("folder.tf")).unwrap(),
            "assets" => symlink(place.path("elsewhere"), place.path("assets")).unwrap(),
            name => symlink(place.path("elsewhere/x.py"), place.path(name)).unwrap(),
        }
        let new = output(&[("a.tf", "one"), ("assets/x.py", "two"), ("folder.tf", "three")]);
        let forced = place.force(&new);
        assert_eq!(rules(&forced.problems), ["file-in-the-way"], "{in_the_way}");
        assert_eq!(place.text("elsewhere/x.py"), "mine");
        assert_eq!(fs::read_dir(place.path("")).unwrap().count(), 2, "{in_the_way}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_the_output_folder_is_the_users_choice() {
    let (real, place) = (TempDir::new().unwrap(), Place::new());
    std::os::unix::fs::symlink(real.path(), place.out.path().join("plant")).unwrap();
    assert_eq!(place.generate(&output(&[("a.tf", "one")])).problems, []);
    assert_eq!(fs::read_to_string(real.path().join("terraform/a.tf")).unwrap(), "one");
}

#[test]
fn a_path_out_of_the_folder_is_our_bug() {
    for bad in [&[("../a.tf", "")][..], &[("/a.tf", "")], &[("a.tf", "1"), ("a.tf", "2")]] {
        let bad = output(bad);
        let error = plan(Place::new().out.path(), &bad).unwrap_err();
        assert!(error.to_string().contains("a bug"), "{error}");
    }
}

#[test]
fn a_manifest_that_is_not_ours_to_trust_is_an_error() {
    let place = Place::with(&output(&[("a.tf", "one")]));
    let good = place.text(".formwork.json");
    let cases = [
        (good.replace("a.tf", "../../a.tf"), "outside the folder"),
        (good.replace("\"format\": 1", "\"format\": 2"), "this release"),
        (format!("<<<<<<< HEAD\n{good}"), "line 1"),
    ];
    for (text, reason) in cases {
        place.put(".formwork.json", &text);
        let error = plan(place.out.path(), &output(&[])).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_file_where_a_folder_must_be_says_so() {
    let place = Place::new();
    let new = output(&[("a.tf", "one")]);
    let early = place.plan(&new);
    fs::write(place.out.path().join("plant"), "").unwrap();
    let error = apply(&early, false).unwrap_err();
    assert_eq!((error.action, error.path.as_path()), ("create", place.path("").as_path()));
    assert_eq!(plan(place.out.path(), &new).unwrap_err().action, "read");
}
