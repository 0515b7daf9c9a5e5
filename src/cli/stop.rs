//! How a command ends.

use super::console::Console;
use crate::diagnostic::Diagnostic;
use std::process::ExitCode;

/// The exit codes; the larger one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// All is well.
    Fine,
    /// Something was found.
    Findings,
    /// Usage, I/O, or a bug of ours.
    CannotRun,
}

impl Exit {
    /// What these findings come to: warnings only where they are denied, by name or all of them,
    /// and those that are there because of a date only where the day was said: a pipeline does not
    /// fail over night. A broken catalog is not the blueprint's fault.
    pub fn of(findings: &[Diagnostic], deny: &[&str], dated: bool) -> Self {
        let denied = |rule: &str| deny.iter().any(|word| ["warnings", rule].contains(word));
        let one = |finding: &Diagnostic| match finding.is_error() {
            true if &*finding.rule == "broken-catalog" => Self::CannotRun,
            true => Self::Findings,
            false if denied(&finding.rule) && (dated || !finding.dated) => Self::Findings,
            false => Self::Fine,
        };
        findings.iter().map(one).max().unwrap_or(Self::Fine)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not run.
#[derive(Debug, Default)]
pub(super) struct Stop {
    message: String,
    help: Option<String>,
    /// What is broken in a catalog.
    findings: Vec<Diagnostic>,
}

impl Stop {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn help_if(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Draws what is in the way before saying so.
    pub fn findings(message: impl Into<String>, findings: Vec<Diagnostic>) -> Self {
        Self { findings, ..Self::new(message) }
    }

    /// Says it, and gives the exit code.
    pub fn tell(&self) -> Exit {
        let console = Console::new(false, false);
        console.say_findings(&self.findings);
        console.error(&self.message);
        if let Some(help) = &self.help {
            console.say(&format!("help: {help}"));
        }
        Exit::CannotRun
    }
}
