//! All metrics of a task at once.

use serde::{Deserialize, Serialize};

use super::classify::Confusion;
use super::multiclass::ConfusionMatrix;
use super::{MetricError, calibration, curve, multiclass, probability, regress};
use crate::engine::task::{Quantile, Task};

/// The metrics of a binary classification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BinaryReport {
    /// The probability from which a row was taken for positive.
    pub threshold: f32,
    /// Share of rows that were decided right.
    pub accuracy: f64,
    /// Share of positive decisions that were right.
    pub precision: f64,
    /// Share of positive rows that were found.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1_score: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Average precision.
    pub pr_auc: f64,
    /// Log-loss, in nats a row.
    pub log_loss: f64,
    /// Brier score.
    pub brier: f64,
    /// Share of negative rows that were left alone.
    pub specificity: f64,
    /// Mean of recall and specificity.
    pub balanced_accuracy: f64,
    /// Matthews correlation of truth and decision.
    pub mcc: f64,
    /// Cohen's kappa of truth and decision.
    pub cohen_kappa: f64,
    /// Expected calibration error.
    pub ece: f64,
    /// The decisions behind it.
    pub confusion: Confusion,
}

/// The metrics of a multiclass classification. Precision, recall and F1 are means over the classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MulticlassReport {
    /// Share of rows whose class was right.
    pub accuracy: f64,
    /// Mean precision of the classes.
    pub precision: f64,
    /// Mean recall of the classes.
    pub recall: f64,
    /// Mean F1 score of the classes.
    pub f1_score: f64,
    /// Mean area under the ROC curve of each class against the rest; absent where a class has no row,
    /// which happens to rare classes in a small part and must not hide the other metrics.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub roc_auc: Option<f64>,
    /// Log-loss, in nats a row.
    pub log_loss: f64,
    /// Mean recall of the classes that there are rows of.
    pub balanced_accuracy: f64,
    /// Matthews correlation of truth and prediction.
    pub mcc: f64,
    /// Cohen's kappa of truth and prediction.
    pub cohen_kappa: f64,
    /// Mean precision of the classes, weighted by their rows.
    pub precision_weighted: f64,
    /// Mean recall of the classes, weighted by their rows.
    pub recall_weighted: f64,
    /// Mean F1 score of the classes, weighted by their rows.
    pub f1_weighted: f64,
    /// Expected calibration error of the likeliest class.
    pub ece: f64,
    /// The decisions behind it: `[truth][prediction]`.
    pub confusion: ConfusionMatrix,
}

/// The metrics of predicted numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegressionReport {
    /// Root mean squared error, in the target's unit.
    pub rmse: f64,
    /// Mean absolute error, in the target's unit.
    pub mae: f64,
    /// Coefficient of determination.
    pub r2: f64,
    /// Median absolute error, in the target's unit.
    pub median_absolute_error: f64,
    /// The largest error, in the target's unit.
    pub max_error: f64,
    /// Mean absolute percentage error, as a share; absent where a label is 0, of which nothing is a share.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mape: Option<f64>,
    /// Symmetric mean absolute percentage error, as a share.
    pub smape: f64,
    /// Pinball loss, in the target's unit, where a quantile is predicted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinball: Option<f64>,
}

/// The metrics of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Report {
    /// Of two classes.
    Binary(BinaryReport),
    /// Of several classes.
    Multiclass(MulticlassReport),
    /// Of a number.
    Regression(RegressionReport),
}

/// Measures predictions as the task asks. `threshold`: the probability from which a row of a binary task is
/// taken for positive; the other tasks do not use it.
///
/// `labels`: `[rows]`; `predictions`: `[rows x width]`, as a model gives them.
///
/// # Errors
/// `MissingClass` when the rows of a binary task are all of one class; otherwise what is wrong with the input.
pub fn report(
    task: &Task,
    labels: &[f32],
    predictions: &[f32],
    threshold: f32,
) -> Result<Report, MetricError> {
    match task {
        Task::Binary { .. } => binary_report(labels, predictions, threshold).map(Report::Binary),
        Task::Multiclass { classes } => {
            multiclass_report(labels, predictions, classes.len()).map(Report::Multiclass)
        }
        Task::Regression | Task::Quantile { .. } => {
            regression_report(labels, predictions, task.quantile()).map(Report::Regression)
        }
    }
}

/// Measures probabilities of the positive class.
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`.
///
/// # Errors
/// `MissingClass` when all rows are of one class; otherwise what is wrong with the input.
pub fn binary_report(
    labels: &[f32],
    probabilities: &[f32],
    threshold: f32,
) -> Result<BinaryReport, MetricError> {
    let confusion = Confusion::count(labels, probabilities, threshold)?;
    let means = BinaryMeans {
        roc_auc: curve::roc_auc(labels, probabilities)?,
        pr_auc: curve::average_precision(labels, probabilities)?,
        log_loss: probability::log_loss(labels, probabilities)?,
        brier: probability::brier(labels, probabilities)?,
        ece: calibration::ece(labels, probabilities)?,
    };
    Ok(BinaryReport::new(threshold, confusion, means))
}

/// Measures probabilities of several classes.
///
/// `labels`: `[rows]`, indices of classes; `probabilities`: `[rows x classes]`.
///
/// # Errors
/// What is wrong with the input.
pub fn multiclass_report(
    labels: &[f32],
    probabilities: &[f32],
    classes: usize,
) -> Result<MulticlassReport, MetricError> {
    let confusion = ConfusionMatrix::count(labels, probabilities, classes)?;
    let roc_auc = match multiclass::roc_auc_ovr(labels, probabilities, classes) {
        Ok(area) => Some(area),
        Err(MetricError::MissingClass(_)) => None,
        Err(other) => return Err(other),
    };
    let log_loss = multiclass::log_loss(labels, probabilities, classes)?;
    let ece = calibration::ece_of_likeliest(labels, probabilities, classes)?;
    Ok(MulticlassReport::new(confusion, roc_auc, log_loss, ece))
}

/// Measures predicted numbers, or predictions of a `quantile` of them.
///
/// `labels`, `predictions`: `[rows]`.
///
/// # Errors
/// `TooFewRows` for one row; otherwise what is wrong with the input.
pub fn regression_report(
    labels: &[f32],
    predictions: &[f32],
    quantile: Option<Quantile>,
) -> Result<RegressionReport, MetricError> {
    Ok(RegressionReport {
        rmse: regress::rmse(labels, predictions)?,
        mae: regress::mae(labels, predictions)?,
        r2: regress::r2(labels, predictions)?,
        median_absolute_error: regress::median_absolute_error(labels, predictions)?,
        max_error: regress::max_error(labels, predictions)?,
        mape: if labels.contains(&0.0) {
            None
        } else {
            Some(regress::mape(labels, predictions)?)
        },
        smape: regress::smape(labels, predictions)?,
        pinball: quantile
            .map(|quantile| regress::pinball(labels, predictions, quantile.get()))
            .transpose()?,
    })
}

/// What a binary report takes from the probabilities themselves.
pub(super) struct BinaryMeans {
    pub(super) roc_auc: f64,
    pub(super) pr_auc: f64,
    pub(super) log_loss: f64,
    pub(super) brier: f64,
    pub(super) ece: f64,
}

impl BinaryReport {
    pub(super) fn new(threshold: f32, confusion: Confusion, means: BinaryMeans) -> Self {
        Self {
            threshold,
            accuracy: confusion.accuracy(),
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1_score: confusion.f1_score(),
            roc_auc: means.roc_auc,
            pr_auc: means.pr_auc,
            log_loss: means.log_loss,
            brier: means.brier,
            specificity: confusion.specificity(),
            balanced_accuracy: confusion.balanced_accuracy(),
            mcc: confusion.mcc(),
            cohen_kappa: confusion.cohen_kappa(),
            ece: means.ece,
            confusion,
        }
    }
}

impl MulticlassReport {
    pub(super) fn new(confusion: ConfusionMatrix, roc_auc: Option<f64>, log_loss: f64, ece: f64) -> Self {
        Self {
            accuracy: confusion.accuracy(),
            precision: confusion.macro_precision(),
            recall: confusion.macro_recall(),
            f1_score: confusion.macro_f1_score(),
            roc_auc,
            log_loss,
            balanced_accuracy: confusion.balanced_accuracy(),
            mcc: confusion.mcc(),
            cohen_kappa: confusion.cohen_kappa(),
            precision_weighted: confusion.weighted_precision(),
            recall_weighted: confusion.weighted_recall(),
            f1_weighted: confusion.weighted_f1_score(),
            ece,
            confusion,
        }
    }
}

impl Report {
    /// The metrics by their serde names, for logging; without the confusion matrix.
    pub fn as_pairs(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Binary(report) => vec![
                ("accuracy", report.accuracy),
                ("precision", report.precision),
                ("recall", report.recall),
                ("f1_score", report.f1_score),
                ("roc_auc", report.roc_auc),
                ("pr_auc", report.pr_auc),
                ("log_loss", report.log_loss),
                ("brier", report.brier),
                ("specificity", report.specificity),
                ("balanced_accuracy", report.balanced_accuracy),
                ("mcc", report.mcc),
                ("cohen_kappa", report.cohen_kappa),
                ("ece", report.ece),
            ],
            Self::Multiclass(report) => {
                let mut pairs = vec![
                    ("accuracy", report.accuracy),
                    ("precision", report.precision),
                    ("recall", report.recall),
                    ("f1_score", report.f1_score),
                    ("log_loss", report.log_loss),
                    ("balanced_accuracy", report.balanced_accuracy),
                    ("mcc", report.mcc),
                    ("cohen_kappa", report.cohen_kappa),
                    ("precision_weighted", report.precision_weighted),
                    ("recall_weighted", report.recall_weighted),
                    ("f1_weighted", report.f1_weighted),
                    ("ece", report.ece),
                ];
                pairs.extend(report.roc_auc.map(|area| ("roc_auc", area)));
                pairs
            }
            Self::Regression(report) => {
                let mut pairs = vec![
                    ("rmse", report.rmse),
                    ("mae", report.mae),
                    ("r2", report.r2),
                    ("median_absolute_error", report.median_absolute_error),
                    ("max_error", report.max_error),
                    ("smape", report.smape),
                ];
                pairs.extend(report.mape.map(|share| ("mape", share)));
                pairs.extend(report.pinball.map(|loss| ("pinball", loss)));
                pairs
            }
        }
    }

    /// The metric of this name, where the report has it.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.as_pairs()
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}
