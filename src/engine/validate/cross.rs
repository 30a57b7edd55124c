//! Cross-validation: every row is predicted once by a model that has not seen it.

use std::error::Error;

use super::baseline::Baseline;
use super::summary::{Summary, summarise};
use crate::base::{Seed, Stop};
use crate::engine::algorithm::Algorithm;
use crate::engine::fit::{FitData, FitError, Round};
use crate::engine::matrix::Matrix;
use crate::engine::metric::{MetricError, Report, report};
use crate::engine::model::PredictError;
use crate::engine::task::Task;

/// Which rows of the table a fold trains, watches and tests on; indices from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to watch for early stopping; empty: none. Never the test rows: what chose the round
    /// cannot measure it.
    pub valid: Vec<usize>,
    /// Rows to measure on.
    pub test: Vec<usize>,
}

/// A fold's rows as the model sees them, each part in the order of its indices.
#[derive(Debug, Clone)]
pub struct FoldMatrices {
    /// The rows to learn from.
    pub train: Matrix,
    /// The rows to watch, where the fold has some.
    pub valid: Option<Matrix>,
    /// The rows to measure on.
    pub test: Matrix,
}

/// What is to be cross-validated, and how.
#[derive(Debug, Clone, Copy)]
pub struct CrossPlan<'a> {
    /// The folds.
    pub folds: &'a [Fold],
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

    /// Measures the folds of `plan` again, with another threshold; the models and what they predicted stay.
    ///
    /// # Errors
    /// As [`report`].
    pub fn measure_at(&mut self, plan: &CrossPlan, threshold: f32) -> Result<(), MetricError> {
        let width = plan.task.width();
        for (fold, measured) in plan.folds.iter().zip(&mut self.folds) {
            let labels: Vec<f32> = fold.test.iter().map(|&row| plan.target[row]).collect();
            let of = |&row: &usize| &self.out_of_fold[row * width..(row + 1) * width];
            let predicted: Vec<f32> = fold.test.iter().flat_map(of).copied().collect();
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
    /// A fold asks for a row that is not there.
    #[error("fold {fold} asks for row {row}, but there are {rows}")]
    NoSuchRow {
        /// The fold.
        fold: usize,
        /// The row, from 0.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A fold would measure on a row that its model has seen, or that another fold measures on too.
    #[error("row {row} is tested in fold {fold} and also {elsewhere}")]
    TestedTwice {
        /// The fold.
        fold: usize,
        /// The row, from 0.
        row: usize,
        /// Where else it is.
        elsewhere: &'static str,
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
    /// The matrices of a fold have other rows than the fold.
    #[error("fold {fold} tests on {expected} rows, but its matrix has {got}")]
    TestRows {
        /// The fold.
        fold: usize,
        /// Rows of the fold.
        expected: usize,
        /// Rows of the matrix.
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
    /// A fold could not be predicted.
    #[error("fold {fold}: {source}")]
    Predict {
        /// The fold.
        fold: usize,
        /// Why.
        source: PredictError,
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
/// `encode` gives the matrices of a fold. It is a function, so that features can be fitted on each fold's
/// training rows alone: fitted once on the whole table, they would have seen the test rows.
///
/// # Errors
/// By fold; [`CrossError::Fit`] with [`FitError::Stopped`] within a round of `stop` being asked.
pub fn cross_validate<E: Error + 'static>(
    plan: &CrossPlan,
    mut encode: impl FnMut(&Fold) -> Result<FoldMatrices, E>,
    stop: &Stop,
    progress: &mut (dyn FnMut(FoldRound) + Send),
) -> Result<CrossReport, CrossError<E>> {
    check_folds(plan)?;
    let width = plan.task.width();
    let mut folds = Vec::with_capacity(plan.folds.len());
    let mut out_of_fold = vec![f32::NAN; plan.target.len() * width];
    for (index, fold) in plan.folds.iter().enumerate() {
        let number = index + 1;
        if stop.is_asked() {
            return Err(CrossError::Fit {
                fold: number,
                source: FitError::Stopped,
            });
        }
        let matrices = encode(fold).map_err(|source| CrossError::Encode { fold: number, source })?;
        let (report, predicted) = run_fold(plan, index, fold, &matrices, stop, progress)?;
        for (&row, values) in fold.test.iter().zip(predicted.chunks_exact(width)) {
            out_of_fold[row * width..(row + 1) * width].copy_from_slice(values);
        }
        folds.push(report);
    }
    Ok(CrossReport { folds, out_of_fold })
}

fn run_fold<E: Error + 'static>(
    plan: &CrossPlan,
    index: usize,
    fold: &Fold,
    matrices: &FoldMatrices,
    stop: &Stop,
    progress: &mut (dyn FnMut(FoldRound) + Send),
) -> Result<(FoldReport, Vec<f32>), CrossError<E>> {
    let number = index + 1;
    if matrices.test.rows() != fold.test.len() {
        return Err(CrossError::TestRows {
            fold: number,
            expected: fold.test.len(),
            got: matrices.test.rows(),
        });
    }
    let pick = |values: &[f32], rows: &[usize]| rows.iter().map(|&row| values[row]).collect::<Vec<f32>>();
    let target = pick(plan.target, &fold.train);
    let valid_target = pick(plan.target, &fold.valid);
    let test_target = pick(plan.target, &fold.test);
    let weights = plan.weights.map(|weights| pick(weights, &fold.train));
    let data = FitData {
        train: &matrices.train,
        target: &target,
        weights: weights.as_deref(),
        valid: matrices
            .valid
            .as_ref()
            .map(|matrix| (matrix, valid_target.as_slice())),
        watch_train: false,
    };
    let seed = plan.seed.derive("fold", index as u64);
    let mut tell = |round| {
        progress(FoldRound {
            fold: number,
            folds: plan.folds.len(),
            round,
        })
    };
    let model = plan
        .algorithm
        .fit(&data, plan.task, plan.threads, seed, stop, &mut tell)
        .map_err(|source| CrossError::Fit { fold: number, source })?;
    let predicted = model
        .predict(&matrices.test)
        .map_err(|source| CrossError::Predict { fold: number, source })?;
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

/// Every row is there, and none is tested by a model that has seen it, or twice.
fn check_folds<E: Error + 'static>(plan: &CrossPlan) -> Result<(), CrossError<E>> {
    let rows = plan.target.len();
    if plan.folds.is_empty() {
        return Err(CrossError::NoFolds);
    }
    if let Some(weights) = plan.weights
        && weights.len() != rows
    {
        return Err(CrossError::WeightsLength {
            targets: rows,
            weights: weights.len(),
        });
    }
    let mut tested = vec![false; rows];
    for (index, fold) in plan.folds.iter().enumerate() {
        let number = index + 1;
        let mut seen = vec![false; rows];
        for &row in fold.train.iter().chain(&fold.valid) {
            *seen.get_mut(row).ok_or(CrossError::NoSuchRow {
                fold: number,
                row,
                rows,
            })? = true;
        }
        for &row in &fold.test {
            let before = tested.get_mut(row).ok_or(CrossError::NoSuchRow {
                fold: number,
                row,
                rows,
            })?;
            let elsewhere = match (seen[row], *before) {
                (true, _) => "trained or watched there",
                (false, true) => "tested before",
                (false, false) => {
                    *before = true;
                    continue;
                }
            };
            return Err(CrossError::TestedTwice {
                fold: number,
                row,
                elsewhere,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
