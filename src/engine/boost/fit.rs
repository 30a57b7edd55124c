//! Trains gradient-boosted trees.

use std::ops::ControlFlow;
use std::sync::Arc;

use hessboost::config::{self, LeafEstimation, MaxDeltaStep, TrainingParams};
use hessboost::data::{BinnedMatrix, DMatrix, FeatureType};
use hessboost::error::HessboostError;
use hessboost::metric::EvalMetric as BoosterMetric;
use hessboost::model::BoostedModel;
use hessboost::objective::{Multiclass, Objective, Quantiles, RegLoss};
use hessboost::training::{Trainer, TrainingData};
use rayon::ThreadPoolBuilder;

use super::params::{BoostParams, EvalMetric, GrowPolicy, Monotone, TreeMethod, interaction, stretches};
use super::patience::Patience;
use super::{BoostModel, BoosterError};
use crate::base::{Seed, Stop};
use crate::engine::class_weight::weigh;
use crate::engine::fit::{self, FitData, FitError, Part, Progress, Round};
use crate::engine::matrix::{Feature, FeatureKind, Matrix};
use crate::engine::task::{Quantile, Task};

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
    data: FitData,
    task: &Task,
    params: &BoostParams,
    threads: usize,
    seed: Seed,
    stop: &Stop,
    progress: &mut Progress,
) -> Result<BoostModel, FitError> {
    fit::check(&data, task)?;
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

    let FitData {
        train,
        target,
        weights,
        valid,
        valid_weights,
        watch_train,
    } = data;
    let features = Arc::clone(train.features());
    let of_classes = params.class_weight.of_classes(task, target);
    let weights = weigh(of_classes.as_deref(), target, weights);
    if let Some(weights) = &weights {
        fit::check_weights(Part::Train, weights, train.rows())?;
    }
    let learnt = Learnt::new(train, target, weights.as_deref(), watch_train, params, threads)?;
    // Weighed as what is learnt from: else rounds would be chosen by another loss than the one that falls.
    let valid = valid
        .map(|(matrix, target)| {
            let table = table(matrix)?.with_labels(target)?;
            Ok::<_, BoosterError>(match weigh(of_classes.as_deref(), target, valid_weights) {
                Some(weights) => table.with_weights(&weights)?,
                None => table,
            })
        })
        .transpose()?;

    let mut patience = Patience::new(params, task);
    let mut trained: Option<BoostedModel> = None;
    let mut has_ended = false;
    // The library knows one rate a training: where the rate falls, the training goes on from what it has come to.
    for (rounds, rate) in stretches(
        params.n_estimators,
        params.learning_rate,
        params.learning_rate_decay,
    ) {
        let configured = configure(params, rate, task, &features, threads, seed)?;
        let mut trainer = Trainer::new(&configured, learnt.rows(), rounds);
        if let Some(before) = &trained {
            trainer = trainer.init_model(before);
        }
        if watch_train && let Learnt::Values(table) = &learnt {
            trainer = trainer.eval(table, TRAIN);
        }
        if let Some(valid) = &valid {
            trainer = trainer.eval(valid, VALID);
        }
        let more = trainer
            .on_round(|evaluated| {
                let round = evaluated.iteration() + 1;
                let valid_metric = evaluated.score(VALID, metric.name());
                progress(Round {
                    round,
                    of: params.n_estimators,
                    metric: metric.name(),
                    train_metric: evaluated.score(TRAIN, metric.name()),
                    valid_metric,
                });
                let goes_on = match (&mut patience, valid_metric) {
                    (Some(patience), Some(value)) => patience.goes_on(round, value),
                    _ => true,
                };
                has_ended = !goes_on || stop.is_asked();
                if has_ended {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .train();
        trained = Some(more.map_err(BoosterError)?.model);
        if has_ended {
            break;
        }
    }
    if stop.is_asked() {
        return Err(FitError::Stopped);
    }

    let trained = trained.ok_or(FitError::NoRows(Part::Train))?;
    let booster = match patience.and_then(|patience| patience.best()) {
        Some(best) => trained.slice(..best, 1).map_err(BoosterError)?,
        None => trained,
    };
    BoostModel::trained(booster, task.clone(), features)
}

/// The rows that are learnt from, in the library's form.
enum Learnt {
    /// Every value.
    Values(DMatrix),
    /// The histogram bin of every value, which the growth of trees from histograms reads alone: the same model, to
    /// the byte, and the values are freed meanwhile.
    Bins(BinnedMatrix),
}

impl Learnt {
    fn new(
        matrix: Matrix,
        target: &[f32],
        weights: Option<&[f32]>,
        watched: bool,
        params: &BoostParams,
        threads: usize,
    ) -> Result<Self, FitError> {
        let mut values = table(&matrix)?;
        drop(matrix);
        if let Some(weights) = weights {
            values = values.with_weights(weights).map_err(BoosterError)?;
        }
        let from_histograms = matches!(params.tree_method, TreeMethod::Auto | TreeMethod::Hist);
        // A row that does not count is in no histogram, so its bin would be no bin of it.
        let all_count = weights.is_none_or(|weights| weights.iter().all(|weight| *weight > 0.0));
        // What a training goes on from is predicted, and bins are no values.
        let goes_on = params.learning_rate_decay.is_some();
        if watched || !from_histograms || !all_count || goes_on {
            let labelled = values.with_labels(target).map_err(BoosterError)?;
            return Ok(Self::Values(labelled));
        }
        let pool = ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
        let bin = || BinnedMatrix::new(&values, params.max_bin);
        let binned = pool.map_or_else(|_| bin(), |pool| pool.install(bin));
        drop(values);
        let labelled = binned.and_then(|binned| binned.with_labels(target));
        Ok(Self::Bins(labelled.map_err(BoosterError)?))
    }

    fn rows(&self) -> TrainingData<'_> {
        match self {
            Self::Values(table) => table.into(),
            Self::Bins(binned) => binned.into(),
        }
    }
}

/// The rows in the library's form; the values are shared, not copied.
fn table(matrix: &Matrix) -> Result<DMatrix, BoosterError> {
    let types: Vec<FeatureType> = matrix
        .features()
        .iter()
        .map(|feature| match feature.kind {
            FeatureKind::Numeric => FeatureType::Numerical,
            FeatureKind::Categorical { .. } => FeatureType::Categorical,
        })
        .collect();
    DMatrix::from_dense_shared(matrix.shared_values(), matrix.rows(), matrix.cols(), f32::NAN)
        .and_then(|table| table.with_feature_types(&types))
        .map_err(BoosterError)
}

/// Our parameters in the library's form.
fn configure(
    params: &BoostParams,
    rate: f64,
    task: &Task,
    features: &[Feature],
    threads: usize,
    seed: Seed,
) -> Result<TrainingParams, FitError> {
    let mut builder = TrainingParams::builder()
        .nthread(threads.max(1))
        .seed(seed.get())
        .objective(objective(params, task).map_err(BoosterError)?)
        .eval_metric(booster_metric(params.metric(task), task).map_err(BoosterError)?)
        .eta(rate)
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
        .interaction_constraints(interaction::positions(&params.interaction_constraints, features)?)
        .monotone_constraints(directions(params, features));
    // As XGBoost before 3.4: a leaf's value is the quantile of what is left in it, and not a step along a slope.
    if task.quantile().is_some() && params.monotone_constraints.is_empty() {
        builder = builder.leaf_estimation(LeafEstimation::Exact);
    }
    builder = match params.max_depth {
        0 => builder.unlimited_depth(),
        depth => builder.max_depth(depth),
    };
    if params.max_leaves > 0 {
        builder = builder.max_leaves(params.max_leaves);
    }
    Ok(builder.build().map_err(BoosterError)?)
}

fn objective(params: &BoostParams, task: &Task) -> Result<Objective, HessboostError> {
    Ok(match task {
        Task::Binary { .. } => Objective::BinaryLogistic(RegLoss::new(params.scale_pos_weight)?),
        Task::Multiclass { classes } => Objective::Softprob(Multiclass::new(classes.len())?),
        Task::Regression => Objective::SquaredError(RegLoss::default()),
        Task::Quantile { quantile } => Objective::Quantile(Quantiles::new([quantile.get()])?),
    })
}

fn booster_metric(metric: EvalMetric, task: &Task) -> Result<BoosterMetric, HessboostError> {
    Ok(match metric {
        EvalMetric::LogLoss => BoosterMetric::LogLoss,
        EvalMetric::Error => BoosterMetric::Error,
        EvalMetric::Auc => BoosterMetric::Auc,
        EvalMetric::AucPr => BoosterMetric::AucPr,
        EvalMetric::MLogLoss => BoosterMetric::MLogLoss,
        EvalMetric::MError => BoosterMetric::MError,
        EvalMetric::Rmse => BoosterMetric::Rmse,
        EvalMetric::Mae => BoosterMetric::Mae,
        EvalMetric::Quantile => BoosterMetric::Quantile(Quantiles::new(task.quantile().map(Quantile::get))?),
    })
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
