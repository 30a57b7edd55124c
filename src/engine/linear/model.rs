//! A trained linear model.

use std::sync::Arc;

use super::loss::logistic;
use crate::engine::columns::Columns;
use crate::engine::explain::Explanations;
use crate::engine::input::{check_features, check_room, check_row, check_rows};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::metric::watched;
use crate::engine::model::{Importance, PredictError};
use crate::engine::task::Task;

/// A linear model with the task it was trained for and the features it takes.
#[derive(Debug, Clone)]
pub struct LinearModel {
    pub(super) task: Task,
    pub(super) features: Arc<[Feature]>,
    pub(super) terms: Arc<[Term]>,
    /// What each score is where every feature is at its mean: `[scores]`.
    pub(super) base: Arc<[f64]>,
    pub(super) rounds: usize,
}

/// What one feature adds to the scores.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) columns: Columns,
    /// Of each score, one coefficient a column: `[scores][columns]`.
    pub(super) coefficients: Vec<Vec<f64>>,
    /// What it adds at its mean, which is in the base: `[scores]`.
    means: Vec<f64>,
}

impl Term {
    pub(super) fn new(columns: Columns, coefficients: Vec<Vec<f64>>) -> Self {
        let at = columns.means();
        let mean = |of: &Vec<f64>| of.iter().zip(&at).map(|(coefficient, at)| coefficient * at).sum();
        Self {
            means: coefficients.iter().map(mean).collect(),
            columns,
            coefficients,
        }
    }

    /// What `value` adds to a score, beyond what the mean adds.
    #[inline]
    fn adds(&self, value: f32, score: usize) -> f64 {
        match self.columns.of(value) {
            Some((column, value)) => self.coefficients[score][column] * value - self.means[score],
            None => 0.0,
        }
    }

    /// How far the score moves with the feature, over the rows that were learnt from: a standard deviation.
    fn spread(&self, score: usize) -> f64 {
        let coefficients = &self.coefficients[score];
        let mean = self.means[score];
        let of_shares: f64 = match &self.columns {
            Columns::Number { missing, .. } => {
                let missing_adds = coefficients.get(1).copied().unwrap_or(0.0);
                (1.0 - missing) * coefficients[0].powi(2) + missing * missing_adds.powi(2)
            }
            Columns::Levels { shares, missing } => {
                let shares = shares.iter().copied().chain((*missing > 0.0).then_some(*missing));
                shares
                    .zip(coefficients)
                    .map(|(share, adds)| share * adds * adds)
                    .sum()
            }
        };
        (of_shares - mean * mean).max(0.0).sqrt()
    }
}

impl LinearModel {
    /// `coefficients`: of each score, one a column of each feature, and the intercept.
    pub(super) fn new(
        task: &Task,
        features: &Arc<[Feature]>,
        columns: &[Columns],
        coefficients: &[Vec<f64>],
        rounds: usize,
    ) -> Self {
        let mut first = 0;
        let terms: Vec<Term> = columns
            .iter()
            .map(|columns| {
                let of = first..first + columns.width();
                first = of.end;
                let coefficients = coefficients.iter().map(|score| score[of.clone()].to_vec());
                Term::new(columns.clone(), coefficients.collect())
            })
            .collect();
        let base = coefficients.iter().enumerate().map(|(score, coefficients)| {
            coefficients[first] + terms.iter().map(|term| term.means[score]).sum::<f64>()
        });
        Self::of_terms(task.clone(), features.clone(), base.collect(), terms, rounds)
    }

    pub(super) fn of_terms(
        task: Task,
        features: Arc<[Feature]>,
        base: Vec<f64>,
        terms: Vec<Term>,
        rounds: usize,
    ) -> Self {
        Self {
            task,
            features,
            terms: terms.into(),
            base: base.into(),
            rounds,
        }
    }

    /// What the model predicts.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The columns that the model takes.
    pub fn features(&self) -> &Arc<[Feature]> {
        &self.features
    }

    /// Newton steps until it was found.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Predicts all rows: `[rows x width]`.
    ///
    /// # Errors
    /// When the matrix has other features than the model was trained on.
    pub fn predict(&self, matrix: &Matrix) -> Result<Vec<f32>, PredictError> {
        check_features(&self.features, matrix.features())?;
        let mut answers = vec![0.0; matrix.rows() * self.task.width()];
        let rows = matrix.values().chunks_exact(matrix.cols());
        for (row, answer) in rows.zip(answers.chunks_exact_mut(self.task.width())) {
            self.answer(row, answer);
        }
        Ok(answers)
    }

    /// The metric that is watched, on these rows.
    pub(super) fn watched(&self, matrix: &Matrix, target: &[f32], weights: Option<&[f32]>) -> Option<f64> {
        watched::value(&self.task, target, &self.predict(matrix).ok()?, weights)
    }

    /// Predicts one row into `out`, `[width]`, without allocating.
    ///
    /// # Errors
    /// When a length is wrong, or a value is neither missing, finite, nor a code of its category.
    pub fn predict_row(&self, row: &[f32], out: &mut [f32]) -> Result<(), PredictError> {
        check_row(&self.features, row)?;
        check_room(self.task.width(), out)?;
        self.answer(row, out);
        Ok(())
    }

    fn answer(&self, row: &[f32], out: &mut [f32]) {
        for (score, out) in out.iter_mut().enumerate() {
            let adds = self
                .terms
                .iter()
                .zip(row)
                .map(|(term, value)| term.adds(*value, score));
            let value = self.base[score] + adds.sum::<f64>();
            *out = match self.task {
                Task::Binary { .. } => logistic(value),
                // Within what the softmax can take the difference of.
                Task::Multiclass { .. } => value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)),
                Task::Regression | Task::Quantile { .. } => value,
            } as f32;
        }
        if let Task::Multiclass { .. } = self.task {
            softmax(out);
        }
    }

    /// What each feature adds to the scores of `rows`, `[rows x features]`, beyond what it adds at its mean. As SHAP
    /// has it of features that do not depend on each other: exact, and they sum to the score.
    ///
    /// # Errors
    /// When these are no whole rows, or a value is neither missing, finite, nor a code of its category.
    ///
    /// Source: Lundberg and Lee 2017, corollary 1.
    pub fn explain(&self, rows: &[f32]) -> Result<Explanations, PredictError> {
        let (features, scores) = (self.features.len(), self.base.len());
        check_rows(&self.features, rows)?;
        let mut values = Vec::with_capacity(rows.len() / features * scores * (features + 1));
        for row in rows.chunks_exact(features) {
            for score in 0..scores {
                let adds = self
                    .terms
                    .iter()
                    .zip(row)
                    .map(|(term, value)| term.adds(*value, score));
                values.extend(adds.map(|adds| adds as f32));
                values.push(self.base[score] as f32);
            }
        }
        Ok(Explanations::new(values, scores, features))
    }

    /// How much of the movement of the scores each feature makes, in the features' order: the standard deviation of
    /// what it adds over the rows that were learnt from, as a share; of several classes their mean.
    pub fn importance(&self) -> Vec<Importance> {
        let spread = |term: &Term| (0..self.base.len()).map(|score| term.spread(score)).sum::<f64>();
        let spreads: Vec<f64> = self.terms.iter().map(spread).collect();
        let total: f64 = spreads.iter().sum();
        let of = |(feature, spread): (&Feature, &f64)| Importance {
            feature: feature.name.clone(),
            share: if total > 0.0 { spread / total } else { 0.0 },
        };
        self.features.iter().zip(&spreads).map(of).collect()
    }
}

/// Turns scores into probabilities.
fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        total += *score;
    }
    scores.iter_mut().for_each(|score| *score /= total);
}
