//! Starts the sample backend; see `sample-server --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sample_server::cli::run()
}
