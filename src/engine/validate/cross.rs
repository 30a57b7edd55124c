//! Cross-validation: every row is predicted once by a model that has not seen it.

use std::error::Error;

use super::baseline::Baseline;
use super::summary::{Summary, summarise};
use crate::base::{Seed, Stop};
use crate::data::split::{Part, Parts};
use crate::engine::algorithm::Algorithm;
use crate::engine::device::Device;
use crate::engine::fit::{FitData, FitError, How, NoCheckpoints, Round};
use crate::engine::matrix::Matrix;
use crate::engine::metric::{MetricError, Report, report};
use crate::engine::model::Model;
use crate::engine::task::Task;

/// A fold's rows as the model sees them, each part in the order of the table.
#[derive(Debug, Clone)]
pub struct FoldMatrices {
    /// What each row of the table is for. What is watched for early stopping is never what is measured on: what
    /// chose the round cannot measure it.
    pub parts: Parts,
    /// The rows to learn from.
    pub train: Matrix,
    /// The rows to watch, where the fold has some.
    pub valid: Option<Matrix>,
}

/// The rows of a cross-validation, which gets them fold by fold: features are fitted on each fold's training rows
/// alone, because fitted once on the whole table they would have seen the test rows.
pub trait FoldRows {
    /// Why there are none.
    type Error: Error + 'static;

    /// The rows of a fold, from 0, that a model learns from and watches.
    ///
    /// # Errors
    /// They cannot be encoded.
    fn fold(&mut self, fold: usize) -> Result<FoldMatrices, Self::Error>;

    /// What `model` predicts for the test rows of the fold that was asked for last: `[rows x width]`, in the order
    /// of the table. They need not be in memory together.
    ///
    /// # Errors
    /// They cannot be encoded, or not predicted.
    fn predict(&mut self, model: &Model) -> Result<Vec<f32>, Self::Error>;
}

/// What is to be cross-validated, and how.
#[derive(Debug, Clone, Copy)]
pub struct CrossPlan<'a> {
    /// How many folds there are.
    pub folds: usize,
    /// The target of the whole table, `[rows]`.
    pub target: &'a [f32],
    /// The weights of the whole table, `[rows]`; they count in training, not in the metrics.
    pub weights: Option<&'a [f32]>,
    /// What is predicted.
    pub task: &'a Task,
    /// How.
    pub algorithm: &'a Algorithm,
    /// The probability from which a row of a binary task is taken for positive.
    pub threshold: f32,
    /// Threads of each training.
    pub threads: usize,
    /// Where nets are trained.
    pub device: &'a Device,
    /// The seed; each fold derives its own.
    pub seed: Seed,
}

/// How far a cross-validation is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoldRound {
    /// The fold, from 1.
    pub fold: usize,
    /// How many there are.
    pub folds: usize,
    /// How far its training is.
    pub round: Round,
}

/// One fold, measured on its test rows.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldReport {
    /// The model.
    pub model: Report,
    /// The baseline of the fold's training rows.
    pub baseline: Report,
    /// Rounds that the model holds; fewer than were asked for after early stopping.
    pub rounds: usize,
}

/// What a cross-validation found.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossReport {
    /// The folds, in order.
    pub folds: Vec<FoldReport>,
    /// What the models predicted for the rows that they had not seen: `[rows x width]` of the whole
    /// table, NaN for a row that no fold tests.
    pub out_of_fold: Vec<f32>,
    /// The fold, from 1, that tests each row of the whole table; 0 for a row that none tests.
    tested_in: Vec<u16>,
}

impl CrossReport {
    /// Mean and standard deviation of the models' metrics over the folds.
    pub fn summary(&self) -> Vec<Summary> {
        summarise(
            &self
                .folds
                .iter()
                .map(|fold| fold.model.clone())
                .collect::<Vec<_>>(),
        )
    }

    /// Measures the folds of `plan` again, each with the threshold that `threshold_of` gives it, by the fold's position
    /// from 0; the models and what they predicted stay.
    ///
    /// # Errors
    /// As [`report`].
    pub fn measure_at(
        &mut self,
        plan: &CrossPlan,
        threshold_of: impl Fn(usize) -> f32,
    ) -> Result<(), MetricError> {
        let width = plan.task.width();
        for (fold, measured) in (1..).zip(&mut self.folds) {
            let threshold = threshold_of(usize::from(fold) - 1);
            let tested = self.tested_in.iter().enumerate();
            let tested = tested.filter(|(_, of)| **of == fold).map(|(row, _)| row);
            let labels: Vec<f32> = tested.clone().map(|row| plan.target[row]).collect();
            let of = |row: usize| &self.out_of_fold[row * width..(row + 1) * width];
            let predicted: Vec<f32> = tested.flat_map(of).copied().collect();
            measured.model = report(plan.task, &labels, &predicted, threshold)?;
        }
        Ok(())
    }

    /// Mean and standard deviation of the baselines' metrics over the folds.
    pub fn baseline_summary(&self) -> Vec<Summary> {
        summarise(
            &self
                .folds
                .iter()
                .map(|fold| fold.baseline.clone())
                .collect::<Vec<_>>(),
        )
    }
}

/// Why a cross-validation failed. Folds are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum CrossError<E: Error + 'static> {
    /// There is no fold.
    #[error("there are no folds")]
    NoFolds,
    /// A fold of another table.
    #[error("fold {fold} is of {got} rows, but there are {expected}")]
    OtherRows {
        /// The fold.
        fold: usize,
        /// How many rows there are.
        expected: usize,
        /// How many the fold is of.
        got: usize,
    },
    /// A fold would measure on a row that another fold measures on too.
    #[error("row {row} is tested in fold {fold} and also before")]
    TestedTwice {
        /// The fold.
        fold: usize,
        /// The row, from 0.
        row: usize,
    },
    /// Weights and targets do not pair up.
    #[error("there are {targets} targets but {weights} weights")]
    WeightsLength {
        /// Targets.
        targets: usize,
        /// Weights.
        weights: usize,
    },
    /// The rows of a fold could not be encoded.
    #[error("fold {fold}: {source}")]
    Encode {
        /// The fold.
        fold: usize,
        /// Why.
        source: E,
    },
    /// Another number of predictions than the fold tests.
    #[error("fold {fold} tests {expected} predictions, but got {got}")]
    Predictions {
        /// The fold.
        fold: usize,
        /// Test rows times the width of the task.
        expected: usize,
        /// Predictions.
        got: usize,
    },
    /// A fold could not be trained.
    #[error("fold {fold}: {source}")]
    Fit {
        /// The fold.
        fold: usize,
        /// Why.
        source: FitError,
    },
    /// A fold could not be measured.
    #[error("fold {fold}: {source}")]
    Metric {
        /// The fold.
        fold: usize,
        /// Why.
        source: MetricError,
    },
}

/// Trains and measures one model a fold, one after the other.
///
/// # Errors
/// By fold; [`CrossError::Fit`] with [`FitError::Stopped`] within a round of `stop` being asked.
pub fn cross_validate<R: FoldRows>(
    plan: &CrossPlan,
    rows: &mut R,
    stop: &Stop,
    progress: &mut (dyn FnMut(FoldRound) + Send),
) -> Result<CrossReport, CrossError<R::Error>> {
    check_plan(plan)?;
    let width = plan.task.width();
    let mut folds = Vec::with_capacity(plan.folds);
    let mut tested_in = vec![0; plan.target.len()];
    let mut out_of_fold = vec![f32::NAN; plan.target.len() * width];
    for index in 0..plan.folds {
        let number = index + 1;
        if stop.is_asked() {
            return Err(CrossError::Fit {
                fold: number,
                source: FitError::Stopped,
            });
        }
        let matrices = rows
            .fold(index)
            .map_err(|source| CrossError::Encode { fold: number, source })?;
        mark_tested(number, &matrices.parts, &mut tested_in)?;
        let parts = matrices.parts.clone();
        let (report, predicted) = run_fold(plan, index, matrices, rows, stop, progress)?;
        for (row, values) in parts.rows(Part::Test).zip(predicted.chunks_exact(width)) {
            out_of_fold[row * width..(row + 1) * width].copy_from_slice(values);
        }
        folds.push(report);
    }
    Ok(CrossReport {
        folds,
        out_of_fold,
        tested_in,
    })
}

fn run_fold<R: FoldRows>(
    plan: &CrossPlan,
    index: usize,
    matrices: FoldMatrices,
    rows: &mut R,
    stop: &Stop,
    progress: &mut (dyn FnMut(FoldRound) + Send),
) -> Result<(FoldReport, Vec<f32>), CrossError<R::Error>> {
    let number = index + 1;
    let FoldMatrices { parts, train, valid } = matrices;
    let pick = |values: &[f32], part: Part| parts.rows(part).map(|row| values[row]).collect::<Vec<f32>>();
    let target = pick(plan.target, Part::Train);
    let valid_target = pick(plan.target, Part::Valid);
    let weights_of = |part| plan.weights.map(|weights| pick(weights, part));
    let (weights, valid_weights) = (weights_of(Part::Train), weights_of(Part::Valid));
    let data = FitData {
        train,
        target: &target,
        weights: weights.as_deref(),
        valid: valid.as_ref().map(|matrix| (matrix, valid_target.as_slice())),
        valid_weights: valid.as_ref().and(valid_weights.as_deref()),
        watch_train: false,
    };
    let seed = plan.seed.derive("fold", index as u64);
    let mut tell = |round| {
        progress(FoldRound {
            fold: number,
            folds: plan.folds,
            round,
        })
    };
    let how = How {
        threads: plan.threads,
        device: plan.device,
        seed,
        stop,
        progress: &mut tell,
        checkpoints: &mut NoCheckpoints,
    };
    let model = plan
        .algorithm
        .fit_on(data, plan.task, how)
        .map_err(|source| CrossError::Fit { fold: number, source })?;
    drop(valid);
    let predicted = rows
        .predict(&model)
        .map_err(|source| CrossError::Encode { fold: number, source })?;
    let test_target = pick(plan.target, Part::Test);
    let expected = test_target.len() * plan.task.width();
    if predicted.len() != expected {
        return Err(CrossError::Predictions {
            fold: number,
            expected,
            got: predicted.len(),
        });
    }
    let measured = report(plan.task, &test_target, &predicted, plan.threshold)
        .and_then(|measured| {
            let baseline = Baseline::fit(plan.task, &target, weights.as_deref())?.report(&test_target)?;
            Ok(FoldReport {
                model: measured,
                baseline,
                rounds: model.rounds(),
            })
        })
        .map_err(|source| CrossError::Metric { fold: number, source })?;
    Ok((measured, predicted))
}

fn check_plan<E: Error + 'static>(plan: &CrossPlan) -> Result<(), CrossError<E>> {
    if plan.folds == 0 {
        return Err(CrossError::NoFolds);
    }
    match plan.weights {
        Some(weights) if weights.len() != plan.target.len() => Err(CrossError::WeightsLength {
            targets: plan.target.len(),
            weights: weights.len(),
        }),
        _ => Ok(()),
    }
}

/// No row is tested twice. That none is tested by a model that has seen it, the type of `parts` says.
fn mark_tested<E: Error + 'static>(
    fold: usize,
    parts: &Parts,
    tested_in: &mut [u16],
) -> Result<(), CrossError<E>> {
    if parts.len() != tested_in.len() {
        return Err(CrossError::OtherRows {
            fold,
            expected: tested_in.len(),
            got: parts.len(),
        });
    }
    for row in parts.rows(Part::Test) {
        // A recipe has a hundred folds at most.
        if std::mem::replace(&mut tested_in[row], fold as u16) != 0 {
            return Err(CrossError::TestedTwice { fold, row });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
