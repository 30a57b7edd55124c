//! Numbers as safetensors, which NumPy and PyTorch read as well.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::rows::Rows;
use crate::engine::model::StoredModelError;

/// Numbers at rest: their kind, their shape and their bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// Rows as they are stored.
pub(super) fn view(rows: &Rows) -> Tensor {
    let values = rows.values();
    Tensor {
        dtype: Dtype::F32,
        shape: vec![rows.rows(), rows.width()],
        bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    }
}

/// Whole numbers as they are stored.
pub(super) fn view_whole(values: impl Iterator<Item = u32>) -> Tensor {
    let bytes: Vec<u8> = values.flat_map(u32::to_le_bytes).collect();
    Tensor {
        dtype: Dtype::U32,
        shape: vec![bytes.len() / 4],
        bytes,
    }
}

/// The bytes of all tensors, with what stands in their head.
pub(super) fn to_bytes(
    tensors: &[(&str, Tensor)],
    head: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, StoredModelError> {
    let views = tensors.iter().map(|(name, tensor)| {
        let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
        Ok((*name, view.map_err(damaged)?))
    });
    let views: Vec<_> = views.collect::<Result<_, StoredModelError>>()?;
    safetensors::serialize(views, head).map_err(damaged)
}

/// The rows called `name`: finite numbers.
pub(super) fn rows(tensors: &SafeTensors<'_>, name: &str) -> Result<Rows, StoredModelError> {
    let tensor = tensors.tensor(name).map_err(damaged)?;
    let &[_, width] = tensor.shape() else {
        return Err(wrong(name, "is no matrix"));
    };
    if tensor.dtype() != Dtype::F32 || width == 0 {
        return Err(wrong(name, "is no matrix of 32-bit floats"));
    }
    let values: Vec<f32> = words(tensor.data()).map(f32::from_le_bytes).collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(wrong(name, "holds what is no number"));
    }
    Ok(Rows::of(&values, width))
}

/// The whole numbers called `name`.
pub(super) fn whole(tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<u32>, StoredModelError> {
    let tensor = tensors.tensor(name).map_err(damaged)?;
    if tensor.dtype() != Dtype::U32 || tensor.shape().len() != 1 {
        return Err(wrong(name, "is no row of 32-bit whole numbers"));
    }
    Ok(words(tensor.data()).map(u32::from_le_bytes).collect())
}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    let words = bytes.chunks_exact(4);
    words.map(|word| [word[0], word[1], word[2], word[3]])
}

pub(super) fn damaged(error: safetensors::SafeTensorError) -> StoredModelError {
    StoredModelError::Weights(error.to_string())
}

pub(super) fn wrong(name: &str, what: &str) -> StoredModelError {
    StoredModelError::Weights(format!("{name} {what}"))
}
