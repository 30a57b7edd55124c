//! Rows that come as a table.

use super::{Answers, RowModel};
use crate::data::source::{SourceError, WantedRows};

use super::super::{PredictError, Row};

/// What the table of a request is called in messages.
const BODY: &str = "the body";

impl RowModel {
    /// Predicts the rows of a CSV file, whose columns are found by name. The whole file is answered or refused; row
    /// by row, so that of the rows no more than one is in memory beside their text.
    ///
    /// # Errors
    /// What is wrong with the file or a row, with its line; or there are more than `most` rows.
    pub fn predict_csv(&self, file: &[u8], most: usize) -> Result<Answers, PredictError> {
        let answers = self.answer_csv(file, most.min(self.max_rows));
        match &answers {
            Ok(answers) => self.measured.add_answered(answers.rows().len()),
            Err(_) => self.measured.add_refused(),
        }
        answers
    }

    fn answer_csv(&self, file: &[u8], limit: usize) -> Result<Answers, PredictError> {
        let wanted = self.inputs().iter().map(|input| (&*input.name, input.kind));
        let mut table = WantedRows::new(BODY, file, wanted).map_err(of_table)?;
        let width = self.fitted.width();
        let mut encoded = vec![0.0; self.features.width()];
        let mut answer = vec![0.0; width];
        let (mut values, mut rows) = (Vec::new(), 0);
        while let Some(mut row) = table.next_row().map_err(of_table)? {
            if rows == limit {
                return Err(PredictError::TooManyRows { limit });
            }
            let cells = Row::Listed(std::mem::take(&mut row.cells));
            self.answer_row(&cells, &mut encoded, &mut answer)
                .map_err(|source| PredictError::InLine {
                    line: row.line_of(source.field()),
                    source: Box::new(source),
                })?;
            values.extend_from_slice(&answer);
            rows += 1;
        }
        if rows == 0 {
            return Err(PredictError::NoRows);
        }
        Ok(Answers { values, width })
    }
}

fn of_table(error: SourceError) -> PredictError {
    PredictError::Table(Box::new(error))
}
