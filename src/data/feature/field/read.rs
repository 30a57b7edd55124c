//! A cell as what its field holds.

use super::super::encoder::Level;
use super::super::error::EncodeError;
use super::InputField;
use crate::data::cell::{Cell, shortened};
use crate::data::schema::ColumnType;
use crate::data::source::timestamp;

/// How many known levels an error lists.
const LEVELS_SHOWN: usize = 20;

impl InputField {
    #[cold]
    pub(in crate::data::feature) fn missing(&self) -> EncodeError {
        EncodeError::Missing {
            field: self.name.clone(),
            expected: self.kind,
        }
    }

    #[cold]
    fn wrong_type(&self, cell: &Cell<'_>) -> EncodeError {
        EncodeError::WrongType {
            field: self.name.clone(),
            expected: self.kind,
            got: cell.to_string(),
        }
    }

    /// The number, unless it is missing and may not be.
    #[inline]
    pub(in crate::data::feature) fn if_nullable(&self, number: f64) -> Result<f64, EncodeError> {
        if number.is_nan() && !self.nullable {
            Err(self.missing())
        } else {
            Ok(number)
        }
    }

    /// The cell as a number; NaN when it is missing.
    ///
    /// # Errors
    /// It is none.
    #[inline]
    pub fn number(&self, cell: &Cell<'_>) -> Result<f64, EncodeError> {
        use ColumnType::{Boolean, Integer, Number};
        match (self.kind, cell) {
            (_, Cell::Missing) => Ok(f64::NAN),
            (Number | Integer, Cell::Integer(integer)) => Ok(*integer as f64),
            (Boolean, Cell::Boolean(boolean)) => Ok(f64::from(u8::from(*boolean))),
            (Number | Integer, Cell::Number(number)) if !number.is_finite() => Err(EncodeError::NotFinite {
                field: self.name.clone(),
                got: *number,
            }),
            (Number, Cell::Number(number)) => Ok(*number),
            (Integer, Cell::Number(number)) if number.fract() == 0.0 => Ok(*number),
            _ => Err(self.wrong_type(cell)),
        }
    }

    /// The cell as a point in time, in microseconds since the epoch; none when it is missing.
    ///
    /// # Errors
    /// It is none.
    pub fn moment(&self, cell: &Cell<'_>) -> Result<Option<i64>, EncodeError> {
        match cell {
            Cell::Missing => Ok(None),
            Cell::Timestamp(moment) => Ok(Some(*moment)),
            Cell::Text(text) => match timestamp(text.trim_ascii()) {
                Some(moment) => Ok(Some(moment)),
                None => Err(self.wrong_type(cell)),
            },
            _ => Err(self.wrong_type(cell)),
        }
    }

    /// The cell as a level; a boolean is one of false and true. One that the field does not have is an error
    /// unless it is taken.
    #[inline]
    pub(in crate::data::feature) fn level(
        &self,
        cell: &Cell<'_>,
        takes_unknown: bool,
    ) -> Result<Level, EncodeError> {
        match (cell, &self.levels) {
            (Cell::Missing, _) if self.nullable => Ok(Level::Missing),
            (Cell::Missing, _) => Err(self.missing()),
            (Cell::Boolean(boolean), None) => Ok(Level::Known(usize::from(*boolean))),
            // Levels are in byte order, so that no table of hashes must be kept beside them.
            (Cell::Text(text), Some(levels)) => {
                match levels.binary_search_by(|level| level.as_str().cmp(text)) {
                    Ok(level) => Ok(Level::Known(level)),
                    Err(_) if takes_unknown => Ok(Level::Unknown),
                    Err(_) => Err(EncodeError::UnknownCategory {
                        field: self.name.clone(),
                        got: shortened(text),
                        known: levels.iter().take(LEVELS_SHOWN).cloned().collect(),
                        more: levels.len().saturating_sub(LEVELS_SHOWN),
                    }),
                }
            }
            _ => Err(self.wrong_type(cell)),
        }
    }

    /// How many levels [`Self::level`] tells apart.
    pub(in crate::data::feature) fn level_count(&self) -> usize {
        self.levels.as_ref().map_or(2, Vec::len)
    }
}
