//! Why a version answers what it answers, in the fields that its callers know.

use super::{Answers, RowModel};
use crate::data::cell::Cell;
use crate::engine::explain::{Contributions, Space};

use super::super::{PredictError, Row};

/// The rows that are explained at once, at most: an explanation costs as much as hundreds of predictions.
const MAX_ROWS: usize = 1_000;

/// The contributions that are worked out at once, at most: a row has one for each output and class.
const MAX_CONTRIBUTIONS: usize = 2_000_000;

/// One row explained.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedRow<'r> {
    /// The row's cells in the order of the version's inputs.
    pub cells: Vec<Cell<'r>>,
    /// One for a number or two classes, one a class for several.
    pub outputs: Vec<ExplainedOutput>,
}

/// What one output of a row is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedOutput {
    /// What is expected of a row of which nothing is known.
    pub base: f64,
    /// The raw prediction: base value, parts and rest together.
    pub sum: f64,
    /// What adds most, first; ties in the order of the inputs.
    pub parts: Vec<Part>,
    /// What all that is not among the parts adds.
    pub rest: f64,
}

/// What one thing adds to a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// What adds it.
    pub source: Source,
    /// How much.
    pub contribution: f64,
}

/// What adds to a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The input at this position: all that is made of it alone, summed.
    Input(usize),
    /// The model's column at this position, which is made of several inputs.
    Output(usize),
}

impl RowModel {
    /// Predicts rows, and explains each by the `top` inputs that add most to it. Other inputs are summed.
    ///
    /// # Errors
    /// As [`RowModel::predict`]; fewer rows are explained at once than predicted.
    pub fn explain<'r>(
        &self,
        rows: &[Row<'r>],
        top: usize,
    ) -> Result<(Answers, Vec<ExplainedRow<'r>>), PredictError> {
        let limit = self.max_explained();
        if rows.len() > limit {
            return Err(PredictError::TooManyRows { limit });
        }
        let answers = self.predict(rows)?;
        let width = self.features.width();
        let mut encoded = vec![0.0; rows.len() * width];
        let mut cells = Vec::with_capacity(rows.len());
        for (row, out) in rows.iter().zip(encoded.chunks_exact_mut(width.max(1))) {
            let in_order = match row {
                Row::Listed(cells) => cells.clone(),
                Row::Named(fields) => self.in_order(fields)?,
            };
            self.features.encode_row(&in_order, out)?;
            cells.push(in_order);
        }
        let explanations = self.fitted.explain(&encoded)?;
        let origins = self.features.origins();
        let explained = explanations
            .rows()
            .zip(cells)
            .map(|(outputs, cells)| ExplainedRow {
                cells,
                outputs: outputs
                    .map(|output| joined(&output, &origins, self.inputs().len(), top))
                    .collect(),
            });
        Ok((answers, explained.collect()))
    }

    /// In what explanations add up.
    pub fn space(&self) -> Space {
        Space::of(self.fitted.task())
    }

    /// How explanations are found: `tree_shap`, `linear` or `sampled`.
    pub fn explained_by(&self) -> &'static str {
        self.fitted.explained_by().as_str()
    }

    /// What `source` is called: an input by its own name, a column of the model by the column's.
    pub fn source_name(&self, source: Source) -> &str {
        match source {
            Source::Input(input) => &self.inputs()[input].name,
            Source::Output(output) => &self.features.outputs()[output].name,
        }
    }

    /// How many rows are explained at once: at least one.
    fn max_explained(&self) -> usize {
        let row = self.fitted.width() * (self.features.width() + 1);
        (MAX_CONTRIBUTIONS / row.max(1)).clamp(1, MAX_ROWS)
    }
}

/// The contributions to one output, those of one input summed.
fn joined(
    output: &Contributions<'_>,
    origins: &[Option<usize>],
    inputs: usize,
    top: usize,
) -> ExplainedOutput {
    let mut of_inputs = vec![0.0; inputs];
    let mut parts = Vec::with_capacity(inputs);
    for (column, (&contribution, origin)) in output.of_features.iter().zip(origins).enumerate() {
        match origin {
            Some(input) => of_inputs[*input] += f64::from(contribution),
            None => parts.push(Part {
                source: Source::Output(column),
                contribution: f64::from(contribution),
            }),
        }
    }
    let of_inputs = of_inputs.into_iter().enumerate();
    parts.extend(of_inputs.map(|(input, contribution)| Part {
        source: Source::Input(input),
        contribution,
    }));
    // Stable: what adds as much stays in the order of the inputs.
    parts.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    let rest = parts.iter().skip(top).map(|part| part.contribution).sum();
    parts.truncate(top);
    ExplainedOutput {
        base: f64::from(output.base),
        sum: output.sum(),
        parts,
        rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_input_are_summed_and_those_of_several_keep_their_name() {
        let output = Contributions {
            base: 0.5,
            of_features: &[1.0, -3.0, 0.25, 4.0],
        };
        let origins = [Some(0), Some(0), Some(1), None];
        let all = joined(&output, &origins, 2, usize::MAX);
        let part = |source, contribution| Part { source, contribution };
        assert_eq!(
            all.parts,
            [
                part(Source::Output(3), 4.0),
                part(Source::Input(0), -2.0),
                part(Source::Input(1), 0.25)
            ]
        );
        assert_eq!((all.base, all.sum, all.rest), (0.5, 2.75, 0.0));
        let first = joined(&output, &origins, 2, 1);
        assert_eq!(first.parts, [part(Source::Output(3), 4.0)]);
        assert_eq!((first.rest, first.sum), (-1.75, 2.75));
    }
}
