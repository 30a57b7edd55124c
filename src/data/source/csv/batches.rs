//! The rows of a CSV file whose schema is known, batch by batch.

use std::io::Read;
use std::sync::Arc;

use super::records::Records;
use super::{CsvOptions, Missing, columns};
use crate::data::schema::Schema;
use crate::data::source::cells::{BATCH_TEXT, Codes, bounded_rows, codes, push};
use crate::data::source::error::{Problem, SourceError};
use crate::data::table::{Column, Table};

/// Reads a CSV file as tables of a known schema, usually the one that [`super::scan`] found.
///
/// A batch has at most the rows that were asked for; fewer when rows are wide or texts long. Ends
/// after the first error.
pub struct CsvBatches<R> {
    records: Records<R>,
    missing: Missing,
    schema: Arc<Schema>,
    /// For each column, where each level stands in its list.
    codes: Vec<Codes>,
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
        let names = columns(&mut records, options)?;
        if !names.iter().eq(schema.fields().iter().map(|field| &field.name)) {
            return Err(records.error(Problem::Changed));
        }
        let codes = codes(&schema);
        let batch_rows = bounded_rows(&schema, batch_rows);
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
                let field = record.field(index);
                let field = (!self.missing.has(field)).then_some(field);
                text += push(column, field, &self.codes[index])
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
