//! A rolling origin: forecasts from one period after another, as they would have been made at the time.

use std::ops::Range;

use super::plan::Plan;
use crate::data::series::Series;

/// The origins whose whole forecast lies in the periods `of`, as far as what they need is there: every `every`-th from the
/// last one back, and of more than `most` evenly spread ones.
///
/// A forecast may know periods before `of`, but every period that it is of is in it.
pub fn origins(plan: &Plan, of: Range<usize>, every: usize, most: usize) -> Vec<usize> {
    let first = of.start.max(plan.needs()) - 1;
    let Some(last) = of.end.checked_sub(plan.horizon + 1) else {
        return Vec::new();
    };
    if last < first {
        return Vec::new();
    }
    let every = every.max((last - first + 1).div_ceil(most.max(1)));
    let mut origins: Vec<usize> = (first..=last).rev().step_by(every).collect();
    origins.reverse();
    origins
}

/// What was forecast at some origins, and what came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answered {
    /// The origins.
    pub origins: Vec<usize>,
    /// What came, `[origins x horizon]`; NaN where a value was filled in.
    pub values: Vec<f64>,
    /// What was forecast: `[origins x horizon]`.
    pub forecasts: Vec<f64>,
}

impl Answered {
    /// The forecasts at `origins`, beside what came.
    pub fn new(plan: &Plan, series: &Series, origins: &[usize], forecasts: Vec<f64>) -> Self {
        let steps = origins
            .iter()
            .flat_map(|origin| origin + 1..=origin + plan.horizon);
        let value = |period: usize| {
            if series.filled[period] {
                f64::NAN
            } else {
                series.target()[period]
            }
        };
        Self {
            origins: origins.to_vec(),
            values: steps.map(value).collect(),
            forecasts,
        }
    }

    /// Puts what was forecast later behind.
    pub fn append(&mut self, later: Self) {
        self.origins.extend(later.origins);
        self.values.extend(later.values);
        self.forecasts.extend(later.forecasts);
    }
}

/// Folds of a rolling origin: each learns from all periods before those that it is measured on, which follow each other.
///
/// Source: scikit-learn's `TimeSeriesSplit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    periods: usize,
    folds: usize,
}

impl Folds {
    /// Of the first `periods` periods.
    pub fn new(periods: usize, folds: usize) -> Self {
        Self { periods, folds }
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.folds
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.folds == 0
    }

    /// The periods to learn from, and those to measure on, of the fold at `index`, from 0.
    pub fn fold(self, index: usize) -> (Range<usize>, Range<usize>) {
        let size = self.periods / (self.folds + 1);
        let first = self.periods - (self.folds - index) * size;
        (0..first, first..first + size)
    }
}
