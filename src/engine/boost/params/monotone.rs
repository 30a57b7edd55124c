//! In which direction a prediction may move as a feature grows.

use serde::{Deserialize, Serialize};

/// In which direction a prediction may move as a feature grows; written 1, 0, -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Monotone {
    /// 1: up or level.
    Increasing,
    /// 0: any.
    Free,
    /// -1: down or level.
    Decreasing,
}

/// A direction that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no direction: expected 1 (increasing), 0 (free) or -1 (decreasing)")]
pub struct MonotoneError(i64);

impl TryFrom<i64> for Monotone {
    type Error = MonotoneError;

    fn try_from(direction: i64) -> Result<Self, MonotoneError> {
        match direction {
            1 => Ok(Self::Increasing),
            0 => Ok(Self::Free),
            -1 => Ok(Self::Decreasing),
            other => Err(MonotoneError(other)),
        }
    }
}

impl From<Monotone> for i64 {
    fn from(monotone: Monotone) -> i64 {
        match monotone {
            Monotone::Increasing => 1,
            Monotone::Free => 0,
            Monotone::Decreasing => -1,
        }
    }
}
