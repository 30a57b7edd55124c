//! The curves of a version, as the API tells them.

use serde::Serialize;
use utoipa::ToSchema;

use super::quality::views;
use crate::platform::bundles::Curves;
use crate::platform::bundles::measured::{
    CalibrationBin, ClassCurves, PrecisionRecallPoint, PredictionBin, RocPoint,
};

/// What is drawn of a version's quality; what does not go with its task is empty.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurvesView {
    /// Of two classes the positive one's, of several each one's against the rest.
    classes: Vec<ClassCurvesView>,
    /// Of a number: the residuals by decile of the prediction.
    deciles: Vec<PredictionBinView>,
    /// Of a number: predicted beside actual, in finer groups.
    predicted: Vec<PredictionBinView>,
}

/// The curves of one class.
#[derive(Debug, Serialize, ToSchema)]
struct ClassCurvesView {
    class: String,
    /// Rows that are of it.
    positives: u64,
    /// All rows.
    rows: u64,
    /// The ROC curve, and the gain curve: `tpr` over `share`.
    roc: Vec<RocView>,
    precision_recall: Vec<PrecisionRecallView>,
    /// In bins of equal width.
    calibration_uniform: Vec<CalibrationView>,
    /// In bins of about equally many rows.
    calibration_quantile: Vec<CalibrationView>,
}

/// What a threshold gives.
#[derive(Debug, Serialize, ToSchema)]
struct RocView {
    /// Null for the point at which no row is taken for positive.
    threshold: Option<f32>,
    /// Share of negative rows that are taken for positive.
    fpr: f64,
    /// Share of positive rows that are: recall, or gain.
    tpr: f64,
    /// Share of all rows that are.
    share: f64,
}

/// What a threshold gives.
#[derive(Debug, Serialize, ToSchema)]
struct PrecisionRecallView {
    /// Null for the point at which no row is taken for positive.
    threshold: Option<f32>,
    precision: f64,
    recall: f64,
}

/// Rows whose probabilities are alike.
#[derive(Debug, Serialize, ToSchema)]
struct CalibrationView {
    /// Their mean probability.
    predicted: f64,
    /// The share of them that came true.
    observed: f64,
    rows: u64,
}

/// Rows whose predictions are alike; a residual is actual minus predicted.
#[derive(Debug, Serialize, ToSchema)]
struct PredictionBinView {
    rows: u64,
    /// Their mean prediction.
    predicted: f64,
    /// Their mean actual number.
    actual: f64,
    /// The 10th and 90th percentile of the actual numbers.
    actual_range: [f64; 2],
    /// Their mean residual.
    residual: f64,
    /// The 10th and 90th percentile of the residuals.
    residual_range: [f64; 2],
}

impl From<Curves> for CurvesView {
    fn from(curves: Curves) -> Self {
        Self {
            classes: views(curves.classes),
            deciles: views(curves.deciles),
            predicted: views(curves.predicted),
        }
    }
}

impl From<ClassCurves> for ClassCurvesView {
    fn from(curves: ClassCurves) -> Self {
        Self {
            class: curves.class,
            positives: curves.positives,
            rows: curves.rows,
            roc: views(curves.roc),
            precision_recall: views(curves.precision_recall),
            calibration_uniform: views(curves.calibration_uniform),
            calibration_quantile: views(curves.calibration_quantile),
        }
    }
}

impl From<RocPoint> for RocView {
    fn from(
        RocPoint {
            threshold,
            fpr,
            tpr,
            share,
        }: RocPoint,
    ) -> Self {
        Self {
            threshold,
            fpr,
            tpr,
            share,
        }
    }
}

impl From<PrecisionRecallPoint> for PrecisionRecallView {
    fn from(point: PrecisionRecallPoint) -> Self {
        Self {
            threshold: point.threshold,
            precision: point.precision,
            recall: point.recall,
        }
    }
}

impl From<CalibrationBin> for CalibrationView {
    fn from(
        CalibrationBin {
            predicted,
            observed,
            rows,
        }: CalibrationBin,
    ) -> Self {
        Self {
            predicted,
            observed,
            rows,
        }
    }
}

impl From<PredictionBin> for PredictionBinView {
    fn from(bin: PredictionBin) -> Self {
        Self {
            rows: bin.rows,
            predicted: bin.predicted,
            actual: bin.actual,
            actual_range: bin.actual_range,
            residual: bin.residual,
            residual_range: bin.residual_range,
        }
    }
}
