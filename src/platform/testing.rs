//! A platform in memory with a clock that stands still, for the tests of the capabilities.

use std::time::Duration;

use crate::base::{Clock, Entropy, Time};
use crate::store::Store;

/// When the tests' clock begins.
pub(super) const START: Time = Time::from_millis(1_700_000_000_000);

/// A store in memory and its clock.
pub(super) fn store() -> (Store, Clock) {
    let clock = Clock::manual(START);
    (Store::in_memory(clock.clone(), Entropy).unwrap(), clock)
}

/// Moves the clock one second on.
pub(super) fn tick(clock: &Clock) {
    clock.advance(Duration::from_secs(1));
}
