//! The metrics that boosting can watch while it learns.

use serde::{Deserialize, Serialize};

use crate::engine::task::Task;

/// The metric that early stopping and progress watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvalMetric {
    /// Binary log-loss.
    LogLoss,
    /// Binary share of wrong classes at the threshold 0.5.
    Error,
    /// Binary area under the ROC curve.
    Auc,
    /// Binary area under the precision-recall curve.
    AucPr,
    /// Multiclass log-loss.
    MLogLoss,
    /// Multiclass share of wrong classes.
    MError,
    /// Root mean squared error.
    Rmse,
    /// Mean absolute error.
    Mae,
    /// Pinball loss of the quantile that is predicted.
    Quantile,
}

impl EvalMetric {
    /// XGBoost's default for a task.
    pub fn default_of(task: &Task) -> Self {
        match task {
            Task::Binary { .. } => Self::LogLoss,
            Task::Multiclass { .. } => Self::MLogLoss,
            Task::Regression => Self::Rmse,
            Task::Quantile { .. } => Self::Quantile,
        }
    }

    /// XGBoost's name of the metric.
    pub fn name(self) -> &'static str {
        match self {
            Self::LogLoss => "logloss",
            Self::Error => "error",
            Self::Auc => "auc",
            Self::AucPr => "aucpr",
            Self::MLogLoss => "mlogloss",
            Self::MError => "merror",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::Quantile => "quantile",
        }
    }

    pub(super) const ALL: [Self; 9] = [
        Self::LogLoss,
        Self::Error,
        Self::Auc,
        Self::AucPr,
        Self::MLogLoss,
        Self::MError,
        Self::Rmse,
        Self::Mae,
        Self::Quantile,
    ];

    pub(super) fn is_for(self, task: &Task) -> bool {
        match self {
            Self::LogLoss | Self::Error | Self::Auc | Self::AucPr => matches!(task, Task::Binary { .. }),
            Self::MLogLoss | Self::MError => matches!(task, Task::Multiclass { .. }),
            Self::Rmse | Self::Mae => task.is_number(),
            Self::Quantile => task.quantile().is_some(),
        }
    }

    /// Whether it is undefined where all rows are of one class.
    pub(in crate::engine::boost) fn needs_both_classes(self) -> bool {
        matches!(self, Self::Auc | Self::AucPr)
    }
}
