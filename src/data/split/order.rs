//! Rows in random order.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::SplitError;
use crate::base::Seed;

/// All rows, shuffled, then those of the lowest stratum first.
pub(super) fn shuffled_by_stratum(strata: &[u32], seed: Seed) -> Result<Vec<u32>, SplitError> {
    let mut rows = positions(strata.len())?;
    shuffle(&mut rows, &mut seed.rng());
    rows.sort_by_key(|&row| strata[row as usize]);
    Ok(rows)
}

/// The positions 0 to `rows` − 1, in four bytes each.
pub(super) fn positions(rows: usize) -> Result<Vec<u32>, SplitError> {
    let rows = u32::try_from(rows).map_err(|_| SplitError::TooManyRows(rows))?;
    Ok((0..rows).collect())
}

/// The numbers from 0 to `count` − 1 in a random order.
pub fn shuffled(count: usize, seed: Seed) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    shuffle(&mut order, &mut seed.rng());
    order
}

/// Puts `items` into random order. Our own, so that no release of a library changes what a seed means.
///
/// Source: Fisher and Yates 1938, in the form of Durstenfeld 1964.
pub fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u64 + 1, rng) as usize);
    }
}

/// A number from 0 to `bound` − 1, all equally likely.
///
/// Source: Lemire 2019, "Fast random integer generation in an interval".
pub fn below(bound: u64, rng: &mut ChaCha8Rng) -> u64 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as u64;
        }
    }
}
