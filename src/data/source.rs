//! Files that tables are read from.
//!
//! Every format is read twice: once for the columns' types, levels and the number of rows, which gives what
//! [`Scanned`] holds, then for the rows, batch by batch. Both stream; memory does not grow with the file.
//! The same cells give the same table, whatever format they stood in.

mod cells;
pub mod csv;
mod declared;
mod doubt;
pub mod error;
mod format;
mod gzip;
mod head;
mod infer;
mod input;
pub mod jsonl;
mod magic;
mod oddity;
mod options;
pub mod parquet;
mod scanned;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use csv::{CsvBatches, CsvOptions, WantedRow, WantedRows, scan};
pub use doubt::{Doubt, Reason};
pub use error::{Problem, SourceError};
pub use format::Format;
pub use input::{Input, InputReader};
pub use options::{OptionMistake, ReadOptions};
pub use scanned::Scanned;
pub use text::Text;
pub(in crate::data) use value::timestamp;

/// Where something stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a text file, from 1.
    Line(u64),
    /// A row of a file without lines, from 1.
    Row(u64),
}

impl Place {
    /// The line, if it is one.
    pub fn line(self) -> Option<u64> {
        match self {
            Self::Line(line) => Some(line),
            Self::Row(_) => None,
        }
    }

    /// The row, if it is one.
    pub fn row(self) -> Option<u64> {
        match self {
            Self::Line(_) => None,
            Self::Row(row) => Some(row),
        }
    }
}

/// `line 7`, `row 7`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}
