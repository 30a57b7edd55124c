//! What a mistake in a CSV file most likely is, and where it stands: looked up when there is one.

use std::io::Read;

use super::records::Records;
use super::{CsvOptions, SourceError};

/// What probably separates the fields of a file that seems to have the column `columns` alone: a sign in its
/// name that spreadsheets write between fields.
pub fn likely_delimiter<'a>(mut columns: impl Iterator<Item = &'a str>) -> Option<char> {
    let (Some(only), None) = (columns.next(), columns.next()) else {
        return None;
    };
    [';', '\t', '|', ',']
        .into_iter()
        .find(|sign| only.contains(*sign))
}

/// The advice that goes with a delimiter that is likely.
pub fn advice(delimiter: char) -> String {
    let delimiter = delimiter.to_string();
    format!(
        "the only column's name holds {delimiter:?}: if that separates the fields, say csv.delimiter = {delimiter:?}"
    )
}

/// The physical line, from 1, on which the row `row`, from 1, has the column `column`; none when there is no
/// such row.
///
/// # Errors
/// The file cannot be read so far.
pub fn line_of(
    name: &str,
    reader: impl Read,
    options: &CsvOptions,
    row: usize,
    column: usize,
) -> Result<Option<u64>, SourceError> {
    let mut records = Records::new(name, reader, options.delimiter)?;
    // The first record names the columns, unless it is a row.
    for _ in 0..row.saturating_sub(usize::from(!options.header)) {
        if records.next()?.is_none() {
            return Ok(None);
        }
    }
    let record = records.next()?;
    Ok(record
        .filter(|record| column < record.len())
        .map(|record| record.line_of(column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_likely_where_a_lone_column_s_name_holds_one() {
        let likely = |columns: &[&str]| likely_delimiter(columns.iter().copied());
        assert_eq!(likely(&["age;plan;left"]), Some(';'));
        assert_eq!(likely(&["age\tplan"]), Some('\t'));
        assert_eq!(likely(&["age|plan"]), Some('|'));
        for other in [&["age"][..], &["a;b", "c"], &[]] {
            assert_eq!(likely(other), None, "{other:?}");
        }
        assert!(advice('\t').ends_with(r#"csv.delimiter = "\t""#));
    }

    #[test]
    fn a_row_s_line_is_the_one_in_the_file() {
        let csv = "x,y\n\n\"a\nb\",1\nc,\nd,\"e\nf\"\n";
        let line =
            |row, column| line_of("t.csv", csv.as_bytes(), &CsvOptions::default(), row, column).unwrap();
        assert_eq!(line(1, 0), Some(3));
        assert_eq!(line(1, 1), Some(4));
        assert_eq!(line(2, 1), Some(5));
        assert_eq!(line(3, 1), Some(6));
        assert_eq!((line(4, 0), line(3, 2)), (None, None));
    }
}
