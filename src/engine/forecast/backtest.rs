//! A rolling origin: forecasts from one period after another, as they would have been made at the time.

use std::ops::Range;

use super::plan::Plan;
use crate::data::series::Series;

/// The origins whose whole forecast lies in the periods `of`, as far as what they need is there; of more than `most` evenly
/// spread ones. A period whose value was filled in is no origin: it was found from the value after it.
///
/// A forecast may know periods before `of`, but every period that it is of is in it.
pub fn origins(plan: &Plan, series: &Series, of: Range<usize>, most: usize) -> Vec<usize> {
    let first = of.start.max(plan.needs()) - 1;
    let Some(last) = of.end.checked_sub(plan.horizon + 1) else {
        return Vec::new();
    };
    if last < first {
        return Vec::new();
    }
    let observed: Vec<usize> = (first..=last).filter(|origin| !series.filled[*origin]).collect();
    let every = observed.len().div_ceil(most.max(1)).max(1);
    let mut origins: Vec<usize> = observed.into_iter().rev().step_by(every).collect();
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
/// Source: scikit-learn's `TimeSeriesSplit`, but for the first part, which is as long as a training takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    /// Periods of the first fold that are learnt from.
    first: usize,
    /// Periods of each fold that are measured on.
    size: usize,
    folds: usize,
}

impl Folds {
    /// Of the first `periods` periods, `least` of which at least are learnt from.
    pub fn new(periods: usize, folds: usize, least: usize) -> Self {
        let size = periods / (folds + 1);
        let first = (periods - folds * size).max(least);
        let size = periods.saturating_sub(first).checked_div(folds).unwrap_or(0);
        Self {
            first: periods.saturating_sub(folds * size),
            size,
            folds,
        }
    }

    /// How many periods each is measured on.
    pub fn size(self) -> usize {
        self.size
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
        let first = self.first + index * self.size;
        (0..first, first..first + self.size)
    }
}
