//! A version that answers rows: each by itself, in the order of its inputs or by name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::super::extent::max_rows;
use super::super::measured::Measured;
use super::super::{PredictError, Row};
use crate::data::cell::Cell;
use crate::data::feature::{FittedFeatures, InputField};
use crate::engine::model::Model;
use crate::platform::bundles::{FittedRows, Predicts};

/// What answers rows.
#[derive(Debug)]
pub struct RowModel {
    pub(super) features: FittedFeatures,
    pub(super) fitted: Model,
    /// Where each input stands.
    pub(super) positions: HashMap<String, usize>,
    /// The rows that it answers at once.
    pub(super) max_rows: usize,
    pub(super) measured: Arc<Measured>,
}

/// The answers of one request, a row after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The model's values, `[rows x width]`.
    pub(super) values: Vec<f32>,
    pub(super) width: usize,
}

impl Answers {
    /// The model's values for each row: one probability, one probability a class, or one number.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }
}

impl RowModel {
    pub(super) fn new(rows: FittedRows, predicts: &Predicts, measured: Arc<Measured>) -> Self {
        let FittedRows {
            features,
            model: fitted,
            ..
        } = rows;
        let inputs = features.inputs().iter().enumerate();
        Self {
            positions: inputs
                .map(|(position, input)| (input.name.clone(), position))
                .collect(),
            max_rows: max_rows(predicts),
            measured,
            features,
            fitted,
        }
    }

    /// What it takes in.
    pub fn inputs(&self) -> &[InputField] {
        self.features.inputs()
    }

    /// Predicts rows. The whole request is answered or refused.
    ///
    /// # Errors
    /// What is wrong with a row; or there are too many, before any of them is looked at.
    pub fn predict(&self, rows: &[Row<'_>]) -> Result<Answers, PredictError> {
        let answers = self.answer(rows);
        match &answers {
            Ok(_) => self.measured.add_answered(rows.len()),
            Err(_) => self.measured.add_refused(),
        }
        answers
    }

    fn answer(&self, rows: &[Row<'_>]) -> Result<Answers, PredictError> {
        if rows.len() > self.max_rows {
            return Err(PredictError::TooManyRows { limit: self.max_rows });
        }
        let width = self.fitted.width();
        let mut encoded = vec![0.0; self.features.width()];
        let mut values = vec![0.0; rows.len() * width];
        for (index, (row, out)) in rows.iter().zip(values.chunks_exact_mut(width)).enumerate() {
            self.answer_row(row, &mut encoded, out)
                .map_err(|source| match rows.len() {
                    1 => source,
                    _ => PredictError::InRow {
                        row: index + 1,
                        source: Box::new(source),
                    },
                })?;
        }
        if rows.is_empty() {
            Err(PredictError::NoRows)
        } else {
            Ok(Answers { values, width })
        }
    }

    pub(super) fn answer_row(
        &self,
        row: &Row<'_>,
        encoded: &mut [f32],
        out: &mut [f32],
    ) -> Result<(), PredictError> {
        match row {
            Row::Listed(cells) => {
                if cells.len() != self.inputs().len() {
                    return Err(PredictError::Length {
                        expected: self.inputs().len(),
                        got: cells.len(),
                        order: self.names(),
                    });
                }
                self.features.encode_row(cells, encoded)?;
            }
            Row::Named(fields) => self.features.encode_row(&self.in_order(fields)?, encoded)?,
        }
        Ok(self.fitted.predict_row(encoded, out)?)
    }

    /// The cells of a row in the order of the inputs.
    pub(super) fn in_order<'r>(
        &self,
        fields: &[(Cow<'r, str>, Cell<'r>)],
    ) -> Result<Vec<Cell<'r>>, PredictError> {
        let mut cells: Vec<Option<&Cell<'r>>> = vec![None; self.inputs().len()];
        for (name, cell) in fields {
            let field = || name.chars().take(100).collect();
            let position = *self
                .positions
                .get(name.as_ref())
                .ok_or_else(|| PredictError::ExtraField {
                    field: field(),
                    known: self.names(),
                })?;
            if cells[position].replace(cell).is_some() {
                return Err(PredictError::DuplicateField { field: field() });
            }
        }
        let missing = |position: usize| {
            let input = &self.inputs()[position];
            PredictError::MissingField {
                field: input.name.clone(),
                expected: input.kind,
                nullable: input.nullable,
            }
        };
        cells
            .into_iter()
            .enumerate()
            .map(|(position, cell)| cell.cloned().ok_or_else(|| missing(position)))
            .collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.inputs().iter().map(|input| input.name.clone()).collect()
    }
}
