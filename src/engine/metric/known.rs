//! Which metrics there are of each task, and which way each is better.

use crate::engine::task::Task;

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The more the better.
    Higher,
    /// The less the better.
    Lower,
}

const BINARY: [&str; 13] = [
    "accuracy",
    "precision",
    "recall",
    "f1_score",
    "roc_auc",
    "pr_auc",
    "log_loss",
    "brier",
    "specificity",
    "balanced_accuracy",
    "mcc",
    "cohen_kappa",
    "ece",
];

const MULTICLASS: [&str; 13] = [
    "accuracy",
    "precision",
    "recall",
    "f1_score",
    "roc_auc",
    "log_loss",
    "balanced_accuracy",
    "mcc",
    "cohen_kappa",
    "precision_weighted",
    "recall_weighted",
    "f1_weighted",
    "ece",
];

const NUMBER: [&str; 7] = [
    "rmse",
    "mae",
    "r2",
    "median_absolute_error",
    "max_error",
    "mape",
    "smape",
];

const QUANTILE: [&str; 8] = [
    "pinball",
    "rmse",
    "mae",
    "r2",
    "median_absolute_error",
    "max_error",
    "mape",
    "smape",
];

/// The metrics that a task may have, as a report names them.
pub fn names_of(task: &Task) -> &'static [&'static str] {
    match task {
        Task::Binary { .. } => &BINARY,
        Task::Multiclass { .. } => &MULTICLASS,
        Task::Regression => &NUMBER,
        Task::Quantile { .. } => &QUANTILE,
    }
}

/// The metric to look at first: how well two classes are told apart, how often one of several is right, how far a
/// number is off, by the loss whose least is at the quantile where one is predicted.
pub fn headline_of(task: &Task) -> &'static str {
    match task {
        Task::Binary { .. } => "roc_auc",
        Task::Multiclass { .. } => "accuracy",
        Task::Regression => "rmse",
        Task::Quantile { .. } => "pinball",
    }
}

/// Which way the metric called `name` is better; none where no such metric is known.
pub fn better(name: &str) -> Option<Better> {
    match name {
        "accuracy" | "precision" | "recall" | "f1_score" | "roc_auc" | "pr_auc" | "specificity"
        | "balanced_accuracy" | "mcc" | "cohen_kappa" | "precision_weighted" | "recall_weighted"
        | "f1_weighted" | "r2" | "coverage" | "ndcg" | "map" | "hit_rate" | "precision_at_k"
        | "recall_at_k" | "catalogue_coverage" => Some(Better::Higher),
        "log_loss"
        | "brier"
        | "ece"
        | "expected_cost"
        | "pinball"
        | "rmse"
        | "mae"
        | "median_absolute_error"
        | "max_error"
        | "mape"
        | "smape"
        | "mase"
        | "interval_width" => Some(Better::Lower),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::metric::report;
    use crate::engine::task::Quantile;

    #[test]
    fn the_names_are_those_that_reports_use_and_each_has_a_direction() {
        let classes = |n: usize| (0..n).map(|class| class.to_string()).collect::<Vec<_>>();
        let tasks = [
            Task::Binary {
                classes: ["no".into(), "yes".into()],
            },
            Task::Multiclass { classes: classes(3) },
            Task::Regression,
            Task::Quantile {
                quantile: Quantile::new(0.9).unwrap(),
            },
        ];
        let labels = [1.0, 2.0, 0.0];
        let predictions: [&[f32]; 4] = [
            &[0.9, 0.2, 0.1],
            &[0.1, 0.8, 0.1, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1],
            &[1.5, 2.0, 1.0],
            &[1.5, 2.0, 1.0],
        ];
        let numbers: &[f32] = &[1.0, 2.0, 1.0];
        let labels: [&[f32]; 4] = [&[1.0, 1.0, 0.0], &labels, numbers, numbers];
        for ((task, labels), predictions) in tasks.iter().zip(labels).zip(predictions) {
            let report = report(task, labels, predictions, 0.5).unwrap();
            let mut told: Vec<_> = report.as_pairs().into_iter().map(|(name, _)| name).collect();
            let mut known = names_of(task).to_vec();
            told.sort_unstable();
            known.sort_unstable();
            assert_eq!(told, known);
            assert!(known.iter().all(|name| better(name).is_some()));
            assert!(known.contains(&headline_of(task)));
        }
        assert_eq!(better("speed"), None);
    }
}
