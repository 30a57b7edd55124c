//! Fitted features: the same code encodes a table in training and a row in serving.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::encoder::Encoder;
use super::error::{EncodeError, FeatureError};
use super::field::{Dropped, InputField, OutputFeature, OutputKind};
use super::spec::Encode;
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
    pub(super) encoders: Vec<Encoder>,
    outputs: Vec<OutputFeature>,
    pub(super) dropped: Vec<Dropped>,
}

impl FittedFeatures {
    /// Fits encoders to their fields.
    pub(super) fn new(
        inputs: Vec<InputField>,
        encoders: Vec<Encoder>,
        dropped: Vec<Dropped>,
    ) -> Result<Self, FeatureError> {
        let mut outputs = Vec::with_capacity(inputs.len());
        for (input, encoder) in inputs.iter().zip(&encoders) {
            outputs_of(input, encoder, &mut outputs);
        }
        let mut names = HashSet::with_capacity(outputs.len());
        if let Some(twice) = outputs.iter().find(|output| !names.insert(output.name.as_str())) {
            return Err(FeatureError::SameOutput(twice.name.clone()));
        }
        Ok(Self {
            inputs,
            encoders,
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
        for ((field, encoder), cell) in self.inputs.iter().zip(&self.encoders).zip(cells) {
            let (here, behind) = rest.split_at_mut(encoder.width());
            encoder.encode(field, cell, here)?;
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
        if let Some(&row) = rows.iter().find(|&&row| row >= table.rows()) {
            return Err(FeatureError::NoSuchRow {
                row,
                rows: table.rows(),
            });
        }
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
        let columns = columns.collect::<Result<Vec<usize>, _>>()?;
        let start = out.len();
        out.resize(start + rows.len() * self.width(), 0.0);
        let encoded = self.fill(table, &columns, rows, &mut out[start..]);
        if encoded.is_err() {
            out.truncate(start);
        }
        encoded
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
            for ((field, encoder), &column) in self.inputs.iter().zip(&self.encoders).zip(columns) {
                for (&row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
                    let out = &mut out[offset..offset + encoder.width()];
                    // The usual cases without the detour over a cell.
                    let encoded = match (encoder, field.kind, &table.columns()[column]) {
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
                        _ => encoder.encode(field, &table.cell(row, column), out),
                    };
                    encoded.map_err(|error| FeatureError::Row { row, error })?;
                }
                offset += encoder.width();
            }
        }
        Ok(())
    }
}

fn outputs_of(input: &InputField, encoder: &Encoder, outputs: &mut Vec<OutputFeature>) {
    let levels = input.levels.as_deref().unwrap_or_default();
    match encoder {
        Encoder::Number(_) => {
            outputs.push(OutputFeature {
                name: input.name.clone(),
                kind: OutputKind::Numeric,
            });
        }
        Encoder::Category(encoder) if encoder.encode == Encode::Native => {
            let kind = OutputKind::Categorical {
                levels: encoder.slot_names(levels),
            };
            outputs.push(OutputFeature {
                name: input.name.clone(),
                kind,
            });
        }
        Encoder::Category(encoder) => {
            outputs.extend(encoder.slot_names(levels).iter().map(|level| OutputFeature {
                name: format!("{}={level}", input.name),
                kind: OutputKind::Numeric,
            }))
        }
    }
}
