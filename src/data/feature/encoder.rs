//! How cells become numbers.

use serde::{Deserialize, Serialize};

use super::arithmetic::ArithmeticEncoder;
use super::category::CategoryEncoder;
use super::error::EncodeError;
use super::field::InputField;
use super::level_values::LevelValues;
use super::number::NumberEncoder;
use super::time::TimeEncoder;
use crate::data::cell::Cell;

/// An encoder, and the inputs that it makes numbers of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// The positions of the inputs: at least one.
    pub(super) of: Vec<usize>,
    pub(super) encoder: Encoder,
    /// How many numbers it makes.
    pub(super) width: usize,
}

/// How inputs become numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoder {
    /// A number, integer or boolean.
    Number(NumberEncoder),
    /// A category, as a code or as a column a level.
    Category(CategoryEncoder),
    /// A category, as numbers that each level has.
    Values(LevelValues),
    /// Whether anything is missing.
    Missing(MissingIndicator),
    /// A point in time.
    Time(TimeEncoder),
    /// What is computed of several numbers.
    Arithmetic(ArithmeticEncoder),
    /// A combination of levels.
    Cross(LevelEncoder),
}

/// How levels become numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LevelEncoder {
    Category(CategoryEncoder),
    Values(LevelValues),
}

/// 1 for a missing cell, else 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MissingIndicator {}

/// A level, by its position among those of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Missing,
    Known(usize),
    /// One that the field does not have.
    Unknown,
}

/// The cells of a row, by the input that they are of.
pub(super) trait Cells {
    fn with<T>(&self, input: usize, read: impl FnOnce(&Cell<'_>) -> T) -> T;
}

impl Cells for [Cell<'_>] {
    #[inline]
    fn with<T>(&self, input: usize, read: impl FnOnce(&Cell<'_>) -> T) -> T {
        read(&self[input])
    }
}

impl Step {
    pub(super) fn new(of: Vec<usize>, encoder: Encoder) -> Self {
        let width = match &encoder {
            Encoder::Number(_) | Encoder::Missing(_) | Encoder::Arithmetic(_) => 1,
            Encoder::Category(encoder) | Encoder::Cross(LevelEncoder::Category(encoder)) => encoder.width(),
            Encoder::Values(values) | Encoder::Cross(LevelEncoder::Values(values)) => values.width(),
            Encoder::Time(encoder) => encoder.width(),
        };
        Self { of, encoder, width }
    }

    /// `inputs`: all of them. `out`: `[width]`.
    #[inline]
    pub(super) fn encode(
        &self,
        inputs: &[InputField],
        cells: &(impl Cells + ?Sized),
        out: &mut [f32],
    ) -> Result<(), EncodeError> {
        let first = self.of[0];
        let field = &inputs[first];
        match &self.encoder {
            Encoder::Number(encoder) => {
                out[0] = encoder.encode(field, cells.with(first, |cell| field.number(cell))?)?;
            }
            Encoder::Category(encoder) => {
                let level = cells.with(first, |cell| field.level(cell, encoder.takes_unknown()))?;
                encoder.write_level(level, out);
            }
            Encoder::Values(values) => {
                let level = cells.with(first, |cell| field.level(cell, values.takes_unknown()))?;
                values.write(level, out);
            }
            Encoder::Missing(_) => out[0] = f32::from(u8::from(cells.with(first, |cell| cell.is_missing()))),
            Encoder::Time(encoder) => {
                encoder.encode(field, cells.with(first, |cell| field.moment(cell))?, out)?;
            }
            Encoder::Arithmetic(encoder) => {
                let values = self.of.iter().map(|&input| {
                    let field = &inputs[input];
                    field.if_nullable(cells.with(input, |cell| field.number(cell))?)
                });
                let value = encoder.operation.of(values)?;
                out[0] =
                    encoder.encode(value, || self.of.iter().map(|&input| inputs[input].name.as_str()))?;
            }
            Encoder::Cross(encoder) => {
                let level = combined(self.of.iter().map(|&input| {
                    let field = &inputs[input];
                    let level = cells.with(input, |cell| field.level(cell, encoder.takes_unknown()))?;
                    Ok((level, field.level_count()))
                }))?;
                encoder.write(level, out);
            }
        }
        Ok(())
    }
}

/// The position of a combination of levels among all combinations, of which the last level changes first;
/// each comes with how many levels its field has.
pub(super) fn combined<E>(levels: impl IntoIterator<Item = Result<(Level, usize), E>>) -> Result<Level, E> {
    let mut joined = Level::Known(0);
    for level in levels {
        joined = match (joined, level?) {
            (Level::Missing, _) | (_, (Level::Missing, _)) => Level::Missing,
            (Level::Unknown, _) | (_, (Level::Unknown, _)) => Level::Unknown,
            (Level::Known(above), (Level::Known(level), count)) => Level::Known(above * count + level),
        };
    }
    Ok(joined)
}

impl LevelEncoder {
    fn takes_unknown(&self) -> bool {
        match self {
            Self::Category(encoder) => encoder.takes_unknown(),
            Self::Values(values) => values.takes_unknown(),
        }
    }

    pub(super) fn write(&self, level: Level, out: &mut [f32]) {
        match self {
            Self::Category(encoder) => encoder.write_level(level, out),
            Self::Values(values) => values.write(level, out),
        }
    }

    /// Whether it goes with so many levels.
    pub(super) fn is_sound(&self, levels: usize) -> bool {
        match self {
            Self::Category(encoder) => encoder.is_sound(levels),
            Self::Values(values) => values.is_sound(levels),
        }
    }

    /// The encoder of a single category.
    pub(super) fn of_one(self) -> Encoder {
        match self {
            Self::Category(encoder) => Encoder::Category(encoder),
            Self::Values(values) => Encoder::Values(values),
        }
    }
}
