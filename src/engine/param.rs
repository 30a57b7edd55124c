//! Parameters of algorithms: what they may be, and how one that is something else is told.

mod interval;

use std::fmt;

pub(in crate::engine) use interval::{Interval, not_negative, positive, share, to_one};

/// A parameter that is out of range, or does not go with the others or the data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{param} = {value}: expected {expected}")]
pub struct ParamError {
    /// The parameter's name.
    pub param: &'static str,
    /// Its value.
    pub value: String,
    /// What it may be.
    pub expected: String,
}

impl ParamError {
    pub(in crate::engine) fn new(
        param: &'static str,
        value: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self {
            param,
            value: value.to_string(),
            expected: expected.to_string(),
        }
    }
}

/// Checks numbers, each a parameter's name, its value and what it may be.
///
/// # Errors
/// Names the first that is something else.
pub(in crate::engine) fn check_numbers(numbers: &[(&'static str, f64, Interval)]) -> Result<(), ParamError> {
    match numbers
        .iter()
        .find(|(_, value, interval)| !interval.holds(*value))
    {
        Some((param, value, interval)) => Err(ParamError::new(param, value, interval)),
        None => Ok(()),
    }
}

/// Checks counts, each a parameter's name, its value, the least and the most that it may be.
///
/// # Errors
/// Names the first that is something else.
pub(in crate::engine) fn check_counts(
    counts: &[(&'static str, usize, usize, usize)],
) -> Result<(), ParamError> {
    match counts
        .iter()
        .find(|(_, value, low, high)| !(low..=high).contains(&value))
    {
        Some((param, value, low, high)) => {
            let expected = format_args!("an integer from {low} to {high}");
            Err(ParamError::new(param, value, expected))
        }
        None => Ok(()),
    }
}
