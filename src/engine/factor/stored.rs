//! A recommender at rest: its factors, and what users have had, as safetensors; ids and parameters as JSON.

use std::collections::BTreeMap;

use safetensors::tensor::SafeTensors;
use serde::{Deserialize, Serialize};

use super::FactorModel;
use super::fit::Factors;
use super::labels::Labels;
use super::params::FactorParams;
use super::seen::Seen;
use super::tensors::{damaged, rows, to_bytes, view, view_whole, whole};
use crate::engine::model::StoredModelError;

/// What the files are called.
pub const CONFIG: &str = "config.json";
/// What the files are called.
pub const WEIGHTS: &str = "model.safetensors";

const VERSION: u32 = 1;

const USERS: &str = "users";
const ITEMS: &str = "items";
const SEEN_COUNTS: &str = "seen.counts";
const SEEN_ITEMS: &str = "seen.items";

/// Of a later version nothing but its number can be counted on.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    version: u32,
    algorithm: FactorParams,
    users: Vec<String>,
    items: Vec<String>,
    /// After each iteration of the training.
    objectives: Vec<f64>,
}

impl FactorModel {
    /// The model as files by name; the same model always gives the same bytes.
    ///
    /// # Errors
    /// When a number is none.
    pub fn encode(&self) -> Result<BTreeMap<String, Vec<u8>>, StoredModelError> {
        let names = |labels: &Labels| labels.names().map(str::to_owned).collect();
        let config = Config {
            version: VERSION,
            algorithm: self.params.clone(),
            users: names(&self.users),
            items: names(&self.items),
            objectives: self.factors.objectives.clone(),
        };
        let tensors = [
            (USERS, view(&self.factors.users)),
            (ITEMS, view(&self.factors.items)),
            (SEEN_COUNTS, view_whole(self.seen.counts())),
            (SEEN_ITEMS, view_whole(self.seen.items().iter().copied())),
        ];
        Ok(BTreeMap::from([
            (CONFIG.to_owned(), serde_json::to_vec(&config)?),
            (WEIGHTS.to_owned(), to_bytes(&tensors, None)?),
        ]))
    }

    /// The model in the files that [`FactorModel::encode`] wrote.
    ///
    /// # Errors
    /// When they are damaged or were not written by usina.
    pub fn decode(config: &[u8], weights: &[u8]) -> Result<Self, StoredModelError> {
        let Version { version } = serde_json::from_slice(config)?;
        if version != VERSION {
            return Err(StoredModelError::Version(version));
        }
        let config: Config = serde_json::from_slice(config)?;
        let params = config.algorithm.validate();
        params.map_err(|error| StoredModelError::Weights(error.to_string()))?;
        let labels = |what, names: Vec<String>| {
            let twice = || StoredModelError::Weights(format!("one of its {what} is there twice"));
            Labels::new(names).ok_or_else(twice)
        };
        let ids = (labels(USERS, config.users)?, labels(ITEMS, config.items)?);
        let tensors = SafeTensors::deserialize(weights).map_err(damaged)?;
        let seen = Seen::from_parts(&whole(&tensors, SEEN_COUNTS)?, whole(&tensors, SEEN_ITEMS)?);
        let seen = seen.ok_or_else(|| {
            StoredModelError::Weights("what users have had does not hang together".to_owned())
        })?;
        let factors = Factors {
            users: rows(&tensors, USERS)?,
            items: rows(&tensors, ITEMS)?,
            objectives: config.objectives,
        };
        Self::of_seen(config.algorithm, factors, seen, ids)
    }
}
