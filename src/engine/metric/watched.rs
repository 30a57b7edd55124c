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
/// `labels`: `[rows]`; `predictions`: `[rows x width]`, as a model gives them; `weights`: `[rows]`, how much each counts.
pub(in crate::engine) fn value(
    task: &Task,
    labels: &[f32],
    predictions: &[f32],
    weights: Option<&[f32]>,
) -> Option<f64> {
    let Some(weights) = weights else {
        return even(task, labels, predictions);
    };
    let width = task.width();
    let (mut sum, mut total) = (0.0, 0.0);
    for (row, (label, weight)) in labels.iter().zip(weights).enumerate() {
        // A row that does not count may be anything.
        if *weight > 0.0 {
            let row = even_loss(task, *label, &predictions[row * width..(row + 1) * width])?;
            sum += f64::from(*weight) * row;
            total += f64::from(*weight);
        }
    }
    let mean = (total > 0.0).then(|| sum / total)?;
    Some(if *task == Task::Regression {
        mean.sqrt()
    } else {
        mean
    })
}

/// The loss of one row.
fn even_loss(task: &Task, label: f32, prediction: &[f32]) -> Option<f64> {
    let loss = even(task, &[label], prediction)?;
    Some(if *task == Task::Regression {
        loss * loss
    } else {
        loss
    })
}

fn even(task: &Task, labels: &[f32], predictions: &[f32]) -> Option<f64> {
    match task {
        Task::Binary { .. } => probability::log_loss(labels, predictions),
        Task::Multiclass { classes } => multiclass::log_loss(labels, predictions, classes.len()),
        Task::Regression => regress::rmse(labels, predictions),
        Task::Quantile { quantile } => regress::pinball(labels, predictions, quantile.get()),
    }
    .ok()
}
