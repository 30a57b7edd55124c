//! What rows are split by: at random within each class, by whole groups, or in the order of time; and how much each
//! of them counts.

use std::collections::HashMap;

use crate::base::Seed;
use crate::data::cell::Cell;
use crate::data::split::{self, Folds, Parts, SplitError};
use crate::data::table::{Column, Table};
use crate::platform::recipes::{RecipeError, WrittenRecipe};

/// What rows are split by. One entry a row of the whole table.
#[derive(Debug, Clone)]
pub enum SplitBy {
    /// The same share of each class on either side.
    Class,
    /// The rows of a group stay together.
    Group(Vec<u32>),
    /// What is measured on is later than what is learnt from.
    Time(Vec<i64>),
}

/// What rows are split by, and how much each counts when a model learns: `[rows]`; all the same without it.
pub type Split = (SplitBy, Option<Vec<f32>>);

impl SplitBy {
    /// Sets a share of the rows at `rows` apart; of a classification, `strata` says the class of each of them.
    pub(super) fn holdout(
        &self,
        rows: impl Iterator<Item = usize>,
        strata: &[u32],
        share: f64,
        seed: Seed,
    ) -> Result<Parts, SplitError> {
        match self {
            Self::Class => split::holdout(strata, share, seed),
            Self::Group(groups) => {
                let groups: Vec<u32> = rows.map(|row| groups[row]).collect();
                split::group_holdout(&groups, share, seed)
            }
            Self::Time(times) => {
                let times: Vec<i64> = rows.map(|row| times[row]).collect();
                split::time_holdout(&times, share)
            }
        }
    }

    /// Cuts the rows at `rows` into folds.
    pub(super) fn folds(
        &self,
        rows: impl Iterator<Item = usize>,
        strata: &[u32],
        folds: usize,
        seed: Seed,
    ) -> Result<Folds, SplitError> {
        match self {
            Self::Class => split::stratified_kfold(strata, folds, seed),
            Self::Group(groups) => {
                let groups: Vec<u32> = rows.map(|row| groups[row]).collect();
                split::group_kfold(&groups, strata, folds, seed)
            }
            Self::Time(times) => {
                let times: Vec<i64> = rows.map(|row| times[row]).collect();
                split::time_kfold(&times, folds)
            }
        }
    }
}

/// Reads the columns that say what rows are split by, and how much each counts.
pub(super) struct SplitReader<'a> {
    written: &'a WrittenRecipe,
    rows: usize,
    by: SplitBy,
    /// The groups so far, each by what its cell says.
    groups: HashMap<String, u32>,
    weights: Option<Vec<f32>>,
}

impl<'a> SplitReader<'a> {
    /// For a table of so many rows, whose columns have been checked beside the recipe.
    pub(super) fn new(written: &'a WrittenRecipe, rows: usize) -> Self {
        let recipe = written.recipe();
        let by = if recipe.validation.group.is_some() {
            SplitBy::Group(Vec::with_capacity(rows))
        } else if recipe.validation.time.is_some() {
            SplitBy::Time(Vec::with_capacity(rows))
        } else {
            SplitBy::Class
        };
        Self {
            written,
            rows: 0,
            by,
            groups: HashMap::new(),
            weights: recipe.data.weight.as_ref().map(|_| Vec::with_capacity(rows)),
        }
    }

    /// The columns that are read.
    pub(super) fn columns(written: &WrittenRecipe) -> Vec<&str> {
        let recipe = written.recipe();
        let columns = [
            &recipe.validation.group,
            &recipe.validation.time,
            &recipe.data.weight,
        ];
        columns.into_iter().flatten().map(String::as_str).collect()
    }

    /// Takes in the next rows.
    pub(super) fn see(&mut self, batch: &Table) -> Result<(), RecipeError> {
        let recipe = self.written.recipe();
        match &mut self.by {
            SplitBy::Class => {}
            SplitBy::Group(groups) => {
                let name = recipe.validation.group.as_deref().unwrap_or_default();
                let index = index_of(batch, name);
                for row in 0..batch.rows() {
                    let cell = batch.cell(row, index);
                    if cell.is_missing() {
                        return Err(self
                            .written
                            .no_value(&["validation", "group"], name, self.rows + row));
                    }
                    groups.push(number_of(&mut self.groups, &cell));
                }
            }
            SplitBy::Time(times) => {
                let name = recipe.validation.time.as_deref().unwrap_or_default();
                let index = index_of(batch, name);
                for row in 0..batch.rows() {
                    let time = match &batch.columns()[index] {
                        Column::Timestamp(values) | Column::Integer(values) => values[row],
                        Column::Number(values) => ordered(values[row]),
                        _ => None,
                    };
                    let missing = || {
                        self.written
                            .no_value(&["validation", "time"], name, self.rows + row)
                    };
                    times.push(time.ok_or_else(missing)?);
                }
            }
        }
        if let Some(weights) = &mut self.weights {
            let name = recipe.data.weight.as_deref().unwrap_or_default();
            let index = index_of(batch, name);
            for row in 0..batch.rows() {
                let weight = match batch.cell(row, index) {
                    Cell::Number(number) => number as f32,
                    Cell::Integer(integer) => integer as f32,
                    _ => f32::NAN,
                };
                if !(weight.is_finite() && weight >= 0.0) {
                    let cell = batch.cell(row, index).to_string();
                    return Err(self.written.bad_weight(name, self.rows + row, &cell));
                }
                weights.push(weight);
            }
        }
        self.rows += batch.rows();
        Ok(())
    }

    /// What rows are split by, and how much each counts where the recipe says it.
    pub(super) fn finish(self) -> Split {
        (self.by, self.weights)
    }
}

/// Where the column is in this batch; it was checked to be there.
fn index_of(batch: &Table, name: &str) -> usize {
    batch.schema().index_of(name).unwrap_or(0)
}

/// The number of the group that `cell` names.
fn number_of(groups: &mut HashMap<String, u32>, cell: &Cell<'_>) -> u32 {
    let known = match cell {
        Cell::Text(text) => groups.get(&**text).copied(),
        other => groups.get(other.to_string().as_str()).copied(),
    };
    known.unwrap_or_else(|| {
        let name = match cell {
            Cell::Text(text) => text.clone().into_owned(),
            other => other.to_string(),
        };
        let next = groups.len() as u32;
        groups.insert(name, next);
        next
    })
}

/// A number as an integer of the same order; none where it is missing.
fn ordered(number: f64) -> Option<i64> {
    if number.is_nan() {
        return None;
    }
    // Adding 0 makes one of 0 and −0. The bits of negative numbers fall where the numbers rise.
    let bits = (number + 0.0).to_bits() as i64;
    Some(if bits < 0 { bits ^ i64::MAX } else { bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_as_integers() {
        let numbers = [f64::MIN, -2.5, -1.0, -1e-300, 0.0, 1e-300, 1.0, 2.5, f64::MAX];
        let integers: Vec<i64> = numbers.iter().filter_map(|number| ordered(*number)).collect();
        assert_eq!(integers.len(), numbers.len());
        assert!(integers.is_sorted_by(|a, b| a < b), "{integers:?}");
        assert_eq!(ordered(-0.0), ordered(0.0));
        assert_eq!(ordered(f64::NAN), None);
    }
}
