//! The command line of Formwork.

use std::process::ExitCode;

fn main() -> ExitCode {
    formwork::cli::main()
}
