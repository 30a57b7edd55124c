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

/// How one class of several is told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Share of the rows taken for it that are of it.
    pub precision: f64,
    /// Share of its rows that were taken for it.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1_score: f64,
    /// Rows that are of it.
    pub support: u64,
}

/// Rows, rows that were right, and the product of rows and rows that would be right by chance.
struct Agreement {
    rows: f64,
    right: f64,
    by_chance: f64,
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

    /// The counts `[truth][prediction]` as they are; as many columns as rows.
    pub(super) fn of_counts(counts: Vec<Vec<u64>>) -> Self {
        Self(counts)
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

    /// Mean of each class' precision, weighted by how many rows are of it.
    ///
    /// Source: scikit-learn's `precision_score(average="weighted", zero_division=0)`; likewise the next two.
    pub fn weighted_precision(&self) -> f64 {
        self.weighted(|class| class.precision)
    }

    /// Mean of each class' recall, weighted by how many rows are of it: the accuracy, by its other name.
    pub fn weighted_recall(&self) -> f64 {
        self.weighted(|class| class.recall)
    }

    /// Mean of each class' F1 score, weighted by how many rows are of it.
    pub fn weighted_f1_score(&self) -> f64 {
        self.weighted(|class| class.f1_score)
    }

    /// Mean recall of the classes that there are rows of. From 0 to 1; 1 / classes is what one answer for all
    /// gets.
    ///
    /// Source: Brodersen and others 2010; scikit-learn's `balanced_accuracy_score`.
    pub fn balanced_accuracy(&self) -> f64 {
        let classes = self.per_class();
        let there: Vec<f64> = classes
            .iter()
            .filter(|class| class.support > 0)
            .map(|class| class.recall)
            .collect();
        if there.is_empty() {
            0.0
        } else {
            there.iter().sum::<f64>() / there.len() as f64
        }
    }

    /// Matthews correlation of truth and prediction. From some value between −1 and 0, to 1; 0 is chance, and
    /// what has no correlation because truth or prediction is always the same.
    ///
    /// R = (n Σₖ Cₖₖ − Σₖ tₖ pₖ) / √((n² − Σₖ pₖ²)(n² − Σₖ tₖ²)), tₖ the rows of class k, pₖ those taken for it.
    ///
    /// Source: Gorodkin 2004; scikit-learn's `matthews_corrcoef`.
    pub fn mcc(&self) -> f64 {
        let Agreement {
            rows,
            right,
            by_chance,
        } = self.agreement();
        let square = |counts: Vec<u64>| counts.iter().map(|&count| (count as f64).powi(2)).sum::<f64>();
        let spread = (rows * rows - square(self.predicted())) * (rows * rows - square(self.of_class()));
        if spread == 0.0 {
            0.0
        } else {
            (right * rows - by_chance) / spread.sqrt()
        }
    }

    /// Cohen's kappa: how much better than chance truth and prediction agree. From −1 to 1; 0 is chance, and
    /// what cannot be better than it because both are always the same.
    ///
    /// κ = (pₒ − pₑ) / (1 − pₑ), pₒ the share that agrees, pₑ the share that would by chance.
    ///
    /// Source: Cohen 1960; scikit-learn's `cohen_kappa_score`.
    pub fn cohen_kappa(&self) -> f64 {
        let Agreement {
            rows,
            right,
            by_chance,
        } = self.agreement();
        let left = rows * rows - by_chance;
        if left == 0.0 {
            0.0
        } else {
            (rows * right - by_chance) / left
        }
    }

    /// Precision, recall, F1 score and rows of each class, in their order; 0 where there is nothing to share.
    ///
    /// Source: scikit-learn's `precision_recall_fscore_support(zero_division=0)`.
    pub fn per_class(&self) -> Vec<ClassScores> {
        let (predicted, rows) = (self.predicted(), self.of_class());
        let scores = |(class, (&predicted, &rows)): (usize, (&u64, &u64))| {
            let right = self.0[class][class];
            ClassScores {
                precision: ratio(right, predicted),
                recall: ratio(right, rows),
                f1_score: ratio(2 * right, predicted + rows),
                support: rows,
            }
        };
        predicted.iter().zip(&rows).enumerate().map(scores).collect()
    }

    /// How many rows were taken for each class.
    fn predicted(&self) -> Vec<u64> {
        (0..self.0.len())
            .map(|class| self.0.iter().map(|line| line[class]).sum())
            .collect()
    }

    /// How many rows are of each class.
    fn of_class(&self) -> Vec<u64> {
        self.0.iter().map(|line| line.iter().sum()).collect()
    }

    fn agreement(&self) -> Agreement {
        let (predicted, rows) = (self.predicted(), self.of_class());
        Agreement {
            rows: rows.iter().sum::<u64>() as f64,
            right: (0..rows.len()).map(|class| self.0[class][class]).sum::<u64>() as f64,
            by_chance: predicted
                .iter()
                .zip(&rows)
                .map(|(&p, &t)| p as f64 * t as f64)
                .sum(),
        }
    }

    fn weighted(&self, score: impl Fn(&ClassScores) -> f64) -> f64 {
        let classes = self.per_class();
        let rows: u64 = classes.iter().map(|class| class.support).sum();
        let total: f64 = classes
            .iter()
            .map(|class| score(class) * class.support as f64)
            .sum();
        if rows == 0 { 0.0 } else { total / rows as f64 }
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
