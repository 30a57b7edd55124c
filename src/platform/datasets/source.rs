//! Where a dataset version came from: what it takes to have the same rows again.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::store::tables::datasets::SourceRow;

/// Where a dataset version came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File {
        /// What it was called where it came from.
        name: String,
    },
    /// usina generated the rows when it trained.
    Generated {
        /// What generates them: card-fraud or ratings.
        kind: String,
        /// How many.
        rows: u64,
        /// Where their random sequence starts.
        seed: u64,
        /// How many of what else there are: the users and items of ratings.
        sizes: BTreeMap<String, u64>,
    },
}

const FILE: &str = "file";
const GENERATED: &str = "generated";

impl Source {
    /// A file called `name`.
    pub fn file(name: impl Into<String>) -> Self {
        Self::File { name: name.into() }
    }

    pub(super) fn from_row(row: SourceRow) -> Result<Self, String> {
        let number = |key: &str| {
            let text = row.details.get(key).map(String::as_str).unwrap_or_default();
            u64::from_str(text).map_err(|_| format!("its source has no number {key}"))
        };
        match row.kind.as_str() {
            FILE => Ok(Self::File { name: row.name }),
            GENERATED => Ok(Self::Generated {
                rows: number("rows")?,
                seed: number("seed")?,
                sizes: (row.details.keys())
                    .filter(|key| !["rows", "seed"].contains(&key.as_str()))
                    .map(|key| Ok((key.clone(), number(key)?)))
                    .collect::<Result<_, String>>()?,
                kind: row.name,
            }),
            other => Err(format!("a source of the kind {other} is not known")),
        }
    }

    pub(super) fn to_row(&self) -> SourceRow {
        match self {
            Self::File { name } => SourceRow {
                kind: FILE.to_owned(),
                name: name.clone(),
                details: BTreeMap::new(),
            },
            Self::Generated {
                kind,
                rows,
                seed,
                sizes,
            } => SourceRow {
                kind: GENERATED.to_owned(),
                name: kind.clone(),
                details: [("rows", rows), ("seed", seed)]
                    .into_iter()
                    .chain(sizes.iter().map(|(key, size)| (key.as_str(), size)))
                    .map(|(key, size)| (key.to_owned(), size.to_string()))
                    .collect(),
            },
        }
    }
}

/// For people.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name } => f.write_str(name),
            Self::Generated {
                kind,
                rows,
                seed,
                sizes,
            } => {
                write!(f, "generated: {rows} rows of {kind}, ")?;
                for (what, size) in sizes {
                    write!(f, "{size} {what}, ")?;
                }
                write!(f, "seed {seed}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reads_back_from_its_row() {
        let generated = Source::Generated {
            kind: "card-fraud".to_owned(),
            rows: 100,
            seed: u64::MAX,
            sizes: BTreeMap::new(),
        };
        let ratings = Source::Generated {
            kind: "ratings".to_owned(),
            rows: 100,
            seed: 1,
            sizes: [("items".to_owned(), 20), ("users".to_owned(), 30)].into(),
        };
        assert_eq!(
            ratings.to_string(),
            "generated: 100 rows of ratings, 20 items, 30 users, seed 1"
        );
        for source in [Source::file("a file.csv"), generated, ratings] {
            assert_eq!(Source::from_row(source.to_row()), Ok(source));
        }
        let mut row = Source::file("x").to_row();
        row.kind = "carrier pigeon".to_owned();
        assert!(Source::from_row(row).unwrap_err().contains("carrier pigeon"));
    }
}
