//! What a bundle holds, as the platform's own types, and how each part is written.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Bundle, BundleError};
use crate::base::{ContentId, Name, RunId, Time};
use crate::data::feature::FittedFeatures;
use crate::data::profile::Profile;
use crate::engine::model::{Model, ModelFormat, StoredModel};
use crate::engine::task::Task;

/// What a version is and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The model it is a version of.
    pub model: Name,
    /// One line for people.
    pub title: String,
    /// What the model is for; Markdown.
    pub description: String,
    /// The program and version that made it.
    pub made_by: String,
    /// When it was made.
    pub created_at: Time,
    /// The training that made it.
    pub run_id: RunId,
    /// What it was trained on.
    pub dataset: DatasetOrigin,
    /// The column that it predicts.
    pub target: String,
    /// What it predicts.
    pub task: Task,
    /// From which probability on a binary model says the positive class.
    pub threshold: f64,
    /// How the part `weights` is written.
    pub weights: ModelFormat,
}

/// Which rows a version was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetOrigin {
    /// The dataset.
    pub name: Name,
    /// Its version: the BLAKE3 of its canonical encoding.
    pub version: ContentId,
    /// Whether usina generated the rows itself.
    pub generated: bool,
}

/// Rows with the answers that the version gave when it was made. A version that answers differently
/// on this machine is never put to work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WarmUp {
    /// The rows and their answers.
    pub probes: Vec<Probe>,
}

/// One row and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The encoded features, `null` where missing.
    pub features: Vec<Option<f32>>,
    /// What the model answered, one value an output.
    pub answer: Vec<f32>,
}

/// A bundle's content as the platform's own types.
#[derive(Debug, Clone)]
pub struct Content {
    /// What the version is and where it comes from.
    pub manifest: Manifest,
    /// How rows become numbers.
    pub features: FittedFeatures,
    /// What turns numbers into answers.
    pub model: Model,
    /// What the training rows looked like, column by column; drift is measured against it.
    pub profile: Profile,
    /// Rows with known answers.
    pub warm_up: WarmUp,
    /// The model card, Markdown.
    pub card: String,
    /// The recipe, every default spelled out; JSON.
    pub recipe: String,
}

impl Content {
    /// Writes every part.
    ///
    /// # Errors
    /// A part cannot be written.
    pub fn to_bundle(&self) -> Result<Bundle, BundleError> {
        let mut parts = BTreeMap::new();
        let mut add = |name: &str, bytes: Vec<u8>| parts.insert(name.to_owned(), bytes);
        add("features.json", to_json("features", &self.features)?);
        add("weights", self.model.encode()?.bytes);
        add("profile.json", to_json("profile", &self.profile)?);
        add("warm-up.json", to_json("warm-up rows", &self.warm_up)?);
        add("card.md", self.card.clone().into_bytes());
        add("recipe.json", self.recipe.clone().into_bytes());
        Ok(Bundle {
            manifest: self.manifest.clone(),
            parts,
        })
    }

    /// Reads every part.
    ///
    /// # Errors
    /// A part is missing or cannot be read.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, BundleError> {
        let manifest = bundle.manifest.clone();
        let stored = StoredModel {
            format: manifest.weights,
            bytes: bundle.part("weights")?.to_vec(),
        };
        Ok(Self {
            features: from_json("features", bundle.part("features.json")?)?,
            model: Model::decode(&stored)?,
            profile: from_json("profile", bundle.part("profile.json")?)?,
            warm_up: from_json("warm-up rows", bundle.part("warm-up.json")?)?,
            card: String::from_utf8_lossy(bundle.part("card.md")?).into_owned(),
            recipe: String::from_utf8_lossy(bundle.part("recipe.json")?).into_owned(),
            manifest,
        })
    }
}

fn to_json<T: Serialize>(part: &'static str, value: &T) -> Result<Vec<u8>, BundleError> {
    serde_json::to_vec(value).map_err(|source| BundleError::Unreadable { part, source })
}

fn from_json<T: DeserializeOwned>(part: &'static str, bytes: &[u8]) -> Result<T, BundleError> {
    serde_json::from_slice(bytes).map_err(|source| BundleError::Unreadable { part, source })
}
