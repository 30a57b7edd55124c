//! What a prediction takes: whether rows have the features that a model was trained on.

use std::sync::Arc;

use super::matrix::Feature;
use super::model::PredictError;

/// Checks that a matrix of the features `given` may be predicted by a model of the features `expected`.
pub(super) fn check_features(expected: &Arc<[Feature]>, given: &Arc<[Feature]>) -> Result<(), PredictError> {
    if Arc::ptr_eq(given, expected) {
        return Ok(());
    }
    if given.len() != expected.len() {
        return Err(PredictError::Width {
            expected: expected.len(),
            got: given.len(),
        });
    }
    match expected
        .iter()
        .zip(given.iter())
        .position(|(expected, got)| expected != got)
    {
        Some(position) => Err(PredictError::Feature {
            position,
            expected: expected[position].clone(),
            got: given[position].clone(),
        }),
        None => Ok(()),
    }
}

/// Checks that `row` has one value a feature, and that each may stand in its column.
#[inline]
pub(super) fn check_row(features: &[Feature], row: &[f32]) -> Result<(), PredictError> {
    if row.len() != features.len() {
        return Err(PredictError::Width {
            expected: features.len(),
            got: row.len(),
        });
    }
    for (feature, &value) in features.iter().zip(row) {
        if !feature.admits(value) {
            return Err(PredictError::Value {
                feature: feature.name.clone(),
                value,
            });
        }
    }
    Ok(())
}

/// The rows in `values`, each checked: `[rows x features]`.
pub(super) fn check_rows(features: &[Feature], values: &[f32]) -> Result<(), PredictError> {
    if !values.len().is_multiple_of(features.len()) {
        return Err(PredictError::Width {
            expected: features.len(),
            got: values.len() % features.len(),
        });
    }
    values
        .chunks_exact(features.len())
        .try_for_each(|row| check_row(features, row))
}

/// Checks that there is room for one prediction.
#[inline]
pub(super) fn check_room(width: usize, out: &[f32]) -> Result<(), PredictError> {
    if out.len() == width {
        Ok(())
    } else {
        Err(PredictError::Room {
            expected: width,
            got: out.len(),
        })
    }
}
