//! What a recipe says about features.

mod category;
mod impute;
mod number;
mod time;

use serde::{Deserialize, Serialize};

pub use category::{Encode, Smooth, Unknown};
pub use impute::{Constant, Impute};
pub use number::{Distribution, QuantileCount, QuantileSpec, Scale, TransformSpec};
pub use time::{EncodeTime, TimePart};

/// A recipe's `[features]`: what is left out, and how columns become numbers.
///
/// Without any of it, numbers and integers pass as they are, booleans become 0 and 1, categories
/// become codes that trees split natively, missing cells stay missing, and text and timestamps are
/// left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct FeatureSpec {
    /// Columns that are no features. An interaction may still name them.
    pub drop: Vec<String>,
    /// What holds for every number and integer.
    pub numeric: NumericDefaults,
    /// What holds for every category; its `impute` and `indicator` also for booleans.
    pub categorical: CategoryDefaults,
    /// What holds for every timestamp.
    #[serde(skip_serializing_if = "is_default")]
    pub timestamp: TimestampDefaults,
    /// What holds for single columns; goes before the defaults.
    pub rules: Vec<FeatureRule>,
    /// Features that are made of several columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interactions: Vec<Interaction>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What holds for every number and integer that no rule names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct NumericDefaults {
    /// What stands for a missing cell.
    pub impute: Impute,
    /// Whether a further feature says where a cell is missing, of columns whose dataset has missing ones.
    #[serde(skip_serializing_if = "is_default")]
    pub indicator: bool,
    /// What becomes of values before they are scaled.
    #[serde(skip_serializing_if = "TransformSpec::is_none")]
    pub transform: TransformSpec,
    /// How values are scaled.
    pub scale: Scale,
}

/// What holds for every category that no rule names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct CategoryDefaults {
    /// What stands for a missing cell.
    pub impute: Impute,
    /// Whether a further feature says where a cell is missing, of columns whose dataset has missing ones.
    #[serde(skip_serializing_if = "is_default")]
    pub indicator: bool,
    /// How a level becomes numbers.
    pub encode: Encode,
    /// Levels in fewer training rows than this are joined into `other`. Unset: 1 for one-hot, 0 for native.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u32>,
    /// What happens to a level that the dataset does not have. Unset: `error` for native and ordinal, else
    /// `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// How far target encoding draws a level's mean towards the mean of all.
    #[serde(skip_serializing_if = "is_default")]
    pub smooth: Smooth,
}

/// What holds for every timestamp that no rule names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct TimestampDefaults {
    /// How timestamps become numbers. Unset: they are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encode: Option<EncodeTime>,
    /// Which parts. Unset: [`TimePart::USUAL`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<TimePart>>,
    /// Whether parts that come again are also given as sine and cosine.
    #[serde(skip_serializing_if = "is_default")]
    pub cyclic: bool,
    /// What stands for a missing cell.
    #[serde(skip_serializing_if = "is_default")]
    pub impute: Impute,
    /// Whether a further feature says where a cell is missing, of columns whose dataset has missing ones.
    #[serde(skip_serializing_if = "is_default")]
    pub indicator: bool,
}

impl TimestampDefaults {
    /// Whether timestamps become numbers: whoever says which parts, or how, wants them.
    pub(super) fn wants_parts(&self) -> bool {
        self.encode.is_some()
            || self.parts.is_some()
            || self.cyclic
            || self.indicator
            || !is_default(&self.impute)
    }
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
    /// Whether a further feature says where a cell is missing, of columns whose dataset has missing ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<bool>,
    /// What becomes of numbers before they are scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<TransformSpec>,
    /// How numbers are scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// How a category's level, or a point in time, becomes numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encode: Option<Encode>,
    /// Levels in fewer training rows than this are joined into `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u32>,
    /// What happens to a level that the dataset does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// The order of an ordinal category's levels: all that the dataset has, and perhaps more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    /// How far target encoding draws a level's mean towards the mean of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smooth: Option<Smooth>,
    /// Which parts of a point in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<TimePart>>,
    /// Whether parts that come again are also given as sine and cosine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cyclic: Option<bool>,
}

/// One `[[features.interactions]]`: a feature that is made of several columns, as they are before they are
/// imputed, transformed and scaled. What it leaves out, the defaults of numbers say, of a cross those of
/// categories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct Interaction {
    /// The columns: two of a ratio and a difference, else two to eight.
    pub columns: Vec<String>,
    /// What is made of them.
    pub operation: Operation,
    /// What stands for a missing result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// What becomes of a number before it is scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<TransformSpec>,
    /// How a number is scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// How a cross becomes numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encode: Option<Encode>,
    /// Combinations in fewer training rows than this are joined into `other`. Unset: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u32>,
    /// What happens to a combination that the training rows do not have. Unset: `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// How far target encoding draws a combination's mean towards the mean of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smooth: Option<Smooth>,
}

/// What an interaction makes of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// The product of numbers: `a*b`.
    Product,
    /// The first number divided by the second: `a/b`. Missing where the second is 0.
    Ratio,
    /// The sum of numbers: `a+b`.
    Sum,
    /// The first number less the second: `a-b`.
    Difference,
    /// The combination of categories' levels: `a:b`.
    Cross,
}

impl Interaction {
    /// What the feature is called.
    pub fn name(&self) -> String {
        self.operation.name(&self.columns)
    }
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
                ..NumericDefaults::default()
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
            ("numeric = { transform = \"sqrt\" }", "\"log\", \"quantile\""),
            (
                "numeric = { transform = { quantile = { n_quantiles = 1 } } }",
                "2 to 10000 quantiles",
            ),
            (
                "numeric = { transform = { quantile = [9, \"normal\"] } }",
                "a table with n_quantiles",
            ),
            ("categorical = { smooth = -1 }", "a number of at least 0"),
            ("timestamp = { parts = [\"fortnight\"] }", "day_of_year"),
            (
                "[[interactions]]\ncolumns = [\"a\", \"b\"]\noperation = \"power\"",
                "ratio",
            ),
            ("[[interactions]]\ncolumns = [\"a\", \"b\"]", "operation"),
        ] {
            let message = toml::from_str::<FeatureSpec>(toml).unwrap_err().to_string();
            assert!(message.contains(hint) && message.contains("line"), "{message}");
        }
    }

    #[test]
    fn whoever_says_how_timestamps_become_numbers_wants_them_to() {
        let wants = |toml: &str| {
            toml::from_str::<FeatureSpec>(toml)
                .unwrap()
                .timestamp
                .wants_parts()
        };
        assert!(!wants("drop = []") && !wants("timestamp = {}"));
        for keys in [
            "encode = \"parts\"",
            "parts = [\"month\"]",
            "cyclic = true",
            "impute = \"median\"",
        ] {
            assert!(wants(&format!("timestamp = {{ {keys} }}")), "{keys}");
        }
    }

    #[test]
    fn what_has_its_default_is_not_written_down() {
        let json = serde_json::to_string(&FeatureSpec::default()).unwrap();
        // As it was written when there was nothing else: digests of recipes are taken over it.
        assert_eq!(
            json,
            r#"{"drop":[],"numeric":{"impute":"none","scale":"none"},"categorical":{"impute":"none","encode":"native"},"rules":[]}"#
        );
    }

    #[test]
    fn every_key_is_read_back_from_what_is_written() {
        let spec: FeatureSpec = toml::from_str(
            r#"
            numeric = { indicator = true, transform = "log", scale = "robust" }
            categorical = { encode = "target", smooth = 12.5, indicator = true }
            timestamp = { encode = "parts", parts = ["month", "day_of_year"], cyclic = true, impute = "median" }
            [[rules]]
            columns = ["a"]
            transform = { quantile = { n_quantiles = 50, output_distribution = "normal" } }
            [[rules]]
            columns = ["size"]
            encode = "ordinal"
            levels = ["small", "large"]
            [[rules]]
            columns = ["b"]
            encode = "target"
            smooth = "auto"
            [[interactions]]
            columns = ["a", "b"]
            operation = "ratio"
            scale = "standard"
            "#,
        )
        .unwrap();
        assert_eq!(spec.categorical.smooth, Smooth::Rows(12.5));
        assert_eq!(spec.rules[2].smooth, Some(Smooth::Auto));
        assert_eq!(spec.interactions[0].operation, Operation::Ratio);
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<FeatureSpec>(&json).unwrap(), spec);
    }
}
