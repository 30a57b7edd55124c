//! Forecasts of a series: what its next periods will be, from what its last ones were.
//!
//! An LSTM reads windows of periods; any other algorithm learns from a table whose rows are an origin and a step, with
//! lags as features. Both see the same past and are measured at the same origins, beside forecasts that need no learning.
//! An **origin** is the last period that a forecast knows; **step** 1 is the period after it.

mod backtest;
mod calendar;
mod conformal;
mod forecaster;
mod naive;
mod plan;
mod rows;
mod scale;
mod stored;
#[cfg(test)]
mod tests;
mod windows;

pub use backtest::{Answered, Folds, origins};
pub use conformal::Conformal;
pub use forecaster::{Forecaster, least_periods};
pub use naive::naive;
pub use plan::{Difference, ForecastSpec, Plan};
