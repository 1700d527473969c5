//! Menpai's program: everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    menpai::cli::run(std::env::args_os())
}
