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

    /// F-beta score, recall counting `beta` times as much as precision:
    /// (1 + β²) tp / ((1 + β²) tp + β² fn + fp); 0 where there is neither. From 0 to 1.
    ///
    /// Source: van Rijsbergen 1979; scikit-learn's `fbeta_score`.
    pub fn f_beta(&self, beta: f64) -> f64 {
        let hits = (1.0 + beta * beta) * self.true_positives as f64;
        let misses = beta * beta * self.false_negatives as f64 + self.false_positives as f64;
        if hits == 0.0 { 0.0 } else { hits / (hits + misses) }
    }

    /// Share of negative rows that were left alone: tn / (tn + fp); 0 without negative rows. From 0 to 1.
    ///
    /// Source: Yerushalmy 1947; scikit-learn's `recall_score(pos_label=0)`.
    pub fn specificity(&self) -> f64 {
        ratio(self.true_negatives, self.true_negatives + self.false_positives)
    }

    /// Mean of recall and specificity, of those classes that there are rows of. From 0 to 1; 0.5 is what one
    /// answer for all gets, however rare a class is.
    ///
    /// Source: Brodersen and others 2010; scikit-learn's `balanced_accuracy_score`.
    pub fn balanced_accuracy(&self) -> f64 {
        match (self.positives(), self.negatives()) {
            (0, _) => self.specificity(),
            (_, 0) => self.recall(),
            _ => f64::midpoint(self.recall(), self.specificity()),
        }
    }

    /// Matthews correlation of truth and decision. From −1 to 1; 0 is chance, and what has no correlation
    /// because truth or decision is always the same.
    ///
    /// MCC = (tp tn − fp fn) / √((tp + fp)(tp + fn)(tn + fp)(tn + fn))
    ///
    /// Source: Matthews 1975; scikit-learn's `matthews_corrcoef`.
    pub fn mcc(&self) -> f64 {
        let [tp, tn, fp, r#fn] = self.counts();
        let spread = (tp + fp) * (tp + r#fn) * (tn + fp) * (tn + r#fn);
        if spread == 0.0 {
            0.0
        } else {
            (tp * tn - fp * r#fn) / spread.sqrt()
        }
    }

    /// Cohen's kappa: how much better than chance truth and decision agree. From −1 to 1; 0 is chance, and what
    /// cannot be better than it because both are always the same.
    ///
    /// κ = (pₒ − pₑ) / (1 − pₑ), pₒ the share that agrees, pₑ the share that would by chance.
    ///
    /// Source: Cohen 1960; scikit-learn's `cohen_kappa_score`.
    pub fn cohen_kappa(&self) -> f64 {
        let [tp, tn, fp, r#fn] = self.counts();
        let rows = tp + tn + fp + r#fn;
        let by_chance = (tp + fp) * (tp + r#fn) + (tn + fp) * (tn + r#fn);
        let left = rows * rows - by_chance;
        if left == 0.0 {
            0.0
        } else {
            (rows * (tp + tn) - by_chance) / left
        }
    }

    /// Rows whose truth is positive.
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Rows whose truth is negative.
    pub fn negatives(&self) -> u64 {
        self.true_negatives + self.false_positives
    }

    fn counts(&self) -> [f64; 4] {
        [
            self.true_positives as f64,
            self.true_negatives as f64,
            self.false_positives as f64,
            self.false_negatives as f64,
        ]
    }
}
