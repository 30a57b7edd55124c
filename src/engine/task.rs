//! What is predicted: one of two classes, one of several, a number, or a quantile of a number.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::data::feature::TargetKind;

mod quantile;

pub use quantile::{NoQuantile, Quantile};

/// What a model predicts, and how a target column is written as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// One of two classes. The target is 0 (negative) or 1 (positive); a prediction is the
    /// probability of the positive class.
    Binary {
        /// The class names: negative, positive.
        classes: [String; 2],
    },
    /// One of several classes. The target is the index of the class; a prediction is one
    /// probability a class.
    Multiclass {
        /// The class names, in the order of their indices.
        classes: Vec<String>,
    },
    /// A number, predicted as it is: its mean.
    Regression,
    /// A quantile of a number: below which so large a share of the rows is to lie.
    Quantile {
        /// The share.
        quantile: Quantile,
    },
}

/// What is wrong with a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// Nothing to tell apart.
    #[error("a classification needs at least 2 classes, got {0}")]
    TooFewClasses(usize),
    /// Two classes with one name.
    #[error("class {0} is there twice")]
    DuplicateClass(String),
}

impl Task {
    /// Values a prediction has: 1 for binary and numbers, one a class for multiclass.
    pub fn width(&self) -> usize {
        match self {
            Self::Binary { .. } | Self::Regression | Self::Quantile { .. } => 1,
            Self::Multiclass { classes } => classes.len(),
        }
    }

    /// The classes in the order of their indices; none for numbers.
    pub fn classes(&self) -> &[String] {
        match self {
            Self::Binary { classes } => classes,
            Self::Multiclass { classes } => classes,
            Self::Regression | Self::Quantile { .. } => &[],
        }
    }

    /// The task's name as serde writes it: `binary`, `multiclass`, `regression`, `quantile`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Binary { .. } => "binary",
            Self::Multiclass { .. } => "multiclass",
            Self::Regression => "regression",
            Self::Quantile { .. } => "quantile",
        }
    }

    /// Whether a number is predicted, or a quantile of one, and no class.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Regression | Self::Quantile { .. })
    }

    /// The quantile that is predicted, where one is.
    pub fn quantile(&self) -> Option<Quantile> {
        match self {
            Self::Quantile { quantile } => Some(*quantile),
            _ => None,
        }
    }

    /// Checks that the classes can be told apart.
    ///
    /// # Errors
    /// When there are fewer than two, or two have one name.
    pub fn validate(&self) -> Result<(), TaskError> {
        if self.is_number() {
            return Ok(());
        }
        let classes = self.classes();
        if classes.len() < 2 {
            return Err(TaskError::TooFewClasses(classes.len()));
        }
        let mut seen = HashSet::with_capacity(classes.len());
        match classes.iter().find(|class| !seen.insert(class.as_str())) {
            Some(twice) => Err(TaskError::DuplicateClass(twice.clone())),
            None => Ok(()),
        }
    }
}

/// What features that are encoded by the target need to know of it.
impl From<&Task> for TargetKind {
    fn from(task: &Task) -> Self {
        match task {
            Task::Binary { .. } => Self::Binary,
            Task::Multiclass { classes } => Self::Classes(classes.clone()),
            Task::Regression | Task::Quantile { .. } => Self::Number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_reads_back_from_what_it_writes() {
        for task in [
            Task::Binary {
                classes: ["no".into(), "yes".into()],
            },
            Task::Multiclass {
                classes: vec!["a".into(), "b".into(), "c".into()],
            },
            Task::Regression,
            Task::Quantile {
                quantile: Quantile::new(0.9).unwrap(),
            },
        ] {
            task.validate().unwrap();
            let text = serde_json::to_string(&task).unwrap();
            assert!(text.contains(task.name()), "{text}");
            assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
        }
    }

    #[test]
    fn classes_that_cannot_be_told_apart_are_refused() {
        let binary = Task::Binary {
            classes: ["yes".into(), "yes".into()],
        };
        assert_eq!(
            binary.validate().unwrap_err(),
            TaskError::DuplicateClass("yes".into())
        );
        let one = Task::Multiclass {
            classes: vec!["a".into()],
        };
        assert_eq!(one.validate().unwrap_err(), TaskError::TooFewClasses(1));
    }
}
