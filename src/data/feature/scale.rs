//! Scaling of numbers.

use serde::{Deserialize, Serialize};

use super::spec::Scale;

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
    /// The scaling of `values` (after missing ones were imputed, or without them).
    ///
    /// A column with one value only is shifted and divided by 1, as scikit-learn does. `Standard`
    /// divides by the population's standard deviation. `None` when nothing is scaled.
    pub fn fit(scale: Scale, values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let (shift, spread) = match scale {
            Scale::None => return None,
            Scale::Standard => {
                let count = values.len() as f64;
                // Each value is divided first, so that a sum of large ones cannot overflow.
                let mean: f64 = values.iter().map(|value| value / count).sum();
                let variance: f64 = values.iter().map(|value| (value - mean).powi(2) / count).sum();
                (mean, variance.sqrt())
            }
            Scale::MinMax => {
                let min = values.iter().copied().fold(f64::INFINITY, f64::min);
                let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (min, max - min)
            }
        };
        Some(Self {
            shift,
            divisor: if spread > 0.0 { spread } else { 1.0 },
        })
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
    fn scaling_is_what_scikit_learn_computes() {
        let values = [1.0, 2.0, 4.0, 9.0];
        let standard = Scaling::fit(Scale::Standard, &values).unwrap();
        // StandardScaler().fit([[1],[2],[4],[9]]): mean_ 4, scale_ sqrt(9.5)
        assert_eq!(standard.shift, 4.0);
        assert!((standard.divisor - 9.5_f64.sqrt()).abs() < 1e-15);
        let minmax = Scaling::fit(Scale::MinMax, &values).unwrap();
        assert_eq!(values.map(|value| minmax.apply(value)), [0.0, 0.125, 0.375, 1.0]);
    }

    #[test]
    fn a_constant_column_becomes_zero() {
        for scale in [Scale::Standard, Scale::MinMax] {
            assert_eq!(Scaling::fit(scale, &[7.0; 3]).unwrap().apply(7.0), 0.0);
        }
    }
}
