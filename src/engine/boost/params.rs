//! The parameters of gradient boosting, by XGBoost's names and with XGBoost's defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::class_weight::ClassWeight;
use crate::engine::matrix::{Feature, FeatureKind};
use crate::engine::param::{self, Interval, ParamError, check_counts, check_numbers};
use crate::engine::task::Task;

mod decay;
mod eval_metric;
pub(super) mod interaction;
mod monotone;

pub use decay::LearningRateDecay;
pub(super) use decay::stretches;
pub use eval_metric::EvalMetric;
pub use monotone::Monotone;

/// How splits are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TreeMethod {
    /// The same as `hist`, as in XGBoost.
    #[default]
    Auto,
    /// Histograms of values binned once.
    Hist,
    /// Histograms of values binned anew for every tree, weighted by the Hessian.
    Approx,
    /// Every value is tried. No categorical features.
    Exact,
}

/// Which node is split next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GrowPolicy {
    /// The one nearest to the root.
    #[default]
    DepthWise,
    /// The one that takes away the most loss.
    LossGuide,
}

/// The parameters of gradient boosting. Names and defaults are XGBoost's; its other spellings are read too.
///
/// Ranges are checked while a recipe is read, and again by [`BoostParams::validate`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct BoostParams {
    /// Rounds of boosting at most: trees, or trees a class for multiclass. 100.
    #[serde(alias = "num_boost_round")]
    pub n_estimators: usize,
    /// How much of each tree counts, in (0, 1]. 0.3.
    #[serde(alias = "eta", deserialize_with = "param::share")]
    pub learning_rate: f64,
    /// How the learning rate falls. None: it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate_decay: Option<LearningRateDecay>,
    /// Depth of a tree at most; 0: no bound. 6.
    pub max_depth: usize,
    /// Leaves of a tree at most; 0: no bound. Needs `grow_policy = "lossguide"`. 0.
    pub max_leaves: usize,
    /// The least sum of Hessians in a child. 1.
    #[serde(deserialize_with = "param::not_negative")]
    pub min_child_weight: f64,
    /// The least loss that a split must take away. 0.
    #[serde(alias = "min_split_loss", deserialize_with = "param::not_negative")]
    pub gamma: f64,
    /// Bound on the absolute value of a leaf before the learning rate; 0: no bound. 0.
    #[serde(deserialize_with = "param::not_negative")]
    pub max_delta_step: f64,
    /// Share of the rows that each tree sees, in (0, 1]. 1.
    #[serde(deserialize_with = "param::share")]
    pub subsample: f64,
    /// Share of the columns that each tree sees, in (0, 1]. 1.
    #[serde(deserialize_with = "param::share")]
    pub colsample_bytree: f64,
    /// Share of a tree's columns that each level sees, in (0, 1]. 1.
    #[serde(deserialize_with = "param::share")]
    pub colsample_bylevel: f64,
    /// Share of a level's columns that each node sees, in (0, 1]. 1.
    #[serde(deserialize_with = "param::share")]
    pub colsample_bynode: f64,
    /// L2 penalty on leaves. 1.
    #[serde(alias = "lambda", deserialize_with = "param::not_negative")]
    pub reg_lambda: f64,
    /// L1 penalty on leaves. 0.
    #[serde(alias = "alpha", deserialize_with = "param::not_negative")]
    pub reg_alpha: f64,
    /// Bins of a feature at most, from 2. 256.
    pub max_bin: usize,
    /// How much a positive row counts beside a negative one; binary alone. 1.
    #[serde(deserialize_with = "param::positive")]
    pub scale_pos_weight: f64,
    /// How splits are searched. `auto`.
    pub tree_method: TreeMethod,
    /// Which node is split next. `depthwise`.
    pub grow_policy: GrowPolicy,
    /// Stop when the watched metric has not improved for so many rounds, and keep the rounds up to the
    /// best one. None: run all rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping_rounds: Option<usize>,
    /// By how much the watched metric must improve to count as better. 0.
    #[serde(deserialize_with = "param::not_negative", skip_serializing_if = "is_zero")]
    pub early_stopping_min_delta: f64,
    /// The metric that is watched. None: `logloss`, `mlogloss`, `rmse` or `quantile`, by the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_metric: Option<EvalMetric>,
    /// Directions by feature name; a feature that is not named is free. Numeric features alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub monotone_constraints: BTreeMap<String, Monotone>,
    /// Groups of features that may meet on the way from a tree's root to a leaf; a feature that no group names meets
    /// none but itself. None: all may meet. A name stands for a feature, or for the column that features were made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interaction_constraints: Vec<Vec<String>>,
    /// How much the rows of each class count: `none`, `balanced`, or a table of weights. `none`.
    #[serde(skip_serializing_if = "ClassWeight::is_none")]
    pub class_weight: ClassWeight,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it may skip by reference"
)]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Default for BoostParams {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            learning_rate: 0.3,
            learning_rate_decay: None,
            max_depth: 6,
            max_leaves: 0,
            min_child_weight: 1.0,
            gamma: 0.0,
            max_delta_step: 0.0,
            subsample: 1.0,
            colsample_bytree: 1.0,
            colsample_bylevel: 1.0,
            colsample_bynode: 1.0,
            reg_lambda: 1.0,
            reg_alpha: 0.0,
            max_bin: 256,
            scale_pos_weight: 1.0,
            tree_method: TreeMethod::Auto,
            grow_policy: GrowPolicy::DepthWise,
            early_stopping_rounds: None,
            early_stopping_min_delta: 0.0,
            eval_metric: None,
            monotone_constraints: BTreeMap::new(),
            interaction_constraints: Vec::new(),
            class_weight: ClassWeight::None,
        }
    }
}

impl BoostParams {
    /// The most rounds; far beyond what is of use, and a bound on what one recipe can ask for.
    pub const MAX_ROUNDS: usize = 100_000;
    /// The deepest tree.
    pub const MAX_DEPTH: usize = 64;
    /// The most leaves.
    pub const MAX_LEAVES: usize = 1 << 20;
    /// The most bins: a bin's number is stored in at most 16 bits.
    pub const MAX_BINS: usize = 1 << 16;

    /// Checks every parameter, alone and beside the others.
    ///
    /// # Errors
    /// Names the first parameter that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        let numbers = [
            ("learning_rate", self.learning_rate, Interval::Share),
            ("min_child_weight", self.min_child_weight, Interval::NotNegative),
            ("gamma", self.gamma, Interval::NotNegative),
            ("max_delta_step", self.max_delta_step, Interval::NotNegative),
            ("subsample", self.subsample, Interval::Share),
            ("colsample_bytree", self.colsample_bytree, Interval::Share),
            ("colsample_bylevel", self.colsample_bylevel, Interval::Share),
            ("colsample_bynode", self.colsample_bynode, Interval::Share),
            ("reg_lambda", self.reg_lambda, Interval::NotNegative),
            ("reg_alpha", self.reg_alpha, Interval::NotNegative),
            ("scale_pos_weight", self.scale_pos_weight, Interval::Positive),
            (
                "early_stopping_min_delta",
                self.early_stopping_min_delta,
                Interval::NotNegative,
            ),
        ];
        check_numbers(&numbers)?;
        let counts = [
            ("n_estimators", self.n_estimators, 1, Self::MAX_ROUNDS),
            ("max_depth", self.max_depth, 0, Self::MAX_DEPTH),
            ("max_leaves", self.max_leaves, 0, Self::MAX_LEAVES),
            ("max_bin", self.max_bin, 2, Self::MAX_BINS),
            (
                "early_stopping_rounds",
                self.early_stopping_rounds.unwrap_or(1),
                1,
                Self::MAX_ROUNDS,
            ),
        ];
        check_counts(&counts)?;
        if let Some(decay) = &self.learning_rate_decay {
            decay.validate(self.n_estimators)?;
        }
        if self.max_leaves > 0 && self.grow_policy == GrowPolicy::DepthWise {
            return Err(ParamError::new(
                "max_leaves",
                self.max_leaves,
                "0, or grow_policy = \"lossguide\"",
            ));
        }
        if self.max_depth == 0 && self.max_leaves == 0 && self.grow_policy == GrowPolicy::LossGuide {
            return Err(ParamError::new("max_depth", 0, "a depth, or max_leaves above 0"));
        }
        if self.max_depth == 0 && self.grow_policy == GrowPolicy::DepthWise {
            return Err(ParamError::new(
                "max_depth",
                0,
                "a depth, or grow_policy = \"lossguide\"",
            ));
        }
        Ok(())
    }

    /// Checks the parameters beside the task and the features.
    ///
    /// # Errors
    /// Names the first parameter that is out of range or does not go with them.
    pub fn validate_for(&self, task: &Task, features: &[Feature]) -> Result<(), ParamError> {
        self.validate()?;
        self.validate_task(task)?;
        self.validate_features(features)
    }

    /// Checks the parameters beside the task alone.
    ///
    /// # Errors
    /// Names the first parameter that does not go with it.
    pub fn validate_task(&self, task: &Task) -> Result<(), ParamError> {
        if let Some(metric) = self.eval_metric
            && !metric.is_for(task)
        {
            let fitting = EvalMetric::ALL.into_iter().filter(|metric| metric.is_for(task));
            let names: Vec<_> = fitting.map(EvalMetric::name).collect();
            let expected = format!("{} for a {} task", names.join(", "), task.name());
            return Err(ParamError::new("eval_metric", metric.name(), expected));
        }
        if self.scale_pos_weight != 1.0 && !matches!(task, Task::Binary { .. }) {
            let expected = format!("1 for a {} task", task.name());
            return Err(ParamError::new(
                "scale_pos_weight",
                self.scale_pos_weight,
                expected,
            ));
        }
        self.class_weight.validate(task)
    }

    /// Checks the parameters beside the features alone.
    ///
    /// # Errors
    /// Names the first parameter that does not go with them.
    pub fn validate_features(&self, features: &[Feature]) -> Result<(), ParamError> {
        let category = features
            .iter()
            .find(|feature| matches!(feature.kind, FeatureKind::Categorical { .. }));
        if let (TreeMethod::Exact, Some(feature)) = (self.tree_method, category) {
            let expected = format!("hist or approx, because {} is a category", feature.name);
            return Err(ParamError::new("tree_method", "exact", expected));
        }
        for name in self.monotone_constraints.keys() {
            match features.iter().find(|feature| feature.name == *name) {
                None => {
                    let expected = format!("the name of a feature: {}", names(features));
                    return Err(ParamError::new("monotone_constraints", name, expected));
                }
                Some(Feature {
                    kind: FeatureKind::Categorical { .. },
                    ..
                }) => {
                    return Err(ParamError::new("monotone_constraints", name, "a numeric feature"));
                }
                Some(_) => {}
            }
        }
        interaction::positions(&self.interaction_constraints, features).map(|_| ())
    }

    /// The metric that is watched.
    pub fn metric(&self, task: &Task) -> EvalMetric {
        self.eval_metric.unwrap_or_else(|| EvalMetric::default_of(task))
    }
}

/// The features' names for a message, the first few.
fn names(features: &[Feature]) -> String {
    const SHOWN: usize = 20;
    let mut names: Vec<_> = features
        .iter()
        .map(|feature| feature.name.as_str())
        .take(SHOWN)
        .collect();
    if features.len() > SHOWN {
        names.push("…");
    }
    names.join(", ")
}

#[cfg(test)]
mod tests;
