//! How long things took, counted in buckets: a histogram that any thread adds to without waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets of durations, in seconds: from 5 µs, for one row, to 10 s.
pub const SECONDS: [f64; 20] = [
    5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
];

/// Counts durations by the buckets of [`SECONDS`], and one for what took longer.
#[derive(Debug, Default)]
pub struct Durations {
    buckets: [AtomicU64; SECONDS.len() + 1],
    /// Their sum. It overflows after six hundred years.
    nanos: AtomicU64,
}

/// What was counted up to some moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// How many took at most this many seconds, for each of [`SECONDS`].
    pub at_most: [u64; SECONDS.len()],
    /// How many there were.
    pub count: u64,
    /// How long all took together, in seconds.
    pub sum: f64,
}

impl Durations {
    /// Counts one more.
    pub fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = SECONDS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// What was counted so far. What is being added meanwhile may be in it in part.
    pub fn counted(&self) -> Counted {
        let mut count = 0;
        let mut up_to = |bucket: &AtomicU64| {
            count += bucket.load(Ordering::Relaxed);
            count
        };
        let at_most = std::array::from_fn(|bucket| up_to(&self.buckets[bucket]));
        up_to(&self.buckets[SECONDS.len()]);
        Counted {
            at_most,
            count,
            sum: Duration::from_nanos(self.nanos.load(Ordering::Relaxed)).as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_in_its_bucket_and_in_all_above() {
        let durations = Durations::default();
        for micros in [1, 5, 6, 2_000_000, 60_000_000] {
            durations.add(Duration::from_micros(micros));
        }
        let counted = durations.counted();
        // At most 5 µs, 10 µs; 1 s, 2.5 s; and 10 s.
        let at_most = [0, 1, 16, 17, 19].map(|bucket| counted.at_most[bucket]);
        assert_eq!((at_most, counted.count), ([2, 3, 3, 4, 4], 5));
        assert!((counted.sum - 62.000_012).abs() < 1e-9, "{}", counted.sum);
    }
}
