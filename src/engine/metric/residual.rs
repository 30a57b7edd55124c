//! Predicted numbers beside actual ones, in groups of like predictions.

use serde::{Deserialize, Serialize};

use super::calibration::quantile;
use super::{MetricError, check_numbers};

/// Rows whose predictions are alike. A residual is what is left: actual minus predicted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PredictionBin {
    /// How many rows.
    pub rows: u64,
    /// Their mean prediction.
    pub predicted: f64,
    /// Their mean label.
    pub actual: f64,
    /// The tenth and the ninetieth percentile of their labels.
    pub actual_range: [f64; 2],
    /// Their mean residual; above 0 when the predictions are too low.
    pub residual: f64,
    /// The tenth and the ninetieth percentile of their residuals.
    pub residual_range: [f64; 2],
}

/// The rows in the order of their predictions, cut into `bins` groups of equally many, or one less; fewer groups
/// where there are fewer rows.
///
/// `labels`, `predictions`: `[rows]`. Ten groups are the deciles.
///
/// # Errors
/// What is wrong with the input.
pub fn by_prediction(
    labels: &[f32],
    predictions: &[f32],
    bins: usize,
) -> Result<Vec<PredictionBin>, MetricError> {
    check_numbers(labels, predictions)?;
    let mut rows: Vec<(f64, f64)> = labels
        .iter()
        .zip(predictions)
        .map(|(&label, &prediction)| (f64::from(prediction), f64::from(label)))
        .collect();
    // Stable: among equal predictions the order says nothing about the labels.
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bins = bins.clamp(1, rows.len());
    let edge = |bin: usize| bin * rows.len() / bins;
    Ok((0..bins)
        .map(|bin| summary(&rows[edge(bin)..edge(bin + 1)]))
        .collect())
}

fn summary(rows: &[(f64, f64)]) -> PredictionBin {
    let mean = |value: fn(&(f64, f64)) -> f64| rows.iter().map(value).sum::<f64>() / rows.len() as f64;
    let range = |value: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = rows.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        [quantile(&values, 0.1), quantile(&values, 0.9)]
    };
    PredictionBin {
        rows: rows.len() as u64,
        predicted: mean(|row| row.0),
        actual: mean(|row| row.1),
        actual_range: range(|row| row.1),
        residual: mean(|row| row.1 - row.0),
        residual_range: range(|row| row.1 - row.0),
    }
}
