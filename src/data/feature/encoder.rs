//! How one cell becomes numbers.

use serde::{Deserialize, Serialize};

use super::category::CategoryEncoder;
use super::error::EncodeError;
use super::field::InputField;
use super::scale::Scaling;
use crate::data::cell::{Cell, shortened};
use crate::data::schema::ColumnType;

/// How many known levels an error lists.
const LEVELS_SHOWN: usize = 20;

/// How one input becomes numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoder {
    /// Numbers, integers and booleans.
    Number(NumberEncoder),
    /// Categories.
    Category(CategoryEncoder),
}

/// What happens to a number before it becomes a 32-bit float.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberEncoder {
    /// What stands for a missing value.
    pub(super) impute: Option<f64>,
    /// How values are scaled, imputed ones too.
    pub(super) scaling: Option<Scaling>,
}

impl NumberEncoder {
    /// `value`: finite, or NaN for a missing one.
    #[inline]
    pub(super) fn encode(&self, field: &InputField, value: f64) -> Result<f32, EncodeError> {
        let known = if value.is_nan() {
            match self.impute {
                Some(stand_in) => stand_in,
                None if field.nullable => return Ok(f32::NAN),
                None => return Err(field.missing()),
            }
        } else {
            value
        };
        let scaled = self.scaling.map_or(known, |scaling| scaling.apply(known)) as f32;
        if scaled.is_finite() {
            Ok(scaled)
        } else {
            Err(EncodeError::TooBig {
                field: field.name.clone(),
                got: known,
            })
        }
    }
}

impl Encoder {
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Number(_) => 1,
            Self::Category(encoder) => encoder.width(),
        }
    }

    /// `out`: `[width]`.
    #[inline]
    pub(super) fn encode(
        &self,
        field: &InputField,
        cell: &Cell<'_>,
        out: &mut [f32],
    ) -> Result<(), EncodeError> {
        match self {
            Self::Number(encoder) => out[0] = encoder.encode(field, field.number(cell)?)?,
            Self::Category(encoder) => encoder.write(field.slot(encoder, cell)?, out),
        }
        Ok(())
    }
}

impl InputField {
    #[cold]
    fn missing(&self) -> EncodeError {
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

    /// The cell as a number; NaN when it is missing.
    #[inline]
    fn number(&self, cell: &Cell<'_>) -> Result<f64, EncodeError> {
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

    /// The slot of the cell's level; `None` when it is missing.
    fn slot(&self, encoder: &CategoryEncoder, cell: &Cell<'_>) -> Result<Option<u32>, EncodeError> {
        match cell {
            Cell::Missing if self.nullable => Ok(None),
            Cell::Missing => Err(self.missing()),
            Cell::Text(text) => self.slot_of(encoder, text).map(Some),
            _ => Err(self.wrong_type(cell)),
        }
    }

    /// The slot of a level. Levels are in byte order, so that no table of hashes must be kept beside them.
    fn slot_of(&self, encoder: &CategoryEncoder, text: &str) -> Result<u32, EncodeError> {
        let levels = self.levels.as_deref().unwrap_or_default();
        let level = levels.binary_search_by(|level| level.as_str().cmp(text)).ok();
        encoder.slot(level).ok_or_else(|| EncodeError::UnknownCategory {
            field: self.name.clone(),
            got: shortened(text),
            known: levels.iter().take(LEVELS_SHOWN).cloned().collect(),
            more: levels.len().saturating_sub(LEVELS_SHOWN),
        })
    }
}
