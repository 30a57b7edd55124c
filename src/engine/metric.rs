//! How good predictions are. Each metric agrees with scikit-learn's of the same name
//! (`tests/fixtures/make_metrics.py` asks it for the numbers that the tests compare with).
//!
//! Labels are written as a model's target is: 0 and 1, the index of a class, or a number. Predictions are
//! what a model gives: probabilities `[rows]` or `[rows x classes]`, or numbers `[rows]`. Sums are in f64.

pub mod calibration;
pub mod classify;
pub mod curve;
pub mod curves;
pub mod forecast;
pub mod known;
pub mod multiclass;
pub mod points;
pub mod probability;
pub mod rank;
pub mod regress;
pub mod report;
pub mod residual;
pub mod sample;
pub(in crate::engine) mod watched;

pub use curves::{ClassCurves, Curves, curves};
pub use rank::{RankError, RankReport, rank_report};
pub use report::{BinaryReport, MulticlassReport, RegressionReport, Report, report};
pub use sample::Sample;

/// Why a metric has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// There is nothing to measure.
    #[error("there are no rows to measure")]
    Empty,
    /// Labels and predictions do not pair up.
    #[error("{labels} labels need {expected} predictions, got {got}")]
    Length {
        /// Labels.
        labels: usize,
        /// Predictions that they need.
        expected: usize,
        /// Predictions given.
        got: usize,
    },
    /// A label that is no class, or not finite.
    #[error("the label of row {row} is {value}; expected {expected}")]
    Label {
        /// The row, from 0.
        row: usize,
        /// Its label.
        value: f32,
        /// What it may be.
        expected: &'static str,
    },
    /// A prediction that is no probability, or not finite.
    #[error("the prediction for row {row} is {value}; expected {expected}")]
    Prediction {
        /// The row, from 0.
        row: usize,
        /// What was predicted.
        value: f32,
        /// What it may be.
        expected: &'static str,
    },
    /// A threshold that is no probability.
    #[error("the threshold is {0}; expected a probability, from 0 to 1")]
    Threshold(f32),
    /// A quantile that is none.
    #[error("the quantile is {0}; expected a share, from 0 to 1")]
    Quantile(f64),
    /// The metric compares classes, and one of them is in no label.
    #[error("no row is of class {0}; this metric needs rows of every class")]
    MissingClass(usize),
    /// The metric compares rows with each other.
    #[error("this metric needs at least 2 rows, got {0}")]
    TooFewRows(usize),
}

const PROBABILITY: &str = "a probability, from 0 to 1";
const FINITE: &str = "a finite number";

/// Checks labels of 0 and 1 beside one probability each.
fn check_binary(labels: &[f32], probabilities: &[f32]) -> Result<(), MetricError> {
    check_lengths(labels, probabilities, 1)?;
    for (row, &value) in labels.iter().enumerate() {
        if value != 0.0 && value != 1.0 {
            return Err(MetricError::Label {
                row,
                value,
                expected: "0 or 1",
            });
        }
    }
    check_probabilities(probabilities, 1)
}

/// Checks labels that are indices of classes beside one probability a class.
fn check_multiclass(labels: &[f32], probabilities: &[f32], classes: usize) -> Result<(), MetricError> {
    check_lengths(labels, probabilities, classes)?;
    for (row, &value) in labels.iter().enumerate() {
        if !(value >= 0.0 && value < classes as f32 && value.fract() == 0.0) {
            return Err(MetricError::Label {
                row,
                value,
                expected: "the index of a class",
            });
        }
    }
    check_probabilities(probabilities, classes)
}

/// Checks finite labels beside finite predictions.
fn check_numbers(labels: &[f32], predictions: &[f32]) -> Result<(), MetricError> {
    check_lengths(labels, predictions, 1)?;
    if let Some((row, &value)) = labels.iter().enumerate().find(|(_, label)| !label.is_finite()) {
        return Err(MetricError::Label {
            row,
            value,
            expected: FINITE,
        });
    }
    match predictions
        .iter()
        .enumerate()
        .find(|(_, prediction)| !prediction.is_finite())
    {
        Some((row, &value)) => Err(MetricError::Prediction {
            row,
            value,
            expected: FINITE,
        }),
        None => Ok(()),
    }
}

fn check_lengths(labels: &[f32], predictions: &[f32], width: usize) -> Result<(), MetricError> {
    if labels.is_empty() {
        return Err(MetricError::Empty);
    }
    let expected = labels.len().saturating_mul(width);
    if predictions.len() != expected {
        return Err(MetricError::Length {
            labels: labels.len(),
            expected,
            got: predictions.len(),
        });
    }
    Ok(())
}

fn check_probabilities(probabilities: &[f32], width: usize) -> Result<(), MetricError> {
    match probabilities
        .iter()
        .enumerate()
        .find(|(_, p)| !(0.0..=1.0).contains(*p))
    {
        Some((at, &value)) => Err(MetricError::Prediction {
            row: at / width.max(1),
            value,
            expected: PROBABILITY,
        }),
        None => Ok(()),
    }
}

/// `part` of `whole`; 0 of nothing is 0, as scikit-learn's `zero_division=0`.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests;
