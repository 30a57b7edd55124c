//! A net at rest: safetensors, and how it is built as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::NetModel;
use super::input::{numbers, places};
use super::loss::Loss;
use super::mlp::Shape;
use super::params::{Activation, MlpParams, Norm};
use super::weights::Weights;
use crate::engine::columns::Columns;
use crate::engine::matrix::Feature;
use crate::engine::model::{StoredModelError, check_ends};
use crate::engine::task::Task;

/// What the files are called.
pub(in crate::engine) const CONFIG: &str = "config.json";
pub(in crate::engine) const WEIGHTS: &str = "model.safetensors";

const VERSION: u32 = 1;

/// Of a later version nothing but its number can be counted on.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    version: u32,
    task: Task,
    features: Vec<StoredInput>,
    hidden_layer_sizes: Vec<usize>,
    /// Of each category, numbers of its embedding.
    embedding_dims: Vec<usize>,
    activation: Activation,
    norm: Norm,
    /// What the scores of numbers are deviations from, and in which unit.
    target_mean: f64,
    target_scale: f64,
    epochs: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredInput {
    #[serde(flatten)]
    feature: Feature,
    columns: Columns,
}

impl NetModel {
    /// The model as files by name; the same model always gives the same bytes.
    ///
    /// # Errors
    /// When a number is none.
    pub fn encode(&self) -> Result<BTreeMap<String, Vec<u8>>, StoredModelError> {
        let features = self.features.iter().zip(self.columns.iter());
        let features = features.map(|(feature, columns)| StoredInput {
            feature: feature.clone(),
            columns: columns.clone(),
        });
        let config = Config {
            version: VERSION,
            task: self.task.clone(),
            features: features.collect(),
            hidden_layer_sizes: self.shape.hidden.clone(),
            embedding_dims: self
                .shape
                .embeddings
                .iter()
                .map(|(_, numbers)| *numbers)
                .collect(),
            activation: self.shape.activation,
            norm: self.shape.norm,
            target_mean: self.loss.mean,
            target_scale: self.loss.scale,
            epochs: self.rounds,
        };
        Ok(BTreeMap::from([
            (CONFIG.to_owned(), serde_json::to_vec(&config)?),
            (WEIGHTS.to_owned(), self.weights.to_bytes()?),
        ]))
    }

    /// The model in the files that [`NetModel::encode`] wrote.
    ///
    /// # Errors
    /// When they are damaged or were not written by usina.
    pub fn decode(config: &[u8], weights: &[u8]) -> Result<Self, StoredModelError> {
        let Version { version } = serde_json::from_slice(config)?;
        if version != VERSION {
            return Err(StoredModelError::Version(version));
        }
        let config: Config = serde_json::from_slice(config)?;
        check_ends(&config.task, config.features.len())?;
        if !(config.target_scale > 0.0 && config.target_scale.is_finite() && config.target_mean.is_finite()) {
            return Err(StoredModelError::Weights("its target has no scale".to_owned()));
        }
        for input in &config.features {
            input.columns.check(&input.feature)?;
        }
        let (features, columns): (Vec<_>, Vec<_>) = config
            .features
            .into_iter()
            .map(|input| (input.feature, input.columns))
            .unzip();
        let places = places(&columns);
        let agree = |what, expected, got| {
            if expected == got {
                Ok(())
            } else {
                Err(StoredModelError::Contradicts { what, expected, got })
            }
        };
        agree(
            "its number of embeddings",
            places.len(),
            config.embedding_dims.len(),
        )?;
        let layers = &config.hidden_layer_sizes;
        let are = |sizes: &[usize], most| sizes.iter().all(|size| (1..=most).contains(size));
        if layers.len() > MlpParams::MAX_LAYERS
            || !are(layers, MlpParams::MAX_WIDTH)
            || !are(&config.embedding_dims, MlpParams::MAX_EMBEDDING)
        {
            return Err(StoredModelError::Weights("no net has such layers".to_owned()));
        }
        let shape = Shape {
            numbers: numbers(&columns),
            embeddings: places.into_iter().zip(config.embedding_dims).collect(),
            hidden: config.hidden_layer_sizes,
            outputs: config.task.width(),
            activation: config.activation,
            norm: config.norm,
        };
        let loss = Loss::of(&config.task, config.target_mean, config.target_scale);
        let built = (shape, Weights::from_bytes(weights)?);
        Self::new(&config.task, features.into(), columns, built, loss, config.epochs)
    }
}
