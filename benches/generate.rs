//! How long `formwork generate` takes as a whole process, beside a program that only reads the
//! same blueprint and writes the same bytes.
//!
//! `cargo bench` prints one line a case. The floor is this program run again as a copier.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark speaks and may fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 21;
const BLUEPRINT: &str = include_str!("../blueprints/sensor-streaming.yaml");

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if let [word, blueprints, from, to] = arguments.as_slice()
        && word == Path::new("copy")
    {
        return copy(blueprints, from, to);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    case(
        folder.path(),
        "one blueprint, one environment, Terraform",
        1,
        &["--env", "prod", "--target", "terraform"],
    );
    case(folder.path(), "one blueprint, two environments, both targets", 1, &[]);
    case(folder.path(), "1,000 blueprints, two environments, both targets", 1000, &[]);
}

/// Times one case: every run writes into a folder of its own.
fn case(folder: &Path, name: &str, count: usize, flags: &[&str]) {
    let blueprints = folder.join(format!("blueprints-{count}"));
    fs::create_dir_all(&blueprints).expect("made");
    for index in 0..count {
        let text = BLUEPRINT.replacen("name: ", &format!("name: b{index}-"), 1);
        fs::write(blueprints.join(format!("b{index}.yaml")), text).expect("written");
    }
    let runs = if count > 1 { 3 } else { RUNS };
    let mut times = vec![];
    let mut floors = vec![];
    let mut memory = 0;
    for run in 0..runs {
        let out = folder.join(format!("out-{run}"));
        let mut generate = Command::new(env!("CARGO_BIN_EXE_formwork"));
        generate.arg("generate").arg(&blueprints).arg("-o").arg(&out).args(flags);
        let (time, peak) = measured(&mut generate);
        times.push(time);
        memory = memory.max(peak);
        let again = folder.join(format!("copy-{run}"));
        let mut copy = Command::new(std::env::current_exe().expect("this program"));
        copy.arg("copy").arg(&blueprints).arg(&out).arg(&again);
        floors.push(measured(&mut copy).0);
        fs::remove_dir_all(&out).expect("removed");
        fs::remove_dir_all(&again).expect("removed");
    }
    let (time, floor) = (median(times), median(floors));
    let ratio = time.as_secs_f64() / floor.as_secs_f64();
    println!("{name}: {time:.1?}, copying alone {floor:.1?}, ratio {ratio:.1}, peak {memory} kB");
}

/// The time of a process, and its largest resident memory as far as it could be seen.
fn measured(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        if let Some(exit) = child.try_wait().expect("it can be waited for") {
            assert!(exit.success(), "{command:?}");
            return (start.elapsed(), peak);
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        peak = peak.max(number.unwrap_or_default());
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Reads the blueprints, and writes the files of one folder into another.
fn copy(blueprints: &Path, from: &Path, to: &Path) {
    for entry in fs::read_dir(blueprints).expect("a folder") {
        let text = fs::read(entry.expect("an entry").path()).expect("read");
        assert!(!text.is_empty());
    }
    copy_below(from, to);
}

fn copy_below(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_below(&entry.path(), &target);
        } else {
            fs::write(target, fs::read(entry.path()).expect("read")).expect("written");
        }
    }
}
