//! Intervals around forecasts, from how far forecasts of the same kind were off.

use serde::{Deserialize, Serialize};

/// How far from the forecast the ends of each step's interval are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conformal {
    /// The share of values that the intervals are to hold.
    pub level: f64,
    /// Of each step what is added to the forecast for the lower and for the upper end: `[horizon]`.
    pub steps: Vec<(f64, f64)>,
    /// Of each step how many forecasts they are from, at least.
    pub forecasts: usize,
}

impl Conformal {
    /// From values and forecasts, `[origins x horizon]` each, of models that had not learnt from those values. A value that
    /// was not observed is NaN and does not count. None where there is a step without any.
    ///
    /// Each end has half of what is left over; with few forecasts it is their most extreme one.
    ///
    /// Source: split conformal prediction, Vovk et al. 2005, with signed residuals; the residuals of a rolling origin in
    /// place of those of a part that is set apart, since the values of a series are not exchangeable either way.
    pub fn of(level: f64, horizon: usize, values: &[f64], forecasts: &[f64]) -> Option<Self> {
        let mut steps = Vec::with_capacity(horizon);
        let mut fewest = usize::MAX;
        for step in 0..horizon {
            let pairs = values.iter().zip(forecasts).skip(step).step_by(horizon);
            let mut off: Vec<f64> = pairs.map(|(value, forecast)| value - forecast).collect();
            off.retain(|off| off.is_finite());
            if off.is_empty() {
                return None;
            }
            fewest = fewest.min(off.len());
            off.sort_unstable_by(f64::total_cmp);
            let aside = (1.0 - level) / 2.0;
            // The k-th least of n values has k/(n+1) of what is drawn next below it.
            // A whole number may be a rounding away from one.
            let below = (aside * (off.len() + 1) as f64 + 1e-9).floor() as usize;
            let low = below.max(1) - 1;
            steps.push((off[low], off[off.len() - 1 - low]));
        }
        Some(Self {
            level,
            steps,
            forecasts: fewest,
        })
    }

    /// The interval around the forecast of a step, from 1.
    pub fn around(&self, step: usize, forecast: f64) -> Option<(f64, f64)> {
        let (low, high) = self.steps.get(step.checked_sub(1)?)?;
        Some((forecast + low, forecast + high))
    }

    pub(super) fn is_sound(&self, horizon: usize) -> bool {
        let is_interval = |(low, high): &(f64, f64)| low.is_finite() && high.is_finite() && low <= high;
        self.level > 0.0
            && self.level < 1.0
            && self.steps.len() == horizon
            && self.steps.iter().all(is_interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_its_share_of_what_is_drawn_next() {
        // Residuals 1 to 99 of the first step, and of the second ten times as far.
        let off = (1..100).flat_map(|off| [f64::from(off), f64::from(off * 10)]);
        let values: Vec<f64> = off.collect();
        let forecasts = vec![0.0; values.len()];
        let conformal = Conformal::of(0.9, 2, &values, &forecasts).unwrap();
        // 5 of 100 gaps between 99 values lie below the fifth of them.
        assert_eq!(conformal.steps, [(5.0, 95.0), (50.0, 950.0)]);
        assert_eq!(conformal.around(2, 1000.0), Some((1050.0, 1950.0)));
        assert_eq!(conformal.around(3, 0.0), None);
        assert_eq!(conformal.forecasts, 99);
        let few = Conformal::of(0.9, 1, &[1.0, 2.0, f64::NAN], &[0.0; 3]).unwrap();
        assert_eq!(
            (few.steps[0], few.forecasts),
            ((1.0, 2.0), 2),
            "the most extreme ones"
        );
        assert_eq!(Conformal::of(0.9, 2, &[1.0, f64::NAN], &[0.0; 2]), None);
    }
}
