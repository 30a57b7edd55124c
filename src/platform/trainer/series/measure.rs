//! How good a forecaster is on the periods that are held out, beside forecasts that anybody has.

use std::ops::Range;

use super::{Periods, fitted};
use crate::base::Stop;
use crate::engine::algorithm::Algorithm;
use crate::engine::boost::BoostParams;
use crate::engine::fit::{FitError, NoCheckpoints};
use crate::engine::forecast::{Answered, Forecaster, naive};
use crate::engine::metric::forecast::{Errors, HEADLINE, NAMES, naive_error};
use crate::engine::validate::{Bootstrap, Summary, block_bootstrap};
use crate::platform::bundles::Measured;
use crate::platform::bundles::measured::{
    FoldsMetric, ForecastExample, ForecastQuality, MeasuredMetric, OtherForecast, StepQuality,
};
use crate::platform::trainer::measure::resamples;
use crate::platform::trainer::prepare::seed;
use crate::platform::trainer::{TrainError, Trainer};

/// The metrics of a fold.
pub(super) type FoldErrors = Vec<(&'static str, f64)>;

/// Periods before the origin that an example shows, at most.
const SHOWN: usize = 120;

/// The metrics of what a fold's forecaster forecast.
pub(super) fn of_fold(
    periods: &Periods<'_>,
    learnt: Range<usize>,
    answered: &Answered,
) -> Result<FoldErrors, TrainError> {
    Ok(errors(periods, learnt, answered, None)?.metrics())
}

/// What forecasts were off; in terms of the seasonal naive errors of the periods that were learnt from.
pub(super) fn errors(
    periods: &Periods<'_>,
    learnt: Range<usize>,
    answered: &Answered,
    forecaster: Option<&Forecaster>,
) -> Result<Errors, TrainError> {
    let values = periods.series.target()[learnt.clone()]
        .iter()
        .zip(&periods.series.filled[learnt]);
    let observed = values.map(|(value, is_filled)| if *is_filled { f64::NAN } else { *value });
    let values: Vec<f64> = observed.collect();
    let values = &values[..];
    // Of a season that is exactly the same each time persistence is what there is to compare with.
    let scale = naive_error(values, periods.plan.season).or_else(|_| naive_error(values, 1))?;
    let intervals = forecaster.and_then(|forecaster| forecaster.intervals.as_ref());
    Ok(Errors::new(answered, periods.plan.horizon, intervals, scale)?)
}

/// The forecasts that need no learning at these origins: by name.
pub(super) fn naives(periods: &Periods<'_>, origins: &[usize]) -> Vec<(&'static str, Answered)> {
    let (plan, values) = (&periods.plan, periods.series.target());
    let mut lags = vec![("persistence", 1)];
    if plan.season > 1 {
        lags.push(("seasonal_naive", plan.season));
    }
    let of = |(name, lag): (&'static str, usize)| {
        let known = origins.iter().filter(|origin| **origin + 1 >= lag);
        let told = known.flat_map(|origin| naive(&values[..=*origin], lag, plan.horizon));
        let answered = Answered::new(plan, &periods.series, origins, told.collect());
        // A series that is shorter than its season has no season before.
        (answered.forecasts.len() == answered.values.len()).then_some((name, answered))
    };
    lags.into_iter().filter_map(of).collect()
}

impl Trainer {
    /// Measures the hold-out.
    pub(super) fn measure(
        &self,
        periods: &Periods<'_>,
        forecaster: &Forecaster,
        answered: &Answered,
        folds: &[FoldErrors],
        stop: &Stop,
    ) -> Result<Measured, TrainError> {
        let recipe = periods.recipe;
        let ours = errors(periods, periods.learnt(), answered, Some(forecaster))?;
        let mut others = Vec::new();
        let mut rivals = naives(periods, &answered.origins);
        if !matches!(recipe.algorithm, Algorithm::Boost(_)) {
            let boosted = self.boosted(periods, stop)?;
            rivals.push(("boosted_lags", periods.answered(&boosted, &answered.origins)?));
        }
        for (name, rival) in &rivals {
            others.push((*name, errors(periods, periods.learnt(), rival, None)?));
        }
        let baseline = best_naive(&others);
        let is_enough = ours.origins() >= BLOCKS * block(periods);
        let plan = (recipe.validation.bootstrap > 0 && is_enough).then(|| Bootstrap {
            resamples: resamples(recipe.validation.bootstrap, ours.origins()),
            confidence: recipe.validation.confidence,
            threads: self.threads,
            seed: seed(recipe).derive("bootstrap", 0),
        });
        let intervals = match &plan {
            Some(plan) => block_bootstrap(&ours, block(periods), plan, stop)?,
            None => Vec::new(),
        };
        let find = |among: &[(&'static str, f64)], name: &str| {
            among
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, value)| *value)
        };
        let metric = |(name, value): (&'static str, f64)| MeasuredMetric {
            name: name.to_owned(),
            value,
            interval: intervals
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, interval)| *interval),
            baseline: baseline.as_ref().and_then(|baseline| find(baseline, name)),
        };
        Ok(Measured {
            rows: (periods.series.len() - periods.held_out) as u64,
            confidence: plan.map(|plan| plan.confidence),
            resamples: plan.map_or(0, |plan| plan.resamples as u64),
            metrics: ours.metrics().into_iter().map(metric).collect(),
            folds: by_fold(folds),
            threshold: None,
            classes: Vec::new(),
            segments: Vec::new(),
            worst_segment: None,
            forecast: Some(quality(periods, forecaster, answered, &ours, &others)),
            ranking: None,
            importance: super::importance::importance(periods, forecaster, &ours, stop)?,
        })
    }
}

impl Trainer {
    /// Boosted trees on lags that end in time, so that they do not learn by heart what a year did only once; all rounds of
    /// the usual ones where there are too few periods to watch any.
    fn boosted(&self, periods: &Periods<'_>, stop: &Stop) -> Result<Forecaster, TrainError> {
        let of = |params: BoostParams| {
            let (mut quiet, mut forgetful) = (|_| {}, NoCheckpoints);
            let seed = seed(periods.recipe).derive("beside", 0);
            let how = self.how((seed, periods.device), stop, &mut quiet, &mut forgetful);
            fitted(periods, periods.learnt(), &Algorithm::Boost(params), how)
        };
        let in_time = BoostParams {
            n_estimators: 400,
            learning_rate: 0.05,
            early_stopping_rounds: Some(30),
            ..BoostParams::default()
        };
        match of(in_time) {
            Err(TrainError::Fit(FitError::SeriesTooShort { .. })) => of(BoostParams::default()),
            other => other,
        }
    }
}

/// Of fewer blocks of neighbours nothing is said of chance: what is drawn would be all of them, again and again.
pub(super) const BLOCKS: usize = 3;

/// Neighbours that are drawn together: their forecasts have periods in common, and a season.
pub(super) fn block(periods: &Periods<'_>) -> usize {
    periods.plan.horizon.max(periods.plan.season)
}

/// The metrics of the forecast without learning that does best.
fn best_naive(others: &[(&'static str, Errors)]) -> Option<FoldErrors> {
    let naive = others.iter().filter(|(name, _)| *name != "boosted_lags");
    let metrics = naive.map(|(_, errors)| errors.metrics());
    let headline = |metrics: &FoldErrors| {
        metrics
            .iter()
            .find(|(name, _)| *name == HEADLINE)
            .map_or(f64::INFINITY, |(_, value)| *value)
    };
    metrics.min_by(|a, b| headline(a).total_cmp(&headline(b)))
}

fn by_fold(folds: &[FoldErrors]) -> Vec<FoldsMetric> {
    let of = |name: &&'static str| {
        let values = folds.iter().filter_map(|fold| {
            fold.iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| *value)
        });
        let values: Vec<f64> = values.collect();
        (!values.is_empty()).then(|| {
            let Summary { name, mean, sd } = Summary::of(name, &values);
            FoldsMetric {
                name,
                mean,
                sd,
                values,
            }
        })
    };
    NAMES.iter().filter_map(of).collect()
}

fn quality(
    periods: &Periods<'_>,
    forecaster: &Forecaster,
    answered: &Answered,
    ours: &Errors,
    others: &[(&'static str, Errors)],
) -> ForecastQuality {
    let beside: Vec<_> = others.iter().map(|(_, errors)| errors.by_step()).collect();
    let step = |(index, step): (usize, crate::engine::metric::forecast::StepErrors)| StepQuality {
        step: index as u64 + 1,
        rmse: step.rmse,
        mae: step.mae,
        coverage: step.coverage,
        beside: beside.iter().map(|steps| steps[index].rmse).collect(),
    };
    // A step of which no value was observed has no error.
    let steps = ours
        .by_step()
        .into_iter()
        .enumerate()
        .filter(|(_, step)| step.rmse.is_finite());
    ForecastQuality {
        origins: ours.origins() as u64,
        learnt: periods.held_out as u64,
        mended: periods.mended,
        beside: others
            .iter()
            .map(|(name, errors)| OtherForecast {
                name: (*name).to_owned(),
                metrics: errors
                    .metrics()
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            })
            .collect(),
        steps: steps.map(step).collect(),
        example: example(periods, forecaster, answered),
    }
}

/// The latest forecast whose periods have come.
fn example(periods: &Periods<'_>, forecaster: &Forecaster, answered: &Answered) -> ForecastExample {
    let horizon = periods.plan.horizon;
    let origin = answered.origins.last().copied().unwrap_or(0);
    let first = (origin + 1).saturating_sub(SHOWN.min(periods.plan.window.max(3 * horizon)));
    let shown = first..(origin + 1 + horizon).min(periods.series.len());
    let last = answered.forecasts.len().saturating_sub(horizon);
    let forecast = &answered.forecasts[last..];
    let around = |(step, value): (usize, &f64)| forecaster.intervals.as_ref()?.around(step + 1, *value);
    ForecastExample {
        times: shown.clone().map(|at| periods.series.time(at)).collect(),
        values: periods.series.target()[shown].to_vec(),
        forecast: forecast.to_vec(),
        intervals: forecast.iter().enumerate().filter_map(around).collect(),
    }
}
