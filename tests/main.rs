//! All integration tests, in one executable.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test did not expect fails it, also where a helper meets it"
)]

mod device;
mod doors;
mod format;
mod journey;
mod kill;
mod openapi;
mod page;
mod parity;
mod predictions;
mod secrets;
mod support;
mod tidy;
mod wrong_input;
