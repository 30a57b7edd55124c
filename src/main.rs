//! The executable: hands the command line to `usina::cli`.

use std::ffi::{c_int, c_long};
use std::process::ExitCode;

/// Several threads allocate at once while a request is answered; the system's allocator makes them wait.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`, which has no name in the bindings.
const PURGE_DELAY: c_int = 15;

/// For how many milliseconds the allocator keeps what was freed; ten times as long for whole arenas. By default it is
/// a second, and a training of tens of millions of rows held half a gigabyte that it had given back
/// (`benches/scale.rs`); shorter costs system calls.
const PURGED_AFTER: c_long = 10;

fn main() -> ExitCode {
    #[expect(
        unsafe_code,
        reason = "the bindings have no safe form; the option is a number that is read when memory is freed"
    )]
    // SAFETY: the option exists in every version 2 and 3 of mimalloc, and any value is one that it may have. A value
    // from the environment (MIMALLOC_PURGE_DELAY) stays.
    unsafe {
        libmimalloc_sys::mi_option_set_default(PURGE_DELAY, PURGED_AFTER);
    }
    #[cfg(feature = "gpu")]
    #[expect(
        unsafe_code,
        reason = "the library takes its default device from the environment and nowhere else"
    )]
    // SAFETY: this is the first thing that the only thread does.
    unsafe {
        // An optimizer that goes on puts what it has kept on Burn's default device first. That would be a GPU that
        // nobody has opened, and where there is none, Burn panics in a thread of its own.
        std::env::set_var("BURN_DEVICE", "flex");
    }
    usina::cli::main()
}
