//! Metrics of several classes.

use serde::{Deserialize, Serialize};

use super::probability::clipped_ln;
use super::{MetricError, check_multiclass, curve, ratio};

/// The class of the highest probability, the first one of equals; 0 where there is none.
pub fn most_likely(probabilities: &[f32]) -> usize {
    let mut best = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = class;
        }
    }
    best
}

/// How often which class was taken for which: `[classes][classes]`, rows of one truth in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfusionMatrix(Vec<Vec<u64>>);

impl ConfusionMatrix {
    /// Counts the most likely classes.
    ///
    /// `labels`: `[rows]`, indices of classes; `probabilities`: `[rows x classes]`.
    ///
    /// # Errors
    /// What is wrong with the input.
    pub fn count(labels: &[f32], probabilities: &[f32], classes: usize) -> Result<Self, MetricError> {
        check_multiclass(labels, probabilities, classes)?;
        let mut counts = vec![vec![0; classes]; classes];
        for (&label, row) in labels.iter().zip(probabilities.chunks_exact(classes)) {
            counts[label as usize][most_likely(row)] += 1;
        }
        Ok(Self(counts))
    }

    /// The counts: `[truth][prediction]`.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.0
    }

    /// Share of rows whose class was right.
    pub fn accuracy(&self) -> f64 {
        let right = self.0.iter().enumerate().map(|(class, line)| line[class]).sum();
        ratio(right, self.0.iter().flatten().sum())
    }

    /// Mean over the classes of each one's precision, 0 for a class that was never predicted.
    pub fn macro_precision(&self) -> f64 {
        self.mean_of_classes(|right, predicted, _| ratio(right, predicted))
    }

    /// Mean over the classes of each one's recall, 0 for a class that no row is of.
    pub fn macro_recall(&self) -> f64 {
        self.mean_of_classes(|right, _, rows| ratio(right, rows))
    }

    /// Mean over the classes of each one's F1 score.
    pub fn macro_f1_score(&self) -> f64 {
        self.mean_of_classes(|right, predicted, rows| ratio(2 * right, predicted + rows))
    }

    /// The mean of `score(right, predicted, rows)`, over the classes that are in a label or a prediction, as
    /// scikit-learn averages.
    fn mean_of_classes(&self, score: impl Fn(u64, u64, u64) -> f64) -> f64 {
        let (mut total, mut classes) = (0.0, 0_u64);
        for (class, line) in self.0.iter().enumerate() {
            let predicted: u64 = self.0.iter().map(|line| line[class]).sum();
            let rows: u64 = line.iter().sum();
            if predicted + rows > 0 {
                total += score(line[class], predicted, rows);
                classes += 1;
            }
        }
        if classes == 0 { 0.0 } else { total / classes as f64 }
    }
}

/// Log-loss, in nats a row: L = −1/n Σ ln p(class of the row).
///
/// `labels`: `[rows]`, indices of classes; `probabilities`: `[rows x classes]`, kept from 0 and 1 by 1.2e-7.
///
/// # Errors
/// What is wrong with the input.
///
/// Source: Bishop 2006, p. 209; scikit-learn's `log_loss`.
pub fn log_loss(labels: &[f32], probabilities: &[f32], classes: usize) -> Result<f64, MetricError> {
    check_multiclass(labels, probabilities, classes)?;
    let total: f64 = labels
        .iter()
        .zip(probabilities.chunks_exact(classes))
        .map(|(&label, row)| -clipped_ln(row[label as usize]))
        .sum();
    Ok(total / labels.len() as f64)
}

/// Mean over the classes of the area under the ROC curve of one class against the rest.
///
/// `labels`: `[rows]`, indices of classes; `probabilities`: `[rows x classes]`.
///
/// # Errors
/// `MissingClass` when no row, or every row, is of a class; otherwise what is wrong with the input.
///
/// Source: Provost and Domingos 2000, without their weights; scikit-learn's
/// `roc_auc_score(multi_class="ovr", average="macro")`.
pub fn roc_auc_ovr(labels: &[f32], probabilities: &[f32], classes: usize) -> Result<f64, MetricError> {
    check_multiclass(labels, probabilities, classes)?;
    let mut total = 0.0;
    for class in 0..classes {
        let is_class: Vec<f32> = labels
            .iter()
            .map(|&label| f32::from(u8::from(label as usize == class)))
            .collect();
        let of_class: Vec<f32> = probabilities
            .iter()
            .skip(class)
            .step_by(classes)
            .copied()
            .collect();
        total += curve::roc_auc(&is_class, &of_class).map_err(|error| match error {
            MetricError::MissingClass(_) => MetricError::MissingClass(class),
            other => other,
        })?;
    }
    Ok(total / classes as f64)
}
