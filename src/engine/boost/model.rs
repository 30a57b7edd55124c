//! A trained ensemble of trees.

use std::sync::Arc;

use hessboost::model::{BoostedModel, ImportanceType, Iterations};

use super::stored::Stored;
use super::{BoosterError, stored};
use crate::engine::fit::FitError;
use crate::engine::input::{check_features, check_room, check_row};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::model::{self, PredictError, StoredModelError};
use crate::engine::task::Task;

/// How much an ensemble leans on one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Importance {
    /// The feature's name.
    pub feature: String,
    /// Its share of the loss that all splits together took away; the shares sum to 1, or all are 0
    /// when the model never splits. XGBoost's `total_gain`, divided by its sum.
    pub gain: f64,
    /// How many splits ask for it. XGBoost's `weight`.
    pub weight: u64,
    /// The mean sum of Hessians that such a split sees (for squared error: rows). XGBoost's `cover`.
    pub cover: f64,
}

impl From<Importance> for model::Importance {
    fn from(of: Importance) -> Self {
        Self {
            feature: of.feature,
            share: of.gain,
        }
    }
}

/// Gradient-boosted trees with the task they were trained for and the features they take.
#[derive(Debug, Clone)]
pub struct BoostModel {
    pub(super) booster: Arc<BoostedModel>,
    /// The starting prediction as it is written in the stored model. The library turns a probability into
    /// a margin and back with a rounding each way; kept as text, a model that is read writes the same bytes.
    base_score: Arc<str>,
    task: Task,
    features: Arc<[Feature]>,
}

impl BoostModel {
    /// The model that was just trained, as it will be read back from its stored form: so what is validated
    /// is, to the bit, what will serve.
    pub(super) fn trained(
        booster: BoostedModel,
        task: Task,
        features: Arc<[Feature]>,
    ) -> Result<Self, FitError> {
        let bytes = stored::write(&booster, None, &task, &features)?;
        Ok(Self::decode(&bytes)?)
    }

    /// What the model predicts.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The columns that the model takes.
    pub fn features(&self) -> &Arc<[Feature]> {
        &self.features
    }

    /// How many rounds of boosting the model holds.
    pub fn rounds(&self) -> usize {
        self.booster.num_boost_rounds()
    }

    /// Predicts all rows: `[rows x width]`.
    ///
    /// # Errors
    /// When the matrix has other features than the model was trained on.
    pub fn predict(&self, matrix: &Matrix) -> Result<Vec<f32>, PredictError> {
        check_features(&self.features, matrix.features())?;
        let predictions = self
            .booster
            .predict_rows(matrix.values(), Iterations::Best)
            .map_err(BoosterError)?;
        Ok(predictions.into_vec())
    }

    /// Predicts one row into `out`, `[width]`, without allocating.
    ///
    /// # Errors
    /// When a length is wrong, or a value is neither missing, finite, nor a code of its category.
    pub fn predict_row(&self, row: &[f32], out: &mut [f32]) -> Result<(), PredictError> {
        check_room(self.task.width(), out)?;
        check_row(&self.features, row)?;
        Ok(self
            .booster
            .predict_row_into(row, Iterations::Best, out)
            .map_err(BoosterError)?)
    }

    /// The model as XGBoost's JSON; XGBoost itself loads it and predicts the same.
    ///
    /// # Errors
    /// When the library cannot write it.
    pub fn encode(&self) -> Result<Vec<u8>, StoredModelError> {
        stored::write(&self.booster, Some(&self.base_score), &self.task, &self.features)
    }

    /// The model in bytes that [`BoostModel::encode`] wrote.
    ///
    /// # Errors
    /// When the bytes are damaged or were not written by usina.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoredModelError> {
        let Stored {
            booster,
            base_score,
            task,
            features,
        } = stored::read(bytes)?;
        let model = Self {
            booster: Arc::new(booster),
            base_score,
            task,
            features,
        };
        model.lay_out_rows()?;
        Ok(model)
    }

    /// The library lays its trees out for single rows when the first one comes; done here, so that no
    /// request pays for it and `predict_row` never allocates.
    fn lay_out_rows(&self) -> Result<(), BoosterError> {
        let row = vec![f32::NAN; self.features.len()];
        let mut out = vec![0.0; self.task.width()];
        Ok(self.booster.predict_row_into(&row, Iterations::Best, &mut out)?)
    }

    /// How much the model leans on each feature, the most important first; ties in column order.
    pub fn importance(&self) -> Vec<Importance> {
        let gains = self.booster.feature_importance(ImportanceType::TotalGain);
        let weights = self.booster.feature_importance(ImportanceType::Weight);
        let covers = self.booster.feature_importance(ImportanceType::Cover);
        let total: f64 = gains.values().sum();
        let mut all: Vec<Importance> = self
            .features
            .iter()
            .enumerate()
            .map(|(column, feature)| Importance {
                feature: feature.name.clone(),
                gain: gains
                    .get(&column)
                    .map_or(0.0, |gain| if total > 0.0 { gain / total } else { 0.0 }),
                weight: weights.get(&column).map_or(0, |&weight| weight as u64),
                cover: covers.get(&column).copied().unwrap_or(0.0),
            })
            .collect();
        all.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        all
    }
}
