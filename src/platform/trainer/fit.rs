//! The fit: cross-validate, fit, measure. Features are fitted on training rows alone.

use std::sync::Arc;

use super::curve::Curve;
use super::measure::{Chosen, Measuring, Quality, choose, fixed_threshold};
use super::prepare::{Prepared, seed};
use super::{TrainError, Trainer};
use crate::base::{RunId, Stop};
use crate::data::feature::FittedFeatures;
use crate::data::profile::{Profile, Profiler};
use crate::data::split::Part;
use crate::data::table::Table;
use crate::engine::device::{Device, DeviceInfo};
use crate::engine::fit::{FitData, FitError, How, Round};
use crate::engine::model::Model;
use crate::engine::task::Task;
use crate::engine::validate::{CrossError, CrossPlan, CrossReport, FoldMatrices, cross_validate};
use crate::platform::bundles::WarmUp;
use crate::platform::jobs::{JobCheckpoints, Phase, Reporter};

/// What is kept of a training while it goes on.
pub(super) struct Kept<'a> {
    /// Its curve is in this run.
    pub(super) run: RunId,
    /// How far it is.
    pub(super) checkpoints: JobCheckpoints,
    /// What it is fitted on.
    pub(super) device: &'a Device,
}

/// What a training found.
pub(super) struct Trained {
    pub(super) task: Task,
    pub(super) features: FittedFeatures,
    pub(super) model: Model,
    /// What it was fitted on.
    pub(super) device: DeviceInfo,
    pub(super) profile: Profile,
    pub(super) warm_up: WarmUp,
    pub(super) quality: Quality,
    /// What the model answers for the rows that are held out; nothing when no gate compares.
    pub(super) answers: Vec<f32>,
}

/// The shares of a job's progress at which its phases begin.
const FOLDS_AT: f64 = 0.1;
const FIT_AT: f64 = 0.75;
const MEASURE_AT: f64 = 0.92;

impl Trainer {
    /// Fits and measures the model of a recipe.
    pub(super) fn fit(
        &self,
        kept: Kept<'_>,
        prepared: &Prepared<'_>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Trained, TrainError> {
        let (recipe, target) = (prepared.recipe(), prepared.target());
        let (folds, mut chosen) = self.cross_validate(kept.device, prepared, stop, reporter)?;

        let parts = prepared.parts()?;
        let (features, matrices) = prepared.encode(&parts)?;
        let device = kept.device.info().clone();
        let model = self.fit_whole(kept, prepared, &features, matrices, stop, reporter)?;

        reporter.report(Phase::Validating, MEASURE_AT, "measuring on the hold-out");
        if chosen.is_none() && parts.count(Part::Valid) > 0 && recipe.validation.threshold.rule().is_some() {
            let labels = prepared.targets(&parts, Part::Valid);
            let answers = prepared.predict(&features, &model, &parts, Part::Valid)?;
            chosen = choose(recipe, &labels, &answers, "the watched rows")?;
        }
        let answers = prepared.predict(&features, &model, &parts, Part::Test)?;
        let measuring = Measuring {
            prepared,
            features: &features,
            model: &model,
            parts: &parts,
            answers: &answers,
            folds,
            chosen,
            threads: self.threads,
            stop,
        };
        let quality = measuring.quality()?;
        let (profile, held_out) = described(prepared)?;
        let rows: Vec<usize> = (0..held_out.rows()).collect();
        Ok(Trained {
            task: target.task.clone(),
            warm_up: WarmUp::record(&features, &model, &held_out, &rows)?,
            profile: profile.to_pass_on(|column| {
                column == recipe.data.target || features.inputs().iter().any(|input| input.name == column)
            }),
            features,
            model,
            device,
            quality,
            answers: Trained::answers_to_compare(recipe, answers),
        })
    }

    fn cross_validate(
        &self,
        device: &Device,
        prepared: &Prepared<'_>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<(Option<CrossReport>, Option<Chosen>), TrainError> {
        let (recipe, target) = (prepared.recipe(), prepared.target());
        let Some(mut folds) = prepared.folds()? else {
            return Ok((None, None));
        };
        let plan = CrossPlan {
            folds: folds.len(),
            target: &target.values,
            weights: prepared.weights(),
            task: &target.task,
            algorithm: &recipe.algorithm,
            threshold: fixed_threshold(recipe),
            threads: self.threads,
            device,
            seed: seed(recipe),
        };
        let inner = recipe.validation.inner_folds;
        // Each fold is one training, and with inner folds as many more.
        let trainings = plan.folds * (1 + inner);
        let tell = |done: usize, round: Round, message: String| {
            let share = (done as f64 + round.round as f64 / round.of as f64) / trainings as f64;
            reporter.report(Phase::Folds, FOLDS_AT + (FIT_AT - FOLDS_AT) * share, message);
        };
        let mut report = crossed(cross_validate(&plan, &mut folds, stop, &mut |at| {
            let round = format!("round {} of {}", at.round.round, at.round.of);
            tell(
                at.fold - 1,
                at.round,
                format!("fold {} of {}, {round}", at.fold, at.folds),
            );
        }))?;
        let chosen = choose(recipe, &target.values, &report.out_of_fold, "the folds")?;
        if let Some(chosen) = chosen {
            let mut of_folds = vec![chosen.threshold; plan.folds];
            for (fold, threshold) in of_folds.iter_mut().enumerate().filter(|_| inner > 0) {
                let mut rows = folds.inner(fold, inner)?;
                let plan = CrossPlan {
                    folds: inner,
                    seed: plan.seed.derive("inner fold", fold as u64),
                    ..plan
                };
                let found = crossed(cross_validate(&plan, &mut rows, stop, &mut |at| {
                    let done = report.folds.len() + fold * inner + at.fold - 1;
                    let round = format!("round {} of {}", at.round.round, at.round.of);
                    let inner = format!("inner fold {} of {}", at.fold, at.folds);
                    tell(
                        done,
                        at.round,
                        format!("fold {} of {}, {inner}, {round}", fold + 1, report.folds.len()),
                    );
                }))?;
                let chosen = choose(recipe, &target.values, &found.out_of_fold, "the inner folds")?;
                *threshold = chosen.map_or(*threshold, |chosen| chosen.threshold);
            }
            report.measure_at(&plan, |fold| of_folds[fold])?;
        }
        Ok((Some(report), chosen))
    }

    fn fit_whole(
        &self,
        mut kept: Kept<'_>,
        prepared: &Prepared<'_>,
        features: &FittedFeatures,
        matrices: FoldMatrices,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Model, TrainError> {
        let (recipe, target) = (prepared.recipe(), prepared.target());
        let FoldMatrices { parts, train, valid } = matrices;
        // Without early stopping nothing is chosen by what is watched, so the hold-out may be watched. Watching it and
        // the training rows takes their values, for which there is no room when the rows themselves have none.
        let is_small = prepared.rows().are_kept();
        let (watched, part, name) = match valid {
            Some(matrix) => (Some(matrix), Part::Valid, "valid"),
            None if is_small => {
                let matrix = prepared.matrix(features, &parts, Part::Test)?;
                (Some(matrix), Part::Test, "holdout")
            }
            None => (None, Part::Test, "holdout"),
        };
        let [learnt, seen] = [Part::Train, part].map(|part| prepared.targets(&parts, part));
        let weights = prepared.weights_of(&parts, Part::Train);
        // The hold-out is measured as its rows are, as everywhere.
        let seen_weights = prepared.weights_of(&parts, part).filter(|_| part == Part::Valid);
        let data = FitData {
            train,
            target: &learnt,
            weights: weights.as_deref(),
            valid: watched.as_ref().map(|matrix| (matrix, seen.as_slice())),
            valid_weights: seen_weights.as_deref(),
            watch_train: is_small,
        };
        let mut curve = Curve::new(&self.tracking, &self.clock, kept.run, name);
        let mut progress = |round: Round| {
            let share = round.round as f64 / round.of as f64;
            let message = format!("round {} of {}", round.round, round.of);
            reporter.report(Phase::Fitting, FIT_AT + (MEASURE_AT - FIT_AT) * share, message);
            curve.add(round);
        };
        let how = How {
            threads: self.threads,
            device: kept.device,
            seed: seed(recipe),
            stop,
            progress: &mut progress,
            checkpoints: &mut kept.checkpoints,
        };
        let fitted = recipe.algorithm.fit_on(data, &target.task, how);
        let model = match fitted {
            Err(FitError::Stopped) => return Err(TrainError::Stopped),
            other => other?,
        };
        curve.finish();
        Ok(model)
    }
}

/// What a cross-validation found, or why it found nothing.
fn crossed(cross: Result<CrossReport, CrossError<TrainError>>) -> Result<CrossReport, TrainError> {
    cross.map_err(|error| match error {
        CrossError::Fit {
            source: FitError::Stopped,
            ..
        } => TrainError::Stopped,
        error => TrainError::Folds(Box::new(error)),
    })
}

/// What the rows that are not held out look like, and as many of the others as warm a version up. A bundle is passed
/// on, so no row that somebody has given is in it: each column's values are dealt anew.
fn described(prepared: &Prepared<'_>) -> Result<(Profile, Table), TrainError> {
    let schema = prepared.rows().schema();
    let mut profiler = Profiler::new(Arc::clone(schema), seed(prepared.recipe()));
    let mut held_out = Table::empty(Arc::clone(schema));
    prepared.each(|first, batch| {
        let of = |part| prepared.holdout().in_batch(part, first, batch.rows());
        profiler.update(&batch.take(&of(Part::Train)))?;
        let wanted = WarmUp::ROWS - held_out.rows();
        let rows: Vec<usize> = of(Part::Test).into_iter().take(wanted).collect();
        Ok(held_out.append(batch.take(&rows))?)
    })?;
    let seed = seed(prepared.recipe()).derive("warm-up", 0);
    Ok((profiler.finish(), held_out.torn_apart(seed)))
}
