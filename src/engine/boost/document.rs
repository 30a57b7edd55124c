//! XGBoost's JSON model, as far as we touch it.
//!
//! Typed, and not a tree of JSON values: f32 are written as short as XGBoost writes them (a third of the bytes),
//! and a field that the library may add one day is an error instead of a silent loss.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tree::Tree;

/// The whole document, as the library writes it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) version: Vec<u32>,
    pub(super) learner: Learner,
}

/// The model without its version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Learner {
    /// Texts that XGBoost carries along and never reads.
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) feature_names: Vec<String>,
    pub(super) feature_types: Vec<String>,
    pub(super) gradient_booster: GradientBooster,
    pub(super) learner_model_param: LearnerParam,
    pub(super) objective: Value,
}

/// Numbers as text, as XGBoost has them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LearnerParam {
    pub(super) base_score: String,
    boost_from_average: String,
    num_class: String,
    num_feature: String,
    num_target: String,
}

/// The trees, and what kind of booster they are.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GradientBooster {
    name: String,
    pub(super) model: Forest,
}

/// The trees.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forest {
    gbtree_model_param: Value,
    iteration_indptr: Vec<u32>,
    tree_info: Vec<u32>,
    pub(super) trees: Vec<Tree>,
}

/// What we read of a stored model beside what the library reads. Other fields are let through: XGBoost writes
/// more of them than the library when it has read our model and saves it.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) learner: HeadLearner,
}

/// Of the learner.
#[derive(Debug, Deserialize)]
pub(super) struct HeadLearner {
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) learner_model_param: HeadParam,
}

/// Of its parameters.
#[derive(Debug, Deserialize)]
pub(super) struct HeadParam {
    pub(super) base_score: String,
}
