//! Metrics of predicted numbers.

use super::{MetricError, check_numbers};

/// Root mean squared error, in the target's unit: √(1/n Σ (y − ŷ)²).
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// What is wrong with the input.
pub fn rmse(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    Ok((squared_error(labels, predictions) / labels.len() as f64).sqrt())
}

/// Mean absolute error, in the target's unit: 1/n Σ |y − ŷ|.
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// What is wrong with the input.
pub fn mae(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    let total: f64 = pairs(labels, predictions).map(|(y, p)| (y - p).abs()).sum();
    Ok(total / labels.len() as f64)
}

/// Coefficient of determination: R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)². At most 1; 0 is what the mean gets.
///
/// Where all labels are the same it is 1 if every prediction is right and 0 otherwise, as in scikit-learn.
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// `TooFewRows` for one row; otherwise what is wrong with the input.
///
/// Source: Wright 1921; scikit-learn's `r2_score`.
pub fn r2(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    if labels.len() < 2 {
        return Err(MetricError::TooFewRows(labels.len()));
    }
    let left = squared_error(labels, predictions);
    // The labels and not the spread decide: the mean of equal labels may be off by a rounding.
    if labels.iter().all(|label| *label == labels[0]) {
        return Ok(if left == 0.0 { 1.0 } else { 0.0 });
    }
    let mean = labels.iter().map(|&y| f64::from(y)).sum::<f64>() / labels.len() as f64;
    let spread: f64 = labels.iter().map(|&y| (f64::from(y) - mean).powi(2)).sum();
    Ok(1.0 - left / spread)
}

/// Median absolute error, in the target's unit: the middle of |y − ŷ|, between the two middle ones where their
/// number is even. A few rows that are far off do not move it.
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Hampel 1974; scikit-learn's `median_absolute_error`.
pub fn median_absolute_error(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    let mut errors: Vec<f64> = pairs(labels, predictions).map(|(y, p)| (y - p).abs()).collect();
    errors.sort_unstable_by(f64::total_cmp);
    Ok(f64::midpoint(
        errors[(errors.len() - 1) / 2],
        errors[errors.len() / 2],
    ))
}

/// The largest error, in the target's unit: max |y − ŷ|.
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: scikit-learn's `max_error`.
pub fn max_error(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    Ok(pairs(labels, predictions)
        .map(|(y, p)| (y - p).abs())
        .fold(0.0, f64::max))
}

/// Mean absolute percentage error, as a share and not as a percentage: 1/n Σ |y − ŷ| / max(|y|, ε). At least
/// 0, without an upper bound.
///
/// ε is the spacing of f64 at 1, 2.2e-16: one label of 0 that is not met makes it about 1e15 times the error,
/// which says that there is such a label, and nothing else. See [`smape`].
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: de Myttenaere and others 2016; scikit-learn's `mean_absolute_percentage_error`.
pub fn mape(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    let total: f64 = pairs(labels, predictions)
        .map(|(y, p)| share_of_label(y, p))
        .sum();
    Ok(total / labels.len() as f64)
}

/// Symmetric mean absolute percentage error, as a share: 1/n Σ 2 |y − ŷ| / (|y| + |ŷ|), a row with 0 for both
/// counting 0. From 0 to 2.
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Makridakis 1993, in the form of Chen and Yang 2004.
pub fn smape(labels: &[f32], predictions: &[f32]) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    let total: f64 = pairs(labels, predictions).map(|(y, p)| share_of_both(y, p)).sum();
    Ok(total / labels.len() as f64)
}

/// Pinball loss of predictions of a quantile, in the target's unit: 1/n Σ max(q (y − ŷ), (q − 1)(y − ŷ)). At
/// least 0; at the median it is half the mean absolute error.
///
/// `labels`, `predictions`: `[rows]`; `quantile`: from 0 to 1.
///
/// # Errors
/// `Quantile` when it is none; otherwise what is wrong with the input.
///
/// Source: Koenker and Bassett 1978; scikit-learn's `mean_pinball_loss`.
pub fn pinball(labels: &[f32], predictions: &[f32], quantile: f64) -> Result<f64, MetricError> {
    check_numbers(labels, predictions)?;
    if !(0.0..=1.0).contains(&quantile) {
        return Err(MetricError::Quantile(quantile));
    }
    let total: f64 = pairs(labels, predictions)
        .map(|(y, p)| pinball_of(y, p, quantile))
        .sum();
    Ok(total / labels.len() as f64)
}

pub(super) fn pinball_of(label: f64, prediction: f64, quantile: f64) -> f64 {
    let below = label - prediction;
    (quantile * below).max((quantile - 1.0) * below)
}

pub(super) fn share_of_label(label: f64, prediction: f64) -> f64 {
    (label - prediction).abs() / label.abs().max(f64::EPSILON)
}

pub(super) fn share_of_both(label: f64, prediction: f64) -> f64 {
    let both = label.abs() + prediction.abs();
    if both == 0.0 {
        0.0
    } else {
        2.0 * (label - prediction).abs() / both
    }
}

fn squared_error(labels: &[f32], predictions: &[f32]) -> f64 {
    pairs(labels, predictions).map(|(y, p)| (y - p).powi(2)).sum()
}

fn pairs<'a>(labels: &'a [f32], predictions: &'a [f32]) -> impl Iterator<Item = (f64, f64)> + 'a {
    labels
        .iter()
        .zip(predictions)
        .map(|(&y, &p)| (f64::from(y), f64::from(p)))
}
