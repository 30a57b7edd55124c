//! What stands for a missing cell.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What stands for a missing cell. In TOML: `"median"`, or `{ constant = 0 }`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Impute {
    /// Nothing: it stays missing, which trees handle.
    #[default]
    None,
    /// The middle of the training rows' values.
    Median,
    /// The mean of the training rows' values.
    Mean,
    /// The value or level that most training rows have; of several, the smallest.
    MostFrequent,
    /// This value.
    Constant(Constant),
}

/// Written by hand, because what is derived does not say how a constant is written.
impl<'de> Deserialize<'de> for Impute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrConstant;

        impl<'de> Visitor<'de> for WordOrConstant {
            type Value = Impute;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"none\", \"median\", \"mean\", \"most_frequent\" or { constant = VALUE }")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Impute, E> {
                match word {
                    "none" => Ok(Impute::None),
                    "median" => Ok(Impute::Median),
                    "mean" => Ok(Impute::Mean),
                    "most_frequent" => Ok(Impute::MostFrequent),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut table: A) -> Result<Impute, A::Error> {
                let constant = match table.next_key::<String>()?.as_deref() {
                    Some("constant") => table.next_value()?,
                    _ => return Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
                };
                match table.next_key::<String>()? {
                    None => Ok(Impute::Constant(constant)),
                    Some(_) => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
                }
            }
        }

        deserializer.deserialize_any(WordOrConstant)
    }
}

/// A value that stands for missing cells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Constant {
    /// For numbers and integers.
    Number(f64),
    /// For booleans.
    Boolean(bool),
    /// For categories: one of the levels.
    Text(String),
}

/// Written by hand, because a derived untagged enum says only that nothing matched.
impl<'de> Deserialize<'de> for Constant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl Visitor<'_> for Any {
            type Value = Constant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a finite number, true, false, or a category's level in quotes")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Constant, E> {
                Ok(Constant::Boolean(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Constant, E> {
                Ok(Constant::Number(value as f64))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Constant, E> {
                Ok(Constant::Number(value as f64))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Constant, E> {
                if value.is_finite() {
                    Ok(Constant::Number(value))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(value), &self))
                }
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Constant, E> {
                Ok(Constant::Text(value.to_owned()))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
