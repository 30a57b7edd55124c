//! Tables in memory: columns of one length.

mod column;

use std::ops::Range;
use std::sync::Arc;

use super::cell::Cell;
use super::schema::{ColumnType, Field, Schema};
use super::split::shuffle;
use crate::base::Seed;

pub use column::Column;

/// Why columns do not make a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Another number of columns than the schema names.
    #[error("the schema names {expected} columns, but {got} were given")]
    Columns {
        /// How many the schema names.
        expected: usize,
        /// How many were given.
        got: usize,
    },
    /// A column of another type than the schema says.
    #[error("column \"{name}\" should hold {expected}, but holds {got}")]
    Type {
        /// The column.
        name: String,
        /// The schema's type.
        expected: ColumnType,
        /// The column's type.
        got: ColumnType,
    },
    /// Columns of different lengths.
    #[error("column \"{name}\" has {got} rows, the first column has {expected}")]
    Rows {
        /// The column.
        name: String,
        /// The first column's length.
        expected: usize,
        /// This column's length.
        got: usize,
    },
    /// A missing cell where the schema promises none.
    #[error("column \"{name}\" has a missing value at row {row}, which its schema rules out")]
    Missing {
        /// The column.
        name: String,
        /// The row, from 0.
        row: usize,
    },
    /// An infinite number.
    #[error("column \"{name}\" has an infinite number at row {row}; leave the cell empty instead")]
    Infinite {
        /// The column.
        name: String,
        /// The row, from 0.
        row: usize,
    },
    /// A category's code without a level.
    #[error("column \"{name}\" has the code {code} at row {row}, but only {levels} levels")]
    NoSuchLevel {
        /// The column.
        name: String,
        /// The row, from 0.
        row: usize,
        /// The code.
        code: u32,
        /// How many levels there are.
        levels: usize,
    },
    /// Tables of different schemas cannot be joined.
    #[error("the tables have different columns or levels, so one cannot follow the other")]
    DifferentSchemas,
}

/// Rows under a schema: every column has the same length, numbers are finite, categories name a level,
/// and cells are missing only where the schema allows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    schema: Arc<Schema>,
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    /// When the columns do not fit the schema or each other.
    pub fn new(schema: Arc<Schema>, columns: Vec<Column>) -> Result<Self, TableError> {
        if columns.len() != schema.len() {
            return Err(TableError::Columns {
                expected: schema.len(),
                got: columns.len(),
            });
        }
        let rows = columns.first().map_or(0, Column::len);
        for (field, column) in schema.fields().iter().zip(&columns) {
            check(field, column, rows)?;
        }
        Ok(Self {
            schema,
            columns,
            rows,
        })
    }

    /// A table without rows.
    pub fn empty(schema: Arc<Schema>) -> Self {
        let columns = schema
            .fields()
            .iter()
            .map(|field| Column::empty(field.kind))
            .collect();
        Self {
            schema,
            columns,
            rows: 0,
        }
    }

    /// The columns' names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, in the schema's order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.schema.index_of(name).map(|index| &self.columns[index])
    }

    /// The levels of the category at position `column`; none for another type.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn levels(&self, column: usize) -> &[String] {
        self.schema.fields()[column].levels.as_deref().unwrap_or_default()
    }

    /// The cell at `row` of the column at position `column`.
    ///
    /// # Panics
    /// When there is no such cell.
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let cell = match &self.columns[column] {
            Column::Number(values) => (!values[row].is_nan()).then(|| Cell::Number(values[row])),
            Column::Integer(values) => values[row].map(Cell::Integer),
            Column::Boolean(values) => values[row].map(Cell::Boolean),
            Column::Category(codes) => match codes[row] {
                Column::NO_LEVEL => None,
                code => Some(Cell::text(&self.levels(column)[code as usize])),
            },
            Column::Text(values) => values[row].as_deref().map(Cell::text),
            Column::Timestamp(values) => values[row].map(Cell::Timestamp),
        };
        cell.unwrap_or(Cell::Missing)
    }

    /// How much memory the cells take, in bytes.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// How much memory so many rows of `schema` take at least, in bytes: texts are as long as they are.
    pub fn least_bytes(schema: &Schema, rows: usize) -> usize {
        let cells = schema
            .fields()
            .iter()
            .map(|field| Column::least_cell_bytes(field.kind));
        cells.sum::<usize>().saturating_mul(rows)
    }

    /// The same cells, each column's in an order of its own, drawn from `seed`: what was a row is none any more.
    #[must_use]
    pub fn torn_apart(&self, seed: Seed) -> Self {
        let columns = self.columns.iter().zip(0..).map(|(column, index)| {
            let mut order: Vec<usize> = (0..self.rows).collect();
            shuffle(&mut order, &mut seed.derive("column", index).rng());
            column.take(&order)
        });
        Self {
            schema: self.schema.clone(),
            columns: columns.collect(),
            rows: self.rows,
        }
    }

    /// The rows at these positions, in that order; a position may come more than once.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| column.take(rows)).collect();
        Self {
            schema: self.schema.clone(),
            columns,
            rows: rows.len(),
        }
    }

    /// These rows.
    ///
    /// # Panics
    /// When some are not there.
    #[must_use]
    pub fn range(&self, rows: Range<usize>) -> Self {
        let columns = self
            .columns
            .iter()
            .map(|column| column.range(rows.clone()))
            .collect();
        Self {
            schema: self.schema.clone(),
            columns,
            rows: rows.len(),
        }
    }

    /// Puts the rows of `next` behind these.
    ///
    /// # Errors
    /// When the schemas differ; then nothing has changed.
    pub fn append(&mut self, next: Self) -> Result<(), TableError> {
        if !Arc::ptr_eq(&self.schema, &next.schema) && self.schema != next.schema {
            return Err(TableError::DifferentSchemas);
        }
        self.rows += next.rows;
        for (into, from) in self.columns.iter_mut().zip(next.columns) {
            let fits = into.append(from);
            debug_assert!(fits, "equal schemas have columns of equal types");
        }
        Ok(())
    }
}

fn check(field: &Field, column: &Column, rows: usize) -> Result<(), TableError> {
    let name = || field.name.clone();
    if column.kind() != field.kind {
        return Err(TableError::Type {
            name: name(),
            expected: field.kind,
            got: column.kind(),
        });
    }
    if column.len() != rows {
        return Err(TableError::Rows {
            name: name(),
            expected: rows,
            got: column.len(),
        });
    }
    if !field.missing
        && let Some(row) = (0..rows).find(|&row| column.is_missing(row))
    {
        return Err(TableError::Missing { name: name(), row });
    }
    match column {
        Column::Number(values) => match values.iter().position(|value| value.is_infinite()) {
            Some(row) => Err(TableError::Infinite { name: name(), row }),
            None => Ok(()),
        },
        Column::Category(codes) => {
            let levels = field.levels.as_ref().map_or(0, Vec::len);
            let unknown = |&code: &u32| code != Column::NO_LEVEL && code as usize >= levels;
            match codes.iter().position(unknown) {
                Some(row) => Err(TableError::NoSuchLevel {
                    name: name(),
                    row,
                    code: codes[row],
                    levels,
                }),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
