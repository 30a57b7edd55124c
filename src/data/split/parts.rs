//! What each row of a table is for.

use std::sync::Arc;

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is learnt from.
    Train,
    /// It is watched while others are learnt from: for early stopping.
    Valid,
    /// It is measured on.
    Test,
    /// It is for nothing here.
    Unused,
}

/// What each row of a table is for: `[rows]`. A clone shares them: of tens of millions of rows, a byte each counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(Arc<[Part]>);

impl Parts {
    /// What `of` says of each row.
    pub fn new(rows: usize, of: impl FnMut(usize) -> Part) -> Self {
        Self((0..rows).map(of).collect())
    }

    /// How many rows the table has.
    #[expect(clippy::len_without_is_empty, reason = "a split has at least two rows")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What the row at `row` is for; nothing when there is no such row.
    pub fn of(&self, row: usize) -> Part {
        self.0.get(row).copied().unwrap_or(Part::Unused)
    }

    /// The positions of the rows that are for `part`, ascending.
    pub fn rows(&self, part: Part) -> impl Iterator<Item = usize> + Clone {
        let rows = self.0.iter().enumerate();
        rows.filter(move |(_, of)| **of == part).map(|(row, _)| row)
    }

    /// How many rows are for `part`.
    pub fn count(&self, part: Part) -> usize {
        self.0.iter().filter(|of| **of == part).count()
    }

    /// The positions, from 0, of the rows for `part` in the batch of `rows` rows that starts at row `first`.
    pub fn in_batch(&self, part: Part, first: usize, rows: usize) -> Vec<usize> {
        let batch = self.0.iter().skip(first).take(rows).enumerate();
        batch
            .filter(|(_, of)| **of == part)
            .map(|(position, _)| position)
            .collect()
    }

    /// Splits the rows that are for `part` once more: `into` is told of each in order, which the rest stay.
    #[must_use]
    pub fn refined(&self, part: Part, within: &Parts, into: impl Fn(Part) -> Part) -> Self {
        let mut inner = within.0.iter().copied();
        Self(
            self.0
                .iter()
                .map(|&of| {
                    if of == part {
                        inner.next().map_or(Part::Unused, &into)
                    } else {
                        of
                    }
                })
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_split_once_more_in_the_order_of_its_rows() {
        use Part::{Test, Train, Unused, Valid};
        let whole = Parts([Train, Test, Train, Train, Test].into());
        let inner = Parts([Train, Test, Train].into());
        let watched = whole.refined(Train, &inner, |part| if part == Test { Valid } else { part });
        assert_eq!(*watched.0, [Train, Test, Valid, Train, Test]);
        assert_eq!(watched.rows(Train).collect::<Vec<_>>(), [0, 3]);
        assert_eq!((watched.count(Test), watched.count(Unused)), (2, 0));
        assert_eq!(watched.in_batch(Train, 2, 2), [1]);
        assert_eq!(watched.in_batch(Test, 4, 100), [0]);
        assert_eq!(watched.of(9), Unused);
    }
}
