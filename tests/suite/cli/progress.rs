//! What a person at a terminal sees of long work.

use super::{PLANT, Place, Ran};

/// `check` of many blueprints as if at a terminal; what was written to it.
fn at_a_terminal(place: &Place, count: usize, before: &str) -> Ran {
    for at in 0..count {
        let name = format!("name: plant-{at}");
        place.write(&format!("all/{at}.yaml"), PLANT.replace("name: plant-a", &name));
    }
    let binary = env!("CARGO_BIN_EXE_formwork");
    let line = format!("{before} {binary} check all");
    let mut command = std::process::Command::new("script");
    command.current_dir(place.path("")).args(["-qec", &line, "/dev/null"]);
    for name in ["CI", "NO_COLOR"] {
        command.env_remove(name);
    }
    Ran::of(command.env("TERM", "xterm").output().unwrap())
}

#[test]
fn long_work_says_how_far_it_is_and_cleans_up() {
    let place = Place::new();
    let ran = at_a_terminal(&place, 2, "");
    assert!(!ran.out.contains("checking"), "work that is not long is silent: {}", ran.out);
    // As many as take longer than a second on whatever machine this is.
    let mut count = 250;
    let ran = loop {
        let ran = at_a_terminal(&place, count, "").exits(0);
        if ran.out.contains("\r\u{1b}[2Kchecking blueprints: ") || count > 8000 {
            break ran;
        }
        count *= 2;
    };
    let last = ran.out.rsplit("checking blueprints: ").next().unwrap();
    assert!(last.contains("\r\u{1b}[2Knothing found in"), "it vanishes: {last:?}");
    for quiet in ["CI=1", "NO_COLOR=1", "TERM=dumb"] {
        let ran = at_a_terminal(&place, count, quiet);
        assert!(!ran.out.contains("checking"), "{quiet}: {}", ran.out);
    }
}
