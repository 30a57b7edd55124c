//! The executable: hands the command line to `usina::cli`.

use std::process::ExitCode;

/// Several threads allocate at once while a request is answered; the system's allocator makes them wait.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    usina::cli::main()
}
