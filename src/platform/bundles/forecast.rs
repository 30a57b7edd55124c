//! A forecast that is known: a version that forecasts otherwise on this machine is never put to work.

use serde::{Deserialize, Serialize};

use super::warm_up::Differs;
use super::{BundleError, FittedSeries, from_json};
use crate::data::series::Series;
use crate::engine::forecast::{Forecaster, Plan};

/// What the version forecast when it was made, from the history that it carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastWarmUp {
    /// How far a value may be off, as a share of the larger of 1 and what is due.
    tolerance: f64,
    forecast: Vec<f64>,
}

/// The origin of a forecast that goes on with `history`, and the series that it looks at: the periods that are forecast
/// are behind, and nothing is known of them.
fn going_on(history: &Series, plan: &Plan) -> (Series, usize) {
    let mut series = history.clone();
    let known = series.len();
    for values in &mut series.columns {
        values.resize(known + plan.horizon, f64::NAN);
    }
    series.filled.resize(known + plan.horizon, true);
    (series, known.saturating_sub(1))
}

/// Whether a history is one that the forecaster can go on with: its columns, its frequency, long enough, with values.
pub fn usable(history: &Series, plan: &Plan) -> bool {
    history.names == plan.columns()
        && history.columns.len() == history.names.len()
        && history.columns.iter().all(|values| values.len() == history.len())
        && history.grid.frequency == plan.frequency
        && history.grid.moment(history.len() + plan.horizon).is_some()
        && history.len() >= plan.needs()
        && history.target().iter().all(|value| value.is_finite())
}

impl ForecastWarmUp {
    /// What the forecaster says now.
    ///
    /// # Errors
    /// It says nothing.
    pub fn record(forecaster: &Forecaster, history: &Series) -> Result<Self, Differs> {
        let (series, origin) = going_on(history, &forecaster.plan);
        Ok(Self {
            tolerance: forecaster.tolerance(),
            forecast: forecaster.forecast(&series, &[origin])?,
        })
    }

    /// Forecasts once, for whoever wants to know how long it takes.
    ///
    /// # Errors
    /// It says nothing.
    pub fn answer_one(&self, fitted: &FittedSeries) -> Result<(), Differs> {
        Self::record(&fitted.forecaster, &fitted.history).map(|_| ())
    }

    /// That the version forecasts what it did when it was made.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, fitted: &FittedSeries) -> Result<(), Differs> {
        let got = Self::record(&fitted.forecaster, &fitted.history)?.forecast;
        let mut pairs = got.iter().zip(&self.forecast);
        let agree = got.len() == self.forecast.len()
            && pairs.all(|(got, due)| (got - due).abs() <= self.tolerance * due.abs().max(1.0));
        if agree {
            return Ok(());
        }
        let told = |values: &[f64]| values.iter().map(|value| *value as f32).collect();
        Err(Differs::Answer {
            row: 1,
            expected: told(&self.forecast),
            got: told(&got),
        })
    }
}

/// The history in the part of a bundle.
///
/// # Errors
/// It is not what this version writes.
pub fn history_from_part(bytes: &[u8]) -> Result<Series, BundleError> {
    from_json("history", bytes)
}
