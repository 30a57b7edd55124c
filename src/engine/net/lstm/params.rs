//! The parameters of an LSTM forecaster, by the names of Keras and PyTorch.

use serde::{Deserialize, Serialize};

use crate::engine::net::{MlpParams, Schedule};
use crate::engine::param::{self, Interval, ParamError, check_counts, check_numbers};

/// How numbers are brought into the range that a net learns well in, by what they are in the training part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// Their mean is 0 and their standard deviation 1.
    #[default]
    Standard,
    /// The least is 0 and the most 1.
    Minmax,
    /// They stay as they are.
    None,
}

/// The parameters of an LSTM forecaster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct LstmParams {
    /// The width of each LSTM layer; each but the last one passes its whole sequence on. [50, 50].
    pub hidden_layer_sizes: Vec<usize>,
    /// Periods that come out at once. Unset: the whole horizon. Fewer are fed back in as if they had been observed; 1 is
    /// the classic forecaster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_steps: Option<usize>,
    /// How numbers are scaled. `standard`.
    pub scaling: Scaling,
    /// The share of each layer's values that is left out at random while it learns, in [0, 1). 0.
    #[serde(deserialize_with = "param::not_negative")]
    pub dropout: f64,
    /// Times that all windows are gone through, at most. 50.
    pub epochs: usize,
    /// Windows of one step. 32.
    pub batch_size: usize,
    /// The step size of Adam. 0.001.
    #[serde(deserialize_with = "param::positive")]
    pub learning_rate: f64,
    /// How it goes down over the epochs. `cosine`.
    pub learning_rate_schedule: Schedule,
    /// By how much weights are drawn to 0 with each step, as a share of the step size (AdamW). 0.
    #[serde(deserialize_with = "param::not_negative")]
    pub weight_decay: f64,
    /// Stop when the last part of the training periods, which is set apart, has not got better for so many epochs, and
    /// keep the best; 0: learn from all of them, through all epochs. 10.
    pub patience: usize,
}

impl Default for LstmParams {
    fn default() -> Self {
        Self {
            hidden_layer_sizes: vec![50, 50],
            output_steps: None,
            scaling: Scaling::Standard,
            dropout: 0.0,
            epochs: 50,
            batch_size: 32,
            learning_rate: 1e-3,
            learning_rate_schedule: Schedule::Cosine,
            weight_decay: 0.0,
            patience: 10,
        }
    }
}

impl LstmParams {
    pub(in crate::engine::net) const MAX_LAYERS: usize = 8;
    pub(in crate::engine::net) const MAX_WIDTH: usize = 1_024;
    /// Periods that come out at once, at most.
    pub(in crate::engine::net) const MAX_STEPS: usize = 10_000;

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
            ("output_steps", self.output_steps.unwrap_or(1), 1, Self::MAX_STEPS),
            ("epochs", self.epochs, 1, MlpParams::MAX_EPOCHS),
            ("batch_size", self.batch_size, 1, MlpParams::MAX_BATCH),
            ("patience", self.patience, 0, MlpParams::MAX_EPOCHS),
        ])?;
        let layers = self.hidden_layer_sizes.len();
        if layers == 0 || layers > Self::MAX_LAYERS {
            let expected = format!("1 to {} layers", Self::MAX_LAYERS);
            return Err(ParamError::new(SIZES, format!("{layers} layers"), expected));
        }
        let sizes = self.hidden_layer_sizes.iter();
        let sizes: Vec<_> = sizes.map(|&size| (SIZES, size, 1, Self::MAX_WIDTH)).collect();
        check_counts(&sizes)
    }
}
