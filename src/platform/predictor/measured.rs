//! What a version has answered, and how long that took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::base::durations::{Counted, Durations};

/// Counts what a version answers. It is kept with the version, and gone when the version leaves memory: else
/// there would be more and more of them, one for every version that was ever asked for.
#[derive(Debug, Default)]
pub(super) struct Measured {
    answered: AtomicU64,
    refused: AtomicU64,
    durations: Durations,
}

/// What a version has answered up to some moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// Rows that were answered.
    pub answered: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// How long requests took.
    pub durations: Counted,
}

impl Measured {
    pub(super) fn add_answered(&self, rows: usize) {
        self.answered.fetch_add(rows as u64, Ordering::Relaxed);
    }

    pub(super) fn add_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_duration(&self, took: Duration) {
        self.durations.add(took);
    }

    pub(super) fn tally(&self) -> Tally {
        Tally {
            answered: self.answered.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            durations: self.durations.counted(),
        }
    }
}
