//! The rows of a JSON lines file whose schema is known, batch by batch.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use super::lines::{Line, Lines, Value};
use crate::data::schema::Schema;
use crate::data::source::cells::{BATCH_TEXT, Codes, bounded_rows, codes, push};
use crate::data::source::error::{Problem, SourceError};
use crate::data::table::{Column, Table};

/// Reads JSON lines as tables of a known schema, usually the one that [`super::scan`] found.
///
/// A batch has at most the rows that were asked for; fewer when rows are wide or texts long. Ends
/// after the first error.
pub struct JsonlBatches<R> {
    file: String,
    lines: Lines<R>,
    schema: Arc<Schema>,
    codes: Vec<Codes>,
    by_name: HashMap<String, usize>,
    batch_rows: usize,
    ended: bool,
}

impl<R: Read> JsonlBatches<R> {
    /// Starts reading. `name` stands in messages.
    ///
    /// # Errors
    /// When the file is of another format.
    pub fn new(name: &str, reader: R, schema: Arc<Schema>, batch_rows: usize) -> Result<Self, SourceError> {
        let names = schema.fields().iter().map(|field| field.name.clone());
        Ok(Self {
            file: name.to_owned(),
            lines: Lines::new(name, reader)?,
            codes: codes(&schema),
            by_name: names.zip(0..).collect(),
            batch_rows: bounded_rows(&schema, batch_rows),
            schema,
            ended: false,
        })
    }

    fn batch(&mut self) -> Result<Option<Table>, SourceError> {
        let kinds = self.schema.fields().iter().map(|field| field.kind);
        let mut columns: Vec<Column> = kinds.map(Column::empty).collect();
        let mut rows = 0;
        let mut text = 0;
        while rows < self.batch_rows && text < BATCH_TEXT {
            let Some(line) = self.lines.next()? else {
                self.ended = true;
                break;
            };
            let into = Into {
                schema: &self.schema,
                codes: &self.codes,
                by_name: &self.by_name,
            };
            text += into.append(&line, &mut columns, rows)?;
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        // What the cells were parsed into fits the schema, unless a missing value turned up.
        Table::new(self.schema.clone(), columns)
            .map(Some)
            .map_err(|_| SourceError::of_file(&self.file, Problem::Changed))
    }
}

/// What a line's values are read into.
struct Into<'a> {
    schema: &'a Schema,
    codes: &'a [Codes],
    by_name: &'a HashMap<String, usize>,
}

impl Into<'_> {
    /// Appends a line to columns that have `rows` rows; returns how many bytes of text that took.
    fn append(&self, line: &Line<'_>, columns: &mut [Column], rows: usize) -> Result<usize, SourceError> {
        let mut text = 0;
        for (position, entry) in line.entries()?.iter().enumerate() {
            let at = match self.schema.fields().get(position) {
                Some(field) if field.name == entry.key => position,
                _ => match self.by_name.get(entry.key.as_ref()) {
                    Some(at) => *at,
                    None => return Err(line.error(Problem::Changed)),
                },
            };
            if columns[at].len() > rows {
                return Err(line.error(Problem::Changed));
            }
            let value = entry.value.read();
            text += value
                .and_then(|value| match value {
                    Value::Missing => push(&mut columns[at], None, &self.codes[at]),
                    Value::Bare(text) => push(&mut columns[at], Some(text), &self.codes[at]),
                    Value::Quoted(text) => push(&mut columns[at], Some(&text), &self.codes[at]),
                })
                .map_err(|problem| line.error(problem).in_column(&entry.key))?;
        }
        for (column, codes) in columns.iter_mut().zip(self.codes) {
            if column.len() == rows {
                push(column, None, codes).map_err(|problem| line.error(problem))?;
            }
        }
        Ok(text)
    }
}

impl<R: Read> Iterator for JsonlBatches<R> {
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
