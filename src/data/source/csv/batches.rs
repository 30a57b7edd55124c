//! The rows of a CSV file whose schema is known, batch by batch.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use super::records::{Record, Records};
use super::{CsvOptions, Missing, header, value};
use crate::data::schema::{ColumnType, Schema};
use crate::data::source::error::{Problem, SourceError};
use crate::data::table::{Column, Table};

/// The most text in a batch, and the most cells: rows alone do not bound memory.
const BATCH_TEXT: usize = 32 << 20;
const BATCH_CELLS: usize = 1 << 22;

/// Reads a CSV file as tables of a known schema, usually the one that [`super::scan`] found.
///
/// A batch has at most the rows that were asked for; fewer when rows are wide or texts long. Ends
/// after the first error.
pub struct CsvBatches<R> {
    records: Records<R>,
    missing: Missing,
    schema: Arc<Schema>,
    /// For each column, where each level stands in its list.
    codes: Vec<HashMap<String, u32>>,
    batch_rows: usize,
    ended: bool,
}

impl<R: Read> CsvBatches<R> {
    /// Reads the line of column names, which must be the schema's. `name` stands in messages.
    ///
    /// # Errors
    /// When the file is no CSV or has other columns.
    pub fn new(
        name: &str,
        reader: R,
        options: &CsvOptions,
        schema: Arc<Schema>,
        batch_rows: usize,
    ) -> Result<Self, SourceError> {
        let mut records = Records::new(name, reader, options.delimiter)?;
        let columns = header(&mut records)?;
        if !columns.iter().eq(schema.fields().iter().map(|field| &field.name)) {
            return Err(records.error(Problem::Changed));
        }
        let codes = schema.fields().iter().map(|field| {
            let levels = field.levels.iter().flatten();
            levels
                .zip(0_u32..)
                .map(|(level, code)| (level.clone(), code))
                .collect()
        });
        let codes = codes.collect();
        let batch_rows = batch_rows.clamp(1, (BATCH_CELLS / schema.len()).max(1));
        Ok(Self {
            records,
            missing: Missing::new(options),
            schema,
            codes,
            batch_rows,
            ended: false,
        })
    }

    fn batch(&mut self) -> Result<Option<Table>, SourceError> {
        let kinds = self.schema.fields().iter().map(|field| field.kind);
        let mut columns: Vec<Column> = kinds.map(Column::empty).collect();
        let mut rows = 0;
        let mut text = 0;
        while rows < self.batch_rows && text < BATCH_TEXT {
            let Some(record) = self.records.next()? else {
                self.ended = true;
                break;
            };
            record.expect_fields(self.schema.len(), || None)?;
            for (index, column) in columns.iter_mut().enumerate() {
                text += push(column, index, &record, &self.missing, &self.codes[index])
                    .map_err(|problem| record.error(index, &self.schema.fields()[index].name, problem))?;
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        // What the cells were parsed into fits the schema, unless a missing value turned up.
        match Table::new(self.schema.clone(), columns) {
            Ok(table) => Ok(Some(table)),
            Err(_) => Err(self.records.error(Problem::Changed)),
        }
    }
}

/// Appends a field to its column; returns how many bytes of text that took.
fn push(
    column: &mut Column,
    index: usize,
    record: &Record<'_>,
    missing: &Missing,
    codes: &HashMap<String, u32>,
) -> Result<usize, Problem> {
    let text = record.field(index);
    let there = !missing.has(text);
    match column {
        Column::Number(values) => values.push(if there { value::number(text)? } else { f64::NAN }),
        Column::Integer(values) => values.push(there.then(|| value::integer(text)).transpose()?),
        Column::Boolean(values) => values.push(there.then(|| value::boolean(text)).transpose()?),
        Column::Timestamp(values) => values.push(there.then(|| value::moment(text)).transpose()?),
        Column::Category(values) if there => {
            let code = codes
                .get(text)
                .ok_or_else(|| value::wrong(ColumnType::Category, text))?;
            values.push(*code);
        }
        Column::Category(values) => values.push(Column::NO_LEVEL),
        Column::Text(values) => {
            values.push(there.then(|| text.to_owned()));
            return Ok(text.len());
        }
    }
    Ok(0)
}

impl<R: Read> Iterator for CsvBatches<R> {
    type Item = Result<Table, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.batch().transpose();
        self.ended |= !matches!(batch, Some(Ok(_)));
        batch
    }
}
