//! What a recipe says about features.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A recipe's `[features]`: what is left out, and how columns become numbers.
///
/// Without any of it, numbers and integers pass as they are, booleans become 0 and 1, categories
/// become codes that trees split natively, missing cells stay missing, and text and timestamps are
/// left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct FeatureSpec {
    /// Columns that are no features.
    pub drop: Vec<String>,
    /// What holds for every number and integer.
    pub numeric: NumericDefaults,
    /// What holds for every category; its `impute` also for booleans.
    pub categorical: CategoryDefaults,
    /// What holds for single columns; goes before the defaults.
    pub rules: Vec<FeatureRule>,
}

/// What holds for every number and integer that no rule names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct NumericDefaults {
    /// What stands for a missing cell.
    pub impute: Impute,
    /// How values are scaled.
    pub scale: Scale,
}

/// What holds for every category that no rule names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct CategoryDefaults {
    /// What stands for a missing cell.
    pub impute: Impute,
    /// How a level becomes numbers.
    pub encode: Encode,
    /// Levels in fewer training rows than this are joined into `other`. Unset: 1 for one-hot, 0 for native.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u32>,
    /// What happens to a level that the dataset does not have. Unset: `other` for one-hot, `error` for native.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
}

/// One `[[features.rules]]`: settings for the columns that it names. What it leaves out, the defaults say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct FeatureRule {
    /// The columns; each stands in at most one rule.
    pub columns: Vec<String>,
    /// What stands for a missing cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// How numbers are scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// How a category's level becomes numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encode: Option<Encode>,
    /// Levels in fewer training rows than this are joined into `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u32>,
    /// What happens to a level that the dataset does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
}

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
}

/// How a category's level becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encode {
    /// One feature that holds the level's code; trees split it by sets of levels.
    #[default]
    Native,
    /// One feature a level, 1 for the level that is there and 0 for the others. Missing: 0 in all.
    OneHot,
}

/// What happens to a level that the dataset does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It is refused.
    Error,
    /// It counts as `other`.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_read_from_toml_as_people_write_it() {
        let spec: FeatureSpec = toml::from_str(
            r#"
            drop = ["id"]
            numeric = { impute = "median" }
            [[rules]]
            columns = ["a"]
            impute = { constant = 3 }
            scale = "minmax"
            [[rules]]
            columns = ["c", "d"]
            encode = "onehot"
            impute = { constant = "none" }
            min_count = 5
            unknown = "error"
            "#,
        )
        .unwrap();
        assert_eq!(spec.drop, ["id"]);
        assert_eq!(
            spec.numeric,
            NumericDefaults {
                impute: Impute::Median,
                scale: Scale::None
            }
        );
        assert_eq!(
            spec.rules[0].impute,
            Some(Impute::Constant(Constant::Number(3.0)))
        );
        assert_eq!(spec.rules[0].scale, Some(Scale::MinMax));
        assert_eq!(
            spec.rules[1].impute,
            Some(Impute::Constant(Constant::Text("none".into())))
        );
        assert_eq!(
            (spec.rules[1].min_count, spec.rules[1].unknown),
            (Some(5), Some(Unknown::Error))
        );
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<FeatureSpec>(&json).unwrap(), spec);
    }

    #[test]
    fn an_unknown_key_or_value_is_refused_where_it_stands() {
        for (toml, hint) in [
            ("dorp = []", "dorp"),
            ("[[rules]]\ncolumns = []\nscala = \"minmax\"", "scala"),
            ("numeric = { impute = \"middle\" }", "median"),
            ("numeric = { impute = { constant = [1] } }", "a finite number"),
            ("numeric = { impute = { constant = inf } }", "a finite number"),
        ] {
            let message = toml::from_str::<FeatureSpec>(toml).unwrap_err().to_string();
            assert!(message.contains(hint) && message.contains("line"), "{message}");
        }
    }
}
