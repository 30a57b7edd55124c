//! Quantiles of a stream of numbers.

use datasketches::tdigest::TDigestMut;

/// Quantiles of numbers that are seen one after the other, in at most 1 MiB.
///
/// Up to [`Quantiles::EXACT`] values they are exact; beyond that they come from a t-digest (Dunning 2021) of
/// compression 1000, whose ranks are off by less than 0.1% in the middle and far less at the ends.
#[derive(Debug, Clone)]
pub struct Quantiles {
    /// All values, until there are too many; then those that the digest has not seen yet: none.
    exact: Vec<f64>,
    digest: Option<TDigestMut>,
    count: u64,
    min: f64,
    max: f64,
}

impl Default for Quantiles {
    fn default() -> Self {
        Self {
            exact: Vec::new(),
            digest: None,
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Quantiles {
    /// The most values that are kept whole.
    pub const EXACT: usize = 1 << 17;
    const COMPRESSION: u16 = 1000;

    /// Takes in a finite value; any other is passed over.
    pub fn see(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if let Some(digest) = &mut self.digest {
            digest.update(value);
            return;
        }
        if self.exact.len() < Self::EXACT {
            self.exact.push(value);
            return;
        }
        match TDigestMut::new(Self::COMPRESSION) {
            Ok(mut digest) => {
                std::mem::take(&mut self.exact)
                    .into_iter()
                    .for_each(|kept| digest.update(kept));
                digest.update(value);
                self.digest = Some(digest);
            }
            // Refused only for a compression below 10.
            Err(_) => self.exact.push(value),
        }
    }

    /// How many values were seen.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The smallest value; none when none was seen.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value; none when none was seen.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// Whether quantiles are those of all values, not estimates.
    pub fn is_exact(&self) -> bool {
        self.digest.is_none()
    }

    /// The values below which the shares `ranks` of all values lie, each from 0 to 1, in their order: linear
    /// between the two values next to it, as NumPy's and pandas' default. None when no value was seen.
    pub fn quantiles(&mut self, ranks: &[f64]) -> Option<Vec<f64>> {
        if self.count == 0 {
            return None;
        }
        let (min, max) = (self.min, self.max);
        if let Some(digest) = &mut self.digest {
            let found = ranks.iter().map(|&rank| {
                let rank = rank.clamp(0.0, 1.0);
                // The digest's ends are its outermost centroids; the column's are known.
                let value = digest.quantile(rank).ok().flatten().unwrap_or(min);
                match rank {
                    0.0 => min,
                    1.0 => max,
                    _ => value.clamp(min, max),
                }
            });
            return Some(found.collect());
        }
        self.exact.sort_unstable_by(f64::total_cmp);
        let last = (self.exact.len() - 1) as f64;
        let found = ranks.iter().map(|&rank| {
            let place = rank.clamp(0.0, 1.0) * last;
            let (below, above) = (
                self.exact[place.floor() as usize],
                self.exact[place.ceil() as usize],
            );
            let share = place.fract();
            // Weighted rather than `below + share * (above - below)`, whose difference can overflow.
            if share == 0.0 {
                below
            } else {
                below * (1.0 - share) + above * share
            }
        });
        Some(found.collect())
    }

    /// One quantile, as [`Quantiles::quantiles`].
    pub fn quantile(&mut self, rank: f64) -> Option<f64> {
        self.quantiles(&[rank]).map(|found| found[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use rand_chacha::rand_core::Rng;

    #[test]
    fn a_small_column_has_exact_quantiles() {
        let mut quantiles = Quantiles::default();
        assert_eq!(quantiles.quantile(0.5), None);
        [9.0, 1.0, f64::NAN, 4.0, 2.0]
            .into_iter()
            .for_each(|value| quantiles.see(value));
        // numpy.quantile([9, 1, 4, 2], [0, .25, .5, .9, 1])
        let found = quantiles.quantiles(&[0.0, 0.25, 0.5, 0.9, 1.0]).unwrap();
        for (found, expected) in found.iter().zip([1.0, 1.75, 3.0, 7.5, 9.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!((quantiles.count(), quantiles.is_exact()), (4, true));
        // Values may follow what was asked.
        quantiles.see(100.0);
        assert_eq!(quantiles.quantile(1.0), Some(100.0));
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut quantiles = Quantiles::default();
        [f64::MAX, -f64::MAX]
            .into_iter()
            .for_each(|value| quantiles.see(value));
        assert_eq!(quantiles.quantile(0.5), Some(0.0));
    }

    #[test]
    fn a_large_column_has_close_quantiles_in_bounded_memory() {
        let mut rng = Seed::new(7).rng();
        let mut quantiles = Quantiles::default();
        let mut values = Vec::new();
        for _ in 0..4 * Quantiles::EXACT {
            // Skewed: the square of a uniform number.
            let uniform = rng.next_u32() as f64 / f64::from(u32::MAX);
            quantiles.see(uniform * uniform);
            values.push(uniform * uniform);
        }
        values.sort_unstable_by(f64::total_cmp);
        assert!(!quantiles.is_exact() && quantiles.exact.capacity() == 0);
        for rank in [0.0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1.0] {
            let found = quantiles.quantile(rank).unwrap();
            let seen = values.partition_point(|&value| value < found) as f64 / values.len() as f64;
            assert!((seen - rank).abs() < 0.001, "{rank}: {found} has rank {seen}");
        }
        assert_eq!(quantiles.min(), values.first().copied());
        assert_eq!(quantiles.max(), values.last().copied());
    }
}
