//! What becomes of a category's level.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// How a category's level, or a point in time, becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encode {
    /// One feature that holds the level's code; trees split it by sets of levels.
    #[default]
    Native,
    /// One feature a level, 1 for the level that is there and 0 for the others. Missing: 0 in all.
    OneHot,
    /// One feature that holds the level's place in an order: 0, 1, 2, and so on.
    Ordinal,
    /// The mean of the target over the training rows of the level, drawn towards the mean of all; of several
    /// classes, one feature a class.
    Target,
    /// The share of the training rows that have the level.
    Frequency,
    /// The parts of a point in time.
    Parts,
}

/// What happens to a level that the dataset does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It is refused.
    Error,
    /// It counts as `other`: with `native` and `onehot` the slot of that name, with `ordinal` −1, with `target`
    /// the mean of all training rows, with `frequency` 0.
    Other,
}

/// How far `encode = "target"` draws a level's mean towards the mean of all. In TOML: `"auto"` or a number.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Smooth {
    /// By how much the target varies within the level and over all rows: an empirical Bayes estimate.
    #[default]
    Auto,
    /// As if so many further rows had the mean of all.
    #[serde(untagged)]
    Rows(f64),
}

/// Written by hand, because a derived untagged enum says only that nothing matched.
impl<'de> Deserialize<'de> for Smooth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrNumber;

        impl Visitor<'_> for WordOrNumber {
            type Value = Smooth;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\" or a number of at least 0")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Smooth, E> {
                match word {
                    "auto" => Ok(Smooth::Auto),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Smooth, E> {
                self.visit_f64(value as f64)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Smooth, E> {
                self.visit_f64(value as f64)
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Smooth, E> {
                if value.is_finite() && value >= 0.0 {
                    Ok(Smooth::Rows(value))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(value), &self))
                }
            }
        }

        deserializer.deserialize_any(WordOrNumber)
    }
}
