//! What a person would want to be told of a table that was read as well as could be.

use std::fmt;

use super::{Format, Place};
use crate::data::schema::ColumnType;

/// A column that is probably meant as something else than what it was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The column.
    pub column: String,
    /// What it was read as.
    pub kind: ColumnType,
    /// Where the value that raises the doubt stands: the first of its kind.
    pub place: Place,
    /// That value.
    pub got: String,
    /// Why it raises a doubt.
    pub reason: Reason,
    /// What the file is.
    pub format: Format,
}

/// Why a value raises a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// All values before it are of this type.
    Unlike(ColumnType),
    /// A number with signs between thousands; all values of the column are numbers.
    Thousands,
    /// A number with a decimal comma; all values of the column are numbers.
    DecimalComma,
    /// An infinite number; all values of the column are numbers.
    Infinity,
    /// A date that is not ISO 8601; all values of the column are dates.
    Date,
    /// A whole number with zeros in front, which do not stay; all values of the column are numbers.
    LeadingZeros,
    /// The only column's name, or first value, holds this sign, which separates fields elsewhere.
    Delimiter(char),
}

impl Doubt {
    /// The type that the values seem to be of, where it is one.
    pub fn seemed(&self) -> Option<ColumnType> {
        match self.reason {
            Reason::Unlike(kind) => Some(kind),
            Reason::Thousands | Reason::DecimalComma | Reason::Infinity => Some(ColumnType::Number),
            Reason::Date => Some(ColumnType::Timestamp),
            Reason::LeadingZeros | Reason::Delimiter(_) => None,
        }
    }
}

/// A sentence for people: what raises the doubt, and what to do.
impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, kind, got) = (&self.column, self.kind, &self.got);
        let missing = match self.format {
            Format::Csv => "list it in csv.missing",
            Format::Jsonl | Format::Parquet => "write null",
        };
        match self.reason {
            Reason::Unlike(seemed) => write!(
                f,
                "column {column} seemed to be of type {seemed} until \"{got}\"; if that means missing, {missing}"
            ),
            Reason::Thousands => write!(
                f,
                "column {column} came in as {kind}, but \"{got}\" looks like a number with signs between thousands; \
                 if it is one, write it without them"
            ),
            Reason::DecimalComma => write!(
                f,
                "column {column} came in as {kind}, but \"{got}\" looks like a number with a decimal comma; if it \
                 is one, write it with a point"
            ),
            Reason::Infinity => write!(
                f,
                "column {column} came in as {kind}, but \"{got}\" looks like an infinite number, and numbers are \
                 finite; if it means missing, {missing}, else write the largest number that makes sense"
            ),
            Reason::Date => write!(
                f,
                "column {column} came in as {kind}, but \"{got}\" looks like a date; if it is one, write it as in \
                 2026-01-31"
            ),
            Reason::LeadingZeros => write!(
                f,
                "column {column} came in as {kind}, and \"{got}\" has lost the zeros in front; if they mean something, \
                 declare the column as a category"
            ),
            Reason::Delimiter(sign) => {
                let sign = sign.to_string();
                write!(
                    f,
                    "column {column} is the only one, and \"{got}\" holds {sign:?}; if that separates the fields, \
                     say csv.delimiter = {sign:?}"
                )
            }
        }
    }
}
