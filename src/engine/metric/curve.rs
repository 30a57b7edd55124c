//! Metrics of a ranking: over all thresholds at once.

use super::{MetricError, check_binary};

/// Rows of one score: how many are positive, how many negative.
pub(super) struct Step {
    pub(super) score: f32,
    pub(super) positives: u64,
    pub(super) negatives: u64,
}

/// The rows by score, the highest first; rows of equal score are one step.
pub(super) fn steps(labels: &[f32], scores: &[f32]) -> Vec<Step> {
    let mut order: Vec<(f32, bool)> = scores
        .iter()
        .zip(labels)
        .map(|(&score, &label)| (score, label == 1.0))
        .collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    // By `==` and not by bits: 0.0 and -0.0 are one score.
    order
        .chunk_by(|a, b| a.0 == b.0)
        .map(|rows| {
            let positives = rows.iter().filter(|(_, positive)| *positive).count() as u64;
            Step {
                score: rows[0].0,
                positives,
                negatives: rows.len() as u64 - positives,
            }
        })
        .collect()
}

/// Area under the ROC curve: the probability that a positive row scores above a negative one, a tie
/// counting half.
///
/// AUC = Σ over scores s of neg(s) · (pos(above s) + pos(s) / 2) / (P · N)
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class. From 0 to 1; 0.5 is chance.
///
/// # Errors
/// `MissingClass` when all rows are of one class; otherwise what is wrong with the input.
///
/// Source: Mann and Whitney 1947; scikit-learn's `roc_auc_score`.
pub fn roc_auc(labels: &[f32], probabilities: &[f32]) -> Result<f64, MetricError> {
    check_binary(labels, probabilities)?;
    let (mut positives, mut negatives, mut won) = (0_u64, 0_u64, 0.0);
    for step in steps(labels, probabilities) {
        won += step.negatives as f64 * (positives as f64 + step.positives as f64 / 2.0);
        positives += step.positives;
        negatives += step.negatives;
    }
    if positives == 0 || negatives == 0 {
        return Err(MetricError::MissingClass(usize::from(positives == 0)));
    }
    Ok(won / (positives as f64 * negatives as f64))
}

/// Average precision, the area under the precision-recall curve as a sum of steps.
///
/// AP = Σ over scores, the highest first, of (Rₙ − Rₙ₋₁) · Pₙ
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class. From 0 to 1; the share of
/// positives is chance.
///
/// # Errors
/// `MissingClass` without a positive row; otherwise what is wrong with the input.
///
/// Source: scikit-learn's `average_precision_score`. Not the trapezoidal area, which is too kind
/// (Davis and Goadrich 2006).
pub fn average_precision(labels: &[f32], probabilities: &[f32]) -> Result<f64, MetricError> {
    check_binary(labels, probabilities)?;
    let (mut positives, mut rows, mut area) = (0_u64, 0_u64, 0.0);
    for step in steps(labels, probabilities) {
        positives += step.positives;
        rows += step.positives + step.negatives;
        area += step.positives as f64 * (positives as f64 / rows as f64);
    }
    if positives == 0 {
        return Err(MetricError::MissingClass(1));
    }
    Ok(area / positives as f64)
}
