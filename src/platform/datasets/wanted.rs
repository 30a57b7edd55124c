//! Which version of a dataset is meant: the latest, or the one whose id begins so.

use std::fmt;
use std::str::FromStr;

use super::{DatasetError, DatasetVersion, Datasets, found};
use crate::base::id::IdError;
use crate::base::{ContentId, Name};
use crate::store::tables::datasets;

/// Which version of a dataset is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The one that came in last.
    #[default]
    Latest,
    /// The one whose content id begins with these digits: 1 to 64 lower-case hex digits.
    Digits(String),
}

/// Why no version is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// None has such an id.
    #[error("dataset {name} has no version {version}; `usina data show {name}` lists those that are there")]
    Unknown {
        /// The dataset.
        name: Name,
        /// What was asked for.
        version: String,
    },
    /// Several have.
    #[error("dataset {name} has several versions whose ids begin with {version}; give more digits")]
    Ambiguous {
        /// The dataset.
        name: Name,
        /// What was asked for.
        version: String,
    },
    /// There is no version before the latest.
    #[error("dataset {0} has a single version; add another, or name another dataset to compare it with")]
    OnlyOne(Name),
}

impl FromStr for Wanted {
    type Err = IdError;

    fn from_str(given: &str) -> Result<Self, IdError> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match given {
            "latest" => Ok(Self::Latest),
            _ if (1..=64).contains(&given.len()) && given.bytes().all(is_digit) => {
                Ok(Self::Digits(given.to_owned()))
            }
            _ => Err(IdError::new(
                given,
                "a dataset version",
                "latest, or the first of its 64 lower-case hex digits",
            )),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Digits(digits) => f.write_str(digits),
        }
    }
}

impl Datasets {
    /// The version that is meant.
    ///
    /// # Errors
    /// No such dataset or version, several versions, or the store's.
    pub async fn wanted(&self, name: &Name, wanted: &Wanted) -> Result<DatasetVersion, DatasetError> {
        let Wanted::Digits(digits) = wanted else {
            return self.version(name, None).await;
        };
        let (name, digits) = (name.clone(), digits.clone());
        // The smallest id that begins so.
        let from: ContentId = format!("{digits:0<64}")
            .parse()
            .map_err(|_| VersionError::Unknown {
                name: name.clone(),
                version: digits.clone(),
            })?;
        self.store
            .read(move |tx| {
                let dataset = found(tx, &name)?.id;
                let mut rows = datasets::versions_from(tx, dataset, from, 2)?;
                rows.retain(|row| row.id.to_string().starts_with(&digits));
                let (name, version) = (name.clone(), digits.clone());
                match (rows.pop(), rows.pop()) {
                    (Some(row), None) => DatasetVersion::from_row(dataset, &name, row),
                    (None, _) => Err(VersionError::Unknown { name, version }.into()),
                    _ => Err(VersionError::Ambiguous { name, version }.into()),
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_latest_or_begins_with_hex_digits() {
        assert_eq!("latest".parse(), Ok(Wanted::Latest));
        assert_eq!("0af".parse(), Ok(Wanted::Digits("0af".to_owned())));
        for wrong in ["", "newest", "0AF", &"a".repeat(65)] {
            let told = wrong.parse::<Wanted>().unwrap_err().to_string();
            assert!(told.contains("latest, or the first of its 64"), "{told}");
        }
    }
}
