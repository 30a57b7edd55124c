//! The parameters of a multi-layer perceptron, by the names of scikit-learn, Keras and PyTorch.

use serde::{Deserialize, Serialize};

use crate::engine::class_weight::ClassWeight;
use crate::engine::param::{self, Interval, ParamError, check_counts, check_numbers};
use crate::engine::task::Task;

/// What bends between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// max(0, x).
    #[default]
    Relu,
    /// x times the standard normal distribution's share below x.
    Gelu,
    /// The hyperbolic tangent.
    Tanh,
}

/// What keeps the values between layers in range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// Nothing.
    #[default]
    None,
    /// Mean and variance of a batch; of all batches, moving, when it predicts.
    Batch,
    /// Mean and variance of a row.
    Layer,
}

/// How the learning rate goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// Half a cosine from the whole rate to nothing.
    #[default]
    Cosine,
    /// A straight line from the whole rate to nothing.
    Linear,
}

impl Schedule {
    /// The share of the rate that is left when `done` of the training, from 0 to 1, is done.
    pub(super) fn share(self, done: f64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Cosine => (1.0 + (std::f64::consts::PI * done).cos()) / 2.0,
            Self::Linear => 1.0 - done,
        }
    }
}

/// The parameters of a multi-layer perceptron.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct MlpParams {
    /// The width of each hidden layer. [128, 64].
    pub hidden_layer_sizes: Vec<usize>,
    /// What bends between layers. `relu`.
    pub activation: Activation,
    /// What keeps the values between layers in range. `none`.
    pub norm: Norm,
    /// The share of a hidden layer that is left out at random while it learns, in [0, 1). 0.
    #[serde(deserialize_with = "param::not_negative")]
    pub dropout: f64,
    /// Numbers that stand for a level of a category; unset: half its levels, from 1 to 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_dim: Option<usize>,
    /// Times that all rows are gone through, at most. 100.
    pub epochs: usize,
    /// Rows of one step. 256.
    pub batch_size: usize,
    /// The step size of Adam. 0.001.
    #[serde(deserialize_with = "param::positive")]
    pub learning_rate: f64,
    /// How it goes down over the epochs. `cosine`.
    pub learning_rate_schedule: Schedule,
    /// By how much weights are drawn to 0 with each step, as a share of the step size (AdamW). 0.0001.
    #[serde(deserialize_with = "param::not_negative")]
    pub weight_decay: f64,
    /// Stop when rows that are set apart have not got better for so many epochs, and keep the best; 0: learn from all
    /// rows, through all epochs. 10.
    pub patience: usize,
    /// How much the rows of each class count: `none`, `balanced`, or a table of weights. `none`.
    #[serde(skip_serializing_if = "ClassWeight::is_none")]
    pub class_weight: ClassWeight,
}

impl Default for MlpParams {
    fn default() -> Self {
        Self {
            hidden_layer_sizes: vec![128, 64],
            activation: Activation::Relu,
            norm: Norm::None,
            dropout: 0.0,
            embedding_dim: None,
            epochs: 100,
            batch_size: 256,
            learning_rate: 1e-3,
            learning_rate_schedule: Schedule::Cosine,
            weight_decay: 1e-4,
            patience: 10,
            class_weight: ClassWeight::None,
        }
    }
}

impl MlpParams {
    pub(super) const MAX_LAYERS: usize = 20;
    pub(super) const MAX_WIDTH: usize = 4_096;
    pub(super) const MAX_EMBEDDING: usize = 512;
    pub(super) const MAX_EPOCHS: usize = 100_000;
    pub(super) const MAX_BATCH: usize = 1 << 16;

    /// Checks every parameter.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        const SIZES: &str = "hidden_layer_sizes";
        check_numbers(&[
            ("dropout", self.dropout, Interval::NotNegative),
            ("learning_rate", self.learning_rate, Interval::Positive),
            ("weight_decay", self.weight_decay, Interval::NotNegative),
        ])?;
        if self.dropout >= 1.0 {
            let expected = "a share of at least 0 and below 1";
            return Err(ParamError::new("dropout", self.dropout, expected));
        }
        check_counts(&[
            ("epochs", self.epochs, 1, Self::MAX_EPOCHS),
            ("batch_size", self.batch_size, 2, Self::MAX_BATCH),
            ("patience", self.patience, 0, Self::MAX_EPOCHS),
            (
                "embedding_dim",
                self.embedding_dim.unwrap_or(1),
                1,
                Self::MAX_EMBEDDING,
            ),
        ])?;
        if self.hidden_layer_sizes.len() > Self::MAX_LAYERS {
            let (got, expected) = (self.hidden_layer_sizes.len(), Self::MAX_LAYERS);
            let (got, expected) = (format!("{got} layers"), format!("{expected} layers at most"));
            return Err(ParamError::new(SIZES, got, expected));
        }
        let sizes: Vec<_> = self
            .hidden_layer_sizes
            .iter()
            .map(|&size| (SIZES, size, 1, Self::MAX_WIDTH))
            .collect();
        check_counts(&sizes)
    }

    /// Checks the parameters beside the task.
    ///
    /// # Errors
    /// Names the first that does not go with it.
    pub fn validate_task(&self, task: &Task) -> Result<(), ParamError> {
        self.class_weight.validate(task)
    }
}
