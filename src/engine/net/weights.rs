//! Weights by name, in memory and as safetensors.

use std::collections::BTreeMap;

use rand_chacha::rand_core::Rng;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::base::Seed;
use crate::engine::model::StoredModelError;

/// Numbers of some shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

impl Array {
    pub(super) fn filled(shape: Vec<usize>, value: f32) -> Self {
        let count = shape.iter().product();
        Self {
            shape,
            values: vec![value; count],
        }
    }

    /// Numbers from −`most` to `most`, each as likely.
    pub(super) fn uniform(shape: Vec<usize>, most: f32, seed: Seed) -> Self {
        let mut rng = seed.rng();
        let count: usize = shape.iter().product();
        let mut number = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
        let values = (0..count).map(|_| (number() * 2.0 - 1.0) * most).collect();
        Self { shape, values }
    }
}

/// All weights of a net by their names.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Weights(pub(super) BTreeMap<String, Array>);

impl Weights {
    /// Whether every one is a number.
    pub(super) fn are_finite(&self) -> bool {
        let arrays = self.0.values();
        arrays
            .flat_map(|array| &array.values)
            .all(|value| value.is_finite())
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, StoredModelError> {
        let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = self
            .0
            .iter()
            .map(|(name, array)| {
                let bytes = array.values.iter().flat_map(|value| value.to_le_bytes());
                (name, &array.shape, bytes.collect())
            })
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            Ok((
                name,
                TensorView::new(Dtype::F32, (*shape).clone(), bytes).map_err(damaged)?,
            ))
        });
        let views: Vec<_> = views.collect::<Result<_, StoredModelError>>()?;
        safetensors::serialize(views, None).map_err(damaged)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, StoredModelError> {
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let mut weights = BTreeMap::new();
        for (name, tensor) in tensors.tensors() {
            if tensor.dtype() != Dtype::F32 {
                return Err(StoredModelError::Weights(format!(
                    "{name} is not of 32-bit floats"
                )));
            }
            let values = tensor
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect::<Vec<f32>>();
            if values.iter().any(|value| !value.is_finite()) {
                return Err(StoredModelError::Weights(format!(
                    "{name} holds what is no number"
                )));
            }
            let shape = tensor.shape().to_vec();
            weights.insert(name, Array { shape, values });
        }
        Ok(Self(weights))
    }

    /// The array called `name`, which has to be of `shape`.
    pub(super) fn get(&self, name: &str, shape: &[usize]) -> Result<&Array, StoredModelError> {
        match self.0.get(name) {
            Some(array) if array.shape == shape => Ok(array),
            Some(array) => Err(StoredModelError::Weights(format!(
                "{name} is of the shape {:?}, expected {shape:?}",
                array.shape
            ))),
            None => Err(StoredModelError::Weights(format!("there is no {name}"))),
        }
    }
}

fn damaged(error: safetensors::SafeTensorError) -> StoredModelError {
    StoredModelError::Weights(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_read_back_and_what_is_damaged_is_told() {
        let mut weights = Weights::default();
        weights
            .0
            .insert("a".to_owned(), Array::uniform(vec![2, 3], 0.5, Seed::new(1)));
        weights.0.insert("b".to_owned(), Array::filled(vec![4], 1.0));
        let bytes = weights.to_bytes().unwrap();
        assert_eq!(Weights::from_bytes(&bytes).unwrap(), weights);
        assert!(weights.0["a"].values.iter().all(|value| value.abs() <= 0.5));
        assert!(weights.get("a", &[2, 3]).is_ok());
        for (name, shape, told) in [("a", [3, 2], "shape [2, 3]"), ("c", [3, 2], "no c")] {
            assert!(weights.get(name, &shape).unwrap_err().to_string().contains(told));
        }
        assert!(Weights::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Weights::from_bytes(b"weights").is_err());
        weights.0.insert("c".to_owned(), Array::filled(vec![1], f32::NAN));
        assert!(Weights::from_bytes(&weights.to_bytes().unwrap()).is_err());
    }
}
