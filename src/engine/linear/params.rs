//! The parameters of linear models, by scikit-learn's names.

use serde::{Deserialize, Serialize};

use crate::engine::class_weight::ClassWeight;
use crate::engine::param::{self, Interval, ParamError, check_counts, check_numbers};
use crate::engine::task::Task;

/// The parameters of linear models. What is minimised is the mean loss of a row (half the squared error, or the
/// log-loss) plus `alpha · (l1_ratio · Σ|w| + (1 − l1_ratio) / 2 · Σw²)` over the coefficients of scaled columns, as in
/// scikit-learn's `ElasticNet` and `SGDClassifier`; its `Ridge` has n times this alpha, its `LogisticRegression` a C of
/// 1 / (n · alpha).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct LinearParams {
    /// How strong the penalty is; 0: none. 0.0001.
    #[serde(deserialize_with = "param::not_negative")]
    pub alpha: f64,
    /// The share of the penalty that is on absolute values and sets coefficients to 0: 0 is ridge, 1 lasso, between
    /// them the elastic net. 0.
    #[serde(deserialize_with = "param::to_one")]
    pub l1_ratio: f64,
    /// Newton steps at most, of each class. 1000.
    pub max_iter: usize,
    /// It ends when a step takes away less than this share of what is minimised. 1e-9.
    #[serde(deserialize_with = "param::not_negative")]
    pub tol: f64,
    /// How much the rows of each class count: `none`, `balanced`, or a table of weights. `none`.
    #[serde(skip_serializing_if = "ClassWeight::is_none")]
    pub class_weight: ClassWeight,
}

impl Default for LinearParams {
    fn default() -> Self {
        Self {
            alpha: 1e-4,
            l1_ratio: 0.0,
            max_iter: 1_000,
            tol: 1e-9,
            class_weight: ClassWeight::None,
        }
    }
}

impl LinearParams {
    const MAX_ITER: usize = 10_000;

    /// Checks every parameter.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        check_numbers(&[
            ("alpha", self.alpha, Interval::NotNegative),
            ("l1_ratio", self.l1_ratio, Interval::ToOne),
            ("tol", self.tol, Interval::NotNegative),
        ])?;
        check_counts(&[("max_iter", self.max_iter, 1, Self::MAX_ITER)])
    }

    /// Checks the parameters beside the task.
    ///
    /// # Errors
    /// Names the first that does not go with it.
    pub fn validate_task(&self, task: &Task) -> Result<(), ParamError> {
        self.class_weight.validate(task)
    }
}
