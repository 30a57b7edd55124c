//! The metric that is watched while a model learns, by XGBoost's name of it.

use super::{multiclass, probability, regress};
use crate::engine::task::Task;

/// What is watched of a task where nothing else is asked for.
pub(in crate::engine) fn name(task: &Task) -> &'static str {
    match task {
        Task::Binary { .. } => "logloss",
        Task::Multiclass { .. } => "mlogloss",
        Task::Regression => "rmse",
        Task::Quantile { .. } => "quantile",
    }
}

/// Its value: the less the better; none where the rows have none.
///
/// `labels`: `[rows]`; `predictions`: `[rows x width]`, as a model gives them.
pub(in crate::engine) fn value(task: &Task, labels: &[f32], predictions: &[f32]) -> Option<f64> {
    match task {
        Task::Binary { .. } => probability::log_loss(labels, predictions),
        Task::Multiclass { classes } => multiclass::log_loss(labels, predictions, classes.len()),
        Task::Regression => regress::rmse(labels, predictions),
        Task::Quantile { quantile } => regress::pinball(labels, predictions, quantile.get()),
    }
    .ok()
}
