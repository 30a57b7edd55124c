//! A model at rest: XGBoost's JSON, with what usina must know beside it.
//!
//! XGBoost's document has a map of texts called `attributes` that it carries along and never reads; ours is
//! there under `usina`: the task and the features with their levels. XGBoost reads `feature_names` and
//! `feature_types`; they are written for it, never read by us.

use std::collections::HashSet;
use std::sync::Arc;

use hessboost::model::{BoostedModel, ModelFormat};
use serde::{Deserialize, Serialize};

use super::BoosterError;
use super::document::{Document, Head};
use crate::engine::matrix::{Feature, FeatureKind};
use crate::engine::model::StoredModelError;
use crate::engine::task::Task;

/// Where usina's part stands among the attributes.
const ATTRIBUTE: &str = "usina";

/// What usina writes beside the trees.
#[derive(Debug, Serialize, Deserialize)]
struct Beside {
    version: u32,
    task: Task,
    features: Vec<Feature>,
}

impl Beside {
    const VERSION: u32 = 1;
}

/// Of a later version nothing but its number can be counted on.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

/// What was read.
pub(super) struct Stored {
    pub(super) booster: BoostedModel,
    pub(super) base_score: Arc<str>,
    pub(super) task: Task,
    pub(super) features: Arc<[Feature]>,
}

/// The JSON of a model. `base_score`: the starting prediction as it was read; `None`: as the library writes it.
pub(super) fn write(
    booster: &BoostedModel,
    base_score: Option<&str>,
    task: &Task,
    features: &[Feature],
) -> Result<Vec<u8>, StoredModelError> {
    let plain = booster.encode(ModelFormat::XgboostJson).map_err(BoosterError)?;
    let mut document: Document = serde_json::from_slice(&plain)?;
    let learner = &mut document.learner;
    for (index, tree) in learner.gradient_booster.model.trees.iter_mut().enumerate() {
        *tree = tree.by_level().ok_or(StoredModelError::Tree(index))?;
    }
    if let Some(kept) = base_score {
        kept.clone_into(&mut learner.learner_model_param.base_score);
    }
    let beside = Beside {
        version: Beside::VERSION,
        task: task.clone(),
        features: features.to_vec(),
    };
    learner
        .attributes
        .insert(ATTRIBUTE.to_owned(), serde_json::to_string(&beside)?);
    learner.feature_names = xgboost_names(features);
    learner.feature_types = features
        .iter()
        .map(|feature| xgboost_type(feature.kind).to_owned())
        .collect();
    Ok(serde_json::to_vec(&document)?)
}

/// The model in `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Stored, StoredModelError> {
    let Head { learner } = serde_json::from_slice(bytes)?;
    let attribute = learner
        .attributes
        .get(ATTRIBUTE)
        .ok_or(StoredModelError::Foreign)?;
    let Version { version } = serde_json::from_str(attribute)?;
    if version != Beside::VERSION {
        return Err(StoredModelError::Version(version));
    }
    let Beside { task, features, .. } = serde_json::from_str(attribute)?;
    let booster = BoostedModel::decode(bytes, ModelFormat::XgboostJson).map_err(BoosterError)?;
    let (expected, got) = (objective_name(&task), booster.objective().name());
    if got != expected {
        return Err(StoredModelError::Objective {
            expected,
            got: got.to_owned(),
        });
    }
    let agree = |what, expected, got| {
        if expected == got {
            Ok(())
        } else {
            Err(StoredModelError::Contradicts { what, expected, got })
        }
    };
    agree("its number of features", features.len(), booster.n_features())?;
    agree("its number of outputs", task.width(), booster.prediction_width())?;
    let base_score = learner.learner_model_param.base_score.into();
    Ok(Stored {
        booster,
        base_score,
        task,
        features: features.into(),
    })
}

fn objective_name(task: &Task) -> &'static str {
    match task {
        Task::Binary { .. } => "binary:logistic",
        Task::Multiclass { .. } => "multi:softprob",
        Task::Regression => "reg:squarederror",
        Task::Quantile { .. } => "reg:quantileerror",
    }
}

fn xgboost_type(kind: FeatureKind) -> &'static str {
    match kind {
        FeatureKind::Numeric => "float",
        FeatureKind::Categorical { .. } => "c",
    }
}

/// The names as XGBoost takes them: it refuses `[`, `]`, `<`, and two that are the same.
fn xgboost_names(features: &[Feature]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::with_capacity(features.len());
    features
        .iter()
        .map(|feature| {
            let plain = feature.name.replace(['[', ']', '<'], "_");
            let mut name = plain.clone();
            let mut copy = 1;
            while !taken.insert(name.clone()) {
                copy += 1;
                name = format!("{plain}_{copy}");
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xgboost_gets_names_that_it_takes() {
        let features = ["a", "b[0]", "b_0_", "b<0]"].map(Feature::numeric);
        assert_eq!(xgboost_names(&features), ["a", "b_0_", "b_0__2", "b_0__3"]);
    }
}
