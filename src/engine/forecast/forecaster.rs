//! A trained forecaster.

use std::ops::Range;

use super::Conformal;
use super::backtest::origins;
use super::plan::Plan;
use super::rows::{self, Rows};
use super::windows::{self, Scales};
use crate::data::series::Series;
use crate::engine::algorithm::Algorithm;
use crate::engine::device::Device;
use crate::engine::fit::{FitData, FitError, How};
use crate::engine::model::{Model, PredictError};
use crate::engine::net::lstm::{self, LstmModel, LstmParams};
use crate::engine::param::ParamError;
use crate::engine::task::Task;

/// The share of the training origins, the latest, that is set apart where a training watches.
const WATCHED: f64 = 0.15;

/// A trained forecaster: what is forecast, by what, and how sure it is.
#[derive(Debug, Clone)]
pub struct Forecaster {
    /// What is forecast, and from what.
    pub plan: Plan,
    pub(super) inner: Inner,
    /// The intervals around its forecasts, where it has some.
    pub intervals: Option<Conformal>,
}

/// What it forecasts by.
#[derive(Debug, Clone)]
pub(super) enum Inner {
    /// A net that reads windows.
    Lstm { model: LstmModel, scales: Scales },
    /// A model of rows, of an origin and a step, which tells how far the value is from what is subtracted, in units of
    /// how far it usually is at that step: `[horizon]`.
    Rows { model: Model, units: Vec<f64> },
}

impl Forecaster {
    /// Trains on the periods `of` of a series. Its intervals are for whoever measures it to find.
    ///
    /// # Errors
    /// [`FitError::SeriesTooShort`], [`FitError::Constant`], and as [`Algorithm::fit_on`].
    pub fn fit(
        plan: &Plan,
        series: &Series,
        of: Range<usize>,
        algorithm: &Algorithm,
        how: How<'_, '_>,
    ) -> Result<Self, FitError> {
        check(plan, algorithm)?;
        let values = &series.target()[of.clone()];
        if let Some(first) = values.first()
            && values.iter().all(|value| value == first)
        {
            return Err(FitError::Constant { value: *first });
        }
        let origins = origins(plan, series, of.clone(), usize::MAX);
        let (learnt, watched) = apart(plan, &origins, algorithm.watches());
        if learnt.is_empty() || algorithm.watches() && watched.is_empty() {
            return Err(FitError::SeriesTooShort {
                periods: of.len(),
                window: plan.window,
                horizon: plan.horizon,
                needed: least_periods(plan, algorithm),
            });
        }
        let inner = match algorithm {
            Algorithm::Lstm(params) => fit_lstm(plan, series, (learnt, watched), params, how)?,
            _ => fit_rows(plan, series, (learnt, watched), algorithm, how)?,
        };
        Ok(Self {
            plan: plan.clone(),
            inner,
            intervals: None,
        })
    }

    /// The same forecaster, to forecast on `device`; trees and linear models stay on the CPU.
    #[must_use]
    pub fn on(mut self, device: &Device) -> Self {
        self.inner = match self.inner {
            Inner::Lstm { model, scales } => Inner::Lstm {
                model: model.on(device),
                scales,
            },
            Inner::Rows { model, units } => Inner::Rows {
                model: model.on(device),
                units,
            },
        };
        self
    }

    /// The forecasts at these origins: `[origins x horizon]`. Of the series what comes after an origin is looked at only in
    /// the columns that are known ahead.
    ///
    /// # Errors
    /// The model refused.
    pub fn forecast(&self, series: &Series, origins: &[usize]) -> Result<Vec<f64>, PredictError> {
        match &self.inner {
            Inner::Lstm { model, scales } => windows::told(&self.plan, series, scales, model, origins),
            Inner::Rows { model, units } => {
                let mut told = Vec::with_capacity(origins.len() * self.plan.horizon);
                for origins in origins.chunks((ROWS_AT_ONCE / self.plan.horizon).max(1)) {
                    let asked = rows::asked(&self.plan, series, origins);
                    let Rows {
                        matrix, subtracted, ..
                    } = asked.map_err(|error| PredictError::Net(error.to_string()))?;
                    let left = model.predict(&matrix)?;
                    let of = left.iter().zip(units.iter().cycle()).zip(subtracted);
                    told.extend(of.map(|((left, unit), base)| f64::from(*left) * unit + base));
                }
                Ok(told)
            }
        }
    }

    /// How far the same forecast may be off on another machine, as a share of the larger of 1 and its value.
    pub fn tolerance(&self) -> f64 {
        match &self.inner {
            Inner::Lstm { .. } => 1e-4,
            Inner::Rows { model, .. } => f64::from(model.tolerance()),
        }
    }

    /// Rounds or epochs until it was found.
    pub fn rounds(&self) -> usize {
        match &self.inner {
            Inner::Lstm { model, .. } => model.rounds(),
            Inner::Rows { model, .. } => model.rounds(),
        }
    }
}

/// Rows that are in memory together.
const ROWS_AT_ONCE: usize = 1 << 15;

/// The fewest periods that a training takes.
pub fn least_periods(plan: &Plan, algorithm: &Algorithm) -> usize {
    // Of the origins that are set apart none may know what those learnt from are to tell.
    let watched = if algorithm.watches() { plan.horizon + 8 } else { 0 };
    plan.needs() + plan.horizon + watched
}

/// Origins to learn from, and later ones to watch, whose forecasts are of periods that the first do not learn.
fn apart<'a>(plan: &Plan, origins: &'a [usize], watches: bool) -> (&'a [usize], &'a [usize]) {
    if !watches {
        return (origins, &[]);
    }
    let watched = ((origins.len() as f64 * WATCHED).ceil() as usize)
        .max(1)
        .min(origins.len());
    let first = origins.len() - watched;
    (
        &origins[..first.saturating_sub(plan.horizon - 1)],
        &origins[first..],
    )
}

/// That an algorithm goes with what is forecast.
pub(super) fn check(plan: &Plan, algorithm: &Algorithm) -> Result<(), ParamError> {
    let Algorithm::Lstm(params) = algorithm else {
        return Ok(());
    };
    let outputs = params.output_steps.unwrap_or(plan.horizon);
    if outputs > plan.horizon {
        let expected = format!("at most the horizon, {}", plan.horizon);
        return Err(ParamError::new("output_steps", outputs, expected));
    }
    if outputs < plan.horizon && !plan.exogenous.is_empty() {
        let expected = format!(
            "the horizon, {}, since exogenous columns are not known of periods that are forecast (or name them as known)",
            plan.horizon
        );
        return Err(ParamError::new("output_steps", outputs, expected));
    }
    Ok(())
}

fn fit_lstm(
    plan: &Plan,
    series: &Series,
    (learnt, watched): (&[usize], &[usize]),
    params: &LstmParams,
    how: How<'_, '_>,
) -> Result<Inner, FitError> {
    let outputs = params.output_steps.unwrap_or(plan.horizon);
    let end = learnt.last().map_or(0, |last| last + outputs + 1);
    let scales = Scales::of(params.scaling, plan, series, (learnt, end), outputs);
    let of = |origins| windows::sequences(plan, series, &scales, origins, (outputs, true));
    let (train, valid) = (of(learnt), of(watched));
    let valid = (!watched.is_empty()).then_some(&valid);
    let model = lstm::fit(&train, valid, outputs, scales.output.scale, params, how)?;
    Ok(Inner::Lstm { model, scales })
}

fn fit_rows(
    plan: &Plan,
    series: &Series,
    (learnt, watched): (&[usize], &[usize]),
    algorithm: &Algorithm,
    how: How<'_, '_>,
) -> Result<Inner, FitError> {
    let rows = rows::learnt(plan, series, learnt)?;
    let off = |rows: &Rows| -> Vec<f64> {
        let values = rows.periods.iter().map(|period| series.target()[*period]);
        values
            .zip(&rows.subtracted)
            .map(|(value, base)| value - base)
            .collect()
    };
    let units = units(plan, &rows.steps, &off(&rows));
    let in_units = |rows: &Rows| -> Vec<f32> {
        let pairs = off(rows).into_iter().zip(&rows.steps);
        pairs.map(|(off, step)| (off / units[step - 1]) as f32).collect()
    };
    let target = in_units(&rows);
    let valid = if watched.is_empty() {
        None
    } else {
        let rows = rows::learnt(plan, series, watched)?;
        let target = in_units(&rows);
        Some((rows.matrix, target))
    };
    let train = rows.matrix;
    let data = FitData {
        train,
        target: &target,
        weights: None,
        valid: valid.as_ref().map(|(matrix, target)| (matrix, &target[..])),
        valid_weights: None,
        watch_train: false,
    };
    let model = algorithm.fit_on(data, &Task::Regression, how)?;
    Ok(Inner::Rows { model, units })
}

/// How far values usually are from what is subtracted at each step: the root of the mean square. Without it the last steps,
/// which are further off, would be all that a model learns.
fn units(plan: &Plan, steps: &[usize], off: &[f64]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); plan.horizon];
    for (step, off) in steps.iter().zip(off) {
        let (count, squares) = &mut sums[step - 1];
        *count += 1.0;
        *squares += off * off;
    }
    let unit = |(count, squares): (f64, f64)| {
        let unit = (squares / f64::max(count, 1.0)).sqrt();
        if unit > 0.0 && unit.is_finite() { unit } else { 1.0 }
    };
    sums.into_iter().map(unit).collect()
}
