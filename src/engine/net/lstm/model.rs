//! A trained LSTM.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::layer::Form;
use super::net::{LstmNet, Shape};
use super::{LstmParams, Sequences};
use crate::engine::device::Device;
use crate::engine::model::{PredictError, StoredModelError};
use crate::engine::net::weights::Weights;

/// Windows that go through the net together, at most.
const AT_ONCE: usize = 1_024;
/// Numbers of one layer's hidden values that are in memory then: with what is beside them, some 100 MB.
const HIDDEN_AT_ONCE: usize = 1 << 22;

/// A trained LSTM: what comes after a window.
#[derive(Debug, Clone)]
pub struct LstmModel {
    shape: Shape,
    weights: Arc<Weights>,
    rounds: usize,
    net: Arc<LstmNet>,
    device: Device,
}

/// How the net is built, beside its weights.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    version: u32,
    #[serde(flatten)]
    shape: Shape,
    epochs: usize,
}

const VERSION: u32 = 1;

impl LstmModel {
    pub(super) fn new(shape: Shape, weights: Weights, rounds: usize) -> Result<Self, StoredModelError> {
        let device = Device::cpu();
        Ok(Self {
            net: Arc::new(LstmNet::new(&shape, &weights, &device.burn())?),
            shape,
            weights: Arc::new(weights),
            rounds,
            device,
        })
    }

    /// The same model, to predict on `device`.
    #[must_use]
    pub fn on(&self, device: &Device) -> Self {
        let mut moved = self.clone();
        // The weights have made a net before.
        if let Ok(net) = LstmNet::new(&self.shape, &self.weights, &device.burn()) {
            (moved.net, moved.device) = (Arc::new(net), device.clone());
        }
        moved
    }

    /// Epochs until it was found.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Numbers of a period that it takes, numbers that are known ahead, and periods that come out.
    pub fn extent(&self) -> (usize, usize, usize) {
        (self.shape.inputs, self.shape.extras, self.shape.outputs)
    }

    /// What comes after each window: `[windows x outputs]`.
    ///
    /// # Errors
    /// The windows are of other numbers than it was trained on.
    pub fn predict(&self, sequences: &Sequences) -> Result<Vec<f32>, PredictError> {
        for (expected, got) in [
            (self.shape.inputs, sequences.inputs),
            (self.shape.extras, sequences.extras),
        ] {
            if expected != got {
                return Err(PredictError::Width { expected, got });
            }
        }
        let (form, device) = (Form::on(&self.device), self.device.burn());
        let all: Vec<usize> = (0..sequences.len()).collect();
        let mut told = Vec::with_capacity(all.len() * self.shape.outputs);
        let widest = self.shape.hidden.iter().max().map_or(1, |width| *width);
        let at_once = (HIDDEN_AT_ONCE / (sequences.window * widest).max(1)).clamp(1, AT_ONCE);
        for batch in all.chunks(at_once) {
            let found = self.net.forward(form, sequences, batch, None, &device);
            let found = found
                .try_into_data()
                .map_err(|error| PredictError::Net(error.to_string()))?;
            let found = found.try_into_vec::<f32>();
            told.extend(found.map_err(|error| PredictError::Net(format!("{error:?}")))?);
        }
        Ok(told)
    }

    /// The config and the weights at rest.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn encode(&self) -> Result<(Vec<u8>, Vec<u8>), StoredModelError> {
        let config = Config {
            version: VERSION,
            shape: self.shape.clone(),
            epochs: self.rounds,
        };
        Ok((serde_json::to_vec_pretty(&config)?, self.weights.to_bytes()?))
    }

    /// The model that was encoded: it predicts the same bits.
    ///
    /// # Errors
    /// The bytes are damaged, or were written by a later version.
    pub fn decode(config: &[u8], weights: &[u8]) -> Result<Self, StoredModelError> {
        let Config {
            version,
            shape,
            epochs,
        } = serde_json::from_slice(config)?;
        if version != VERSION {
            return Err(StoredModelError::Version(version));
        }
        let widths = shape
            .hidden
            .iter()
            .all(|width| (1..=LstmParams::MAX_WIDTH).contains(width));
        let layers = (1..=LstmParams::MAX_LAYERS).contains(&shape.hidden.len());
        let ends = shape.inputs > 0 && (1..=LstmParams::MAX_STEPS).contains(&shape.outputs);
        // Larger ones have no weights either, but are asked for by name with a size that may overflow.
        let is_bounded = shape.inputs <= 100_000 && shape.extras <= 10_000_000;
        if !(widths && layers && ends && is_bounded) {
            return Err(StoredModelError::Weights(
                "its layers are of no size that is built".to_owned(),
            ));
        }
        Self::new(shape, Weights::from_bytes(weights)?, epochs)
    }
}
