//! One line on a terminal that says how far long work is, and vanishes.
//!
//! By hand, because a line that is written over is all that is wanted, and crates for bars draw,
//! measure and tick.

use std::env;
use std::io::{IsTerminal, Write, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Shorter work is done before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(1);

/// As often as a person reads.
const PACE: Duration = Duration::from_millis(100);

/// Work on many blueprints.
pub(super) struct Progress {
    /// What is being done; none where nobody looks.
    doing: Option<&'static str>,
    count: usize,
    done: AtomicUsize,
    begun: Instant,
    /// When the line was last written.
    written: Mutex<Option<Instant>>,
}

impl Progress {
    /// Of so many; said to a person at a terminal alone.
    pub fn new(doing: &'static str, count: usize, quiet: bool) -> Self {
        let said = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let looks = stderr().is_terminal() && !dumb && !said("NO_COLOR") && !said("CI");
        Self {
            doing: Some(doing).filter(|_| looks && !quiet && count > 1),
            count,
            done: AtomicUsize::new(0),
            begun: Instant::now(),
            written: Mutex::new(None),
        }
    }

    /// Does one of them.
    pub fn of<T>(&self, work: impl FnOnce() -> T) -> T {
        let result = work();
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(doing) = self.doing.filter(|_| self.begun.elapsed() > PATIENCE) {
            self.write(&format!("{doing} blueprints: {done} of {}", self.count));
        }
        result
    }

    /// Whoever writes it at this moment is as good.
    fn write(&self, line: &str) {
        let Ok(mut written) = self.written.try_lock() else { return };
        if written.is_none_or(|at| at.elapsed() > PACE) {
            let _ = write!(stderr().lock(), "\r\u{1b}[2K{line}");
            *written = Some(Instant::now());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.written.get_mut().is_ok_and(|written| written.is_some()) {
            let _ = write!(stderr().lock(), "\r\u{1b}[2K");
        }
    }
}
