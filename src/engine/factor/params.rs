//! The parameters of recommenders, by the names of scikit-learn and of implicit.

use std::fmt;

use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::engine::param::{self, Interval, ParamError, check_counts, check_numbers};

const MAX_FACTORS: usize = 1_024;
const MAX_ITERATIONS: usize = 100_000;

/// How the users and items of ratings are factorised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactorParams {
    /// Non-negative matrix factorisation: of ratings.
    Nmf(NmfParams),
    /// Alternating least squares: of what was bought, clicked, watched.
    Als(AlsParams),
}

/// Where a factorisation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// Half-normal numbers that are, multiplied, about as large as the ratings' mean.
    #[default]
    Random,
}

/// The penalty on the factors of items. In TOML: `"same"`, or a number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum AlphaH {
    /// That of the users.
    #[default]
    Same,
    /// This.
    Of(f64),
}

/// The parameters of non-negative matrix factorisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct NmfParams {
    /// Numbers that stand for a user and for an item. 50.
    pub n_components: usize,
    /// Where it begins. `random`.
    pub init: Init,
    /// Times that all factors are gone through, at most. 200.
    pub max_iter: usize,
    /// Stop when the factors can be bettered by no more than this share of what they could at first. 0.0001.
    #[serde(deserialize_with = "param::not_negative")]
    pub tol: f64,
    /// The penalty on the factors of users, times the number of items. 0.
    #[serde(
        rename = "alpha_W",
        alias = "alpha_w",
        deserialize_with = "param::not_negative"
    )]
    pub alpha_w: f64,
    /// The penalty on the factors of items, times the number of users. `same`.
    #[serde(rename = "alpha_H", alias = "alpha_h")]
    pub alpha_h: AlphaH,
    /// The share of the penalties that is on absolute values; the rest is on half the squares. 0.
    #[serde(deserialize_with = "param::to_one")]
    pub l1_ratio: f64,
}

/// The parameters of alternating least squares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct AlsParams {
    /// Numbers that stand for a user and for an item. 50.
    pub factors: usize,
    /// The penalty on the squares of all factors. 0.01.
    #[serde(deserialize_with = "param::positive")]
    pub regularization: f64,
    /// How much surer it is with each unit of a value that an item is liked: 1 + alpha · value. 1.
    #[serde(deserialize_with = "param::positive")]
    pub alpha: f64,
    /// Times that all factors are gone through. 15.
    pub iterations: usize,
}

impl Default for NmfParams {
    fn default() -> Self {
        Self {
            n_components: 50,
            init: Init::Random,
            max_iter: 200,
            tol: 1e-4,
            alpha_w: 0.0,
            alpha_h: AlphaH::Same,
            l1_ratio: 0.0,
        }
    }
}

impl Default for AlsParams {
    fn default() -> Self {
        Self {
            factors: 50,
            regularization: 0.01,
            alpha: 1.0,
            iterations: 15,
        }
    }
}

impl FactorParams {
    /// Checks every parameter.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        match self {
            Self::Nmf(params) => params.validate(),
            Self::Als(params) => params.validate(),
        }
    }

    /// Numbers that stand for a user and for an item.
    pub fn width(&self) -> usize {
        match self {
            Self::Nmf(params) => params.n_components,
            Self::Als(params) => params.factors,
        }
    }

    /// Times that all factors are gone through, at most.
    pub(super) fn iterations(&self) -> usize {
        match self {
            Self::Nmf(params) => params.max_iter,
            Self::Als(params) => params.iterations,
        }
    }
}

impl NmfParams {
    /// Checks every parameter.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        check_counts(&[
            ("n_components", self.n_components, 1, MAX_FACTORS),
            ("max_iter", self.max_iter, 1, MAX_ITERATIONS),
        ])?;
        check_numbers(&[
            ("tol", self.tol, Interval::NotNegative),
            ("alpha_W", self.alpha_w, Interval::NotNegative),
            ("alpha_H", self.of_items(), Interval::NotNegative),
            ("l1_ratio", self.l1_ratio, Interval::ToOne),
        ])
    }

    /// The penalty on the factors of items.
    pub(super) fn of_items(&self) -> f64 {
        match self.alpha_h {
            AlphaH::Same => self.alpha_w,
            AlphaH::Of(alpha) => alpha,
        }
    }
}

impl AlsParams {
    /// Checks every parameter.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        check_counts(&[
            ("factors", self.factors, 1, MAX_FACTORS),
            ("iterations", self.iterations, 1, MAX_ITERATIONS),
        ])?;
        check_numbers(&[
            ("regularization", self.regularization, Interval::Positive),
            ("alpha", self.alpha, Interval::Positive),
        ])
    }
}

impl Serialize for AlphaH {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Same => serializer.serialize_str("same"),
            Self::Of(alpha) => serializer.serialize_f64(*alpha),
        }
    }
}

/// Written by hand, so that whatever else is there is told what may be.
impl<'de> Deserialize<'de> for AlphaH {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrNumber;

        impl Visitor<'_> for WordOrNumber {
            type Value = AlphaH;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"same\" or a number of at least 0")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<AlphaH, E> {
                match word {
                    "same" => Ok(AlphaH::Same),
                    other => Err(E::invalid_value(Unexpected::Str(other), &self)),
                }
            }

            fn visit_f64<E: de::Error>(self, alpha: f64) -> Result<AlphaH, E> {
                if Interval::NotNegative.holds(alpha) {
                    Ok(AlphaH::Of(alpha))
                } else {
                    Err(E::invalid_value(Unexpected::Float(alpha), &self))
                }
            }

            fn visit_i64<E: de::Error>(self, alpha: i64) -> Result<AlphaH, E> {
                self.visit_f64(alpha as f64)
            }

            fn visit_u64<E: de::Error>(self, alpha: u64) -> Result<AlphaH, E> {
                self.visit_f64(alpha as f64)
            }
        }

        deserializer.deserialize_any(WordOrNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_by_the_names_of_scikit_learn_and_implicit() {
        let nmf: NmfParams =
            toml::from_str("n_components = 8\nalpha_W = 0.1\nalpha_H = 1\ninit = \"random\"").unwrap();
        assert_eq!((nmf.n_components, nmf.of_items()), (8, 1.0));
        let nmf: NmfParams = toml::from_str("alpha_w = 0.1\nalpha_h = \"same\"").unwrap();
        assert_eq!((nmf.n_components, nmf.max_iter, nmf.of_items()), (50, 200, 0.1));
        let als: AlsParams = toml::from_str("factors = 8").unwrap();
        assert_eq!((als.regularization, als.alpha, als.iterations), (0.01, 1.0, 15));
        let written = serde_json::to_string(&FactorParams::Nmf(nmf.clone())).unwrap();
        assert!(
            written.contains("\"alpha_W\":0.1,\"alpha_H\":\"same\""),
            "{written}"
        );
        let read: FactorParams = serde_json::from_str(&written).unwrap();
        assert_eq!(read, FactorParams::Nmf(nmf));
    }

    #[test]
    fn a_parameter_that_is_out_of_range_is_named() {
        for (text, told) in [
            ("alpha_W = -1.0", "expected"),
            ("alpha_H = -1", "\"same\" or a number"),
            ("alpha_H = \"other\"", "\"same\" or a number"),
            ("l1_ratio = 2.0", "2"),
            ("rank = 2", "rank"),
        ] {
            let error = toml::from_str::<NmfParams>(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        let nmf = |change: fn(&mut NmfParams)| {
            let mut params = NmfParams::default();
            change(&mut params);
            params.validate().unwrap_err().param
        };
        assert_eq!(nmf(|params| params.n_components = 0), "n_components");
        assert_eq!(nmf(|params| params.max_iter = 0), "max_iter");
        assert_eq!(nmf(|params| params.tol = f64::NAN), "tol");
        assert_eq!(nmf(|params| params.alpha_h = AlphaH::Of(-1.0)), "alpha_H");
        assert_eq!(nmf(|params| params.l1_ratio = 1.1), "l1_ratio");
        let als = |change: fn(&mut AlsParams)| {
            let mut params = AlsParams::default();
            change(&mut params);
            params.validate().unwrap_err().param
        };
        assert_eq!(als(|params| params.factors = 5_000), "factors");
        assert_eq!(als(|params| params.iterations = 0), "iterations");
        assert_eq!(als(|params| params.alpha = 0.0), "alpha");
        assert_eq!(als(|params| params.regularization = -1.0), "regularization");
    }
}
