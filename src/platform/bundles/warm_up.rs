//! Rows with the answers that a version gave when it was made. A version that answers differently on this
//! machine is never put to work.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::data::cell::Cell;
use crate::data::feature::{EncodeError, FittedFeatures, Value};
use crate::data::table::Table;
use crate::engine::model::{Model, PredictError};

/// Rows as a caller sends them, so that the whole way from a row to an answer is tried, and what was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WarmUp {
    /// How far an answer may be off, as a share of the larger of 1 and what is due; 0 for models whose
    /// arithmetic is the same on every machine.
    tolerance: f32,
    rows: Vec<WarmUpRow>,
}

/// One row and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct WarmUpRow {
    /// One value an input, in their order; null where missing.
    values: Vec<Option<Value>>,
    /// What the model answered, one value an output.
    answer: Vec<f32>,
}

/// Why a version is not put to work.
#[derive(Debug, thiserror::Error)]
pub enum Differs {
    /// There is nothing to compare with.
    #[error("the bundle has no warm-up rows")]
    NoRows,
    /// Another answer than when it was made.
    #[error("warm-up row {row} is answered with {got:?} where {expected:?} is due")]
    Answer {
        /// Which, from 1.
        row: usize,
        /// The answer when the version was made.
        expected: Vec<f32>,
        /// The answer now.
        got: Vec<f32>,
    },
    /// A row that the features do not take.
    #[error("warm-up row {row} is not taken: {source}")]
    Row {
        /// Which, from 1.
        row: usize,
        /// Why.
        #[source]
        source: EncodeError,
    },
    /// Nothing is recommended.
    #[error(transparent)]
    Items(#[from] crate::engine::factor::RecommendError),
    /// The model refused.
    #[error(transparent)]
    Model(#[from] PredictError),
}

impl WarmUp {
    /// Rows that a bundle carries.
    pub const ROWS: usize = 16;

    /// The first of `rows` of `table` with the answers that the version gives them now.
    ///
    /// # Errors
    /// It gives none.
    pub fn record(
        features: &FittedFeatures,
        model: &Model,
        table: &Table,
        rows: &[usize],
    ) -> Result<Self, Differs> {
        let columns = features
            .inputs()
            .iter()
            .filter_map(|input| table.schema().index_of(&input.name));
        let columns: Vec<usize> = columns.collect();
        let record = |(at, &row): (usize, &usize)| {
            let values: Vec<Option<Value>> = columns
                .iter()
                .map(|column| Value::of(&table.cell(row, *column)))
                .collect();
            let answer = answer(features, model, &values, at + 1)?;
            Ok(WarmUpRow { values, answer })
        };
        Ok(Self {
            tolerance: model.tolerance(),
            rows: rows
                .iter()
                .take(Self::ROWS)
                .enumerate()
                .map(record)
                .collect::<Result<_, Differs>>()?,
        })
    }

    /// That the version gives the answers that it gave when it was made.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, features: &FittedFeatures, model: &Model) -> Result<(), Differs> {
        if self.rows.is_empty() {
            return Err(Differs::NoRows);
        }
        for (at, row) in self.rows.iter().enumerate() {
            let got = answer(features, model, &row.values, at + 1)?;
            if !self.agrees(&got, &row.answer) {
                return Err(Differs::Answer {
                    row: at + 1,
                    expected: row.answer.clone(),
                    got,
                });
            }
        }
        Ok(())
    }

    /// Answers one of the rows, the `turn`-th in turns: for whoever wants to know how long it takes.
    ///
    /// # Errors
    /// There is none, or it is not answered.
    pub fn answer_one(&self, features: &FittedFeatures, model: &Model, turn: usize) -> Result<(), Differs> {
        let at = turn.checked_rem(self.rows.len()).ok_or(Differs::NoRows)?;
        answer(features, model, &self.rows[at].values, at + 1).map(|_| ())
    }

    fn agrees(&self, got: &[f32], expected: &[f32]) -> bool {
        let mut pairs = got.iter().zip(expected);
        got.len() == expected.len()
            && pairs.all(|(got, expected)| {
                got == expected || (got - expected).abs() <= self.tolerance * expected.abs().max(1.0)
            })
    }
}

fn answer(
    features: &FittedFeatures,
    model: &Model,
    values: &[Option<Value>],
    row: usize,
) -> Result<Vec<f32>, Differs> {
    let cells: Vec<Cell<'_>> = values.iter().map(cell).collect();
    let mut encoded = vec![0.0; features.width()];
    features
        .encode_row(&cells, &mut encoded)
        .map_err(|source| Differs::Row { row, source })?;
    let mut answer = vec![0.0; model.width()];
    model.predict_row(&encoded, &mut answer)?;
    Ok(answer)
}

fn cell(value: &Option<Value>) -> Cell<'_> {
    match value {
        None => Cell::Missing,
        Some(Value::Boolean(boolean)) => Cell::Boolean(*boolean),
        Some(Value::Integer(integer)) => Cell::Integer(*integer),
        Some(Value::Number(number)) => Cell::Number(*number),
        Some(Value::Text(text)) => Cell::Text(Cow::Borrowed(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warm_up(tolerance: f32) -> WarmUp {
        WarmUp {
            tolerance,
            rows: Vec::new(),
        }
    }

    #[test]
    fn without_a_tolerance_answers_agree_to_the_bit_and_with_one_within_it() {
        let next = f32::from_bits(0.5_f32.to_bits() + 1);
        assert!(warm_up(0.0).agrees(&[0.5, 0.25], &[0.5, 0.25]));
        assert!(!warm_up(0.0).agrees(&[next], &[0.5]));
        assert!(warm_up(1e-5).agrees(&[next], &[0.5]));
        assert!(warm_up(1e-5).agrees(&[1000.005], &[1000.0]));
        assert!(!warm_up(1e-5).agrees(&[1000.02], &[1000.0]));
        assert!(!warm_up(1e-5).agrees(&[f32::NAN], &[0.5]));
        assert!(!warm_up(1e-5).agrees(&[0.5, 0.5], &[0.5]));
    }
}
