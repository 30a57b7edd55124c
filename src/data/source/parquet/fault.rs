//! What is wrong with a Parquet file.

/// What is wrong with a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParquetFault {
    /// It does not begin as Parquet files do.
    #[error(
        "this is not Parquet: it does not begin with PAR1; leave the format out, or declare the right one"
    )]
    NotParquet,
    /// It begins as Parquet files do and ends otherwise.
    #[error(
        "the Parquet file ends in the middle: its footer is not there; copy it again, or write it to its end"
    )]
    Truncated,
    /// It is encrypted.
    #[error("the Parquet file is encrypted; write it without encryption, the store encrypts what it keeps")]
    Encrypted,
    /// Its parts contradict each other.
    #[error("the Parquet file is damaged: {0}; write it again")]
    Damaged(String),
    /// Its pages are packed in a way that is not read.
    #[error("it is packed with {0}; write it with snappy, zstd, gzip or lz4")]
    Codec(String),
    /// The description of its parts is too long.
    #[error("its footer has {mib} MiB, and at most {max} are read; write it with larger row groups")]
    Footer {
        /// Its length.
        mib: u64,
        /// The most that is read.
        max: u64,
    },
    /// So much of it has to be in memory at once that it is not read.
    #[error(
        "row group {group} would take {mib} MiB of memory, and at most {max} are used; write smaller row groups (in \
         pandas and pyarrow: row_group_size=100_000; for thousands of columns, 10_000) or smaller pages"
    )]
    Memory {
        /// Which row group, from 1.
        group: usize,
        /// What it would take.
        mib: u64,
        /// The most that is used.
        max: u64,
    },
    /// A type that a table does not have.
    #[error("this column holds {what}; {remedy}")]
    Type {
        /// What it holds.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A number that is not finite.
    #[error("this number is infinite, and numbers are finite; write null if it means missing")]
    Infinite,
    /// A moment beyond the calendar.
    #[error("this moment is beyond the years -9999 to 9999; correct it, or write null")]
    Moment,
}
