//! The fit: cross-validate, fit, measure. Features are fitted on training rows alone.

use std::sync::Arc;

use super::curve::Curve;
use super::prepare::{Prepared, seed};
use super::{TrainError, Trainer};
use crate::base::{RunId, Stop};
use crate::data::feature::FittedFeatures;
use crate::data::profile::{Profile, Profiler};
use crate::engine::fit::{FitData, FitError, Round};
use crate::engine::metric::{Report, report};
use crate::engine::model::Model;
use crate::engine::task::Task;
use crate::engine::validate::{
    Baseline, CrossError, CrossPlan, CrossReport, Fold, FoldMatrices, cross_validate,
};
use crate::platform::bundles::WarmUp;
use crate::platform::jobs::{Phase, Reporter};

/// What a training found.
pub(super) struct Trained {
    pub(super) task: Task,
    pub(super) features: FittedFeatures,
    pub(super) model: Model,
    pub(super) profile: Profile,
    pub(super) warm_up: WarmUp,
    pub(super) quality: Quality,
}

/// How good the model is, and how that was measured.
pub(super) struct Quality {
    pub(super) holdout: Report,
    pub(super) baseline: Report,
    pub(super) folds: Option<CrossReport>,
    pub(super) train_rows: usize,
    pub(super) holdout_rows: usize,
    /// Rows of each class in the whole table; empty for a regression.
    pub(super) class_rows: Vec<usize>,
}

/// The shares of a job's progress at which its phases begin.
const FOLDS_AT: f64 = 0.1;
const FIT_AT: f64 = 0.75;
const MEASURE_AT: f64 = 0.92;

impl Trainer {
    /// Fits and measures the model of a recipe.
    pub(super) fn fit(
        &self,
        run: RunId,
        prepared: &Prepared<'_>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Trained, TrainError> {
        let (recipe, table, target) = (prepared.recipe(), prepared.table(), prepared.target());
        let folds = self.cross_validate(prepared, stop, reporter)?;

        let parts = prepared.parts()?;
        let (features, matrices) = prepared.encode(&parts)?;
        let model = self.fit_whole(run, prepared, &parts, &matrices, stop, reporter)?;

        reporter.report(Phase::Validating, MEASURE_AT, "measuring on the hold-out");
        let (labels, answers) = (prepared.targets(&parts.test), model.predict(&matrices.test)?);
        let threshold = recipe.validation.threshold as f32;
        let quality = Quality {
            holdout: report(&target.task, &labels, &answers, threshold)?,
            baseline: Baseline::fit(&target.task, &prepared.targets(prepared.train_rows()), None)?
                .report(&labels)?,
            folds,
            train_rows: prepared.train_rows().len(),
            holdout_rows: parts.test.len(),
            class_rows: prepared.class_rows_of(0..table.rows()),
        };
        let warm_up = WarmUp::record(&features, &model, table, &parts.test)?;
        let mut profiler = Profiler::new(Arc::clone(table.schema()), seed(recipe));
        profiler.update(&table.take(prepared.train_rows()))?;
        Ok(Trained {
            task: target.task.clone(),
            warm_up,
            profile: profiler.finish().without_texts(),
            features,
            model,
            quality,
        })
    }

    fn cross_validate(
        &self,
        prepared: &Prepared<'_>,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Option<CrossReport>, TrainError> {
        let (recipe, target) = (prepared.recipe(), prepared.target());
        let folds = prepared.folds()?;
        if folds.is_empty() {
            return Ok(None);
        }
        let plan = CrossPlan {
            folds: &folds,
            target: &target.values,
            weights: None,
            task: &target.task,
            algorithm: &recipe.algorithm,
            threshold: recipe.validation.threshold as f32,
            threads: self.threads,
            seed: seed(recipe),
        };
        let encode = |fold: &Fold| prepared.encode(fold).map(|(_, matrices)| matrices);
        let cross = cross_validate(&plan, encode, stop, &mut |at| {
            let round = at.round.round as f64 / at.round.of as f64;
            let share = ((at.fold - 1) as f64 + round) / at.folds as f64;
            let message = format!(
                "fold {} of {}, round {} of {}",
                at.fold, at.folds, at.round.round, at.round.of
            );
            reporter.report(Phase::Folds, FOLDS_AT + (FIT_AT - FOLDS_AT) * share, message);
        });
        match cross {
            Ok(report) => Ok(Some(report)),
            Err(CrossError::Fit {
                source: FitError::Stopped,
                ..
            }) => Err(TrainError::Stopped),
            Err(error) => Err(TrainError::Folds(Box::new(error))),
        }
    }

    fn fit_whole(
        &self,
        run: RunId,
        prepared: &Prepared<'_>,
        parts: &Fold,
        matrices: &FoldMatrices,
        stop: &Stop,
        reporter: &Reporter,
    ) -> Result<Model, TrainError> {
        let (recipe, target) = (prepared.recipe(), prepared.target());
        let [train, valid, test] =
            [&parts.train, &parts.valid, &parts.test].map(|rows| prepared.targets(rows));
        // Without early stopping nothing is chosen by what is watched, so the hold-out may be watched.
        let watched = match &matrices.valid {
            Some(matrix) => (matrix, valid.as_slice(), "valid"),
            None => (&matrices.test, test.as_slice(), "holdout"),
        };
        let data = FitData {
            train: &matrices.train,
            target: &train,
            weights: None,
            valid: Some((watched.0, watched.1)),
            watch_train: true,
        };
        let mut curve = Curve::new(&self.tracking, &self.clock, run, watched.2);
        let fitted = recipe.algorithm.fit(
            &data,
            &target.task,
            self.threads,
            seed(recipe),
            stop,
            &mut |round: Round| {
                let share = round.round as f64 / round.of as f64;
                let message = format!("round {} of {}", round.round, round.of);
                reporter.report(Phase::Fitting, FIT_AT + (MEASURE_AT - FIT_AT) * share, message);
                curve.add(round);
            },
        );
        let model = match fitted {
            Err(FitError::Stopped) => return Err(TrainError::Stopped),
            other => other?,
        };
        curve.finish();
        Ok(model)
    }
}
