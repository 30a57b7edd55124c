//! Metrics of decisions between two classes.

use serde::{Deserialize, Serialize};

use super::{MetricError, check_binary, ratio};

/// Whether a probability is enough for the positive class: `probability >= threshold`.
pub fn is_positive(probability: f32, threshold: f32) -> bool {
    probability >= threshold
}

/// How often which decision met which truth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Negative rows that were taken for negative.
    #[serde(rename = "tn")]
    pub true_negatives: u64,
    /// Negative rows that were taken for positive.
    #[serde(rename = "fp")]
    pub false_positives: u64,
    /// Positive rows that were taken for negative.
    #[serde(rename = "fn")]
    pub false_negatives: u64,
    /// Positive rows that were taken for positive.
    #[serde(rename = "tp")]
    pub true_positives: u64,
}

impl Confusion {
    /// Counts the decisions at `threshold`.
    ///
    /// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class.
    ///
    /// # Errors
    /// When there are no rows, lengths differ, or a label, probability or the threshold is none.
    pub fn count(labels: &[f32], probabilities: &[f32], threshold: f32) -> Result<Self, MetricError> {
        check_binary(labels, probabilities)?;
        if !(0.0..=1.0).contains(&threshold) {
            return Err(MetricError::Threshold(threshold));
        }
        let mut counts = Self::default();
        for (&label, &probability) in labels.iter().zip(probabilities) {
            *match (label == 1.0, is_positive(probability, threshold)) {
                (false, false) => &mut counts.true_negatives,
                (false, true) => &mut counts.false_positives,
                (true, false) => &mut counts.false_negatives,
                (true, true) => &mut counts.true_positives,
            } += 1;
        }
        Ok(counts)
    }

    /// Share of rows that were decided right: (tp + tn) / rows.
    pub fn accuracy(&self) -> f64 {
        let right = self.true_positives + self.true_negatives;
        ratio(right, right + self.false_positives + self.false_negatives)
    }

    /// Share of positive decisions that were right: tp / (tp + fp); 0 without positive decisions.
    pub fn precision(&self) -> f64 {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of positive rows that were found: tp / (tp + fn); 0 without positive rows.
    pub fn recall(&self) -> f64 {
        ratio(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// Harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn); 0 where both are.
    pub fn f1_score(&self) -> f64 {
        let twice = 2 * self.true_positives;
        ratio(twice, twice + self.false_positives + self.false_negatives)
    }
}
