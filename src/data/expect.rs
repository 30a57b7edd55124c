//! Expectations: what a table has to be, written in a recipe and checked in one pass.
//!
//! The rules are those of Great Expectations, pandera and dbt under one short name each. A missing cell breaks
//! `not_null` alone: every other rule looks at the cells that are there.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::ColumnType;

mod check;
mod literal;
mod mistake;
mod report;
mod rule;
#[cfg(test)]
mod tests;
mod unique;

pub use check::Checker;
pub use literal::Literal;
pub use mistake::{ExpectationError, validate};
pub use report::{CheckReport, Example, Violation};
pub use unique::TooManyToTellApart;

/// What is expected of one column, of several alike, or of the number of rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct Expectation {
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Several columns, of each of which the same is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// What its cells hold. Integers are numbers too, and categories are texts too.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ColumnType>,
    /// That no cell is missing, or only a tolerated share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_null: Option<NotNull>,
    /// The smallest value that may be, of numbers and timestamps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Literal>,
    /// The largest value that may be, of numbers and timestamps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Literal>,
    /// All the values that may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_set: Option<Vec<Literal>>,
    /// A regular expression that is found in every text; `^` and `$` tie it to the ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// That no value comes twice.
    #[serde(skip_serializing_if = "is_false")]
    pub unique: bool,
    /// How each value follows the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monotone: Option<Order>,
    /// How many rows the table has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowCount>,
    /// The share of cells that has to be right, in (0, 1]; all of them without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mostly: Option<f64>,
    /// What a violation means.
    #[serde(skip_serializing_if = "Severity::is_error")]
    pub severity: Severity,
}

impl Expectation {
    /// The columns that it is about; none when it is about the number of rows.
    pub fn subjects(&self) -> impl Iterator<Item = &String> {
        self.column.iter().chain(self.columns.iter().flatten())
    }
}

/// What a violation means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The table is refused.
    #[default]
    Error,
    /// It is told, and nothing else.
    Warn,
}

impl Severity {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
        }
    }

    fn is_error(&self) -> bool {
        *self == Self::Error
    }
}

/// How each value follows the one before; missing cells are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// It is at least as large.
    Increasing,
    /// It is larger.
    StrictlyIncreasing,
    /// It is at most as large.
    Decreasing,
    /// It is smaller.
    StrictlyDecreasing,
}

impl Order {
    fn words(self) -> &'static str {
        match self {
            Self::Increasing => "increasing",
            Self::StrictlyIncreasing => "strictly increasing",
            Self::Decreasing => "decreasing",
            Self::StrictlyDecreasing => "strictly decreasing",
        }
    }
}

/// How many rows a table has, both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct RowCount {
    /// At least so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

/// That cells are there: `true`, or `{ max_missing = 0.01 }`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotNull {
    /// Whether it is expected; the share of `mostly` holds.
    Expected(bool),
    /// At most this share is missing, in [0, 1], whatever `mostly` says.
    MaxMissing(f64),
}

/// The table form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct Tolerated {
    max_missing: f64,
}

impl Serialize for NotNull {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Expected(expected) => serializer.serialize_bool(expected),
            Self::MaxMissing(max_missing) => Tolerated { max_missing }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for NotNull {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NotNullVisitor)
    }
}

struct NotNullVisitor;

impl<'de> Visitor<'de> for NotNullVisitor {
    type Value = NotNull;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false or a table such as { max_missing = 0.01 }")
    }

    fn visit_bool<E>(self, expected: bool) -> Result<NotNull, E> {
        Ok(NotNull::Expected(expected))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NotNull, A::Error> {
        let Tolerated { max_missing } = Tolerated::deserialize(MapAccessDeserializer::new(map))?;
        Ok(NotNull::MaxMissing(max_missing))
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
