//! CSV, read twice: [`scan`] finds types, levels and the number of rows, then [`CsvBatches`] gives the
//! rows. Both stream; their memory does not grow with the file.
//!
//! The dialect is what spreadsheets and pandas write: the first line names the columns, a field may
//! be quoted with `"` (doubled inside), lines end with LF or CRLF, blank lines are skipped, a byte
//! order mark is too.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use serde::{Deserialize, Serialize};

use self::infer::{Inference, LevelBudget};
use self::records::Records;
use super::error::{Problem, SourceError};
use crate::data::schema::{ColumnType, Field, Schema};

mod batches;
pub mod hints;
mod infer;
mod records;
#[cfg(test)]
mod tests;
mod value;

pub use batches::CsvBatches;
pub(in crate::data) use value::timestamp;

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

/// What the first reading of a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The columns: inferred and declared types, whether cells are missing, levels in byte order.
    pub schema: Schema,
    /// How many rows there are.
    pub rows: u64,
    /// Columns that became text or categories although most of their values look like something stricter.
    pub doubts: Vec<Doubt>,
}

/// A column whose type hangs on few values: what a person would want to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// The column.
    pub column: String,
    /// What its first value looks like.
    pub seemed: ColumnType,
    /// The physical line of the first value that does not.
    pub line: u64,
    /// That value.
    pub got: String,
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
    let columns = header(&mut records)?;
    let mut budget = LevelBudget::new();
    let mut inferences = declared(name, &columns, options)?;
    let missing = Missing::new(options);
    let mut rows = 0;
    while let Some(record) = records.next()? {
        record.expect_fields(columns.len(), || {
            hints::likely_delimiter(columns.iter().map(String::as_str))
        })?;
        for (index, inference) in inferences.iter_mut().enumerate() {
            let text = record.field(index);
            if missing.has(text) {
                inference.saw_missing();
            } else {
                let line = || record.line_of(index);
                inference
                    .saw(text, line, &mut budget)
                    .map_err(|problem| record.error(index, &columns[index], problem))?;
            }
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(SourceError {
            file: name.to_owned(),
            line: None,
            column: None,
            field: None,
            problem: Problem::HeaderOnly,
        });
    }
    let mut fields = Vec::with_capacity(columns.len());
    let mut doubts = Vec::new();
    for (column, inference) in columns.into_iter().zip(inferences) {
        let conclusion = inference.conclude(rows).map_err(|(line, problem)| SourceError {
            file: name.to_owned(),
            line: Some(line),
            column: Some(column.clone()),
            field: None,
            problem,
        })?;
        if let Some((seemed, line, got)) = conclusion.doubt {
            doubts.push(Doubt {
                column: column.clone(),
                seemed,
                line,
                got,
            });
        }
        let (kind, missing, levels) = (conclusion.kind, conclusion.missing, conclusion.levels);
        fields.push(Field {
            name: column,
            kind,
            missing,
            levels,
        });
    }
    let schema = Schema::new(fields).map_err(|error| SourceError {
        file: name.to_owned(),
        line: Some(1),
        column: None,
        field: None,
        problem: Problem::Schema(error),
    })?;
    Ok(Scanned { schema, rows, doubts })
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

/// One inference a column, which a declaration may decide beforehand.
fn declared(file: &str, columns: &[String], options: &CsvOptions) -> Result<Vec<Inference>, SourceError> {
    const SHOWN: usize = 10;
    if let Some(stray) = options.types.keys().find(|name| !columns.contains(name)) {
        let mut known = columns
            .iter()
            .take(SHOWN)
            .map(|name| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(", ");
        if columns.len() > SHOWN {
            known.push_str(", …");
        }
        return Err(SourceError {
            file: file.to_owned(),
            line: None,
            column: Some(stray.clone()),
            field: None,
            problem: Problem::NoSuchColumn { known },
        });
    }
    Ok(columns
        .iter()
        .map(|name| Inference::new(options.types.get(name).copied()))
        .collect())
}
