//! Rows as ratings, and which of them are held out.

use std::collections::HashSet;

use super::Ratings;
use crate::base::Stop;
use crate::data::split::{Part, leave_last_out};
use crate::data::table::{Column, Table};
use crate::engine::factor::{FactorError, Interactions, Labels, RecommendSpec};
use crate::platform::datasets::Columns;
use crate::platform::recipes::Recipe;
use crate::platform::trainer::TrainError;
use crate::platform::trainer::dataset::Source;
use crate::platform::trainer::prepare::seed;

/// Reads the ratings in the order of time, and holds the last ones of each user out.
///
/// # Errors
/// A user, an item or a value is missing, or there are too few ratings.
pub(super) fn ratings<'a>(
    recipe: &'a Recipe,
    spec: &'a RecommendSpec,
    source: &Source,
    stop: &'a Stop,
) -> Result<Ratings<'a>, TrainError> {
    let mut read = Read::default();
    let mut names = vec![&*spec.user, &*spec.item, &*recipe.data.target];
    names.extend(spec.time.as_deref());
    source.rows.each(Columns::Named(&names), |first, batch| {
        if stop.is_asked() {
            return Err(TrainError::Stopped);
        }
        let at = |row: usize, column: &str, problem: &str| TrainError::Rating {
            source_name: source.version.source.to_string(),
            row: first + row + 1,
            column: column.to_owned(),
            problem: problem.to_owned(),
        };
        read.see(batch, spec, &recipe.data.target, &at)
    })?;
    let Read {
        users,
        items,
        rows,
        times,
        ..
    } = read;
    let of_users: Vec<u32> = rows.iter().map(|(user, ..)| *user).collect();
    let times = spec.time.as_ref().map(|_| &times[..]);
    let refuse = |error| refused(error, source, &users, &items);
    if rows.is_empty() {
        return Err(refuse(FactorError::NoRatings));
    }
    let parts = leave_last_out(&of_users, times, spec.leave_out, seed(recipe));
    let parts = parts.map_err(|error| TrainError::Ratings {
        source_name: source.version.source.to_string(),
        problem: error.to_string(),
    })?;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if let Some(times) = times {
        order.sort_by_key(|row| times[*row]);
    }
    let all: Vec<_> = order.iter().map(|row| rows[*row]).collect();
    let learnt: Vec<_> = order
        .iter()
        .filter(|row| parts.of(**row) == Part::Train)
        .map(|row| rows[*row])
        .collect();
    let had: HashSet<(u32, u32)> = learnt.iter().map(|(user, item, _)| (*user, *item)).collect();
    let mut later: Vec<(u32, u32)> = order
        .iter()
        .filter(|row| parts.of(**row) == Part::Test)
        .map(|row| (rows[*row].0, rows[*row].1))
        .filter(|pair| !had.contains(pair))
        .collect();
    later.sort_unstable();
    later.dedup();
    let held_out: Vec<(u32, Vec<u32>)> = later
        .chunk_by(|a, b| a.0 == b.0)
        .map(|pairs| (pairs[0].0, pairs.iter().map(|(_, item)| *item).collect()))
        .collect();
    let train = Interactions::new(users.len(), items.len(), &learnt).map_err(refuse)?;
    if held_out.is_empty() {
        return Err(TrainError::Ratings {
            source_name: source.version.source.to_string(),
            problem: "every rating that could be held out is of an item that its user has had before; there is nothing to \
                      measure"
                .to_owned(),
        });
    }
    Ok(Ratings {
        recipe,
        spec,
        users,
        items,
        all,
        train,
        held_out,
        stop,
    })
}

/// Why ratings give no recommender, with the names that people know.
pub(super) fn refused(error: FactorError, source: &Source, users: &Labels, items: &Labels) -> TrainError {
    let name = |labels: &Labels, index: u32| labels.name(index).unwrap_or("?").to_owned();
    let source_name = source.version.source.to_string();
    let problem = match &error {
        FactorError::Negative { user, item, .. }
        | FactorError::NotPositive { user, item, .. }
        | FactorError::NotFinite { user, item, .. } => {
            let told = error.to_string();
            let rest = told.split_once(" the value ").map_or("", |(_, rest)| rest);
            format!(
                "user {} gave item {} the value {rest}",
                name(users, *user),
                name(items, *item)
            )
        }
        FactorError::Stored(_) => return TrainError::Factor(error),
        _ => error.to_string(),
    };
    TrainError::Ratings { source_name, problem }
}

/// The middle of the values.
pub(super) fn median(ratings: &[(u32, u32, f32)]) -> f32 {
    let mut values: Vec<f32> = ratings.iter().map(|(.., value)| *value).collect();
    let middle = values.len() / 2;
    if values.is_empty() {
        return 1.0;
    }
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// What was read so far.
#[derive(Default)]
struct Read {
    users: Labels,
    items: Labels,
    rows: Vec<(u32, u32, f32)>,
    times: Vec<i64>,
}

impl Read {
    fn see(
        &mut self,
        batch: &Table,
        spec: &RecommendSpec,
        target: &str,
        at: &dyn Fn(usize, &str, &str) -> TrainError,
    ) -> Result<(), TrainError> {
        for row in 0..batch.rows() {
            let cell = |name: &str| {
                let column = batch
                    .schema()
                    .index_of(name)
                    .ok_or_else(|| at(row, name, "is not there"))?;
                let cell = batch.cell(row, column);
                if cell.is_missing() {
                    return Err(at(row, name, "is missing; fill it in or drop the row"));
                }
                Ok(cell)
            };
            let id = |labels: &mut Labels, name: &str| -> Result<u32, TrainError> {
                let told = id_of(&cell(name)?);
                labels
                    .add(&told)
                    .ok_or_else(|| at(row, name, "is one too many to be told apart"))
            };
            let user = id(&mut self.users, &spec.user)?;
            let item = id(&mut self.items, &spec.item)?;
            cell(target)?;
            let value = batch
                .schema()
                .index_of(target)
                .map_or(f32::NAN, |column| number(&batch.columns()[column], row));
            self.rows.push((user, item, value));
            if let Some(time) = &spec.time {
                cell(time)?;
                let column = batch.schema().index_of(time);
                self.times
                    .push(column.map_or(0, |column| moment(&batch.columns()[column], row)));
            }
        }
        Ok(())
    }
}

/// What a user or an item is called: as its cell is written.
fn id_of(cell: &crate::data::cell::Cell<'_>) -> String {
    match cell {
        crate::data::cell::Cell::Text(text) => text.clone().into_owned(),
        other => other.to_string(),
    }
}

fn number(column: &Column, row: usize) -> f32 {
    match column {
        Column::Number(values) => values[row] as f32,
        Column::Integer(values) => values[row].map_or(f32::NAN, |value| value as f32),
        _ => f32::NAN,
    }
}

/// Any number that orders times.
fn moment(column: &Column, row: usize) -> i64 {
    match column {
        Column::Integer(values) | Column::Timestamp(values) => values[row].unwrap_or(0),
        // Bits of finite numbers are in the order of the numbers, once those of negative ones are turned.
        Column::Number(values) => {
            let bits = values[row].to_bits() as i64;
            bits ^ (((bits >> 63) as u64) >> 1) as i64
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_order_of_their_numbers() {
        let values = vec![-2.5, -1.0, 0.0, 1e-9, 3.0, 1e12];
        let column = Column::Number(values.clone());
        let moments: Vec<i64> = (0..values.len()).map(|row| moment(&column, row)).collect();
        assert!(moments.is_sorted(), "{moments:?}");
        assert_eq!(median(&[(0, 0, 3.0), (0, 1, 1.0), (1, 0, 2.0)]), 2.0);
    }
}
