//! A trained model: what it predicts, how it is stored, what it leans on.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::boost::{BoostModel, BoosterError};
use super::device::Device;
use super::explain::{Explanations, Method};
use super::linear::LinearModel;
use super::matrix::{Feature, Matrix};
use super::net::{self, NetModel};
use super::task::Task;

/// A trained model. An enum and not a trait object: each variant says its task, its input, its output,
/// and how it is stored.
#[derive(Debug, Clone)]
pub enum Model {
    /// Gradient-boosted trees.
    Boost(BoostModel),
    /// Least squares and logistic regression.
    Linear(LinearModel),
    /// A multi-layer perceptron.
    Net(Arc<NetModel>),
}

/// How a model's bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModelFormat {
    /// XGBoost's JSON model, which XGBoost itself loads.
    #[serde(rename = "xgboost-json")]
    XgboostJson,
    /// Coefficients and what they are of, as JSON.
    #[serde(rename = "linear-json")]
    LinearJson,
    /// Weights as safetensors, and how they are put together as JSON.
    #[serde(rename = "safetensors")]
    Safetensors,
    /// What is forecast as JSON, beside the files of the model that it is forecast by.
    #[serde(rename = "forecaster")]
    Forecaster,
    /// Factors of users and items as safetensors, and who and what they are of as JSON.
    #[serde(rename = "factors")]
    Factors,
}

impl ModelFormat {
    /// The format's name, as serde writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::XgboostJson => "xgboost-json",
            Self::LinearJson => "linear-json",
            Self::Safetensors => "safetensors",
            Self::Forecaster => "forecaster",
            Self::Factors => "factors",
        }
    }
}

/// A model at rest: one file, or several where its weights and how it is built are written apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredModel {
    /// How to read the files.
    pub format: ModelFormat,
    /// The files by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl StoredModel {
    /// The file called `name`.
    ///
    /// # Errors
    /// There is none.
    pub fn file(&self, name: &'static str) -> Result<&[u8], StoredModelError> {
        let file = self.files.get(name).map(Vec::as_slice);
        file.ok_or(StoredModelError::NoFile { name })
    }
}

/// What a model is called that is one file.
const MODEL: &str = "model.json";

/// How much a model leans on one feature, by what it has learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The feature's name.
    pub feature: String,
    /// Its share of what [`Model::importance_is`] says; the shares sum to 1, or all are 0.
    pub share: f64,
}

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// The matrix has another number of columns than the model was trained on.
    #[error("the model takes {expected} features, got {got}")]
    Width {
        /// What the model was trained on.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// A column is not the one the model was trained on.
    #[error("feature {position} is {got:?}, but the model was trained on {expected:?}")]
    Feature {
        /// The column, from 0.
        position: usize,
        /// What the model was trained on.
        expected: Feature,
        /// What was given.
        got: Feature,
    },
    /// A value that is infinite, or no code of its category.
    #[error("feature {feature}: {value} is neither missing, finite, nor a code of its category")]
    Value {
        /// The feature's name.
        feature: String,
        /// The value.
        value: f32,
    },
    /// The place for the prediction has the wrong size.
    #[error("a prediction has {expected} values, but there is room for {got}")]
    Room {
        /// The model's width.
        expected: usize,
        /// The room given.
        got: usize,
    },
    /// The boosting library refused, for a reason that is not checked before.
    #[error(transparent)]
    Booster(#[from] BoosterError),
    /// The net gave nothing back.
    #[error("the net gave no answer: {0}")]
    Net(String),
}

/// Why a model cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoredModelError {
    /// A file of its format is not there.
    #[error("the stored model has no file called {name}")]
    NoFile {
        /// The file.
        name: &'static str,
    },
    /// The bytes are no JSON document of the expected shape.
    #[error("the stored model is damaged: {0}")]
    Json(#[from] serde_json::Error),
    /// The bytes are an XGBoost model without what usina writes beside the trees.
    #[error("the stored model says neither its task nor its features; it was not written by usina")]
    Foreign,
    /// The nodes of a tree do not hang together.
    #[error("tree {0} of the model is no tree")]
    Tree(usize),
    /// The model and what is written beside it contradict each other.
    #[error("the stored model contradicts itself: {what} is {got}, expected {expected}")]
    Contradicts {
        /// What of the model.
        what: &'static str,
        /// What it should be.
        expected: usize,
        /// What it is.
        got: usize,
    },
    /// The model was trained for something else than its task: its numbers would mean something else.
    #[error("the stored model was trained for {got}, but its task needs {expected}")]
    Objective {
        /// XGBoost's name of what the task needs.
        expected: &'static str,
        /// XGBoost's name of what the model was trained for.
        got: String,
    },
    /// Weights that are not those of the net.
    #[error("the stored weights are damaged: {0}")]
    Weights(String),
    /// A model of something else.
    #[error("the stored model ({}) is none of {expected}", .got.as_str())]
    Kind {
        /// What a model was wanted of.
        expected: &'static str,
        /// How it is written.
        got: ModelFormat,
    },
    /// Written by a later version.
    #[error("the stored model has version {0}, which this usina does not know; use a newer one")]
    Version(u32),
    /// The boosting library cannot write or read it.
    #[error(transparent)]
    Booster(#[from] BoosterError),
}

/// Checks that a stored model takes something and answers something.
pub(in crate::engine) fn check_ends(task: &Task, features: usize) -> Result<(), StoredModelError> {
    if features == 0 {
        return Err(StoredModelError::Weights("it takes no features".to_owned()));
    }
    task.validate()
        .map_err(|error| StoredModelError::Weights(error.to_string()))
}

impl Model {
    /// The same model, to predict on `device`; trees and linear models stay on the CPU.
    #[must_use]
    pub fn on(self, device: &Device) -> Self {
        match self {
            Self::Net(model) => Self::Net(Arc::new(model.on(device))),
            other @ (Self::Boost(_) | Self::Linear(_)) => other,
        }
    }

    /// What the model predicts.
    pub fn task(&self) -> &Task {
        match self {
            Self::Boost(model) => model.task(),
            Self::Linear(model) => model.task(),
            Self::Net(model) => model.task(),
        }
    }

    /// The columns that the model takes.
    pub fn features(&self) -> &Arc<[Feature]> {
        match self {
            Self::Boost(model) => model.features(),
            Self::Linear(model) => model.features(),
            Self::Net(model) => model.features(),
        }
    }

    /// Values a prediction has: 1 for binary (the probability of the positive class) and regression,
    /// one probability a class for multiclass.
    pub fn width(&self) -> usize {
        self.task().width()
    }

    /// Predicts all rows: `[rows x width]`, one row after the other.
    ///
    /// # Errors
    /// When the matrix has other features than the model was trained on.
    pub fn predict(&self, matrix: &Matrix) -> Result<Vec<f32>, PredictError> {
        match self {
            Self::Boost(model) => model.predict(matrix),
            Self::Linear(model) => model.predict(matrix),
            Self::Net(model) => model.predict(matrix),
        }
    }

    /// Predicts one row, `[features]`, into `out`, `[width]`. The same as [`Model::predict`]
    /// within [`Model::tolerance`]; of trees and linear models to the bit, and without allocating.
    ///
    /// # Errors
    /// When a length is wrong, or a value is neither missing, finite, nor a code of its category.
    pub fn predict_row(&self, row: &[f32], out: &mut [f32]) -> Result<(), PredictError> {
        match self {
            Self::Boost(model) => model.predict_row(row, out),
            Self::Linear(model) => model.predict_row(row, out),
            Self::Net(model) => model.predict_row(row, out),
        }
    }

    /// What each feature adds to the predictions of `rows`, `[rows x features]`.
    ///
    /// # Errors
    /// When these are no whole rows, or a value is neither missing, finite, nor a code of its category.
    pub fn explain(&self, rows: &[f32]) -> Result<Explanations, PredictError> {
        match self {
            Self::Boost(model) => model.explain(rows),
            Self::Linear(model) => model.explain(rows),
            Self::Net(model) => model.explain(rows),
        }
    }

    /// How [`Model::explain`] finds what it says.
    pub fn explained_by(&self) -> Method {
        match self {
            Self::Boost(_) => Method::TreeShap,
            Self::Linear(_) => Method::Linear,
            Self::Net(_) => Method::Sampled,
        }
    }

    /// How far the same prediction may be off on another machine, as a share of the larger of 1 and its
    /// value. Trees compare and add in one order everywhere: to the bit.
    pub fn tolerance(&self) -> f32 {
        match self {
            Self::Boost(_) => 0.0,
            // Exponentials may differ in their last bits.
            Self::Linear(_) => 1e-6,
            // Sums of products in another order: rows together, rows alone, another processor.
            Self::Net(_) => 1e-4,
        }
    }

    /// How [`Model::encode`] writes it.
    pub fn format(&self) -> ModelFormat {
        match self {
            Self::Boost(_) => ModelFormat::XgboostJson,
            Self::Linear(_) => ModelFormat::LinearJson,
            Self::Net(_) => ModelFormat::Safetensors,
        }
    }

    /// The model at rest; the same model always gives the same bytes.
    ///
    /// # Errors
    /// When the model cannot be expressed in its format.
    pub fn encode(&self) -> Result<StoredModel, StoredModelError> {
        let one = |model| BTreeMap::from([(MODEL.to_owned(), model)]);
        Ok(StoredModel {
            format: self.format(),
            files: match self {
                Self::Boost(model) => one(model.encode()?),
                Self::Linear(model) => one(model.encode()?),
                Self::Net(model) => model.encode()?,
            },
        })
    }

    /// The model that was encoded: it predicts the same bits.
    ///
    /// # Errors
    /// When the bytes are damaged, were not written by usina, or by a later version.
    pub fn decode(stored: &StoredModel) -> Result<Self, StoredModelError> {
        match stored.format {
            ModelFormat::XgboostJson => BoostModel::decode(stored.file(MODEL)?).map(Self::Boost),
            ModelFormat::LinearJson => LinearModel::decode(stored.file(MODEL)?).map(Self::Linear),
            ModelFormat::Safetensors => {
                let model = NetModel::decode(stored.file(net::CONFIG)?, stored.file(net::WEIGHTS)?)?;
                Ok(Self::Net(Arc::new(model)))
            }
            ModelFormat::Forecaster | ModelFormat::Factors => Err(StoredModelError::Kind {
                expected: "rows",
                got: stored.format,
            }),
        }
    }

    /// How many rounds of training the model holds; fewer than were asked for after early stopping.
    pub fn rounds(&self) -> usize {
        match self {
            Self::Boost(model) => model.rounds(),
            Self::Linear(model) => model.rounds(),
            Self::Net(model) => model.rounds(),
        }
    }

    /// What the shares of [`Model::importance`] are shares of.
    pub fn importance_is(&self) -> &'static str {
        match self {
            Self::Boost(_) => "the loss that its splits took away",
            Self::Linear(_) => "the movement of its scores over the rows",
            Self::Net(_) => "nothing that a net can tell by itself",
        }
    }

    /// How much the model leans on each feature, the most important first; ties in column order.
    pub fn importance(&self) -> Vec<Importance> {
        let mut all: Vec<Importance> = match self {
            Self::Boost(model) => model.importance().into_iter().map(Importance::from).collect(),
            Self::Linear(model) => model.importance(),
            Self::Net(_) => Vec::new(),
        };
        all.sort_by(|a, b| b.share.total_cmp(&a.share));
        all
    }
}
