//! Metrics of probabilities themselves: whether they mean what they say.

use super::{MetricError, check_binary};

/// The natural logarithm of a probability that is kept from 0 and 1 by the spacing of f32 at 1, as
/// scikit-learn does for f32: one row that was taken for certain and is not costs 15.9, not infinity.
pub(super) fn clipped_ln(probability: f32) -> f64 {
    let least = f64::from(f32::EPSILON);
    f64::from(probability).clamp(least, 1.0 - least).ln()
}

/// Log-loss (cross-entropy), in nats a row; at least 0, less is better.
///
/// L = −1/n Σ (y ln p + (1 − y) ln(1 − p))
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class, kept from 0 and 1 by 1.2e-7.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Bishop 2006, p. 209; scikit-learn's `log_loss`.
pub fn log_loss(labels: &[f32], probabilities: &[f32]) -> Result<f64, MetricError> {
    check_binary(labels, probabilities)?;
    let total: f64 = labels
        .iter()
        .zip(probabilities)
        .map(|(&label, &p)| -clipped_ln(if label == 1.0 { p } else { 1.0 - p }))
        .sum();
    Ok(total / labels.len() as f64)
}

/// Brier score: the mean squared error of the probability; from 0 to 1, less is better.
///
/// B = 1/n Σ (y − p)²
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Brier 1950; scikit-learn's `brier_score_loss`.
pub fn brier(labels: &[f32], probabilities: &[f32]) -> Result<f64, MetricError> {
    check_binary(labels, probabilities)?;
    let total: f64 = labels
        .iter()
        .zip(probabilities)
        .map(|(&y, &p)| (f64::from(y) - f64::from(p)).powi(2))
        .sum();
    Ok(total / labels.len() as f64)
}
