//! Version labels: v1.2.0, for people. The number is the identity.

use std::fmt;
use std::str::FromStr;

/// A version's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionLabel {
    major: u32,
    minor: u32,
    patch: u32,
}

/// What changed since the newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// What the model takes in, or what it predicts.
    Contract,
    /// The data or the recipe.
    DataOrRecipe,
    /// Nothing: the same training again.
    Nothing,
}

impl VersionLabel {
    /// The label of a model's first version.
    pub(super) const FIRST: Self = Self {
        major: 1,
        minor: 0,
        patch: 0,
    };

    /// The label of the version after this one.
    pub(super) fn next(self, change: Change) -> Self {
        let Self { major, minor, patch } = self;
        match change {
            Change::Contract => Self {
                major: major + 1,
                minor: 0,
                patch: 0,
            },
            Change::DataOrRecipe => Self {
                major,
                minor: minor + 1,
                patch: 0,
            },
            Change::Nothing => Self {
                major,
                minor,
                patch: patch + 1,
            },
        }
    }
}

impl fmt::Display for VersionLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for VersionLabel {
    type Err = ();

    fn from_str(given: &str) -> Result<Self, ()> {
        let mut numbers = given
            .strip_prefix('v')
            .ok_or(())?
            .splitn(3, '.')
            .map(|part| match part {
                // A number is written in one way only, so that a label names one version.
                "0" => Ok(0),
                part if part.starts_with(|c: char| matches!(c, '1'..='9')) => part.parse().map_err(drop),
                _ => Err(()),
            });
        let mut next = || numbers.next().ok_or(())?;
        Ok(Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_what_changed() {
        let label: VersionLabel = "v1.2.3".parse().unwrap();
        assert_eq!(label.next(Change::Contract).to_string(), "v2.0.0");
        assert_eq!(label.next(Change::DataOrRecipe).to_string(), "v1.3.0");
        assert_eq!(label.next(Change::Nothing).to_string(), "v1.2.4");
    }

    #[test]
    fn a_label_is_written_in_one_way() {
        for bad in [
            "",
            "1.0.0",
            "v1",
            "v1.0",
            "v1.0.0.0",
            "v01.0.0",
            "v1.0.+1",
            "v1.0.-1",
            "v1.0.99999999999",
        ] {
            assert!(bad.parse::<VersionLabel>().is_err(), "{bad}");
        }
    }
}
