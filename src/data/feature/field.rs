//! What goes into fitted features, what comes out, and what is left out.

mod read;

use serde::{Deserialize, Serialize};

use crate::data::cell::Cell;
use crate::data::schema::ColumnType;

/// A field that whoever wants a prediction must give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputField {
    /// The field's name.
    pub name: String,
    /// What its values are: number, integer, boolean, category or timestamp.
    pub kind: ColumnType,
    /// Whether a value may be missing: the dataset has missing ones, or the recipe imputes them.
    pub nullable: bool,
    /// A category's levels, in byte order; `None` for every other type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    /// A usual value, from the training rows: the median of numbers, else the most frequent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// The smallest number of the training rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The middle number of the training rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// The largest number of the training rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// The value of a field, as JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Of a boolean.
    Boolean(bool),
    /// Of an integer.
    Integer(i64),
    /// Of a number.
    Number(f64),
    /// Of a category; of a timestamp, as `2026-01-31T12:00:00Z`.
    Text(String),
}

impl Value {
    /// The value of a cell; none where it is missing.
    pub fn of(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Missing => None,
            Cell::Timestamp(_) => Some(Self::Text(cell.to_string())),
            Cell::Number(number) => Some(Self::Number(*number)),
            Cell::Integer(integer) => Some(Self::Integer(*integer)),
            Cell::Boolean(boolean) => Some(Self::Boolean(*boolean)),
            Cell::Text(text) => Some(Self::Text(text.clone().into_owned())),
        }
    }
}

/// One column of what a model eats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFeature {
    /// The input's name; for one-hot, `input=level`; for the others see the README's list of features.
    pub name: String,
    /// What its values mean.
    pub kind: OutputKind,
}

/// What the values of an output feature mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputKind {
    /// A quantity.
    Numeric,
    /// A code: the position in these names.
    Categorical {
        /// What each code stands for.
        levels: Vec<String>,
    },
}

/// A column that is no feature, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The column.
    pub name: String,
    /// Why it is left out.
    pub reason: String,
}
