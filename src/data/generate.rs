//! Tables that are made up, and called so wherever they are shown.

use std::io;

use super::schema::SchemaError;
use super::table::TableError;

pub mod card_fraud;
pub mod ratings;

/// Why a table was not made to its end.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The rows could not be written.
    #[error("the generated rows could not be written: {0}")]
    Io(#[from] io::Error),
    /// Someone asked to stop.
    #[error("stopped after {rows} rows; what was written is not whole")]
    Stopped {
        /// How many rows were made.
        rows: u64,
    },
    /// The columns make no table.
    #[error("the generated columns make no table: {0}")]
    Table(#[from] TableError),
    /// There are no such ratings.
    #[error(transparent)]
    Ratings(#[from] ratings::RatingsError),
    /// The columns make no schema.
    #[error("the generated columns make no table: {0}")]
    Schema(#[from] SchemaError),
}
