//! The `formwork` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    std::panic::catch_unwind(formwork::cli::main).unwrap_or_else(|_| {
        // The panic's own message has been printed; it is a mistake of ours, not of a blueprint.
        ExitCode::from(2)
    })
}
