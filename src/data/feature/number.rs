//! How a number becomes a 32-bit float.

use serde::{Deserialize, Serialize};

use super::error::EncodeError;
use super::field::InputField;
use super::scale::Scaling;
use super::transform::Transform;
use crate::data::cell::short_number;

/// What happens to a number before it becomes a 32-bit float.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberEncoder {
    /// What stands for a missing value.
    pub(super) impute: Option<f64>,
    /// What values become before they are scaled, imputed ones too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) transform: Option<Transform>,
    /// How values are scaled.
    pub(super) scaling: Option<Scaling>,
}

/// What is wrong with a number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    /// It has no logarithm.
    NoLog(f64),
    /// It does not fit 32 bits.
    TooBig(f64),
}

impl Wrong {
    #[cold]
    pub(super) fn of(self, field: String) -> EncodeError {
        match self {
            Self::NoLog(got) => EncodeError::OutOfRange {
                field,
                got: short_number(got),
                expected: "transform = \"log\" takes numbers above -1",
            },
            Self::TooBig(got) => EncodeError::TooBig { field, got },
        }
    }
}

impl NumberEncoder {
    /// `value`: finite, or NaN for a missing one.
    #[inline]
    pub(super) fn encode(&self, field: &InputField, value: f64) -> Result<f32, EncodeError> {
        if value.is_nan() && self.impute.is_none() && !field.nullable {
            return Err(field.missing());
        }
        self.apply(value).map_err(|wrong| wrong.of(field.name.clone()))
    }

    /// The same of a value that may be missing: NaN where nothing stands for it.
    #[inline]
    pub(super) fn apply(&self, value: f64) -> Result<f32, Wrong> {
        let known = if value.is_nan() {
            match self.impute {
                Some(stand_in) => stand_in,
                None => return Ok(f32::NAN),
            }
        } else {
            value
        };
        let transformed = match &self.transform {
            None => known,
            Some(transform) => transform.apply(known).ok_or(Wrong::NoLog(known))?,
        };
        let scaled = self
            .scaling
            .map_or(transformed, |scaling| scaling.apply(transformed)) as f32;
        if scaled.is_finite() {
            Ok(scaled)
        } else {
            Err(Wrong::TooBig(known))
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.impute.is_none_or(f64::is_finite)
            && self.transform.as_ref().is_none_or(Transform::is_sound)
            && self.scaling.is_none_or(Scaling::is_sound)
    }
}
