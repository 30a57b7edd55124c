//! The best of many, without sorting them all.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// An item by how good it is: the better one is greater, and of two that are as good the earlier.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rank {
    score: f32,
    item: u32,
}

impl Eq for Rank {}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then(other.item.cmp(&self.item))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The `k` items of the highest scores, best first; of equal ones the earlier comes first.
pub(super) fn top(k: usize, items: impl Iterator<Item = (u32, f32)>) -> Vec<(u32, f32)> {
    // Asked for more than there are, it holds no more than there are.
    let mut best = BinaryHeap::with_capacity(k.min(items.size_hint().1.unwrap_or(0)) + 1);
    for (item, score) in items {
        // −0 and 0 are as good as each other.
        let rank = Reverse(Rank {
            score: score + 0.0,
            item,
        });
        if best.len() < k {
            best.push(rank);
        } else if let Some(mut worst) = best.peek_mut()
            && rank < *worst
        {
            *worst = rank;
        }
    }
    let best = best.into_sorted_vec().into_iter();
    best.map(|Reverse(rank)| (rank.item, rank.score)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_that_sorting_gives(
            scores in prop::collection::vec(-3_i8..3, 0..60),
            k in 0_usize..70,
        ) {
            let items: Vec<(u32, f32)> = (0..).zip(scores.iter().map(|&score| f32::from(score))).collect();
            let mut sorted = items.clone();
            sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            sorted.truncate(k);
            prop_assert_eq!(top(k, items.into_iter()), sorted);
        }
    }

    #[test]
    fn zeros_of_either_sign_are_as_good_as_each_other() {
        assert_eq!(top(1, [(0, -0.0), (1, 0.0)].into_iter()), [(0, 0.0)]);
    }
}
