//! The numbers that a parameter may be.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};

/// An interval of numbers, said in words when a number is outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::engine) enum Interval {
    /// 0 < x ≤ 1: shares and rates.
    Share,
    /// 0 ≤ x ≤ 1: shares that may be none.
    ToOne,
    /// 0 ≤ x: penalties.
    NotNegative,
    /// 0 < x: weights.
    Positive,
}

impl Interval {
    /// Whether `value` is inside; what is not finite never is, not even in the f32 that training uses.
    pub(in crate::engine) fn holds(self, value: f64) -> bool {
        let narrow = value as f32;
        narrow.is_finite()
            && match self {
                Self::Share => narrow > 0.0 && value <= 1.0,
                Self::ToOne => (0.0..=1.0).contains(&value),
                Self::NotNegative => value >= 0.0,
                Self::Positive => narrow > 0.0,
            }
    }

    fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<f64, D::Error> {
        let value = f64::deserialize(deserializer)?;
        if self.holds(value) {
            Ok(value)
        } else {
            Err(D::Error::custom(format_args!(
                "{value} is out of range: expected {self}"
            )))
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Share => "a number above 0 and at most 1",
            Self::ToOne => "a number from 0 to 1",
            Self::NotNegative => "a number of at least 0",
            Self::Positive => "a number above 0",
        })
    }
}

// Checked while reading, so that a recipe's error has the line and column of the value.

pub(in crate::engine) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Interval::Share.read(deserializer)
}

pub(in crate::engine) fn to_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Interval::ToOne.read(deserializer)
}

pub(in crate::engine) fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Interval::NotNegative.read(deserializer)
}

pub(in crate::engine) fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Interval::Positive.read(deserializer)
}
