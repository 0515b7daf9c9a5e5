//! Data to standard output, talk to standard error.

use super::{Color, Failure};
use crate::diagnostic::{Diagnostic, human, summary};
use std::io::{self, ErrorKind, IsTerminal, Write};

/// The two streams, and how much is said.
pub(super) struct Terminal {
    color: bool,
    quiet: bool,
    verbose: bool,
}

impl Terminal {
    pub fn new(color: Color, quiet: bool, verbose: bool) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                io::stderr().is_terminal() && !refused
            }
        };
        Self { color, quiet, verbose }
    }

    /// Data. Whoever closes the other end has seen enough.
    pub fn print(text: &str) -> Result<(), Failure> {
        let written = io::stdout().write_all(text.as_bytes());
        match written.and_then(|()| io::stdout().flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(format!("cannot write to standard output: {error}"))
            }
            _ => Ok(()),
        }
    }

    /// Talk, unless it is not wanted.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            Self::say_always(text);
        }
    }

    /// Talk for those who want to know more.
    pub fn say_more(&self, text: &str) {
        if self.verbose {
            Self::say_always(text);
        }
    }

    /// What is said in any case. There is nobody to tell when standard error is gone.
    pub fn say_always(text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Draws findings, and counts them.
    pub fn findings(&self, findings: &[Diagnostic]) {
        for finding in findings {
            Self::say_always(&format!("{}\n", human(finding, self.color)));
        }
        if let Some(summary) = summary(findings) {
            self.say(&summary);
        }
    }
}
