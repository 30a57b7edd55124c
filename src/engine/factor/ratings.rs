//! Ratings as a sparse matrix, user by user and item by item.

use super::FactorError;

/// The rows of a sparse matrix, one after the other; the columns of a row ascend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compressed {
    /// Where each row begins, and where the last one ends: `[rows + 1]`.
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Compressed {
    /// The columns of a row, and the values there.
    pub(super) fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let (from, to) = (self.offsets[row], self.offsets[row + 1]);
        (&self.columns[from..to], &self.values[from..to])
    }

    pub(super) fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Puts each row's entries one after the other, in the order in which they come.
    fn gather(rows: usize, entries: impl Iterator<Item = (u32, u32, f32)> + Clone) -> Self {
        let mut offsets = vec![0; rows + 1];
        for (row, ..) in entries.clone() {
            offsets[row as usize + 1] += 1;
        }
        for row in 0..rows {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let (mut columns, mut values) = (vec![0; offsets[rows]], vec![0.0; offsets[rows]]);
        for (row, column, value) in entries {
            let place = &mut next[row as usize];
            (columns[*place], values[*place]) = (column, value);
            *place += 1;
        }
        Self {
            offsets,
            columns,
            values,
        }
    }

    fn entries(&self) -> impl Iterator<Item = (u32, u32, f32)> + Clone {
        (0..self.rows()).flat_map(|row| {
            let (columns, values) = self.row(row);
            let cells = columns.iter().zip(values);
            cells.map(move |(&column, &value)| (row as u32, column, value))
        })
    }

    fn transposed(&self, columns: usize) -> Self {
        let entries = self.entries();
        Self::gather(columns, entries.map(|(row, column, value)| (column, row, value)))
    }
}

/// What users did with items: a sparse matrix `[users x items]`, in compressed rows and in compressed columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Interactions {
    pub(super) by_user: Compressed,
    pub(super) by_item: Compressed,
}

impl Interactions {
    /// The matrix of `(user, item, value)`, in the order of time: of a pair that is there twice, the last counts.
    ///
    /// # Errors
    /// There are no ratings, fewer than two users or items; an index is out of range, or a value is not finite.
    pub fn new(users: usize, items: usize, ratings: &[(u32, u32, f32)]) -> Result<Self, FactorError> {
        if ratings.is_empty() {
            return Err(FactorError::NoRatings);
        }
        if users < 2 {
            return Err(FactorError::TooFew("users"));
        }
        if items < 2 {
            return Err(FactorError::TooFew("items"));
        }
        for &(user, item, value) in ratings {
            if user as usize >= users || item as usize >= items {
                return Err(FactorError::OutOfRange {
                    user,
                    item,
                    users,
                    items,
                });
            }
            if !value.is_finite() {
                return Err(FactorError::NotFinite { user, item, value });
            }
        }
        // Item by item and then user by user: within a user the items ascend, and equal pairs keep their order.
        let turned = ratings.iter().map(|&(user, item, value)| (item, user, value));
        let sorted = Compressed::gather(items, turned).transposed(users);
        let by_user = last_of_each_pair(sorted);
        Ok(Self {
            by_item: by_user.transposed(items),
            by_user,
        })
    }

    /// How many users.
    pub fn users(&self) -> usize {
        self.by_user.rows()
    }

    /// How many items.
    pub fn items(&self) -> usize {
        self.by_item.rows()
    }

    /// How many pairs of a user and an item have a value.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.by_user.values.len()
    }

    /// The items of a user, ascending, and their values.
    pub fn of_user(&self, user: u32) -> Option<(&[u32], &[f32])> {
        let user = user as usize;
        (user < self.users()).then(|| self.by_user.row(user))
    }

    /// All `(user, item, value)`, user by user and item by item.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, f32)> {
        self.by_user.entries()
    }

    /// All values, user by user.
    pub(super) fn values(&self) -> &[f32] {
        &self.by_user.values
    }
}

fn last_of_each_pair(sorted: Compressed) -> Compressed {
    let mut kept = Compressed {
        offsets: vec![0],
        columns: Vec::with_capacity(sorted.columns.len()),
        values: Vec::with_capacity(sorted.values.len()),
    };
    for row in 0..sorted.rows() {
        let (columns, values) = sorted.row(row);
        for (at, (&column, &value)) in columns.iter().zip(values).enumerate() {
            if columns.get(at + 1) != Some(&column) {
                kept.columns.push(column);
                kept.values.push(value);
            }
        }
        kept.offsets.push(kept.columns.len());
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_forms_hold_the_last_value_of_each_pair(
            ratings in prop::collection::vec((0_u32..7, 0_u32..5, -9.0_f32..9.0), 1..80),
        ) {
            let matrix = Interactions::new(7, 5, &ratings).unwrap();
            let last: BTreeMap<_, _> = ratings.iter().map(|&(user, item, value)| ((user, item), value)).collect();
            let expected: Vec<_> = last.iter().map(|(&(user, item), &value)| (user, item, value)).collect();
            prop_assert_eq!(matrix.iter().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(matrix.len(), expected.len());
            let mut turned: Vec<_> =
                matrix.by_item.entries().map(|(item, user, value)| (user, item, value)).collect();
            turned.sort_by_key(|&(user, item, _)| (user, item));
            prop_assert_eq!(turned, expected);
            for item in 0..5 {
                prop_assert!(matrix.by_item.row(item).0.is_sorted());
            }
        }
    }

    #[test]
    fn ratings_from_which_nothing_can_be_learnt_are_refused() {
        let told = |users, items, ratings: &[(u32, u32, f32)]| {
            let error = Interactions::new(users, items, ratings).unwrap_err();
            error.to_string()
        };
        assert!(told(2, 2, &[]).contains("no ratings"));
        assert!(told(1, 2, &[(0, 0, 1.0)]).contains("2 users"));
        assert!(told(2, 1, &[(0, 0, 1.0)]).contains("2 items"));
        assert!(told(2, 2, &[(0, 2, 1.0)]).contains("out of range"));
        assert!(told(2, 2, &[(2, 0, 1.0)]).contains("out of range"));
        assert!(told(2, 2, &[(0, 0, 1.0), (1, 0, f32::NAN)]).contains("user 1 gave item 0 the value NaN"));
        assert!(told(2, 2, &[(0, 0, f32::INFINITY)]).contains("inf"));
    }
}
