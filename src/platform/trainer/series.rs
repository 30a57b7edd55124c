//! Training a forecaster: from rows to a series, folds of a rolling origin, the fit, and the measuring.

mod importance;
mod measure;
mod read;
mod rivals;

use std::ops::Range;
use std::sync::Arc;

use super::curve::Curve;
use super::dataset::Source;
use super::finish::{Made, took};
use super::fit::Kept;
use super::prepare::seed;
use super::{TrainError, Trainer, card};
use crate::base::{Seed, Stop};
use crate::data::profile::{Profile, Profiler};
use crate::data::series::{Mended, Series};
use crate::engine::algorithm::Algorithm;
use crate::engine::device::Device;
use crate::engine::fit::{Checkpoints, FitError, How, NoCheckpoints, Round};
use crate::engine::forecast::ForecastSpec;
use crate::engine::forecast::{Answered, Conformal, Folds, Forecaster, Plan, least_periods, origins};
use crate::platform::bundles::{Fitted, FittedSeries, ForecastWarmUp};
use crate::platform::datasets::Columns;
use crate::platform::jobs::{Job, Phase, Reporter};
use crate::platform::recipes::{Recipe, WrittenRecipe};

use measure::FoldErrors;
use rivals::SeriesRivals;

/// Origins that are forecast from to measure, at most.
const MOST_ORIGINS: usize = 20_000;

/// The shares of a job's progress at which its phases begin.
const FOLDS_AT: f64 = 0.1;
const FIT_AT: f64 = 0.55;
const MEASURE_AT: f64 = 0.9;

/// A series, what is forecast of it, and which of its periods are held out.
pub(super) struct Periods<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) series: Series,
    pub(super) mended: Mended,
    pub(super) plan: Plan,
    /// The periods from here on are held out.
    pub(super) held_out: usize,
    /// What forecasters are fitted on.
    pub(super) device: &'a Device,
    pub(super) stop: &'a Stop,
}

impl Periods<'_> {
    /// The periods that are learnt from.
    pub(super) fn learnt(&self) -> Range<usize> {
        0..self.held_out
    }

    /// The origins that are measured, whose forecasts are of held-out periods alone.
    pub(super) fn measured(&self) -> Vec<usize> {
        origins(
            &self.plan,
            &self.series,
            self.held_out..self.series.len(),
            MOST_ORIGINS,
        )
    }

    fn answered(&self, forecaster: &Forecaster, origins: &[usize]) -> Result<Answered, TrainError> {
        let forecasts = forecaster.forecast(&self.series, origins)?;
        Ok(Answered::new(&self.plan, &self.series, origins, forecasts))
    }
}

impl Trainer {
    /// Trains a forecaster, and registers it.
    pub(super) fn train_series(
        &self,
        job: &Job,
        written: &WrittenRecipe,
        spec: &ForecastSpec,
        source: &Source,
        device: &Device,
        (stop, reporter): (&Stop, &Reporter),
    ) -> Result<(), TrainError> {
        let recipe = written.recipe();
        let periods = read::periods(written, spec, source, (device, stop))?;
        let warnings = source.check(written, stop)?;
        let run = self.begin_run(job, recipe, source, device, &warnings)?;
        let mut kept = self.kept(job, run, recipe, source, device)?;

        let (folds, out_of_fold) = self.folds(&periods, stop, reporter)?;
        let mut forecaster = self.fit_series(&mut kept, &periods, stop, reporter)?;
        forecaster.intervals = out_of_fold.and_then(|answered| {
            let Answered {
                values, forecasts, ..
            } = answered;
            Conformal::of(spec.interval, spec.horizon, &values, &forecasts)
        });

        reporter.report(Phase::Validating, MEASURE_AT, "measuring on the hold-out");
        let answered = periods.answered(&forecaster, &periods.measured())?;
        let quality = self.measure(&periods, &forecaster, &answered, &folds, stop)?;
        let history = periods.series.tail(periods.plan.keeps());
        let now = self.clock.now();
        let card = card::forecast::card(&periods, source, &forecaster, &quality, took(job, now), now);
        let profile = profile(&periods, source)?;
        let made = Made {
            profile: profile.to_pass_on(|column| {
                column == periods.plan.time || periods.series.names.iter().any(|name| name == column)
            }),
            measured: quality,
            curves: None,
            threshold: 0.5,
            card,
            fitted: Fitted::Series(FittedSeries {
                warm_up: ForecastWarmUp::record(&forecaster, &history)?,
                history,
                forecaster,
            }),
        };
        let rivals = SeriesRivals {
            periods: &periods,
            answered: &answered,
        };
        self.finish((job, run), recipe, source, made, &rivals, reporter)
    }

    /// Fits the recipe's algorithm on the periods before each fold's, and measures it there: the metrics of each fold,
    /// and what was forecast in all of them.
    fn folds(
        &self,
        periods: &Periods<'_>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<(Vec<FoldErrors>, Option<Answered>), TrainError> {
        let recipe = periods.recipe;
        let least = least_periods(&periods.plan, &recipe.algorithm);
        let folds = Folds::new(periods.held_out, recipe.validation.folds, least);
        if !folds.is_empty() && folds.size() < periods.plan.horizon {
            return Err(TrainError::ShortFolds {
                folds: folds.len(),
                most: periods.held_out.saturating_sub(least) / periods.plan.horizon,
                learnt: periods.held_out,
                least,
                horizon: periods.plan.horizon,
            });
        }
        let (mut errors, mut all) = (Vec::new(), None::<Answered>);
        for fold in 0..folds.len() {
            let (learnt, tested) = folds.fold(fold);
            let mut progress = |round: Round| {
                let done = (fold as f64 + round.round as f64 / round.of as f64) / folds.len() as f64;
                let message = format!(
                    "fold {} of {}, round {} of {}",
                    fold + 1,
                    folds.len(),
                    round.round,
                    round.of
                );
                reporter.report(Phase::Folds, FOLDS_AT + (FIT_AT - FOLDS_AT) * done, message);
            };
            let seed = seed(recipe).derive("fold", fold as u64);
            let mut forgetful = NoCheckpoints;
            let how = self.how((seed, periods.device), stop, &mut progress, &mut forgetful);
            let forecaster = fitted(periods, learnt.clone(), &recipe.algorithm, how);
            let forecaster = forecaster.map_err(|error| of_fold(error, fold + 1, folds.len()))?;
            let origins = origins(&periods.plan, &periods.series, tested, MOST_ORIGINS);
            let answered = periods.answered(&forecaster, &origins)?;
            errors.push(measure::of_fold(periods, learnt, &answered)?);
            match &mut all {
                Some(all) => all.append(answered),
                None => all = Some(answered),
            }
        }
        Ok((errors, all))
    }

    fn fit_series(
        &self,
        kept: &mut Kept<'_>,
        periods: &Periods<'_>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Forecaster, TrainError> {
        let recipe = periods.recipe;
        let mut curve = Curve::new(&self.tracking, &self.clock, kept.run, "valid");
        let mut progress = |round: Round| {
            let share = round.round as f64 / round.of as f64;
            let message = format!("round {} of {}", round.round, round.of);
            reporter.report(Phase::Fitting, FIT_AT + (MEASURE_AT - FIT_AT) * share, message);
            curve.add(round);
        };
        let how = self.how(
            (seed(recipe), periods.device),
            stop,
            &mut progress,
            &mut kept.checkpoints,
        );
        let forecaster = fitted(periods, periods.learnt(), &recipe.algorithm, how)?;
        curve.finish();
        Ok(forecaster)
    }

    fn how<'a, 'p>(
        &self,
        (seed, device): (Seed, &'a Device),
        stop: &'a Stop,
        progress: &'a mut (dyn FnMut(Round) + Send + 'p),
        checkpoints: &'a mut dyn Checkpoints,
    ) -> How<'a, 'p> {
        How {
            threads: self.threads,
            seed,
            device,
            stop,
            progress,
            checkpoints,
        }
    }
}

fn fitted(
    periods: &Periods<'_>,
    of: Range<usize>,
    algorithm: &Algorithm,
    how: How<'_, '_>,
) -> Result<Forecaster, TrainError> {
    match Forecaster::fit(&periods.plan, &periods.series, of, algorithm, how) {
        Err(FitError::Stopped) => Err(TrainError::Stopped),
        other => Ok(other?),
    }
}

/// Which fold could not be fitted, and what helps.
fn of_fold(error: TrainError, fold: usize, folds: usize) -> TrainError {
    match error {
        TrainError::Fit(source) => TrainError::SeriesFold { fold, folds, source },
        other => other,
    }
}

/// What the rows of the table look like: those of held-out periods too, since a series is not of rows that could be left
/// out.
fn profile(periods: &Periods<'_>, source: &Source) -> Result<Profile, TrainError> {
    let mut profiler = Profiler::new(Arc::clone(source.rows.schema()), seed(periods.recipe));
    source.rows.each(Columns::All, |_, batch| {
        if periods.stop.is_asked() {
            return Err(TrainError::Stopped);
        }
        Ok::<_, TrainError>(profiler.update(batch)?)
    })?;
    Ok(profiler.finish())
}
