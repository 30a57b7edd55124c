//! Trains gradient-boosted trees.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use hessboost::config::{self, MaxDeltaStep, TrainingParams};
use hessboost::data::{DMatrix, FeatureType};
use hessboost::error::HessboostError;
use hessboost::metric::EvalMetric as BoosterMetric;
use hessboost::objective::{Multiclass, Objective, RegLoss};
use hessboost::training::Trainer;

use super::params::{BoostParams, EvalMetric, GrowPolicy, Monotone, TreeMethod};
use super::{BoostModel, BoosterError};
use crate::base::{Seed, Stop};
use crate::engine::fit::{self, FitData, FitError, Part, Progress, Round};
use crate::engine::matrix::{Feature, FeatureKind, Matrix};
use crate::engine::task::Task;

const TRAIN: &str = "train";
const VALID: &str = "valid";

/// Trains gradient-boosted trees on `threads` threads of their own (at least 1 is used).
///
/// With `early_stopping_rounds` the model ends with its best round: nothing outside the trees has to be
/// known to predict with it. The same data, parameters and seed give the same bytes on any number of threads.
///
/// # Errors
/// [`FitError::Stopped`] within a round of `stop` being asked; otherwise what is wrong with the data or the
/// parameters.
pub fn fit(
    data: &FitData,
    task: &Task,
    params: &BoostParams,
    threads: usize,
    seed: Seed,
    stop: &Stop,
    progress: &mut Progress,
) -> Result<BoostModel, FitError> {
    fit::check(data, task)?;
    params.validate_for(task, data.train.features())?;
    let metric = params.metric(task);
    if let Some((_, target)) = data.valid
        && metric.needs_both_classes()
    {
        fit::check_two_classes(Part::Valid, target, task)?;
    }
    if params.early_stopping_rounds.is_some() && data.valid.is_none() {
        return Err(FitError::NothingToWatch);
    }
    if stop.is_asked() {
        return Err(FitError::Stopped);
    }

    let configured = configure(params, task, data.train.features(), threads, seed)?;
    let mut train = table(data.train, data.target)?;
    if let Some(weights) = data.weights {
        train = train.with_weights(weights).map_err(BoosterError)?;
    }
    let valid = data
        .valid
        .map(|(matrix, target)| table(matrix, target))
        .transpose()?;

    let mut trainer = Trainer::new(&configured, &train, params.n_estimators);
    if data.watch_train {
        trainer = trainer.eval(&train, TRAIN);
    }
    if let Some(valid) = &valid {
        // After the training rows: early stopping watches the last one.
        trainer = trainer.eval(valid, VALID);
        if let Some(patience) = params.early_stopping_rounds.and_then(NonZeroUsize::new) {
            trainer = trainer.early_stopping_rounds(patience);
        }
    }
    let trained = trainer
        .on_round(|round| {
            progress(Round {
                round: round.iteration() + 1,
                of: params.n_estimators,
                metric: metric.name(),
                train_metric: round.score(TRAIN, metric.name()),
                valid_metric: round.score(VALID, metric.name()),
            });
            if stop.is_asked() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .train()
        .map_err(BoosterError)?;
    if stop.is_asked() {
        return Err(FitError::Stopped);
    }

    let booster = match trained.model.best_iteration() {
        Some(best) => trained.model.slice(..=best, 1).map_err(BoosterError)?,
        None => trained.model,
    };
    BoostModel::trained(booster, task.clone(), data.train.features().clone())
}

/// The rows and their target in the library's form; the values are shared, not copied.
fn table(matrix: &Matrix, target: &[f32]) -> Result<DMatrix, BoosterError> {
    let types: Vec<FeatureType> = matrix
        .features()
        .iter()
        .map(|feature| match feature.kind {
            FeatureKind::Numeric => FeatureType::Numerical,
            FeatureKind::Categorical { .. } => FeatureType::Categorical,
        })
        .collect();
    DMatrix::from_dense_shared(matrix.shared_values(), matrix.rows(), matrix.cols(), f32::NAN)
        .and_then(|table| table.with_labels(target))
        .and_then(|table| table.with_feature_types(&types))
        .map_err(BoosterError)
}

/// Our parameters in the library's form.
fn configure(
    params: &BoostParams,
    task: &Task,
    features: &[Feature],
    threads: usize,
    seed: Seed,
) -> Result<TrainingParams, BoosterError> {
    let mut builder = TrainingParams::builder()
        .nthread(threads.max(1))
        .seed(seed.get())
        .objective(objective(params, task)?)
        .eval_metric(booster_metric(params.metric(task)))
        .eta(params.learning_rate)
        .gamma(params.gamma)
        .min_child_weight(params.min_child_weight)
        .max_delta_step(match params.max_delta_step {
            0.0 => MaxDeltaStep::Unbounded,
            bound => MaxDeltaStep::Bounded(bound),
        })
        .subsample(params.subsample)
        .colsample_bytree(params.colsample_bytree)
        .colsample_bylevel(params.colsample_bylevel)
        .colsample_bynode(params.colsample_bynode)
        .lambda(params.reg_lambda)
        .alpha(params.reg_alpha)
        .max_bin(params.max_bin)
        .tree_method(match params.tree_method {
            TreeMethod::Auto => config::TreeMethod::Auto,
            TreeMethod::Hist => config::TreeMethod::Hist,
            TreeMethod::Approx => config::TreeMethod::Approx,
            TreeMethod::Exact => config::TreeMethod::Exact,
        })
        .grow_policy(match params.grow_policy {
            GrowPolicy::DepthWise => config::GrowPolicy::DepthWise,
            GrowPolicy::LossGuide => config::GrowPolicy::LossGuide,
        })
        .monotone_constraints(directions(params, features));
    builder = match params.max_depth {
        0 => builder.unlimited_depth(),
        depth => builder.max_depth(depth),
    };
    if params.max_leaves > 0 {
        builder = builder.max_leaves(params.max_leaves);
    }
    builder.build().map_err(BoosterError)
}

fn objective(params: &BoostParams, task: &Task) -> Result<Objective, HessboostError> {
    Ok(match task {
        Task::Binary { .. } => Objective::BinaryLogistic(RegLoss::new(params.scale_pos_weight)?),
        Task::Multiclass { classes } => Objective::Softprob(Multiclass::new(classes.len())?),
        Task::Regression => Objective::SquaredError(RegLoss::default()),
    })
}

fn booster_metric(metric: EvalMetric) -> BoosterMetric {
    match metric {
        EvalMetric::LogLoss => BoosterMetric::LogLoss,
        EvalMetric::Error => BoosterMetric::Error,
        EvalMetric::Auc => BoosterMetric::Auc,
        EvalMetric::AucPr => BoosterMetric::AucPr,
        EvalMetric::MLogLoss => BoosterMetric::MLogLoss,
        EvalMetric::MError => BoosterMetric::MError,
        EvalMetric::Rmse => BoosterMetric::Rmse,
        EvalMetric::Mae => BoosterMetric::Mae,
    }
}

/// One direction a feature, or none at all where every feature is free.
fn directions(params: &BoostParams, features: &[Feature]) -> Vec<config::Monotone> {
    if params.monotone_constraints.is_empty() {
        return Vec::new();
    }
    features
        .iter()
        .map(|feature| match params.monotone_constraints.get(&feature.name) {
            Some(Monotone::Increasing) => config::Monotone::Increasing,
            Some(Monotone::Decreasing) => config::Monotone::Decreasing,
            Some(Monotone::Free) | None => config::Monotone::None,
        })
        .collect()
}
