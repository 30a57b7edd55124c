//! In which direction a prediction may move as a feature grows.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde::{Serialize, Serializer};

/// In which direction a prediction may move as a feature grows; written 1, 0, -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monotone {
    /// 1: up or level.
    Increasing,
    /// 0: any.
    Free,
    /// -1: down or level.
    Decreasing,
}

impl Serialize for Monotone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(match self {
            Self::Increasing => 1,
            Self::Free => 0,
            Self::Decreasing => -1,
        })
    }
}

/// Written by hand, so that whatever else is there is told what the three numbers mean.
impl<'de> Deserialize<'de> for Monotone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Direction;

        impl Visitor<'_> for Direction {
            type Value = Monotone;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("1 (increasing), 0 (free) or -1 (decreasing)")
            }

            fn visit_i64<E: de::Error>(self, direction: i64) -> Result<Monotone, E> {
                match direction {
                    1 => Ok(Monotone::Increasing),
                    0 => Ok(Monotone::Free),
                    -1 => Ok(Monotone::Decreasing),
                    other => Err(E::invalid_value(Unexpected::Signed(other), &self)),
                }
            }

            // JSON's whole numbers come without a sign.
            fn visit_u64<E: de::Error>(self, direction: u64) -> Result<Monotone, E> {
                match i64::try_from(direction) {
                    Ok(direction) => self.visit_i64(direction),
                    Err(_) => Err(E::invalid_value(Unexpected::Unsigned(direction), &self)),
                }
            }
        }

        deserializer.deserialize_i64(Direction)
    }
}
