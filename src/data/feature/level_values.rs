//! Categories as numbers that each level has: its place in an order, its share of the rows, or the mean of the
//! target.

use serde::{Deserialize, Serialize};

use super::encoder::Level;
use super::spec::Encode;

/// The numbers of each level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelValues {
    /// What the numbers are: ordinal, target or frequency.
    pub(super) encode: Encode,
    /// The classes that the numbers are of, in their order; without any, a level has one number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) classes: Vec<String>,
    /// `[levels, width]`, the levels in the order of the field.
    pub(super) values: Vec<f64>,
    /// The numbers of a level that the field does not have; without them it is refused.
    pub(super) unknown: Option<Vec<f64>>,
    /// The numbers of a missing cell; without them it stays missing.
    pub(super) missing: Option<Vec<f64>>,
}

impl LevelValues {
    pub(super) fn width(&self) -> usize {
        self.classes.len().max(1)
    }

    pub(super) fn takes_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// Writes the numbers of a level. `out`: `[width]`.
    #[inline]
    pub(super) fn write(&self, level: Level, out: &mut [f32]) {
        let width = self.width();
        let values = match level {
            Level::Known(level) => self.values.get(level * width..(level + 1) * width),
            Level::Unknown => self.unknown.as_deref(),
            Level::Missing => self.missing.as_deref(),
        };
        match values {
            None => out.fill(f32::NAN),
            Some(values) => {
                for (out, value) in out.iter_mut().zip(values) {
                    *out = *value as f32;
                }
            }
        }
    }

    /// Whether this goes with a field of so many levels.
    pub(super) fn is_sound(&self, levels: usize) -> bool {
        let width = self.width();
        let others = self.unknown.iter().chain(&self.missing);
        let fits = |value: &f64| (*value as f32).is_finite();
        matches!(self.encode, Encode::Ordinal | Encode::Target | Encode::Frequency)
            && (self.classes.is_empty() || self.encode == Encode::Target)
            && self.values.len() == levels * width
            && others.clone().all(|values| values.len() == width)
            && self.values.iter().chain(others.flatten()).all(fits)
    }
}
