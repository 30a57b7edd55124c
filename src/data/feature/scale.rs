//! Scaling of numbers.

use serde::{Deserialize, Serialize};

/// `(x − shift) / divisor`; the divisor is finite and above 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// What is taken off, in the column's unit.
    pub shift: f64,
    /// What is divided by, in the column's unit.
    pub divisor: f64,
}

impl Scaling {
    /// The scaling that takes `shift` off and divides by `spread`: of `standard` the mean and the population's
    /// standard deviation, of `minmax` the smallest value and the range, of `robust` the median and the distance
    /// between the quartiles. A spread of 0 divides by 1, as scikit-learn does. None when one of the two is not
    /// finite.
    pub fn new(shift: f64, spread: f64) -> Option<Self> {
        let scaling = Self {
            shift,
            divisor: if spread > 0.0 { spread } else { 1.0 },
        };
        (!spread.is_nan() && scaling.is_sound()).then_some(scaling)
    }

    /// The scaled value.
    pub fn apply(self, value: f64) -> f64 {
        (value - self.shift) / self.divisor
    }

    /// Whether every finite value can be scaled.
    pub fn is_sound(self) -> bool {
        self.shift.is_finite() && self.divisor.is_finite() && self.divisor > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_column_becomes_zero() {
        assert_eq!(Scaling::new(7.0, 0.0).unwrap().apply(7.0), 0.0);
    }

    #[test]
    fn a_spread_beyond_numbers_is_no_scale() {
        assert_eq!(Scaling::new(0.0, f64::INFINITY), None);
        assert_eq!(Scaling::new(f64::NAN, 1.0), None);
        assert_eq!(Scaling::new(0.0, f64::NAN), None);
    }
}
