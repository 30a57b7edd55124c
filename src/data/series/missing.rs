//! Values in JSON, which has no NaN: what is missing is null.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(columns: &[Vec<f64>], serializer: S) -> Result<S::Ok, S::Error> {
    let known = |value: &f64| value.is_finite().then_some(*value);
    let columns: Vec<Vec<Option<f64>>> = columns
        .iter()
        .map(|values| values.iter().map(known).collect())
        .collect();
    columns.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
    let columns = Vec::<Vec<Option<f64>>>::deserialize(deserializer)?;
    let value = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Ok(columns
        .into_iter()
        .map(|values| values.into_iter().map(value).collect())
        .collect())
}
