//! Which values come most often.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Counts the most frequent values of a stream, by Misra and Gries 1982.
///
/// Up to `most` different values the counts are exact. Beyond that each is too small by at most
/// [`Frequent::lost`], which is at most the number of values seen, divided by `most` + 1.
#[derive(Debug, Clone)]
pub struct Frequent<K> {
    counts: HashMap<K, u64>,
    most: usize,
    lost: u64,
}

impl<K: Eq + Hash + Ord> Frequent<K> {
    /// Counts at most `most` different values.
    pub fn new(most: usize) -> Self {
        Self {
            counts: HashMap::new(),
            most,
            lost: 0,
        }
    }

    /// Takes in a value.
    pub fn see<Q>(&mut self, value: &Q)
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Eq + Hash + ?Sized,
    {
        if let Some(count) = self.counts.get_mut(value) {
            *count += 1;
        } else if self.counts.len() < self.most {
            self.counts.insert(value.to_owned(), 1);
        } else {
            // The new one is taken off together with one of each that is kept.
            self.lost += 1;
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// How much a count may be too small; 0 where counts are exact.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The values and their counts, the most frequent first, equally frequent ones in their own order. Where
    /// counts are not exact, only values that surely come more often than one that was lost.
    pub fn top(self) -> Vec<(K, u64)> {
        let lost = self.lost;
        let mut top: Vec<_> = self
            .counts
            .into_iter()
            .filter(|(_, count)| *count > lost)
            .collect();
        top.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_counted_exactly() {
        let mut frequent = Frequent::<String>::new(3);
        ["b", "a", "c", "a", "b", "a"]
            .iter()
            .for_each(|value| frequent.see(*value));
        assert_eq!(frequent.lost(), 0);
        let top: Vec<_> = frequent.top();
        assert_eq!(
            top,
            [("a".to_owned(), 3), ("b".to_owned(), 2), ("c".to_owned(), 1)]
        );
    }

    #[test]
    fn a_frequent_value_among_many_is_found_within_the_error() {
        let mut frequent = Frequent::<u64>::new(9);
        // Every third value is 7, all others come once.
        (0..3_000_u64).for_each(|n| frequent.see(&if n % 3 == 0 { 7 } else { 1_000 + n }));
        let lost = frequent.lost();
        assert!(lost <= 300, "{lost}");
        let top = frequent.top();
        assert_eq!(top.len(), 1);
        assert!(
            top[0].0 == 7 && top[0].1 <= 1_000 && top[0].1 + lost >= 1_000,
            "{top:?} {lost}"
        );
    }
}
