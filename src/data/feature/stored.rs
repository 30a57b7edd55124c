//! Fitted features in a bundle: the form that stays, and the checks of what is read back.

use serde::{Deserialize, Serialize};

use super::encode::FittedFeatures;
use super::encoder::Encoder;
use super::error::FeatureError;
use super::field::{Dropped, InputField};
use super::scale::Scaling;
use crate::data::schema::ColumnType;

/// Fitted features as they are written into a bundle. A change of meaning gets a new version.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    version: u32,
    columns: Vec<StoredColumn>,
    dropped: Vec<Dropped>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredColumn {
    input: InputField,
    encoder: Encoder,
}

const VERSION: u32 = 1;

impl From<FittedFeatures> for Stored {
    fn from(fitted: FittedFeatures) -> Self {
        let columns = fitted.inputs.into_iter().zip(fitted.encoders);
        let columns = columns
            .map(|(input, encoder)| StoredColumn { input, encoder })
            .collect();
        Self {
            version: VERSION,
            columns,
            dropped: fitted.dropped,
        }
    }
}

impl TryFrom<Stored> for FittedFeatures {
    type Error = FeatureError;

    fn try_from(stored: Stored) -> Result<Self, FeatureError> {
        if stored.version != VERSION {
            return Err(FeatureError::NewerFormat(stored.version));
        }
        if let Some(column) = stored.columns.iter().find(|column| !column.is_sound()) {
            return Err(FeatureError::Damaged(column.input.name.clone()));
        }
        let (inputs, encoders) = stored
            .columns
            .into_iter()
            .map(|column| (column.input, column.encoder))
            .unzip();
        Self::new(inputs, encoders, stored.dropped)
    }
}

impl StoredColumn {
    /// Whether the encoder can take every value of its field: a bundle may come from anywhere.
    fn is_sound(&self) -> bool {
        let levels = self.input.levels.as_deref();
        match (&self.encoder, self.input.kind) {
            (Encoder::Number(encoder), ColumnType::Number | ColumnType::Integer | ColumnType::Boolean) => {
                levels.is_none()
                    && encoder.impute.is_none_or(f64::is_finite)
                    && encoder.scaling.is_none_or(Scaling::is_sound)
            }
            (Encoder::Category(encoder), ColumnType::Category) => levels
                .is_some_and(|levels| levels.is_sorted_by(|a, b| a < b) && encoder.is_sound(levels.len())),
            _ => false,
        }
    }
}
