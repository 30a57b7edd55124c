//! The ids that name things: made at random, or computed from content.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::random::{Entropy, EntropyError};

/// What is wrong with an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not {what}: expected {expected}")]
pub struct IdError {
    given: String,
    what: &'static str,
    expected: &'static str,
}

impl IdError {
    /// `given` is not `what`, of which `expected` was due.
    pub(crate) fn new(given: &str, what: &'static str, expected: &'static str) -> Self {
        Self {
            given: given.chars().take(80).collect(),
            what,
            expected,
        }
    }
}

/// The `N` bytes that `given` writes in lower-case hex digits.
pub(crate) fn parse_hex<const N: usize>(given: &str) -> Option<[u8; N]> {
    let digits = given.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// Defines an id of `$bytes` bytes that is written as lower-case hex digits.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $what:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(given: &str) -> Result<Self, IdError> {
                let read = parse_hex(given).map(Self);
                read.ok_or_else(|| IdError::new(given, $what, $expected))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(given: String) -> Result<Self, IdError> {
                given.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

hex_id!(
    /// A run: 32 lower-case hex digits, as MLflow's clients expect.
    RunId, 16, "a run id", "32 lower-case hex digits"
);
hex_id!(
    /// A job: 32 lower-case hex digits.
    JobId, 16, "a job id", "32 lower-case hex digits"
);
hex_id!(
    /// A registered model, whatever it is called: 32 lower-case hex digits.
    ModelId, 16, "a model id", "32 lower-case hex digits"
);
hex_id!(
    /// A dataset, whatever it is called: 32 lower-case hex digits.
    DatasetId, 16, "a dataset id", "32 lower-case hex digits"
);
hex_id!(
    /// One opening of a store, from its start to its end: 32 lower-case hex digits.
    SessionId, 16, "a session id", "32 lower-case hex digits"
);
hex_id!(
    /// Names content by its BLAKE3 hash: 64 lower-case hex digits.
    ContentId, 32, "a content id", "64 lower-case hex digits"
);

impl ContentId {
    /// The BLAKE3 hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

/// Ids that are drawn, and mean nothing but the thing that they name.
macro_rules! drawn_ids {
    ($($name:ident),+) => {$(
        impl $name {
            /// A new random id.
            ///
            /// # Errors
            /// When the operating system has no random bytes to give.
            pub fn random(entropy: Entropy) -> Result<Self, EntropyError> {
                entropy.bytes().map(Self)
            }
        }
    )+};
}

drawn_ids!(RunId, JobId, ModelId, DatasetId, SessionId);

/// An experiment: a decimal number as text; `"0"` is the one called Default, as in MLflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExperimentId(u64);

impl ExperimentId {
    /// The experiment that is always there.
    pub const DEFAULT: Self = Self(0);

    /// The id with this number.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn as_number(self) -> u64 {
        self.0
    }

    /// A new random id of 18 digits, as MLflow's file store makes them.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn random(entropy: Entropy) -> Result<Self, EntropyError> {
        const SMALLEST: u64 = 100_000_000_000_000_000;
        let draw = u64::from_le_bytes(entropy.bytes()?);
        Ok(Self(SMALLEST + draw % (9 * SMALLEST)))
    }
}

impl fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ExperimentId {
    type Err = IdError;

    fn from_str(given: &str) -> Result<Self, IdError> {
        let read = given.parse().map(Self);
        read.map_err(|_| IdError::new(given, "an experiment id", "a decimal number"))
    }
}

impl TryFrom<String> for ExperimentId {
    type Error = IdError;

    fn try_from(given: String) -> Result<Self, IdError> {
        given.parse()
    }
}

impl From<ExperimentId> for String {
    fn from(id: ExperimentId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_prints() {
        let id = RunId::random(Entropy).unwrap();
        assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
        assert_eq!(id.to_string().len(), 32);
        let id = ExperimentId::random(Entropy).unwrap();
        assert_eq!(id.to_string().parse::<ExperimentId>().unwrap(), id);
        assert_eq!(id.to_string().len(), 18);
    }

    #[test]
    fn what_is_no_id_is_refused_with_what_was_expected() {
        for bad in [
            "",
            "abc",
            "ABCDEF00112233445566778899aabbcc",
            "zz112233445566778899aabbccddeeff",
        ] {
            let message = bad.parse::<RunId>().unwrap_err().to_string();
            assert!(message.contains("32 lower-case hex digits"), "{message}");
        }
        assert!("-1".parse::<ExperimentId>().is_err());
    }
}
