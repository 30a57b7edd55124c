//! What can be wrong with an interaction.

use crate::data::schema::{ColumnType, Schema};

/// What is wrong with one of a recipe's interactions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InteractionProblem {
    /// Too few or too many columns.
    #[error("it takes {expected} columns, got {got}")]
    Count {
        /// How many it takes.
        expected: &'static str,
        /// How many are named.
        got: usize,
    },
    /// A column that the dataset does not have.
    #[error("the dataset has no column \"{0}\"; correct the name or take it out")]
    NoSuchColumn(String),
    /// A column that is no feature.
    #[error("\"{column}\" is no feature: {reason}; take it out")]
    NoFeature {
        /// The column.
        column: String,
        /// What it is instead.
        reason: &'static str,
    },
    /// A column of a type that the operation does not take.
    #[error("\"{column}\" is of type {kind}; {remedy}")]
    Type {
        /// The column.
        column: String,
        /// Its type.
        kind: ColumnType,
        /// What the operation takes.
        remedy: &'static str,
    },
    /// More combinations of levels than a category may have.
    #[error("there are {combinations} combinations of levels; at most {max} are allowed: cross fewer columns", max = Schema::MAX_LEVELS)]
    TooManyLevels {
        /// How many combinations.
        combinations: usize,
    },
    /// A setting that does not go with the operation.
    #[error("{setting} does not go with it; {remedy}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What to do.
        remedy: &'static str,
    },
}

impl InteractionProblem {
    /// The key of the interaction that is at fault, and which of its columns, if one is.
    pub fn key(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Count { .. } | Self::TooManyLevels { .. } => ("columns", None),
            Self::NoSuchColumn(column) | Self::NoFeature { column, .. } | Self::Type { column, .. } => {
                ("columns", Some(column))
            }
            Self::Setting { setting, .. } => (setting.split(' ').next().unwrap_or(setting), None),
        }
    }
}
