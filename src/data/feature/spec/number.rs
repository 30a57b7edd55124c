//! What becomes of a number: transforms and scales.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// How numbers are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Not at all.
    #[default]
    None,
    /// To mean 0 and standard deviation 1 over the training rows.
    Standard,
    /// To 0 for the smallest and 1 for the largest value of the training rows.
    MinMax,
    /// To 0 for the median of the training rows, in units of the distance between their quartiles.
    Robust,
}

/// What becomes of a number after missing ones were imputed, and before it is scaled. In TOML: `"log"`,
/// `"quantile"`, or `{ quantile = { n_quantiles = 100, output_distribution = "normal" } }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TransformSpec {
    /// Nothing.
    #[default]
    None,
    /// The natural logarithm of 1 + x. A value at or below −1 has none, and is refused.
    Log,
    /// The share of training values below it.
    Quantile(QuantileSpec),
}

impl TransformSpec {
    /// For serialising: whether it is left out.
    pub(super) fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// How a quantile transform is fitted; the names are scikit-learn's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct QuantileSpec {
    /// How many quantiles of the training values are kept: 2 to 10,000, and at most one a value.
    pub n_quantiles: QuantileCount,
    /// What the values are spread to.
    pub output_distribution: Distribution,
}

impl Default for QuantileSpec {
    fn default() -> Self {
        Self {
            n_quantiles: QuantileCount(1000),
            output_distribution: Distribution::Uniform,
        }
    }
}

/// A number of quantiles, from 2 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct QuantileCount(u32);

impl QuantileCount {
    /// The number.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

impl TryFrom<u32> for QuantileCount {
    type Error = String;

    fn try_from(count: u32) -> Result<Self, String> {
        if (2..=10_000).contains(&count) {
            Ok(Self(count))
        } else {
            Err(format!("expected 2 to 10000 quantiles, got {count}"))
        }
    }
}

impl From<QuantileCount> for u32 {
    fn from(count: QuantileCount) -> Self {
        count.0
    }
}

/// What a quantile transform spreads values to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Evenly from 0 to 1.
    Uniform,
    /// As a normal distribution of mean 0 and standard deviation 1 has them, from −5.2 to 5.2.
    Normal,
}

/// Written by hand, because what is derived does not say how a table is written.
impl<'de> Deserialize<'de> for TransformSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrTable;

        impl<'de> Visitor<'de> for WordOrTable {
            type Value = TransformSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"none\", \"log\", \"quantile\" or { quantile = { n_quantiles = 1000, output_distribution = \"uniform\" } }")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<TransformSpec, E> {
                match word {
                    "none" => Ok(TransformSpec::None),
                    "log" => Ok(TransformSpec::Log),
                    "quantile" => Ok(TransformSpec::Quantile(QuantileSpec::default())),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut table: A) -> Result<TransformSpec, A::Error> {
                let TableOnly(quantile) = match table.next_key::<String>()?.as_deref() {
                    Some("quantile") => table.next_value()?,
                    _ => return Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
                };
                match table.next_key::<String>()? {
                    None => Ok(TransformSpec::Quantile(quantile)),
                    Some(_) => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
                }
            }
        }

        deserializer.deserialize_any(WordOrTable)
    }
}

/// A table: what is derived takes a list, too, its entries in the order of the fields.
struct TableOnly(QuantileSpec);

impl<'de> Deserialize<'de> for TableOnly {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = QuantileSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with n_quantiles and output_distribution")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, table: A) -> Result<QuantileSpec, A::Error> {
                QuantileSpec::deserialize(de::value::MapAccessDeserializer::new(table))
            }
        }

        deserializer.deserialize_map(Entries).map(Self)
    }
}
