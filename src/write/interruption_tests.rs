//! Runs that stop in the middle, and runs that meet.

use super::apply::run;
use super::lock::{Lock, temporary_name};
use super::tests::{Place, output, rules};
use super::{Output, State, WriteError, apply, plan};
use std::fs;
use std::io;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

fn before() -> Output {
    output(&[("a.tf", "old a"), ("b.tf", "b"), ("c.tf", "old c"), ("assets/old.py", "old asset")])
}

fn after() -> Output {
    output(&[("a.tf", "new a"), ("b.tf", "b"), ("c.tf", "new c"), ("assets/new.py", "new asset")])
}

fn third() -> Output {
    output(&[("a.tf", "third a"), ("assets/old.py", "third asset")])
}

/// Runs as long as `allows` says so of each operation's number.
fn stop(
    place: &Place,
    output: &Output,
    force: bool,
    allows: impl Fn(usize) -> bool,
) -> Result<(), WriteError> {
    let mut count = 0;
    let mut gate = || {
        count += 1;
        if allows(count - 1) { Ok(()) } else { Err(io::Error::from(io::ErrorKind::StorageFull)) }
    };
    run(&place.plan(output), force, &mut gate).map(|written| assert_eq!(written.problems, []))
}

/// Every file that has a final name is old or new.
fn assert_whole(place: &Place) {
    for (path, text) in place.files() {
        let whole = match path.as_str() {
            "a.tf" | "c.tf" => [format!("old {}", &path[..1]), format!("new {}", &path[..1])],
            "b.tf" => ["b".into(), "b".into()],
            "assets/old.py" => ["old asset".into(), "old asset".into()],
            "assets/new.py" => ["new asset".into(), "new asset".into()],
            _ => continue,
        };
        assert!(whole.contains(&text), "{path}: {text}");
    }
}

#[test]
fn whatever_was_interrupted_is_finished_by_the_next_run() {
    for next in [after(), third(), before()] {
        let expected = Place::with(&next).files();
        // A killed process does nothing more; on a full disk one operation fails.
        for killed in [true, false] {
            let mut steps = 0;
            loop {
                let place = Place::with(&before());
                let allows = |count| if killed { count < steps } else { count != steps };
                if stop(&place, &after(), false, allows).is_ok() {
                    break;
                }
                assert_whole(&place);
                assert!(!place.plan(&after()).stale().is_empty(), "step {steps}");
                assert_eq!(place.generate(&next).problems, [], "step {steps}");
                assert_eq!(place.files(), expected, "step {steps}");
                steps += 1;
            }
            assert!(steps > 15, "{steps}");
        }
    }
}

#[test]
fn interrupted_twice_is_finished_as_well() {
    let expected = Place::with(&before()).files();
    for first in 0..18 {
        for second in 0..14 {
            let place = Place::with(&before());
            let _ = stop(&place, &after(), false, |count| count < first);
            let _ = stop(&place, &third(), false, |count| count < second);
            assert_eq!(place.generate(&before()).problems, [], "steps {first} and {second}");
            assert_eq!(place.files(), expected, "steps {first} and {second}");
        }
    }
}

#[test]
fn a_forced_run_is_finished_without_force() {
    let expected = Place::with(&after()).files();
    for steps in 3.. {
        let place = Place::with(&before());
        place.put("a.tf", "by hand");
        place.put("assets/new.py", "foreign");
        if stop(&place, &after(), true, |count| count < steps).is_ok() {
            break;
        }
        assert_eq!(place.generate(&after()).problems, [], "step {steps}");
        assert_eq!(place.files(), expected, "step {steps}");
    }
}

#[test]
fn an_interruption_is_told() {
    let place = Place::with(&before());
    assert!(!place.plan(&after()).interrupted);
    stop(&place, &after(), false, |count| count < 3).unwrap_err();
    assert!(place.plan(&after()).interrupted);
    // Even where the files are what they should be again.
    let same = before();
    let plan = place.plan(&same);
    let reason = &plan.stale()[0];
    assert_eq!(reason.path, place.path(".formwork.json"));
    assert_eq!(reason.what, "tells of a run that was interrupted");
    assert_eq!(plan.files["a.tf"], State::Unchanged);
}

#[test]
fn an_edit_after_an_interruption_is_still_an_edit() {
    let place = Place::with(&before());
    stop(&place, &after(), false, |count| count < 6).unwrap_err();
    place.put("c.tf", "by hand");
    assert_eq!(place.state(&after(), "c.tf").0, Some(State::Edited));
    assert_eq!(place.generate(&after()).problems.len(), 1);
    assert_eq!(place.text("c.tf"), "by hand");
}

#[test]
fn a_full_disk_is_told_with_the_file_and_leaves_no_scraps() {
    let place = Place::with(&before());
    let error = stop(&place, &after(), false, |count| count != 4).unwrap_err();
    assert_eq!((error.action, &error.path), ("write", &place.path("a.tf")));
    let error = WriteError { source: io::Error::from_raw_os_error(28), ..error };
    let message = error.to_string();
    assert!(message.starts_with("cannot write ") && !message.contains("os error"), "{message}");
    #[cfg(target_os = "linux")]
    assert!(message.ends_with("plant/terraform/a.tf: No space left on device"), "{message}");
    assert!(place.files().keys().all(|name| !name.contains("tmp") && !name.contains("lock")));
}

#[test]
fn scraps_of_a_killed_run_go_even_where_nothing_else_does() {
    let place = Place::with(&before());
    place.put(".formwork-123-4.tmp", "half");
    place.put(".formwork.lock", "");
    place.put(".formwork-notes", "mine");
    assert_eq!(place.plan(&before()).stale(), []);
    assert_eq!(place.generate(&before()).unchanged, 4);
    let names: Vec<_> =
        place.files().into_keys().filter(|name| name.contains("formwork")).collect();
    let lock = if cfg!(unix) { vec![] } else { vec![".formwork.lock".to_owned()] };
    assert_eq!(names, [vec![".formwork-notes".into(), ".formwork.json".into()], lock].concat());
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_a_link_is_not_followed() {
    let place = Place::with(&before());
    std::os::unix::fs::symlink(place.path("made"), place.path(".formwork.lock")).unwrap();
    let error = apply(&place.plan(&after()), false).unwrap_err();
    assert_eq!((error.action, error.path), ("lock", place.path(".formwork.lock")));
    assert!(!place.path("made").exists());
}

#[cfg(unix)]
#[test]
fn a_link_with_the_name_of_a_half_written_file_is_not_followed() {
    let place = Place::with(&before());
    place.put("mine", "kept");
    let link = place.path(&temporary_name(1));
    std::os::unix::fs::symlink(place.path("mine"), link).unwrap();
    let error = apply(&place.plan(&after()), false).unwrap_err();
    assert_eq!(error.source.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(place.text("mine"), "kept");
}

#[test]
fn a_lock_is_held_by_one_at_a_time_though_its_file_comes_and_goes() {
    let (place, inside) = (Place::new(), AtomicUsize::new(0));
    let enter = || {
        for _ in 0..300 {
            let _lock = Lock::acquire(&place.path("")).unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            std::thread::yield_now();
            inside.fetch_sub(1, Ordering::SeqCst);
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(enter))));
}

#[test]
fn a_file_changed_after_the_plan_is_still_safe() {
    let place = Place::with(&before());
    let next = after();
    let plan = place.plan(&next);
    assert_eq!(plan.problems, []);
    place.put("a.tf", "by hand");
    assert_eq!(rules(&apply(&plan, false).unwrap().problems), ["edited-artifact"]);
    assert_eq!(place.text("a.tf"), "by hand");
}

#[test]
fn two_runs_at_once_end_in_one_consistent_state() {
    let names: Vec<_> = (0..12).map(|n| format!("assets/{n}.py")).collect();
    let of = |names: &[String], text| {
        output(&names.iter().map(|name| (name.as_str(), text)).collect::<Vec<_>>())
    };
    let outputs = [of(&names[..9], "one"), of(&names[3..], "two")];
    let finals = outputs.each_ref().map(|output| Place::with(output).files());
    for _ in 0..25 {
        let (place, barrier) = (Place::new(), Barrier::new(2));
        std::thread::scope(|scope| {
            for output in &outputs {
                scope.spawn(|| {
                    for _ in 0..3 {
                        barrier.wait();
                        let plan = plan(place.out.path(), output).unwrap();
                        assert_eq!(apply(&plan, false).unwrap().problems, []);
                    }
                });
            }
        });
        let mut files = place.files();
        // Where the lock file cannot be removed safely it stays.
        files.retain(|name, _| cfg!(unix) || name != ".formwork.lock");
        assert!(finals.contains(&files), "{files:?}");
        fs::remove_dir_all(place.out.path()).unwrap();
    }
}
