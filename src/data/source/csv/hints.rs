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

/// The physical lines, from 1, of these cells: each a row, from 1, and the position of a column. None for one
/// that is not there. The file is read once, to the last of the rows.
///
/// # Errors
/// The file cannot be read so far.
pub fn lines_of(
    name: &str,
    reader: impl Read,
    options: &CsvOptions,
    cells: &[(u64, usize)],
) -> Result<Vec<Option<u64>>, SourceError> {
    let mut lines = vec![None; cells.len()];
    let mut order: Vec<_> = (0..cells.len()).collect();
    order.sort_unstable_by_key(|&place| cells[place].0);
    let mut wanted = order.into_iter().peekable();
    let mut records = Records::new(name, reader, options.delimiter)?;
    // The first record names the columns, and is row 0, unless it is a row.
    let mut row = u64::from(!options.header);
    while wanted.peek().is_some() {
        let Some(record) = records.next()? else { break };
        while let Some(place) = wanted.next_if(|&place| cells[place].0 <= row) {
            let (wanted, column) = cells[place];
            if wanted == row && column < record.len() {
                lines[place] = Some(record.line_of(column));
            }
        }
        row += 1;
    }
    Ok(lines)
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
        let cells = [(3, 1), (1, 0), (4, 0), (1, 1), (3, 2), (2, 1)];
        let lines = lines_of("t.csv", csv.as_bytes(), &CsvOptions::default(), &cells).unwrap();
        assert_eq!(lines, [Some(6), Some(3), None, Some(4), None, Some(5)]);
    }
}
