//! How many different values a stream has.

use std::collections::HashSet;

use datasketches::hll::{HllSketch, HllType};

/// Counts different values, in at most 1 MiB.
///
/// Up to [`Distinct::EXACT`] of them the count is exact, as far as 64 bits of BLAKE3 tell values apart; beyond that
/// it is HyperLogLog's (Flajolet and others 2007) with 16,384 registers, off by less than 2% in 19 of 20 columns.
#[derive(Debug, Clone)]
pub struct Distinct {
    exact: HashSet<u64>,
    sketch: Option<HllSketch>,
    exact_max: usize,
}

impl Default for Distinct {
    fn default() -> Self {
        Self::with_exact(Self::EXACT)
    }
}

impl Distinct {
    /// The most different values that are counted one by one.
    pub const EXACT: usize = 1 << 14;
    const LOG2_REGISTERS: u8 = 14;

    /// Counts at most `exact_max` different values one by one, where many columns share the memory.
    pub fn with_exact(exact_max: usize) -> Self {
        Self {
            exact: HashSet::new(),
            sketch: None,
            exact_max,
        }
    }

    /// Takes in a value, as bytes that tell it apart from others.
    pub fn see(&mut self, value: &[u8]) {
        let mut short = [0; 8];
        short.copy_from_slice(&blake3::hash(value).as_bytes()[..8]);
        self.see_hash(u64::from_le_bytes(short));
    }

    /// Takes in a number that is its own name: an integer, or a float's bits.
    pub fn see_bits(&mut self, bits: u64) {
        self.see_hash(bits);
    }

    fn see_hash(&mut self, hash: u64) {
        if let Some(sketch) = &mut self.sketch {
            sketch.update(hash);
            return;
        }
        if self.exact.contains(&hash) {
            return;
        }
        if self.exact.len() < self.exact_max {
            self.exact.insert(hash);
            return;
        }
        match HllSketch::new(Self::LOG2_REGISTERS, HllType::Hll8) {
            Ok(mut sketch) => {
                std::mem::take(&mut self.exact)
                    .into_iter()
                    .for_each(|kept| sketch.update(kept));
                sketch.update(hash);
                self.sketch = Some(sketch);
            }
            // Refused only for fewer than 2^4 or more than 2^21 registers.
            Err(_) => {
                self.exact.insert(hash);
            }
        }
    }

    /// How many different values were seen.
    pub fn count(&self) -> u64 {
        match &self.sketch {
            // The one that does not depend on the order in which a hash set gave its values away.
            Some(sketch) => sketch.composite_estimate().round() as u64,
            None => self.exact.len() as u64,
        }
    }

    /// Whether the count is no estimate.
    pub fn is_exact(&self) -> bool {
        self.sketch.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_counted_exactly() {
        let mut distinct = Distinct::default();
        for value in 0..3_000_u64 {
            distinct.see(format!("value {}", value % 1_000).as_bytes());
        }
        assert_eq!((distinct.count(), distinct.is_exact()), (1_000, true));
    }

    #[test]
    fn many_values_are_counted_closely_and_the_same_each_time() {
        let count = |order: &mut dyn Iterator<Item = u64>| {
            let mut distinct = Distinct::default();
            order.for_each(|value| distinct.see_bits((value % 200_000) << 20));
            assert!(!distinct.is_exact());
            distinct.count()
        };
        let forwards = count(&mut (0..400_000));
        assert!((forwards as f64 / 200_000.0 - 1.0).abs() < 0.02, "{forwards}");
        assert_eq!(count(&mut (0..400_000)), forwards);
        assert_eq!(count(&mut (0..400_000).rev()), forwards);
    }
}
