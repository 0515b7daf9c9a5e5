//! `formwork completions` and `formwork man`: what a shell and `man` know of the commands.

use super::input::cannot;
use super::stop::{Exit, Stop};
use super::{Context, command};
use clap::Args;
use clap_complete::Shell;
use std::fs;
use std::path::PathBuf;

const COMPLETIONS: &str = "\
Examples:
  formwork completions bash > ~/.local/share/bash-completion/completions/formwork
  formwork completions zsh > ~/.zfunc/_formwork
  formwork completions fish > ~/.config/fish/completions/formwork.fish";

/// Print what completes commands and flags in a shell
#[derive(Args)]
#[command(after_help = COMPLETIONS)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub fn run(&self, context: &Context) -> Exit {
        let mut script = vec![];
        clap_complete::generate(self.shell, &mut command(), "formwork", &mut script);
        context.console.data(&String::from_utf8_lossy(&script));
        Exit::Fine
    }
}

const MAN: &str = "\
Examples:
  formwork man -o ~/.local/share/man/man1    then: man formwork, man formwork-generate";

/// Write a manual page for each command
#[derive(Args)]
#[command(after_help = MAN)]
pub(super) struct Man {
    /// Write them into this folder
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Man {
    pub fn run(&self, context: &Context) -> Result<Exit, Stop> {
        let folder = self.out.display().to_string();
        let failed = |error| cannot("write", &folder, &error);
        fs::create_dir_all(&self.out).map_err(failed)?;
        clap_mangen::generate_to(command(), &self.out).map_err(failed)?;
        context.console.done(&format!("wrote the manual pages into {folder}\n"));
        Ok(Exit::Fine)
    }
}
