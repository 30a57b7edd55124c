//! What the tests share: the executable on a data folder, raw HTTP, a router in this process, small tables.

mod folder;
mod here;
mod http;
mod table;

pub use folder::{Folder, Ran, Running, Server, executable};
pub use here::Here;
pub use http::{Connection, Refusal, Request, Response, get, post};
pub use table::{Recipe, customers, good_customer, patients};

use std::time::Duration;

use usina::base::Clock;

/// Nothing that a test waits for takes longer, on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `look` finds something; `what` says for what, should it never come.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_at_most(PATIENCE, what, look)
}

/// As [`wait_for`], `patience` at most.
pub fn wait_at_most<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let clock = Clock::system();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            clock.monotonic() < patience,
            "waited {patience:?} in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
