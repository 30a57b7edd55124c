//! Metrics of forecasts from a rolling origin.

use super::MetricError;
use super::regress::{pinball_of, share_of_both};
use crate::engine::forecast::{Answered, Conformal};

/// The metrics that forecasts have, as a report names them; the last three where there are intervals.
pub const NAMES: [&str; 7] = [
    "rmse",
    "mae",
    "mase",
    "smape",
    "pinball",
    "coverage",
    "interval_width",
];

/// The metric to look at first.
pub const HEADLINE: &str = "rmse";

/// The mean absolute error of the seasonal naive forecast, one season ahead, on the values that are learnt from: what MASE
/// is in terms of. `values`: `[periods]`, NaN where none was observed; `season`: in periods.
///
/// # Errors
/// `TooFewRows` where there is no season to compare, or all seasons are the same.
///
/// Source: Hyndman and Koehler 2006.
pub fn naive_error(values: &[f64], season: usize) -> Result<f64, MetricError> {
    let pairs = values.iter().zip(values.iter().skip(season));
    // What was not observed says nothing of how far seasons are apart.
    let pairs = pairs.filter(|(before, value)| before.is_finite() && value.is_finite());
    let total: f64 = pairs.clone().map(|(before, value)| (value - before).abs()).sum();
    let count = pairs.count();
    if total > 0.0 {
        Ok(total / count as f64)
    } else {
        Err(MetricError::TooFewRows(values.len()))
    }
}

/// What the metrics of an origin, or of a step, are sums of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    count: f64,
    squared: f64,
    absolute: f64,
    symmetric: f64,
    pinball: f64,
    covered: f64,
    width: f64,
}

impl Sums {
    fn add(&mut self, value: f64, forecast: f64, interval: Option<(f64, (f64, f64))>) {
        let off = value - forecast;
        self.count += 1.0;
        self.squared += off * off;
        self.absolute += off.abs();
        self.symmetric += share_of_both(value, forecast);
        if let Some((level, (low, high))) = interval {
            let aside = (1.0 - level) / 2.0;
            let quantiles = [(low, aside), (forecast, 0.5), (high, 1.0 - aside)];
            let losses = quantiles.map(|(at, share)| pinball_of(value, at, share));
            self.pinball += losses.iter().sum::<f64>() / 3.0;
            self.covered += f64::from(u8::from(low <= value && value <= high));
            self.width += high - low;
        }
    }

    fn add_times(&mut self, times: f64, other: &Self) {
        self.count += times * other.count;
        self.squared += times * other.squared;
        self.absolute += times * other.absolute;
        self.symmetric += times * other.symmetric;
        self.pinball += times * other.pinball;
        self.covered += times * other.covered;
        self.width += times * other.width;
    }
}

/// How far forecasts were off, origin by origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Errors {
    origins: Vec<Sums>,
    steps: Vec<Sums>,
    has_intervals: bool,
    /// See [`naive_error`].
    scale: f64,
}

/// One step of the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepErrors {
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// The share of values inside their interval, where there are intervals.
    pub coverage: Option<f64>,
}

impl Errors {
    /// Of forecasts beside what came; `scale`: what MASE is in terms of. Values that were not observed do not count.
    ///
    /// # Errors
    /// `Empty` where no value was observed; a forecast is not finite.
    pub fn new(
        answered: &Answered,
        horizon: usize,
        intervals: Option<&Conformal>,
        scale: f64,
    ) -> Result<Self, MetricError> {
        let mut errors = Self {
            origins: vec![Sums::default(); answered.origins.len()],
            steps: vec![Sums::default(); horizon],
            has_intervals: intervals.is_some(),
            scale,
        };
        let pairs = answered.values.iter().zip(&answered.forecasts).enumerate();
        for (at, (&value, &forecast)) in pairs {
            let (origin, step) = (at / horizon, at % horizon);
            if !forecast.is_finite() {
                return Err(MetricError::Prediction {
                    row: origin,
                    value: forecast as f32,
                    expected: "a finite number",
                });
            }
            if value.is_nan() {
                continue;
            }
            let interval = intervals.and_then(|of| Some((of.level, of.around(step + 1, forecast)?)));
            errors.origins[origin].add(value, forecast, interval);
            errors.steps[step].add(value, forecast, interval);
        }
        if errors.steps.iter().all(|sums| sums.count == 0.0) {
            return Err(MetricError::Empty);
        }
        Ok(errors)
    }

    /// How many origins there are.
    pub fn origins(&self) -> usize {
        self.origins.len()
    }

    /// All metrics, over all origins and steps.
    pub fn metrics(&self) -> Vec<(&'static str, f64)> {
        self.metrics_of(&vec![1; self.origins.len()])
    }

    /// All metrics where each origin counts as often as `counts` say.
    pub fn metrics_of(&self, counts: &[u32]) -> Vec<(&'static str, f64)> {
        let mut sums = Sums::default();
        for (count, origin) in counts.iter().zip(&self.origins) {
            sums.add_times(f64::from(*count), origin);
        }
        let mean = |sum: f64| sum / sums.count;
        let mut metrics = vec![
            ("rmse", mean(sums.squared).sqrt()),
            ("mae", mean(sums.absolute)),
            ("mase", mean(sums.absolute) / self.scale),
            ("smape", mean(sums.symmetric)),
        ];
        if self.has_intervals {
            metrics.extend([
                ("pinball", mean(sums.pinball)),
                ("coverage", mean(sums.covered)),
                ("interval_width", mean(sums.width)),
            ]);
        }
        metrics
    }

    /// Step by step: `[horizon]`; a step without an observed value is NaN.
    pub fn by_step(&self) -> Vec<StepErrors> {
        let of = |sums: &Sums| StepErrors {
            rmse: (sums.squared / sums.count).sqrt(),
            mae: sums.absolute / sums.count,
            coverage: self.has_intervals.then(|| sums.covered / sums.count),
        };
        self.steps.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_that_a_calculator_finds() {
        let answered = Answered {
            origins: vec![4, 5],
            values: vec![10.0, 12.0, 12.0, f64::NAN],
            forecasts: vec![11.0, 12.0, 9.0, 5.0],
        };
        let intervals = Conformal {
            level: 0.8,
            steps: vec![(-2.0, 2.0), (-1.0, 1.0)],
            forecasts: 9,
        };
        let errors = Errors::new(&answered, 2, Some(&intervals), 2.0).unwrap();
        let of: std::collections::HashMap<_, _> = errors.metrics().into_iter().collect();
        let near = |name: &str, value: f64| assert!((of[name] - value).abs() < 1e-12, "{name}: {}", of[name]);
        near("rmse", (10.0_f64 / 3.0).sqrt());
        near("mae", 4.0 / 3.0);
        near("mase", 2.0 / 3.0);
        near("smape", (2.0 / 21.0 + 6.0 / 21.0) / 3.0);
        near("coverage", 2.0 / 3.0);
        near("interval_width", 10.0 / 3.0);
        // Low 9, 11, 7; high 13, 13, 11: what is below or above its end costs its share.
        let first = 0.1 * 1.0 + 0.5 * 1.0 + 0.1 * 3.0;
        let second = 0.1 * 1.0 + 0.1 * 1.0;
        let third = 0.1 * 5.0 + 0.5 * 3.0 + 0.9 * 1.0;
        near("pinball", (first + second + third) / 9.0);
        assert!(errors.metrics().iter().map(|(name, _)| *name).eq(NAMES));
        let steps = errors.by_step();
        assert_eq!(
            (steps[0].mae, steps[1].mae, steps[1].coverage),
            (2.0, 0.0, Some(1.0))
        );
        let twice_first: std::collections::HashMap<_, _> = errors.metrics_of(&[2, 0]).into_iter().collect();
        assert_eq!(twice_first["mae"], 0.5);
    }

    #[test]
    fn what_cannot_be_measured_is_told() {
        let mut answered = Answered {
            origins: vec![0],
            values: vec![f64::NAN],
            forecasts: vec![1.0],
        };
        assert_eq!(Errors::new(&answered, 1, None, 1.0), Err(MetricError::Empty));
        answered.forecasts[0] = f64::INFINITY;
        assert!(Errors::new(&answered, 1, None, 1.0).is_err());
        assert_eq!(naive_error(&[1.0, 2.0, 4.0, 6.0], 2), Ok(3.5));
        assert!(naive_error(&[1.0, 1.0, 1.0], 1).is_err());
        assert!(naive_error(&[1.0, 2.0], 7).is_err());
    }
}
