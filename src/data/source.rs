//! Files that tables are read from.

pub mod csv;
pub mod error;

pub use csv::{CsvBatches, CsvOptions, Scanned, scan};
pub use error::{Problem, SourceError};
