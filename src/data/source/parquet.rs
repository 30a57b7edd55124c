//! Apache Parquet, read twice: [`ParquetFile::scan`] finds types, levels and the number of rows, then
//! [`ParquetFile::batches`] gives the rows. The file has to be readable from any place.
//!
//! Numbers of every width are numbers or integers, NaN and null are missing, decimals are the nearest number,
//! dates and moments with or without a zone are timestamps (UTC is assumed), texts are inferred as those of
//! JSON lines are, and a dictionary, as pandas and polars write their categories, is a category. Nested columns,
//! times without a date, durations and bytes are refused. The pages' headers are looked at before they are
//! believed: what has to be in memory at once is bounded, whatever the size of a row group.

use std::collections::BTreeMap;
use std::sync::Arc;

use self::cells::{Value, reader};
use self::file::Opened;
use self::kind::Kind;
use super::declared;
use super::error::{Problem, SourceError};
use super::infer::{Inference, LevelBudget, Written};
use super::input::Input;
use super::scanned::{Scanned, conclude};
use super::{Format, Place};
use crate::data::schema::{ColumnType, Schema};

mod batches;
mod cells;
mod chunks;
mod fault;
mod file;
mod kind;
mod pages;
#[cfg(test)]
pub(super) mod tests;
mod thrift;

pub use batches::ParquetBatches;
pub use fault::ParquetFault;

/// The most rows that are read at once while types are inferred.
const SCAN_ROWS: usize = 8_192;

/// Whether a file that begins with `head` is Parquet, encrypted or not.
pub(super) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(b"PAR1") || head.starts_with(b"PARE")
}

/// An opened Parquet file.
pub struct ParquetFile {
    opened: Arc<Opened>,
    /// How many rows of each row group are read at once; known after the first reading.
    at_once: Vec<usize>,
}

/// What is learnt of a column while it is read.
enum Learning {
    /// Its values are of this type; whether there are any that say so, and whether any is missing.
    Known {
        kind: ColumnType,
        any: bool,
        missing: bool,
    },
    Inferred(Box<Inference>),
}

impl ParquetFile {
    /// Reads the footer and finds the columns. `name` stands in messages.
    ///
    /// # Errors
    /// A file that is not Parquet, not whole, encrypted, or has columns that a table does not have.
    pub fn open(name: &str, input: Arc<dyn Input>) -> Result<Self, SourceError> {
        Ok(Self {
            opened: Arc::new(Opened::new(name, input)?),
            at_once: Vec::new(),
        })
    }

    /// Reads all rows and finds the columns' types; `types` declares some of them.
    ///
    /// # Errors
    /// Names the file, row and column, and what to do.
    pub fn scan(&mut self, types: &BTreeMap<String, ColumnType>) -> Result<Scanned, SourceError> {
        let name = self.opened.name();
        let columns = &self.opened.leaves;
        declared::check(name, columns.iter().map(|column| column.name.as_str()), types)?;
        let mut learning: Vec<Learning> = columns
            .iter()
            .map(|column| Learning::of(&column.kind, types.get(&column.name).copied()))
            .collect();
        let mut budget = LevelBudget::new();
        let mut at_once = Vec::new();
        let mut rows = 0;
        for group in 0..self.opened.groups() {
            let fitting = self.opened.rows_at_once(group, SCAN_ROWS)?;
            at_once.push(fitting);
            let mut batches = self.opened.read(group, fitting)?;
            while let Some(batch) = batches.next()? {
                for ((column, array), learning) in columns.iter().zip(batch.columns()).zip(&mut learning) {
                    let wrong = |row: u64, problem| {
                        SourceError::of_file(name, problem)
                            .at(Place::Row(row))
                            .in_column(&column.name)
                    };
                    learning
                        .see(array, rows, &mut budget)
                        .map_err(|(row, problem)| wrong(row, problem))?;
                }
                rows += batch.num_rows() as u64;
            }
        }
        if rows == 0 {
            return Err(SourceError::of_file(name, Problem::HeaderOnly));
        }
        self.at_once = at_once;
        let columns = columns.iter().map(|column| column.name.clone());
        let inferences = learning.into_iter().map(Learning::inference);
        conclude(name, Format::Parquet, columns.zip(inferences), rows)
    }

    /// Reads the rows as tables of a known schema, the one that [`ParquetFile::scan`] found.
    ///
    /// A batch has at most `batch_rows` rows; fewer when rows are wide or texts long.
    ///
    /// # Errors
    /// When the schema has other columns.
    pub fn batches(&self, schema: Arc<Schema>, batch_rows: usize) -> Result<ParquetBatches, SourceError> {
        let names = self.opened.leaves.iter().map(|column| &column.name);
        if !names.eq(schema.fields().iter().map(|field| &field.name)) {
            return Err(SourceError::of_file(self.opened.name(), Problem::Changed));
        }
        let at_once = self.at_once.clone();
        Ok(ParquetBatches::new(
            Arc::clone(&self.opened),
            at_once,
            schema,
            batch_rows,
        ))
    }
}

impl Learning {
    fn of(kind: &Kind, declared: Option<ColumnType>) -> Self {
        match (kind, declared) {
            (Kind::Typed(kind), None) => Self::known(*kind, false),
            // What is declared holds also where there is no value.
            (Kind::Typed(kind), Some(declared)) if *kind == declared => Self::known(declared, true),
            (Kind::Category, None) => Self::Inferred(Box::new(Inference::new(Some(ColumnType::Category)))),
            _ => Self::Inferred(Box::new(Inference::new(declared))),
        }
    }

    fn known(kind: ColumnType, any: bool) -> Self {
        Self::Known {
            kind,
            any,
            missing: false,
        }
    }

    /// Takes in the values of a batch, before which there are `before` rows; or the row and what is wrong.
    fn see(
        &mut self,
        array: &dyn arrow_array::Array,
        before: u64,
        budget: &mut LevelBudget,
    ) -> Result<(), (u64, Problem)> {
        let unknown = || ParquetFault::Damaged(format!("a column is of the type {}", array.data_type()));
        let read = reader(array).ok_or_else(|| (before + 1, unknown().into()))?;
        let mut buffer = String::new();
        for row in 0..array.len() {
            let place = before + row as u64 + 1;
            let value = read(row).map_err(|problem| (place, problem))?;
            match self {
                Self::Known { any, missing, .. } => {
                    if let Some(Value::Beyond(number)) = value {
                        return Err((place, Problem::IntegerTooBig(number.to_string())));
                    }
                    *any |= value.is_some();
                    *missing |= value.is_none();
                }
                Self::Inferred(inference) => match value {
                    None => inference.saw_missing(),
                    Some(value) => {
                        let written = match value {
                            Value::Text(_) => Written::Quoted,
                            _ => Written::Bare,
                        };
                        let text = value.spelled(&mut buffer);
                        inference
                            .saw(text, written, || place, budget)
                            .map_err(|problem| (place, problem))?;
                    }
                },
            }
        }
        Ok(())
    }

    fn inference(self) -> Inference {
        match self {
            Self::Inferred(inference) => *inference,
            Self::Known { kind, any, missing } => {
                // A column without any value is a number in every format.
                let kind = if any { kind } else { ColumnType::Number };
                let mut inference = Inference::new(Some(kind));
                if missing {
                    inference.saw_missing();
                }
                inference
            }
        }
    }
}
