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

fn squared_error(labels: &[f32], predictions: &[f32]) -> f64 {
    pairs(labels, predictions).map(|(y, p)| (y - p).powi(2)).sum()
}

fn pairs<'a>(labels: &'a [f32], predictions: &'a [f32]) -> impl Iterator<Item = (f64, f64)> + 'a {
    labels
        .iter()
        .zip(predictions)
        .map(|(&y, &p)| (f64::from(y), f64::from(p)))
}
