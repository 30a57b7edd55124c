//! How far a training is, as bytes: with it another process goes on as if nothing had happened.

use std::collections::HashMap;

use burn::optim::ModuleOptimizer;
use burn::tensor::Bytes;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::weights::Weights;
use crate::engine::model::StoredModelError;

/// The epoch that did best on the rows that are watched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Best {
    pub(super) epoch: usize,
    pub(super) value: f64,
    pub(super) weights: Weights,
}

/// The metrics of an epoch, as they were told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) train: f64,
    pub(super) valid: Option<f64>,
}

/// A training between two epochs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checkpoint {
    /// Of each epoch that is done.
    pub(super) told: Vec<Told>,
    pub(super) weights: Weights,
    pub(super) best: Option<Best>,
    /// The moments of Adam.
    pub(super) moments: Vec<u8>,
}

/// What stands in the head of the safetensors.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    told: Vec<Told>,
    best: Option<(usize, f64)>,
}

const HEAD: &str = "training";
const NOW: &str = "now";
const BEST: &str = "best";
const MOMENTS: &str = "moments";

impl Checkpoint {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, StoredModelError> {
        let head = Head {
            told: self.told.clone(),
            best: self.best.as_ref().map(|best| (best.epoch, best.value)),
        };
        let head = HashMap::from([(HEAD.to_owned(), serde_json::to_string(&head)?)]);
        let parts = [
            (NOW, self.weights.to_bytes()?),
            (
                BEST,
                self.best
                    .as_ref()
                    .map_or(Ok(Vec::new()), |best| best.weights.to_bytes())?,
            ),
            (MOMENTS, self.moments.clone()),
        ];
        let views = parts.iter().map(|(name, bytes)| {
            Ok((
                *name,
                TensorView::new(Dtype::U8, vec![bytes.len()], bytes).map_err(damaged)?,
            ))
        });
        let views: Vec<_> = views.collect::<Result<_, StoredModelError>>()?;
        safetensors::serialize(views, Some(head)).map_err(damaged)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, StoredModelError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let head = metadata.metadata().as_ref().and_then(|head| head.get(HEAD));
        let head =
            head.ok_or_else(|| StoredModelError::Weights("there is no training in them".to_owned()))?;
        let head: Head = serde_json::from_str(head)?;
        let parts = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let part = |name| parts.tensor(name).map(|tensor| tensor.data()).map_err(damaged);
        let best = |(epoch, value)| {
            Ok::<_, StoredModelError>(Best {
                epoch,
                value,
                weights: Weights::from_bytes(part(BEST)?)?,
            })
        };
        Ok(Self {
            told: head.told,
            weights: Weights::from_bytes(part(NOW)?)?,
            best: head.best.map(best).transpose()?,
            moments: part(MOMENTS)?.to_vec(),
        })
    }
}

/// The moments of an optimizer, by the ids of the weights.
pub(super) fn moments(optimizer: &ModuleOptimizer) -> Result<Vec<u8>, StoredModelError> {
    let bytes = optimizer.into_bytes();
    bytes
        .map(|bytes| bytes.to_vec())
        .map_err(|error| StoredModelError::Weights(error.to_string()))
}

/// `optimizer` with these moments.
pub(super) fn with_moments(
    optimizer: ModuleOptimizer,
    moments: Vec<u8>,
) -> Result<ModuleOptimizer, StoredModelError> {
    let bytes = Bytes::from_bytes_vec(moments);
    let optimizer = optimizer.from_bytes(bytes);
    optimizer.map_err(|error| StoredModelError::Weights(error.to_string()))
}

fn damaged(error: safetensors::SafeTensorError) -> StoredModelError {
    StoredModelError::Weights(error.to_string())
}
