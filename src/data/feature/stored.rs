//! Fitted features in a bundle: the form that stays, and the checks of what is read back.

use serde::{Deserialize, Serialize};

use super::encode::FittedFeatures;
use super::encoder::Encoder;
use super::error::FeatureError;
use super::field::{Dropped, InputField};
use super::scale::Scaling;
use crate::data::schema::ColumnType;

/// Fitted features as they are written into a bundle. A change of meaning gets a new version; an encoder of
/// a new kind does not, since who does not know it refuses it by name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    version: u32,
    inputs: Vec<InputField>,
    encoders: Vec<StoredEncoder>,
    dropped: Vec<Dropped>,
}

/// An encoder and the inputs that it makes numbers of, by their positions. Of today's encoders each takes one,
/// and each input goes into one; the form is open to those that take several.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredEncoder {
    of: Vec<usize>,
    encoder: Encoder,
}

const VERSION: u32 = 1;

impl From<FittedFeatures> for Stored {
    fn from(fitted: FittedFeatures) -> Self {
        let encoders = fitted.encoders.into_iter().enumerate();
        Self {
            version: VERSION,
            inputs: fitted.inputs,
            encoders: encoders
                .map(|(input, encoder)| StoredEncoder {
                    of: vec![input],
                    encoder,
                })
                .collect(),
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
        if stored.encoders.len() != stored.inputs.len() {
            return Err(FeatureError::Damaged("the encoders".to_owned()));
        }
        for (position, (input, encoder)) in stored.inputs.iter().zip(&stored.encoders).enumerate() {
            if encoder.of != [position] || !is_sound(&encoder.encoder, input) {
                return Err(FeatureError::Damaged(input.name.clone()));
            }
        }
        let encoders = stored.encoders.into_iter().map(|stored| stored.encoder);
        Self::new(stored.inputs, encoders.collect(), stored.dropped)
    }
}

/// Whether the encoder can take every value of its field: a bundle may come from anywhere.
fn is_sound(encoder: &Encoder, input: &InputField) -> bool {
    let levels = input.levels.as_deref();
    match (encoder, input.kind) {
        (Encoder::Number(encoder), ColumnType::Number | ColumnType::Integer | ColumnType::Boolean) => {
            levels.is_none()
                && encoder.impute.is_none_or(f64::is_finite)
                && encoder.scaling.is_none_or(Scaling::is_sound)
        }
        (Encoder::Category(encoder), ColumnType::Category) => {
            levels.is_some_and(|levels| levels.is_sorted_by(|a, b| a < b) && encoder.is_sound(levels.len()))
        }
        _ => false,
    }
}
