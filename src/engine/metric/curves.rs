//! All curves of a task at once.

use serde::{Deserialize, Serialize};

use super::calibration::{BINS, CalibrationBin, Cut, calibration_curve};
use super::points::{POINTS, PrecisionRecallPoint, RocPoint, precision_recall_curve, roc_curve};
use super::residual::{PredictionBin, by_prediction};
use super::{MetricError, check_multiclass};
use crate::engine::task::Task;

/// Classes whose curves are kept: those with the most rows.
const CLASSES: usize = 20;

/// What is drawn of a model's quality.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curves {
    /// Of two classes the positive one's, of several each one's against the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassCurves>,
    /// Of a number: the residuals by decile of the prediction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deciles: Vec<PredictionBin>,
    /// Of a number: predicted beside actual, in finer groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub predicted: Vec<PredictionBin>,
}

/// The curves of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassCurves {
    /// The class.
    pub class: String,
    /// Rows that are of it.
    pub positives: u64,
    /// All rows.
    pub rows: u64,
    /// ROC and gain.
    pub roc: Vec<RocPoint>,
    /// Precision and recall.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// Calibration in bins of equal width.
    pub calibration_uniform: Vec<CalibrationBin>,
    /// Calibration in bins of about equally many rows.
    pub calibration_quantile: Vec<CalibrationBin>,
}

/// The curves of predictions; a class that no row, or every row, is of has none.
///
/// `labels`: `[rows]`; `predictions`: `[rows x width]`, as a model gives them.
///
/// # Errors
/// What is wrong with the input.
pub fn curves(task: &Task, labels: &[f32], predictions: &[f32]) -> Result<Curves, MetricError> {
    match task {
        Task::Binary {
            classes: [_, positive],
        } => Ok(Curves {
            classes: of_class(positive, labels, predictions)?.into_iter().collect(),
            ..Curves::default()
        }),
        Task::Multiclass { classes } => {
            check_multiclass(labels, predictions, classes.len())?;
            let against_rest = |class: usize| {
                let is_class: Vec<f32> = labels
                    .iter()
                    .map(|&label| f32::from(u8::from(label as usize == class)))
                    .collect();
                let of: Vec<f32> = predictions
                    .iter()
                    .skip(class)
                    .step_by(classes.len())
                    .copied()
                    .collect();
                of_class(&classes[class], &is_class, &of)
            };
            let mut found = Vec::new();
            for class in (0..classes.len()).filter(|&class| is_common(labels, classes.len(), class)) {
                found.extend(against_rest(class)?);
            }
            Ok(Curves {
                classes: found,
                ..Curves::default()
            })
        }
        Task::Regression | Task::Quantile { .. } => Ok(Curves {
            deciles: by_prediction(labels, predictions, 10)?,
            predicted: by_prediction(labels, predictions, 20)?,
            ..Curves::default()
        }),
    }
}

/// Whether fewer than [`CLASSES`] classes have more rows.
fn is_common(labels: &[f32], classes: usize, class: usize) -> bool {
    let mut rows = vec![0_u64; classes];
    for &label in labels {
        rows[label as usize] += 1;
    }
    let before = |other: usize| rows[other] > rows[class] || rows[other] == rows[class] && other < class;
    (0..classes).filter(|&other| before(other)).count() < CLASSES
}

fn of_class(class: &str, labels: &[f32], probabilities: &[f32]) -> Result<Option<ClassCurves>, MetricError> {
    let roc = match roc_curve(labels, probabilities, POINTS) {
        Ok(roc) => roc,
        Err(MetricError::MissingClass(_)) => return Ok(None),
        Err(other) => return Err(other),
    };
    Ok(Some(ClassCurves {
        class: class.to_owned(),
        positives: labels.iter().filter(|label| **label == 1.0).count() as u64,
        rows: labels.len() as u64,
        roc,
        precision_recall: precision_recall_curve(labels, probabilities, POINTS)?,
        calibration_uniform: calibration_curve(labels, probabilities, BINS, Cut::Uniform)?,
        calibration_quantile: calibration_curve(labels, probabilities, BINS, Cut::Quantile)?,
    }))
}
