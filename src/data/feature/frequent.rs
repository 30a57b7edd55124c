//! The value that comes most often, in bounded memory.

use std::collections::HashMap;

/// Counts numbers that are seen one after the other.
///
/// Counts are exact while at most [`Frequent::MOST`] different values have come. Beyond that, the counts of all
/// are lowered by the middle one of them and those at 0 are forgotten (Misra and Gries 1982): a value in more
/// than one of 32,768 rows is never lost, and counts are too low by less than that share of the rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Frequent {
    /// By the value's bits.
    counts: HashMap<u64, u64>,
}

impl Frequent {
    /// The most different values that are counted at a time.
    pub(super) const MOST: usize = 1 << 16;

    /// Takes in a finite value.
    pub(super) fn see(&mut self, value: f64) {
        // −0 is 0: adding 0 makes it so.
        *self.counts.entry((value + 0.0).to_bits()).or_default() += 1;
        if self.counts.len() > Self::MOST {
            let mut counts: Vec<u64> = self.counts.values().copied().collect();
            let middle = *counts.select_nth_unstable(Self::MOST / 2).1;
            self.counts.retain(|_, count| {
                *count = count.saturating_sub(middle);
                *count > 0
            });
        }
    }

    /// The value that comes most often, the smallest of several; none when none was seen.
    pub(super) fn most(&self) -> Option<f64> {
        let counted = self
            .counts
            .iter()
            .map(|(&bits, &count)| (f64::from_bits(bits), count));
        counted
            .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.total_cmp(&a.0)))
            .map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(values: impl IntoIterator<Item = f64>) -> Option<f64> {
        let mut frequent = Frequent::default();
        values.into_iter().for_each(|value| frequent.see(value));
        assert!(frequent.counts.len() <= Frequent::MOST);
        frequent.most()
    }

    #[test]
    fn the_most_frequent_is_the_smallest_of_equals() {
        assert_eq!(most([]), None);
        assert_eq!(most([3.0, 1.0, 3.0, 1.0, 2.0]), Some(1.0));
        assert_eq!(most([3.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(most([-0.0, 1.0, 0.0, -1.0]), Some(0.0));
    }

    #[test]
    fn a_frequent_value_is_found_among_any_number_of_rare_ones() {
        let rows = 0..4 * Frequent::MOST;
        // Every hundredth row is 7, the others are all different; it comes late.
        let late = rows.map(|row| {
            if row > 150_000 && row % 100 == 0 {
                7.0
            } else {
                row as f64 + 0.5
            }
        });
        assert_eq!(most(late), Some(7.0));
    }
}
