//! Fitted features: the same code encodes a table in training and a row in serving.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::encoder::{Cells, Encoder, Step};
use super::error::{EncodeError, FeatureError};
use super::field::{Dropped, InputField, OutputFeature};
use super::output;
use super::stored::Stored;
use crate::data::cell::Cell;
use crate::data::schema::ColumnType;
use crate::data::table::{Column, Table};

/// Rows that are encoded at a time, column by column: their output stays in the processor's cache.
const ROWS_AT_ONCE: usize = 256;

/// What was learned from the training rows: which fields come in, which numbers go out.
///
/// As JSON it is part of a bundle; the format has a version and is checked when it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct FittedFeatures {
    pub(super) inputs: Vec<InputField>,
    pub(super) steps: Vec<Step>,
    outputs: Vec<OutputFeature>,
    pub(super) dropped: Vec<Dropped>,
}

impl FittedFeatures {
    /// Features of these inputs, whose steps name them by their positions.
    pub(super) fn new(
        inputs: Vec<InputField>,
        steps: Vec<Step>,
        dropped: Vec<Dropped>,
    ) -> Result<Self, FeatureError> {
        let mut outputs = Vec::with_capacity(inputs.len());
        for step in &steps {
            output::of(&inputs, step, &mut outputs);
        }
        let mut names = HashSet::with_capacity(outputs.len());
        if let Some(twice) = outputs.iter().find(|output| !names.insert(output.name.as_str())) {
            return Err(FeatureError::SameOutput(twice.name.clone()));
        }
        Ok(Self {
            inputs,
            steps,
            outputs,
            dropped,
        })
    }

    /// The fields that a caller must give, in the dataset's order.
    pub fn inputs(&self) -> &[InputField] {
        &self.inputs
    }

    /// The columns of what a model eats: `[width]`.
    pub fn outputs(&self) -> &[OutputFeature] {
        &self.outputs
    }

    /// How many numbers a row becomes.
    pub fn width(&self) -> usize {
        self.outputs.len()
    }

    /// The columns that are no features, and why.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// Encodes one row.
    ///
    /// `cells`: one for each of [`Self::inputs`], in that order. `out`: `[width]`, missing as NaN.
    ///
    /// # Errors
    /// Names the field whose value does not fit; then `out` holds nothing of use.
    pub fn encode_row(&self, cells: &[Cell<'_>], out: &mut [f32]) -> Result<(), EncodeError> {
        if cells.len() != self.inputs.len() {
            return Err(EncodeError::Count {
                expected: self.inputs.len(),
                got: cells.len(),
            });
        }
        if out.len() != self.width() {
            return Err(EncodeError::Width {
                expected: self.width(),
                got: out.len(),
            });
        }
        let mut rest = out;
        for step in &self.steps {
            let (here, behind) = rest.split_at_mut(step.width);
            step.encode(&self.inputs, cells, here)?;
            rest = behind;
        }
        Ok(())
    }

    /// Encodes the rows of a table at these positions and appends them to `out`, row-major
    /// `[rows, width]`, missing as NaN.
    ///
    /// The table's columns are found by name; it may have others and another order, and types that
    /// [`Self::encode_row`] would take.
    ///
    /// # Errors
    /// Names the row and the field that does not fit, or the column that is not there; then `out` is
    /// as long as before.
    pub fn encode_table(
        &self,
        table: &Table,
        rows: &[usize],
        out: &mut Vec<f32>,
    ) -> Result<(), FeatureError> {
        check_rows(table, rows)?;
        let columns = self.columns_of(table)?;
        let start = out.len();
        out.resize(start + rows.len() * self.width(), 0.0);
        let encoded = self.fill(table, &columns, rows, &mut out[start..]);
        if encoded.is_err() {
            out.truncate(start);
        }
        encoded
    }

    /// Where the table has each input.
    pub(super) fn columns_of(&self, table: &Table) -> Result<Vec<usize>, FeatureError> {
        let places: HashMap<&str, usize> = table
            .schema()
            .fields()
            .iter()
            .map(|f| f.name.as_str())
            .zip(0..)
            .collect();
        let columns = self.inputs.iter().map(|field| {
            let column = places.get(field.name.as_str()).copied();
            column.ok_or_else(|| FeatureError::ColumnNotThere(field.name.clone()))
        });
        columns.collect()
    }

    fn fill(
        &self,
        table: &Table,
        columns: &[usize],
        rows: &[usize],
        out: &mut [f32],
    ) -> Result<(), FeatureError> {
        let width = self.width();
        if width == 0 {
            return Ok(());
        }
        for (rows, out) in rows
            .chunks(ROWS_AT_ONCE)
            .zip(out.chunks_mut(ROWS_AT_ONCE * width))
        {
            let mut offset = 0;
            for step in &self.steps {
                let (field, column) = (&self.inputs[step.of[0]], columns[step.of[0]]);
                for (&row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
                    let out = &mut out[offset..offset + step.width];
                    // The usual cases without the detour over a cell.
                    let encoded = match (&step.encoder, field.kind, &table.columns()[column]) {
                        (Encoder::Number(number), ColumnType::Number, Column::Number(values)) => {
                            number.encode(field, values[row]).map(|value| out[0] = value)
                        }
                        (
                            Encoder::Number(number),
                            ColumnType::Number | ColumnType::Integer,
                            Column::Integer(values),
                        ) => {
                            let value = values[row].map_or(f64::NAN, |value| value as f64);
                            number.encode(field, value).map(|value| out[0] = value)
                        }
                        _ => step.encode(&self.inputs, &InTable { table, columns, row }, out),
                    };
                    encoded.map_err(|error| FeatureError::Row { row, error })?;
                }
                offset += step.width;
            }
        }
        Ok(())
    }
}

/// That the table has these rows.
pub(super) fn check_rows(table: &Table, rows: &[usize]) -> Result<(), FeatureError> {
    match rows.iter().find(|&&row| row >= table.rows()) {
        Some(&row) => Err(FeatureError::NoSuchRow {
            row,
            rows: table.rows(),
        }),
        None => Ok(()),
    }
}

/// A row of a table whose columns stand at these places, one an input.
pub(super) struct InTable<'a> {
    pub(super) table: &'a Table,
    pub(super) columns: &'a [usize],
    pub(super) row: usize,
}

impl Cells for InTable<'_> {
    fn with<T>(&self, input: usize, read: impl FnOnce(&Cell<'_>) -> T) -> T {
        read(&self.table.cell(self.row, self.columns[input]))
    }
}
