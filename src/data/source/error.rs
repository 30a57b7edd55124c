//! What is wrong with a file, and where.

use std::fmt;
use std::io;

use super::csv::hints::advice;
use super::gzip::GzipFault;
use super::options::OptionMistake;
use super::parquet::ParquetFault;
use super::{Format, Place};
use crate::data::cell::shortened;
use crate::data::schema::{ColumnType, Schema, SchemaError};

/// A file that cannot be read as a table: where, and why.
#[derive(Debug)]
pub struct SourceError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// The line or the row.
    pub place: Option<Place>,
    /// The column's name.
    pub column: Option<String>,
    /// Which field of its row it is, from 1, where the column's name is not known.
    pub field: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

impl SourceError {
    /// A problem of the file as a whole.
    pub(super) fn of_file(file: &str, problem: Problem) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            column: None,
            field: None,
            problem,
        }
    }

    /// The same problem, at a place.
    pub(super) fn at(self, place: Place) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    /// The same problem, in a column.
    pub(super) fn in_column(self, column: &str) -> Self {
        Self {
            column: Some(column.to_owned()),
            field: None,
            ..self
        }
    }
}

/// `data.csv, line 7, column "amount": expected …`.
impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(place) = self.place {
            write!(f, ", {place}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column \"{}\"", shortened(column))?;
        } else if let Some(field) = self.field {
            write!(f, ", field {field}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}

/// What is wrong at a place in a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// There is nothing in the file.
    #[error("the file is empty; a table has a line of column names and at least one row")]
    Empty,
    /// There are column names and nothing else.
    #[error("there are column names but no rows; add at least one row")]
    HeaderOnly,
    /// There are objects, and nothing in them.
    #[error("no object has a key; write objects such as {{\"x\": 1}}")]
    NoKeys,
    /// The file is of another format.
    #[error("this is {found}, not {}; {remedy}", words(*.expected), remedy = remedy(.found))]
    OtherFormat {
        /// What it seems to be.
        found: &'static str,
        /// What it was taken for.
        expected: Format,
    },
    /// The file was packed, and cannot be unpacked.
    #[error("{0}; copy it again, or pack it again")]
    Gzip(GzipFault),
    /// A packed file in a packed file, or a format that packs by itself.
    #[error("there is {0} inside of a gzip file; unpack it first")]
    PackedTwice(&'static str),
    /// The options contradict each other.
    #[error("{0}")]
    Options(#[from] OptionMistake),
    /// Options of CSV for another format.
    #[error("the options under csv say how CSV is read, and this is {}; leave them out (types stand in types)", words(*.0))]
    CsvOptions(Format),
    /// Another number of columns than names.
    #[error("csv.columns names {named} columns, but this row has {got} fields; name each of them")]
    Names {
        /// How many names there are.
        named: usize,
        /// How many fields the first row has.
        got: usize,
    },
    /// A line that is not JSON.
    #[error("this is not JSON: {what}{}; write one object a line", .position.map_or_else(String::new, |at| format!(" at character {at}")))]
    Json {
        /// What is wrong.
        what: String,
        /// Where in the line, in characters from 1.
        position: Option<usize>,
    },
    /// A line that is JSON, but no object.
    #[error("expected an object such as {{\"x\": 1}}, got {got}; write one object a line{}", if *.is_list { " (in pandas: to_json(orient=\"records\", lines=True))" } else { "" })]
    NoObject {
        /// What is there.
        got: &'static str,
        /// Whether it begins as a list does.
        is_list: bool,
    },
    /// An object or a list inside of a row.
    #[error(
        "there is {0} in this column, but a cell holds one value; give each value a column of its own, or drop it"
    )]
    Nested(&'static str),
    /// A key that an object has twice.
    #[error("this key is there twice in one object; leave one of them out")]
    DuplicateKey,
    /// A line that is too long.
    #[error("this line is longer than {max} bytes; shorten its texts, or look for missing line ends")]
    LineTooLong {
        /// The most bytes that a line has.
        max: usize,
    },
    /// A Parquet file that cannot be read.
    #[error("{0}")]
    Parquet(#[from] ParquetFault),
    /// A zero byte, which no text file has.
    #[error("there is a zero byte, so this is no text file; export the table as CSV in UTF-8")]
    ZeroByte,
    /// Bytes that are no UTF-8.
    #[error("this is not valid UTF-8; save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")")]
    NotUtf8,
    /// A row with more or fewer fields than there are columns.
    #[error("{}", ragged(*.expected, *.got, *.likely))]
    Ragged {
        /// How many columns there are.
        expected: usize,
        /// How many fields the row has.
        got: usize,
        /// What probably separates the fields in place of the delimiter.
        likely: Option<char>,
    },
    /// A quote without its partner.
    #[error("a quoted field that starts here is never closed; close it, or double the quotes inside fields")]
    OpenQuote,
    /// A field that is too long.
    #[error("this field is longer than {max} bytes; shorten it, or look for a quote that is never closed")]
    FieldTooLong {
        /// The most bytes that a field has.
        max: usize,
    },
    /// A row that is too long.
    #[error("this row is longer than {max} bytes; shorten its texts or drop columns")]
    RowTooLong {
        /// The most bytes that a row has.
        max: usize,
    },
    /// A column without a name.
    #[error("column {0} (counted from 1) has no name; give it one")]
    UnnamedColumn(usize),
    /// Two columns with one name.
    #[error("this column name is there twice; rename one of them")]
    DuplicateColumn,
    /// Too many columns.
    #[error("there are more than {max} columns; drop some, or look for a wrong delimiter", max = Schema::MAX_COLUMNS)]
    TooManyColumns,
    /// A whole number beyond 64 bits.
    #[error(
        "the whole number {0} does not fit 64 bits; declare the column as \"number\", or as \"text\" if it is an identifier"
    )]
    IntegerTooBig(String),
    /// A number beyond 64-bit floating point.
    #[error(
        "the number {0} is beyond ±1.8e308; correct it, leave it empty, or declare the column as \"text\""
    )]
    NumberTooBig(String),
    /// A value that is not of its column's type.
    #[error("expected {}, got \"{got}\"; correct it, or declare the column as another type", expectation(*.expected))]
    WrongType {
        /// The column's type.
        expected: ColumnType,
        /// What is there.
        got: String,
    },
    /// A type was declared for a column that is not there.
    #[error("a type is declared for this column, but the file has no such column; it has {known}")]
    NoSuchColumn {
        /// Columns that are there, the first few.
        known: String,
    },
    /// A column that is wanted and not there.
    #[error("the file has no such column; it has {known}")]
    NotThere {
        /// Columns that are there, the first few.
        known: String,
    },
    /// A declared category with too many levels.
    #[error(
        "a category has at most {max} different values that fit {mib} MiB together; declare the column as \"text\""
    )]
    TooManyLevels {
        /// The most levels.
        max: usize,
        /// The most memory that the levels of all columns take.
        mib: usize,
    },
    /// The second reading found something else than the first.
    #[error("the file changed while it was read; read it again once nobody writes to it")]
    Changed,
    /// The delimiter cannot be told from other signs.
    #[error("the delimiter {0:?} cannot separate fields; use a comma, a semicolon or a tab")]
    Delimiter(char),
    /// The columns make no schema.
    #[error("{0}")]
    Schema(#[source] SchemaError),
}

fn ragged(expected: usize, got: usize, likely: Option<char>) -> String {
    let fields = if got == 1 { "field" } else { "fields" };
    let columns = if expected == 1 {
        "is 1 column".to_owned()
    } else {
        format!("are {expected} columns")
    };
    let remedy = likely.map_or_else(|| "quote fields that hold the delimiter".to_owned(), advice);
    format!("this row has {got} {fields}, but there {columns}; {remedy}")
}

impl Problem {
    /// What a reader's error says of the file.
    pub(super) fn of_io(error: io::Error) -> Self {
        let fault = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<GzipFault>())
            .copied();
        fault.map_or(Self::Io(error), Self::Gzip)
    }
}

/// A format in words.
fn words(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::Jsonl => "JSON lines",
        Format::Parquet => "Parquet",
    }
}

fn remedy(format: &str) -> &'static str {
    match format {
        "a gzip file" | "a bzip2 file" | "an xz file" | "a Zstandard file" => "unpack it first",
        "a Parquet file" => "leave the format out, or declare it as parquet",
        "UTF-16 text" => "save it as UTF-8",
        "a ZIP or Excel file" => "unpack it, or save the sheet as CSV in UTF-8",
        _ => "export the table as CSV in UTF-8",
    }
}

fn expectation(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Number => "a number such as 12.5",
        ColumnType::Integer => "a whole number such as 12",
        ColumnType::Boolean => "true or false",
        ColumnType::Category => "one of the column's categories",
        ColumnType::Text => "text",
        ColumnType::Timestamp => "a date or time such as 2026-01-31 or 2026-01-31T12:00:00Z",
    }
}
