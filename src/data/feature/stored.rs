//! Fitted features in a bundle: the form that stays, and the checks of what is read back.

use serde::{Deserialize, Serialize};

use super::encode::FittedFeatures;
use super::encoder::{Encoder, Step};
use super::error::FeatureError;
use super::field::{Dropped, InputField};
use super::time::TimeEncoder;
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

/// An encoder and the inputs that it makes numbers of, by their positions. An input may go into several encoders.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredEncoder {
    of: Vec<usize>,
    encoder: Encoder,
}

const VERSION: u32 = 1;

impl From<FittedFeatures> for Stored {
    fn from(fitted: FittedFeatures) -> Self {
        let encoders = fitted.steps.into_iter().map(|step| StoredEncoder {
            of: step.of,
            encoder: step.encoder,
        });
        Self {
            version: VERSION,
            inputs: fitted.inputs,
            encoders: encoders.collect(),
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
        let mut is_used = vec![false; stored.inputs.len()];
        for StoredEncoder { of, encoder } in &stored.encoders {
            let inputs: Option<Vec<&InputField>> = of.iter().map(|&input| stored.inputs.get(input)).collect();
            let inputs = inputs.filter(|inputs| !inputs.is_empty());
            let inputs = inputs.ok_or_else(|| FeatureError::Damaged("the encoders".to_owned()))?;
            if !is_sound(encoder, &inputs) {
                return Err(FeatureError::Damaged(inputs[0].name.clone()));
            }
            of.iter().for_each(|&input| is_used[input] = true);
        }
        for (input, is_used) in stored.inputs.iter().zip(is_used) {
            let levels = input.levels.as_deref().unwrap_or_default();
            let has_levels = input.kind == ColumnType::Category;
            if !is_used
                || input.levels.is_some() != has_levels
                || !levels.is_sorted_by(|a, b| a < b)
                || input.kind == ColumnType::Text
            {
                return Err(FeatureError::Damaged(input.name.clone()));
            }
        }
        let steps = stored.encoders.into_iter();
        let steps = steps.map(|stored| Step::new(stored.of, stored.encoder));
        Self::new(stored.inputs, steps.collect(), stored.dropped)
    }
}

/// Whether the encoder can take every value of its fields: a bundle may come from anywhere.
fn is_sound(encoder: &Encoder, inputs: &[&InputField]) -> bool {
    let is_number = |input: &InputField| {
        matches!(
            input.kind,
            ColumnType::Number | ColumnType::Integer | ColumnType::Boolean
        )
    };
    let has_levels = |input: &InputField| matches!(input.kind, ColumnType::Category | ColumnType::Boolean);
    match (encoder, inputs) {
        (Encoder::Number(encoder), [input]) => is_number(input) && encoder.is_sound(),
        (Encoder::Category(encoder), [input]) => {
            input.kind == ColumnType::Category && encoder.is_sound(input.level_count())
        }
        (Encoder::Values(values), [input]) => {
            input.kind == ColumnType::Category && values.is_sound(input.level_count())
        }
        (Encoder::Missing(_), [_]) => true,
        (Encoder::Time(encoder), [input]) => {
            input.kind == ColumnType::Timestamp && TimeEncoder::is_sound(encoder)
        }
        (Encoder::Arithmetic(encoder), [_, _, ..]) => {
            inputs.iter().all(|input| is_number(input)) && encoder.number.is_sound()
        }
        (Encoder::Cross(encoder), [_, _, ..]) => {
            let levels = inputs.iter().map(|input| input.level_count());
            let combinations = levels.fold(1, usize::saturating_mul);
            inputs.iter().all(|input| has_levels(input)) && encoder.is_sound(combinations)
        }
        _ => false,
    }
}
