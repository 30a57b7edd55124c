//! The wanted columns of a CSV file, found by name: rows for a model whose inputs are known.

use std::io::Read;

use super::records::{Record, Records};
use super::value;
use crate::data::cell::{Cell, shortened};
use crate::data::schema::ColumnType;
use crate::data::source::error::{Problem, SourceError};

/// How many of the columns that are there a message names.
const MOST_NAMED: usize = 20;

/// Reads the rows of a CSV file one by one, of each the cells of the wanted columns, in the order in which they are
/// wanted. Other columns are passed over. Memory is bounded by the longest row.
pub struct WantedRows<R> {
    records: Records<R>,
    /// How many fields the line of names has.
    width: usize,
    columns: Vec<Wanted>,
}

/// A wanted column and where it stands.
struct Wanted {
    name: String,
    kind: ColumnType,
    place: usize,
}

/// One row.
pub struct WantedRow<'a> {
    /// A cell for each wanted column.
    pub cells: Vec<Cell<'a>>,
    record: Record<'a>,
    columns: &'a [Wanted],
}

impl<R: Read> WantedRows<R> {
    /// Reads the line of column names. `name` stands in messages; `wanted` are names and types.
    ///
    /// # Errors
    /// The file is no CSV, is empty, or a wanted column is not there, or there twice.
    pub fn new<'w>(
        name: &str,
        reader: R,
        wanted: impl Iterator<Item = (&'w str, ColumnType)>,
    ) -> Result<Self, SourceError> {
        let mut records = Records::new(name, reader, b',')?;
        let Some(header) = records.next()? else {
            return Err(records.error(Problem::Empty));
        };
        let names: Vec<&str> = (0..header.len())
            .map(|place| header.field(place).trim())
            .collect();
        let mut columns = Vec::new();
        for (wanted, kind) in wanted {
            let mut places = (0..names.len()).filter(|place| names[*place] == wanted);
            let Some(place) = places.next() else {
                let known = known(&names);
                return Err(header.error(0, wanted, Problem::NotThere { known }));
            };
            if let Some(again) = places.next() {
                return Err(header.error(again, wanted, Problem::DuplicateColumn));
            }
            let name = wanted.to_owned();
            columns.push(Wanted { name, kind, place });
        }
        let width = names.len();
        Ok(Self {
            records,
            width,
            columns,
        })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// It is no row of this file: torn, or with other fields than there are names.
    pub fn next_row(&mut self) -> Result<Option<WantedRow<'_>>, SourceError> {
        let Some(record) = self.records.next()? else {
            return Ok(None);
        };
        record.expect_fields(self.width, || None)?;
        let columns = &self.columns[..];
        let cells = columns
            .iter()
            .map(|column| cell(column.kind, record.field(column.place)));
        Ok(Some(WantedRow {
            cells: cells.collect(),
            record,
            columns,
        }))
    }
}

impl WantedRow<'_> {
    /// The line, from 1, on which the cell of the column `name` begins; without such a column, the row.
    pub fn line_of(&self, name: Option<&str>) -> u64 {
        let column = self.columns.iter().find(|column| Some(&*column.name) == name);
        self.record.line_of(column.map_or(0, |column| column.place))
    }
}

/// The columns that are there, the first few.
fn known(names: &[&str]) -> String {
    let some: Vec<_> = names
        .iter()
        .take(MOST_NAMED)
        .map(|name| shortened(name))
        .collect();
    let more = if names.len() > MOST_NAMED { ", …" } else { "" };
    format!("{}{more}", some.join(", "))
}

/// What a field's text says to a model's input of type `kind`: nothing where it is empty, else a value of the type.
/// Text that is none stays text; whoever takes the value says what is wrong with it.
pub fn cell(kind: ColumnType, text: &str) -> Cell<'_> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Cell::Missing;
    }
    let number = || value::number(trimmed).map(Cell::Number);
    let read = match kind {
        ColumnType::Integer => value::integer(trimmed).map(Cell::Integer).or_else(|_| number()),
        ColumnType::Number => number(),
        ColumnType::Boolean => value::boolean(trimmed).map(Cell::Boolean),
        ColumnType::Timestamp => return Cell::text(trimmed),
        ColumnType::Category | ColumnType::Text => return Cell::text(text),
    };
    read.unwrap_or_else(|_| Cell::text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [(&str, ColumnType); 4] = [
        ("age", ColumnType::Integer),
        ("income", ColumnType::Number),
        ("plan", ColumnType::Category),
        ("active", ColumnType::Boolean),
    ];

    fn read(text: &str) -> Result<Vec<(u64, Vec<Cell<'static>>)>, SourceError> {
        let mut rows = WantedRows::new("the body", text.as_bytes(), WANTED.into_iter())?;
        let mut found = Vec::new();
        while let Some(row) = rows.next_row()? {
            let line = row.line_of(Some("active"));
            let owned = row.cells.into_iter().map(|cell| match cell {
                Cell::Text(text) => Cell::Text(text.into_owned().into()),
                Cell::Number(number) => Cell::Number(number),
                Cell::Integer(integer) => Cell::Integer(integer),
                Cell::Boolean(boolean) => Cell::Boolean(boolean),
                _ => Cell::Missing,
            });
            found.push((line, owned.collect()));
        }
        Ok(found)
    }

    #[test]
    fn columns_are_found_by_name_and_cells_are_of_the_wanted_types() {
        let text = "\u{feff}left, plan ,active,age,income\r\nyes,\"a, \"\"b\"\"\",TRUE,33,\r\n\n,\"two\nlines\",0,old,1e3";
        let rows = read(text).unwrap();
        let expected = [
            (
                2,
                vec![
                    Cell::Integer(33),
                    Cell::Missing,
                    Cell::text("a, \"b\""),
                    Cell::Boolean(true),
                ],
            ),
            (
                5,
                vec![
                    Cell::text("old"),
                    Cell::Number(1000.0),
                    Cell::text("two\nlines"),
                    Cell::Boolean(false),
                ],
            ),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_is_wrong_is_told_with_line_and_column() {
        let header = "age,income,plan,active\n";
        for (text, told) in [
            (String::new(), "the body: the file is empty"),
            (
                "age,plan\n1,x\n".to_owned(),
                "the body, line 1, column \"income\": the file has no such column; it has age, plan",
            ),
            (
                "age,age,income,plan,active\n".to_owned(),
                "line 1, column \"age\": this column name is there twice",
            ),
            (
                format!("{header}1,2,x,true\n1,2,x\n"),
                "line 3: this row has 3 fields",
            ),
            (format!("{header}1,2,\"x,true\n"), "line 2: a quoted field"),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
