//! The standard streams.

use super::progress::Progress;
use super::stop::Stop;
use crate::diagnostic::{self, Diagnostic};
use std::io::{self, Write};
use std::sync::OnceLock;

/// Where a command says what it has to say. Colours are taken out where nobody could see them.
#[derive(Debug, Default)]
pub(super) struct Console {
    quiet: bool,
    /// Whether everything is to be said.
    pub verbose: bool,
    failure: OnceLock<io::Error>,
}

impl Console {
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self { quiet, verbose, failure: OnceLock::new() }
    }

    /// What tells how far work on so many blueprints is.
    pub fn progress(&self, doing: &'static str, count: usize) -> Progress {
        Progress::new(doing, count, self.quiet)
    }

    /// Data, as it stands. Whoever reads it may have gone: that is their business.
    pub fn data(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let _ = self.failure.set(error);
        }
    }

    /// What was done, unless nobody wants to know.
    pub fn done(&self, text: &str) {
        if !self.quiet {
            self.data(text);
        }
    }

    /// Talk.
    pub fn talk(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Talk for those who asked for more.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.say(text);
        }
    }

    /// What is said in any case.
    #[allow(clippy::unused_self, reason = "all that is said goes through a console")]
    pub fn say(&self, text: &str) {
        // There is no other place to complain about standard error.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    pub fn error(&self, text: &str) {
        self.say(&format!("\u{1b}[1;31merror\u{1b}[0m: {text}"));
    }

    /// Findings, drawn for people.
    pub fn say_findings(&self, findings: &[Diagnostic]) {
        for finding in findings {
            self.say(&(diagnostic::human(finding, true) + "\n"));
        }
    }

    /// Fails when data could not be written.
    pub fn finish(&self) -> Result<(), Stop> {
        match self.failure.get() {
            Some(error) => Err(Stop::new(format!("cannot write to standard output: {error}"))),
            None => Ok(()),
        }
    }
}
