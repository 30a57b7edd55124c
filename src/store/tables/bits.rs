//! Numbers in JSON rows by their bits: a metric may be NaN or infinite, and JSON has neither.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(serialize_with)]`, by way of `#[serde(with = "bits")]`.
pub(super) fn serialize<S: Serializer>(
    values: &BTreeMap<String, f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let bits = values.iter().map(|(name, value)| (name, value.to_bits()));
    bits.collect::<BTreeMap<_, _>>().serialize(serializer)
}

/// For `#[serde(deserialize_with)]`, by way of `#[serde(with = "bits")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, f64>, D::Error> {
    let bits = BTreeMap::<String, u64>::deserialize(deserializer)?;
    let values = bits.into_iter().map(|(name, bits)| (name, f64::from_bits(bits)));
    Ok(values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Measured(#[serde(with = "super")] BTreeMap<String, f64>);

    #[test]
    fn every_number_comes_back_to_the_bit() {
        let numbers = [
            0.0,
            -0.0,
            0.1,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
        ];
        let values = numbers
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), *value));
        let text = serde_json::to_string(&Measured(values.collect())).unwrap();
        let Measured(read) = serde_json::from_str(&text).unwrap();
        let bits: Vec<u64> = read.values().map(|value| value.to_bits()).collect();
        assert_eq!(bits, numbers.map(f64::to_bits));
    }
}
