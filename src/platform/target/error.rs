//! Why a column cannot be predicted.

use crate::data::schema::ColumnType;
use crate::data::source::csv::hints::{advice, likely_delimiter};

/// Why a column cannot be predicted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is not there.
    #[error(
        "there is no column called \"{target}\", which is to be predicted; {}",
        there_is(.columns)
    )]
    NotThere {
        /// The target.
        target: String,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// It is of a type that is not predicted.
    #[error(
        "the column \"{target}\" is of type {kind}, which cannot be predicted; declare it as a category or a number in data.types"
    )]
    Type {
        /// The target.
        target: String,
        /// Its type.
        kind: ColumnType,
    },
    /// Some of it is missing.
    #[error(
        "{}the column \"{target}\", which is to be predicted, is missing; drop such rows or fill them in",
        if .line.is_some() { String::new() } else { format!("row {row}: ") }
    )]
    Missing {
        /// The target.
        target: String,
        /// The first such row, from 1, the header not counted.
        row: usize,
        /// Its line, where the rows come from a file.
        line: Option<u64>,
    },
    /// All of it is missing.
    #[error(
        "the column \"{0}\", which is to be predicted, is missing in every row; fill it in, or name another column"
    )]
    MissingEverywhere(String),
    /// There is only one thing to predict.
    #[error(
        "the column \"{target}\" is \"{value}\" in every row, so there is nothing to learn; rows with another value are needed"
    )]
    OneClass {
        /// The target.
        target: String,
        /// What every row has.
        value: String,
    },
    /// The class that is called positive is none.
    #[error("data.positive is \"{positive}\", which the column \"{target}\" never is; it is {}", .classes.join(", "))]
    NoSuchClass {
        /// The target.
        target: String,
        /// The class that was named.
        positive: String,
        /// The classes that are there.
        classes: Vec<String>,
    },
    /// A positive class of something that has more or fewer than two.
    #[error("data.positive goes with two classes, but the column \"{target}\" has {classes}; leave it out")]
    NotBinary {
        /// The target.
        target: String,
        /// How many classes it has; a number has none.
        classes: String,
    },
    /// A quantile of classes.
    #[error(
        "data.quantile goes with numbers, but the column \"{target}\" has {classes} classes; leave it out, or declare \
         the column a number in data.types"
    )]
    NotNumbers {
        /// The target.
        target: String,
        /// How many classes it has.
        classes: usize,
    },
}

impl TargetError {
    /// Whether the rows are to blame, and not what was asked of them.
    pub(in crate::platform) fn is_in_rows(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. } | Self::MissingEverywhere(_) | Self::OneClass { .. }
        )
    }

    /// The line of a file in which it is seen: columns are named in the first.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::NotThere { .. } => Some(1),
            Self::Missing { line, .. } => *line,
            _ => None,
        }
    }

    /// Where in a file it is seen, for a message.
    pub(in crate::platform) fn place(&self) -> String {
        self.line()
            .map_or_else(String::new, |line| format!(", line {line}"))
    }
}

fn there_is(columns: &[String]) -> String {
    match likely_delimiter(columns.iter().map(String::as_str)) {
        Some(delimiter) => advice(delimiter),
        None => format!("the columns are {}", columns.join(", ")),
    }
}
