//! The cells of a column in memory.

use std::ops::Range;

use super::super::schema::ColumnType;

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Finite numbers; NaN is a missing cell.
    Number(Vec<f64>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// True or false.
    Boolean(Vec<Option<bool>>),
    /// Positions in the field's list of levels; [`Column::NO_LEVEL`] is a missing cell.
    Category(Vec<u32>),
    /// Texts.
    Text(Vec<Option<String>>),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(Vec<Option<i64>>),
}

/// Runs one expression on the vector inside a column, whatever it holds.
macro_rules! each {
    ($column:expr, $values:ident => $run:expr) => {
        match $column {
            Column::Number($values) => $run,
            Column::Integer($values) | Column::Timestamp($values) => $run,
            Column::Boolean($values) => $run,
            Column::Category($values) => $run,
            Column::Text($values) => $run,
        }
    };
}

impl Column {
    /// The code of a missing cell of a category.
    pub const NO_LEVEL: u32 = u32::MAX;

    /// A column of this type without rows.
    pub fn empty(kind: ColumnType) -> Self {
        Self::with_capacity(kind, 0)
    }

    /// A column of this type without rows and with room for `rows`.
    pub fn with_capacity(kind: ColumnType, rows: usize) -> Self {
        match kind {
            ColumnType::Number => Self::Number(Vec::with_capacity(rows)),
            ColumnType::Integer => Self::Integer(Vec::with_capacity(rows)),
            ColumnType::Boolean => Self::Boolean(Vec::with_capacity(rows)),
            ColumnType::Category => Self::Category(Vec::with_capacity(rows)),
            ColumnType::Text => Self::Text(Vec::with_capacity(rows)),
            ColumnType::Timestamp => Self::Timestamp(Vec::with_capacity(rows)),
        }
    }

    /// What the cells hold.
    pub fn kind(&self) -> ColumnType {
        match self {
            Self::Number(_) => ColumnType::Number,
            Self::Integer(_) => ColumnType::Integer,
            Self::Boolean(_) => ColumnType::Boolean,
            Self::Category(_) => ColumnType::Category,
            Self::Text(_) => ColumnType::Text,
            Self::Timestamp(_) => ColumnType::Timestamp,
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        each!(self, values => values.len())
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell at `row` is missing.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values[row].is_nan(),
            Self::Integer(values) | Self::Timestamp(values) => values[row].is_none(),
            Self::Boolean(values) => values[row].is_none(),
            Self::Category(codes) => codes[row] == Self::NO_LEVEL,
            Self::Text(values) => values[row].is_none(),
        }
    }

    /// How much memory the cells take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(values) => {
                let texts = values.iter().flatten().map(String::capacity);
                values.len() * size_of::<Option<String>>() + texts.sum::<usize>()
            }
            Self::Number(values) => size_of_val(values.as_slice()),
            Self::Integer(values) | Self::Timestamp(values) => size_of_val(values.as_slice()),
            Self::Boolean(values) => size_of_val(values.as_slice()),
            Self::Category(codes) => size_of_val(codes.as_slice()),
        }
    }

    /// How much memory a cell takes at least, in bytes.
    pub(super) fn least_cell_bytes(kind: ColumnType) -> usize {
        match kind {
            ColumnType::Number => size_of::<f64>(),
            ColumnType::Integer | ColumnType::Timestamp => size_of::<Option<i64>>(),
            ColumnType::Boolean => size_of::<Option<bool>>(),
            ColumnType::Category => size_of::<u32>(),
            ColumnType::Text => size_of::<Option<String>>(),
        }
    }

    /// A column of the cells at `rows`, in that order.
    pub(super) fn take(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => Self::Number(rows.iter().map(|&row| values[row]).collect()),
            Self::Integer(values) => Self::Integer(rows.iter().map(|&row| values[row]).collect()),
            Self::Boolean(values) => Self::Boolean(rows.iter().map(|&row| values[row]).collect()),
            Self::Category(codes) => Self::Category(rows.iter().map(|&row| codes[row]).collect()),
            Self::Text(values) => Self::Text(rows.iter().map(|&row| values[row].clone()).collect()),
            Self::Timestamp(values) => Self::Timestamp(rows.iter().map(|&row| values[row]).collect()),
        }
    }

    /// A column of the cells of these rows.
    pub(super) fn range(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Number(values) => Self::Number(values[rows].to_vec()),
            Self::Integer(values) => Self::Integer(values[rows].to_vec()),
            Self::Boolean(values) => Self::Boolean(values[rows].to_vec()),
            Self::Category(codes) => Self::Category(codes[rows].to_vec()),
            Self::Text(values) => Self::Text(values[rows].to_vec()),
            Self::Timestamp(values) => Self::Timestamp(values[rows].to_vec()),
        }
    }

    /// Moves the cells of a column of the same type behind those of this one; false when the types differ.
    pub(super) fn append(&mut self, other: Self) -> bool {
        match (self, other) {
            (Self::Number(into), Self::Number(from)) => into.extend(from),
            (Self::Integer(into), Self::Integer(from)) => into.extend(from),
            (Self::Boolean(into), Self::Boolean(from)) => into.extend(from),
            (Self::Category(into), Self::Category(from)) => into.extend(from),
            (Self::Text(into), Self::Text(from)) => into.extend(from),
            (Self::Timestamp(into), Self::Timestamp(from)) => into.extend(from),
            _ => return false,
        }
        true
    }
}
