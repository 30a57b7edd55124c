//! Cells that become columns.

use std::collections::HashMap;

use super::error::Problem;
use super::value;
use crate::data::schema::{ColumnType, Schema};
use crate::data::table::Column;

/// The most text in a batch, and the most cells: rows alone do not bound memory.
pub(super) const BATCH_TEXT: usize = 32 << 20;
const BATCH_CELLS: usize = 1 << 22;

/// Where each level of a category stands in its list.
pub(super) type Codes = HashMap<String, u32>;

/// The codes of each column; none where it is no category.
pub(super) fn codes(schema: &Schema) -> Vec<Codes> {
    let codes = schema.fields().iter().map(|field| {
        let levels = field.levels.iter().flatten();
        levels
            .zip(0_u32..)
            .map(|(level, code)| (level.clone(), code))
            .collect()
    });
    codes.collect()
}

/// How many rows a batch has at most: `rows`, and fewer in a wide table.
pub(super) fn bounded_rows(schema: &Schema, rows: usize) -> usize {
    rows.clamp(1, (BATCH_CELLS / schema.len()).max(1))
}

/// Appends a cell, none if it is missing, to its column; returns how many bytes of text that took.
#[inline]
pub(super) fn push(column: &mut Column, cell: Option<&str>, codes: &Codes) -> Result<usize, Problem> {
    match column {
        Column::Number(values) => values.push(cell.map_or(Ok(f64::NAN), value::number)?),
        Column::Integer(values) => values.push(cell.map(value::integer).transpose()?),
        Column::Boolean(values) => values.push(cell.map(value::boolean).transpose()?),
        Column::Timestamp(values) => values.push(cell.map(value::moment).transpose()?),
        Column::Category(values) => values.push(match cell {
            Some(level) => *codes
                .get(level)
                .ok_or_else(|| value::wrong(ColumnType::Category, level))?,
            None => Column::NO_LEVEL,
        }),
        Column::Text(values) => {
            values.push(cell.map(str::to_owned));
            return Ok(cell.map_or(0, str::len));
        }
    }
    Ok(0)
}
