//! Numbers in the range that a net learns well in.

use serde::{Deserialize, Serialize};

use crate::engine::net::lstm::Scaling;

/// A number is `offset + scale x` what a net sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scale {
    pub(super) offset: f64,
    pub(super) scale: f64,
}

/// No number counts as further out: a net would make infinite ones of it.
const FURTHEST: f64 = 1e6;

impl Scale {
    /// Of numbers as they are in the training part; those that are not there (NaN) do not count.
    pub(super) fn of(how: Scaling, numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let numbers = numbers.filter(|number| number.is_finite());
        let count = numbers.clone().count().max(1) as f64;
        let (offset, scale) = match how {
            Scaling::None => (0.0, 1.0),
            Scaling::Standard => {
                let mean = numbers.clone().sum::<f64>() / count;
                let variance = numbers.map(|number| (number - mean).powi(2)).sum::<f64>() / count;
                (mean, variance.sqrt())
            }
            Scaling::Minmax => {
                let low = numbers.clone().fold(f64::INFINITY, f64::min);
                let high = numbers.fold(f64::NEG_INFINITY, f64::max);
                if low <= high {
                    (low, high - low)
                } else {
                    (0.0, 1.0)
                }
            }
        };
        // Of equal numbers, and of some whose spread is a rounding.
        let is_spread = scale > 1e-12 * offset.abs().max(f64::MIN_POSITIVE) && scale.is_finite();
        Self {
            offset,
            scale: if is_spread { scale } else { 1.0 },
        }
    }

    /// A number as a net sees it; what is not there is as usual.
    pub(super) fn apply(self, number: f64) -> f32 {
        if number.is_nan() {
            return 0.0;
        }
        ((number - self.offset) / self.scale).clamp(-FURTHEST, FURTHEST) as f32
    }

    /// The number that a net means.
    pub(super) fn invert(self, seen: f32) -> f64 {
        f64::from(seen) * self.scale + self.offset
    }

    pub(super) fn is_sound(self) -> bool {
        self.offset.is_finite() && self.scale.is_finite() && self.scale > 0.0
    }
}
