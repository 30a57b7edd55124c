//! How much a column may remember: all of them together have a bound, however many there are.

use super::Histogram;
use crate::data::sketch::Distinct;

/// What one column may keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// Values, for an exact count of different ones.
    pub(super) distinct: usize,
    /// Values of the random sample.
    pub(super) sample: usize,
    /// Counted values.
    pub(super) counted: usize,
}

impl Share {
    /// The most values that are counted by name.
    const COUNTED: usize = 1000;

    /// The share of one of `columns` columns: of 64 of them the full, about 1.5 MiB; of 10,000 of them about 20 KiB.
    pub(super) fn of(columns: usize) -> Self {
        let part = |total: usize, least: usize, most: usize| (total / columns.max(1)).clamp(least, most);
        Self {
            distinct: part(64 * Distinct::EXACT, 500, Distinct::EXACT),
            sample: part(64 * Histogram::SAMPLE, 1_000, Histogram::SAMPLE),
            counted: part(640 * Self::COUNTED, 100, Self::COUNTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_columns_have_the_full_share_and_many_a_small_one() {
        let full = Share::of(1);
        assert_eq!(Share::of(64).sample, full.sample);
        let small = Share::of(10_000);
        assert_eq!((small.sample, small.distinct, small.counted), (1_000, 500, 100));
    }
}
