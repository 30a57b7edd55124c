//! How a file is to be read.

use std::collections::BTreeMap;

use super::{CsvOptions, Format};
use crate::data::schema::ColumnType;

/// How a file is to be read, whatever its format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format; told by the first bytes and the name unless it is declared.
    pub format: Option<Format>,
    /// Columns whose type is declared; the types of all others are inferred.
    pub types: BTreeMap<String, ColumnType>,
    /// How CSV is read; its types are declared as well.
    pub csv: CsvOptions,
}

/// Options that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionMistake {
    /// A column has one type in `types` and another in `csv.types`.
    #[error(
        "column \"{0}\" is declared in types and, as something else, in csv.types; leave one of them out"
    )]
    TwoTypes(String),
    /// Columns are named, and the file's first line names them too.
    #[error(
        "csv.columns names the columns of a file without a line of names; say csv.header = false, or leave it out"
    )]
    NamesBesideHeader,
    /// A name that is empty or there twice.
    #[error("csv.columns: {0}")]
    Names(String),
}

impl ReadOptions {
    /// Options of CSV alone.
    pub fn of_csv(csv: CsvOptions) -> Self {
        Self {
            csv,
            ..Self::default()
        }
    }

    /// Checks that the options go with each other.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), OptionMistake> {
        let other = |(name, kind): &(&String, &ColumnType)| {
            self.csv
                .types
                .get(*name)
                .is_some_and(|declared| declared != *kind)
        };
        if let Some((name, _)) = self.types.iter().find(other) {
            return Err(OptionMistake::TwoTypes(name.clone()));
        }
        if self.csv.header && !self.csv.columns.is_empty() {
            return Err(OptionMistake::NamesBesideHeader);
        }
        let mut seen = std::collections::HashSet::new();
        for (index, name) in self.csv.columns.iter().enumerate() {
            if name.trim().is_empty() {
                return Err(OptionMistake::Names(format!("name {} is empty", index + 1)));
            }
            if !seen.insert(name.trim()) {
                return Err(OptionMistake::Names(format!(
                    "\"{}\" is there twice",
                    name.trim()
                )));
            }
        }
        Ok(())
    }

    /// How CSV is read, with all types that are declared.
    pub fn as_csv(&self) -> CsvOptions {
        let mut csv = self.csv.clone();
        csv.types
            .extend(self.types.iter().map(|(name, kind)| (name.clone(), *kind)));
        csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_contradict_each_other_are_told() {
        let zip = |kind| BTreeMap::from([("zip".to_owned(), kind)]);
        let mut options = ReadOptions {
            types: zip(ColumnType::Text),
            ..ReadOptions::default()
        };
        options.csv.types = zip(ColumnType::Text);
        assert_eq!(options.check(), Ok(()));
        options.csv.types = zip(ColumnType::Integer);
        assert_eq!(options.check(), Err(OptionMistake::TwoTypes("zip".to_owned())));
        let mut options = ReadOptions::default();
        options.csv.columns = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(options.check(), Err(OptionMistake::NamesBesideHeader));
        options.csv.header = false;
        assert_eq!(options.check(), Ok(()));
        options.csv.columns[1] = "a ".to_owned();
        assert!(
            options
                .check()
                .unwrap_err()
                .to_string()
                .contains("\"a\" is there twice")
        );
    }
}
