//! The names that people give to datasets, models and experiments' tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{given}\" is not a name: use 1 to {} letters, digits, '-', '_' or '.', the first a letter or digit",
    Name::MAX_LEN
)]
pub struct NameError {
    given: String,
}

/// The name of a dataset or a model: ASCII letters, digits, `-`, `_`, `.`; it starts with a letter or digit.
///
/// It stands in URLs, file names and command lines, so it needs no quoting in any of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The most bytes that a name has.
    pub const MAX_LEN: usize = 100;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(given: &str) -> Result<Self, NameError> {
        let starts_well = given
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        let all_well = given
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if starts_well && all_well && given.len() <= Self::MAX_LEN {
            Ok(Self(given.to_owned()))
        } else {
            Err(NameError {
                given: given.chars().take(Self::MAX_LEN).collect(),
            })
        }
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(given: String) -> Result<Self, NameError> {
        given.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_quoting_anywhere() {
        for good in ["churn", "fraud-detection", "v1.2_x", "0"] {
            assert_eq!(good.parse::<Name>().unwrap().as_str(), good);
        }
        for bad in ["", "-x", ".hidden", "a b", "a/b", "ação", "a\n", &"x".repeat(101)] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}
