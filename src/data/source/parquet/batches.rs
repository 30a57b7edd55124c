//! The rows of a Parquet file whose schema is known, batch by batch.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use super::cells::{Value, reader};
use super::fault::ParquetFault;
use super::file::{Group, Opened};
use crate::data::schema::{ColumnType, Schema};
use crate::data::source::Place;
use crate::data::source::cells::{BATCH_TEXT, Codes, bounded_rows, codes};
use crate::data::source::error::{Problem, SourceError};
use crate::data::table::{Column, Table};

/// Reads a Parquet file as tables of a known schema. Ends after the first error.
pub struct ParquetBatches {
    opened: Arc<Opened>,
    at_once: Vec<usize>,
    schema: Arc<Schema>,
    codes: Vec<Codes>,
    batch_rows: usize,
    /// The row group after the one that is being read.
    next_group: usize,
    group: Option<Group>,
    /// Rows that were read, and how many of them are in tables already.
    read: Option<(RecordBatch, usize)>,
    rows: u64,
    ended: bool,
}

impl ParquetBatches {
    pub(super) fn new(
        opened: Arc<Opened>,
        at_once: Vec<usize>,
        schema: Arc<Schema>,
        batch_rows: usize,
    ) -> Self {
        Self {
            opened,
            at_once,
            codes: codes(&schema),
            batch_rows: bounded_rows(&schema, batch_rows),
            schema,
            next_group: 0,
            group: None,
            read: None,
            rows: 0,
            ended: false,
        }
    }

    fn batch(&mut self) -> Result<Option<Table>, SourceError> {
        loop {
            if let Some((batch, start)) = self.read.take() {
                let end = self.end(&batch, start);
                let table = self.table(&batch, start, end)?;
                if end < batch.num_rows() {
                    self.read = Some((batch, end));
                }
                self.rows += (end - start) as u64;
                return Ok(Some(table));
            }
            if let Some(group) = &mut self.group {
                match group.next()? {
                    Some(batch) if batch.num_rows() > 0 => self.read = Some((batch, 0)),
                    Some(_) => {}
                    None => self.group = None,
                }
            } else if let Some(at_once) = self.at_once.get(self.next_group) {
                let rows = self.batch_rows.min(*at_once);
                self.group = Some(self.opened.read(self.next_group, rows)?);
                self.next_group += 1;
            } else {
                return Ok(None);
            }
        }
    }

    /// Where the table that begins at row `start` of a batch ends: its texts are copied, and bounded.
    fn end(&self, batch: &RecordBatch, start: usize) -> usize {
        let fields = self.schema.fields().iter().zip(batch.columns());
        let texts: Vec<_> = fields
            .filter(|(field, array)| {
                field.kind == ColumnType::Text && array.data_type() == &DataType::Utf8View
            })
            .filter_map(|(_, array)| array.as_string_view_opt())
            .collect();
        let mut bytes = 0;
        for row in start..batch.num_rows() {
            bytes += texts
                .iter()
                .filter(|texts| !texts.is_null(row))
                .map(|texts| texts.value(row).len())
                .sum::<usize>();
            if bytes > BATCH_TEXT && row > start {
                return row;
            }
        }
        batch.num_rows()
    }

    fn table(&self, batch: &RecordBatch, start: usize, end: usize) -> Result<Table, SourceError> {
        let file = self.opened.name();
        let mut columns = Vec::with_capacity(self.schema.len());
        let mut buffer = String::new();
        for ((field, array), codes) in self.schema.fields().iter().zip(batch.columns()).zip(&self.codes) {
            let wrong = |row: usize, problem| {
                SourceError::of_file(file, problem)
                    .at(Place::Row(self.rows + (row - start) as u64 + 1))
                    .in_column(&field.name)
            };
            let unknown = || ParquetFault::Damaged(format!("a column is of the type {}", array.data_type()));
            let read = reader(array).ok_or_else(|| wrong(start, unknown().into()))?;
            let mut column = Column::with_capacity(field.kind, end - start);
            for row in start..end {
                read(row)
                    .and_then(|value| Value::push(value, &mut column, codes, &mut buffer))
                    .map_err(|problem| wrong(row, problem))?;
            }
            columns.push(column);
        }
        Table::new(Arc::clone(&self.schema), columns)
            .map_err(|_| SourceError::of_file(file, Problem::Changed))
    }
}

impl Iterator for ParquetBatches {
    type Item = Result<Table, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}
