//! Many rows one after the other, each answered or refused by itself.

use super::RowModel;

use super::super::{PredictError, Row};

/// Scores rows one by one, and takes no memory for a row.
#[derive(Debug)]
pub struct Scorer<'s> {
    model: &'s RowModel,
    encoded: Vec<f32>,
    values: Vec<f32>,
}

impl RowModel {
    /// What scores rows one by one.
    pub fn scorer(&self) -> Scorer<'_> {
        Scorer {
            model: self,
            encoded: vec![0.0; self.features.width()],
            values: vec![0.0; self.fitted.width()],
        }
    }
}

impl Scorer<'_> {
    /// The model's values for a row: one probability, one probability a class, or one number.
    ///
    /// # Errors
    /// What is wrong with the row.
    pub fn score(&mut self, row: &Row<'_>) -> Result<&[f32], PredictError> {
        let Self {
            model,
            encoded,
            values,
        } = self;
        match model.answer_row(row, encoded, values) {
            Ok(()) => {
                model.measured.add_answered(1);
                Ok(values)
            }
            Err(error) => {
                model.measured.add_refused();
                Err(error)
            }
        }
    }
}
