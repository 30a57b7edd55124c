//! CSV, read twice: [`scan`] finds types, levels and the number of rows, then [`CsvBatches`] gives the
//! rows. Both stream; their memory does not grow with the file.
//!
//! The dialect is what spreadsheets and pandas write: the first line names the columns unless it is said to
//! be a row, a field may be quoted with `"` (doubled inside), lines end with LF or CRLF, blank lines are
//! skipped, a byte order mark is too.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use serde::{Deserialize, Serialize};

use self::records::Records;
use super::declared::inferences;
use super::doubt::{Doubt, Reason};
use super::error::{Problem, SourceError};
use super::infer::{LevelBudget, Written};
use super::options::OptionMistake;
use super::scanned::{Scanned, conclude};
use super::{Format, Place, value};
use crate::data::cell::shortened;
use crate::data::schema::ColumnType;

mod batches;
pub mod hints;
mod records;
#[cfg(test)]
mod tests;
mod wanted;

pub use batches::CsvBatches;
pub use wanted::{WantedRow, WantedRows, cell};

/// How a CSV file is to be read; part of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct CsvOptions {
    /// What separates fields: one ASCII character.
    #[serde(with = "delimiter")]
    pub delimiter: u8,
    /// Spellings of a missing value; spaces around them do not matter.
    pub missing: Vec<String>,
    /// Columns whose type is declared; the types of all others are inferred.
    pub types: BTreeMap<String, ColumnType>,
    /// Whether the first line names the columns.
    #[serde(skip_serializing_if = "is_true")]
    pub header: bool,
    /// The columns' names where no line of the file has them; `column_1`, `column_2` and so on unless given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// Recipes are known by their JSON: a key that joined later is left out where it has its default.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_true(header: &bool) -> bool {
    *header
}

impl Default for CsvOptions {
    fn default() -> Self {
        const MISSING: [&str; 11] = [
            "", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "n/a", "#N/A", "<NA>",
        ];
        Self {
            delimiter: b',',
            missing: MISSING.map(str::to_owned).to_vec(),
            types: BTreeMap::new(),
            header: true,
            columns: Vec::new(),
        }
    }
}

/// The spellings of a missing value, ready to be asked for each cell of a file.
#[derive(Debug)]
struct Missing {
    spellings: Vec<String>,
    /// Bit `n` is set when a spelling has `n` bytes; the last bit stands for all longer ones. Few
    /// values are as long as a spelling, so few are compared.
    lengths: u64,
}

impl Missing {
    fn new(options: &CsvOptions) -> Self {
        let lengths = options
            .missing
            .iter()
            .fold(0, |lengths, spelling| lengths | Self::bit(spelling));
        Self {
            spellings: options.missing.clone(),
            lengths,
        }
    }

    fn bit(text: &str) -> u64 {
        1 << text.len().min(63)
    }

    /// Whether `text` stands for a missing value.
    fn has(&self, text: &str) -> bool {
        let text = text.trim_ascii();
        self.lengths & Self::bit(text) != 0 && self.spellings.iter().any(|spelling| spelling == text)
    }
}

mod delimiter {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(delimiter: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(char::from(*delimiter))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        let given = char::deserialize(deserializer)?;
        u8::try_from(given)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| D::Error::custom(format!("the delimiter {given:?} is not an ASCII character")))
    }
}

/// Reads a whole file and finds its columns' types. `name` stands in messages.
///
/// A type is inferred from all values of a column that are not missing: integer (digits with an
/// optional sign), number (also decimals and exponents), boolean (true, false, in any case),
/// timestamp (ISO 8601, with or without a zone; UTC is assumed), else category when there are at
/// most 1000 different values and either at most 20 or at most half as many as rows, else text. A
/// column with no value at all is a number. Memory is bounded: a row, and at most 64 MiB of levels.
///
/// # Errors
/// Names the file, line and column, and what to do.
pub fn scan(name: &str, reader: impl Read, options: &CsvOptions) -> Result<Scanned, SourceError> {
    let mut records = Records::new(name, reader, options.delimiter)?;
    let columns = columns(&mut records, options)?;
    let mut budget = LevelBudget::new();
    let mut inferences = inferences(name, &columns, &options.types)?;
    let missing = Missing::new(options);
    let mut rows = 0;
    let mut lone = None;
    while let Some(record) = records.next()? {
        record.expect_fields(columns.len(), || {
            hints::likely_delimiter(columns.iter().map(String::as_str))
        })?;
        if rows == 0 && columns.len() == 1 {
            let first = if options.header {
                &columns[0]
            } else {
                record.field(0)
            };
            lone = hints::likely_delimiter(std::iter::once(first)).map(|sign| (sign, shortened(first)));
        }
        for (index, inference) in inferences.iter_mut().enumerate() {
            let text = record.field(index);
            if missing.has(text) {
                inference.saw_missing();
            } else {
                let line = || record.line_of(index);
                inference
                    .saw(text, Written::Bare, line, &mut budget)
                    .map_err(|problem| record.error(index, &columns[index], problem))?;
            }
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(records.error(Problem::HeaderOnly));
    }
    let mut scanned = conclude(name, Format::Csv, columns.into_iter().zip(inferences), rows)?;
    if let Some((sign, got)) = lone {
        let field = &scanned.schema.fields()[0];
        let doubt = Doubt {
            column: field.name.clone(),
            kind: field.kind,
            place: Place::Line(1),
            got,
            reason: Reason::Delimiter(sign),
            format: Format::Csv,
        };
        // What else is strange about the column follows from this.
        scanned.doubts = vec![doubt];
    }
    Ok(scanned)
}

/// The columns' names: the first line's, or those that are given or counted where it has none.
fn columns<R: Read>(records: &mut Records<R>, options: &CsvOptions) -> Result<Vec<String>, SourceError> {
    if options.header {
        return match options.columns.is_empty() {
            true => header(records),
            false => Err(records.error(OptionMistake::NamesBesideHeader.into())),
        };
    }
    let Some(first) = records.peek()? else {
        return Err(records.error(Problem::Empty));
    };
    if options.columns.is_empty() {
        return Ok((1..=first.len()).map(|index| format!("column_{index}")).collect());
    }
    if options.columns.len() != first.len() {
        let problem = Problem::Names {
            named: options.columns.len(),
            got: first.len(),
        };
        return Err(first.error_at(0, problem));
    }
    Ok(options
        .columns
        .iter()
        .map(|name| name.trim().to_owned())
        .collect())
}

/// Reads the line of column names.
fn header<R: Read>(records: &mut Records<R>) -> Result<Vec<String>, SourceError> {
    let Some(record) = records.next()? else {
        return Err(records.error(Problem::Empty));
    };
    let mut columns = Vec::with_capacity(record.len());
    let mut seen = HashSet::with_capacity(record.len());
    for index in 0..record.len() {
        let name = record.field(index).trim();
        if name.is_empty() {
            return Err(record.error_at(index, Problem::UnnamedColumn(index + 1)));
        }
        if !seen.insert(name) {
            return Err(record.error(index, name, Problem::DuplicateColumn));
        }
        columns.push(name.to_owned());
    }
    Ok(columns)
}
