//! JSON lines: one object a line, read twice. [`scan`] finds the columns, which are all keys in order of their
//! first appearance, then [`JsonlBatches`] gives the rows. Both stream, line by line.
//!
//! A key that a line does not have, or has as null, is a missing cell. Numbers and truth values are inferred
//! as in CSV; a string is a moment (ISO 8601), a category or text, and never a number: whoever quotes a number
//! means its digits. Types that are declared go before that.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use self::lines::{Entry, Lines, Value};
use super::declared;
use super::error::{Problem, SourceError};
use super::infer::{Inference, LevelBudget, Written};
use super::scanned::{Scanned, conclude};
use super::{Format, Place};
use crate::data::schema::{ColumnType, Schema};

mod batches;
mod lines;
#[cfg(test)]
mod tests;

pub use batches::JsonlBatches;

/// A column that was found.
struct Column {
    name: String,
    inference: Inference,
    /// How many lines have its key.
    lines: u64,
    /// The row in which its key was last.
    last: u64,
}

/// The columns that were found so far.
struct Columns<'o> {
    found: Vec<Column>,
    by_name: HashMap<String, usize>,
    types: &'o BTreeMap<String, ColumnType>,
}

impl Columns<'_> {
    /// The column of an entry, which is the `position`th of its line; a new one if there is none yet.
    fn of(&mut self, position: usize, name: &str) -> Result<&mut Column, Problem> {
        // Most lines have their keys in the same order.
        let at = match self.found.get(position) {
            Some(column) if column.name == name => position,
            _ => match self.by_name.get(name) {
                Some(at) => *at,
                None => self.add(name)?,
            },
        };
        Ok(&mut self.found[at])
    }

    fn add(&mut self, name: &str) -> Result<usize, Problem> {
        let at = self.found.len();
        if name.is_empty() {
            return Err(Problem::UnnamedColumn(at + 1));
        }
        if at == Schema::MAX_COLUMNS {
            return Err(Problem::TooManyColumns);
        }
        self.found.push(Column {
            name: name.to_owned(),
            inference: Inference::new(self.types.get(name).copied()),
            lines: 0,
            last: 0,
        });
        self.by_name.insert(name.to_owned(), at);
        Ok(at)
    }
}

/// Reads a whole file and finds its columns and their types. `name` stands in messages.
///
/// Memory is bounded: a line, the columns' names, and at most 64 MiB of levels.
///
/// # Errors
/// Names the file, line and column, and what to do.
pub fn scan(
    name: &str,
    reader: impl Read,
    types: &BTreeMap<String, ColumnType>,
) -> Result<Scanned, SourceError> {
    let mut lines = Lines::new(name, reader)?;
    let mut columns = Columns {
        found: Vec::new(),
        by_name: HashMap::new(),
        types,
    };
    let mut budget = LevelBudget::new();
    let mut rows = 0;
    while let Some(line) = lines.next()? {
        rows += 1;
        let place = line.number;
        for (position, Entry { key, value }) in line.entries()?.iter().enumerate() {
            let mut see = || {
                let column = columns.of(position, key)?;
                if column.last == rows {
                    return Err(Problem::DuplicateKey);
                }
                column.last = rows;
                column.lines += 1;
                let at = || place;
                match value.read()? {
                    Value::Missing => column.inference.saw_missing(),
                    Value::Bare(text) => column.inference.saw(text, Written::Bare, at, &mut budget)?,
                    Value::Quoted(text) => column.inference.saw(&text, Written::Quoted, at, &mut budget)?,
                }
                Ok(())
            };
            see().map_err(|problem| line.error(problem).in_column(key))?;
        }
    }
    let found = &columns.found;
    if rows == 0 {
        return Err(SourceError::of_file(name, Problem::Empty));
    }
    if found.is_empty() {
        return Err(SourceError::of_file(name, Problem::NoKeys).at(Place::Line(1)));
    }
    declared::check(name, found.iter().map(|column| column.name.as_str()), types)?;
    let inferences = columns.found.into_iter().map(|mut column| {
        if column.lines < rows {
            column.inference.saw_missing();
        }
        (column.name, column.inference)
    });
    conclude(name, Format::Jsonl, inferences, rows)
}

/// The lines, from 1, of these cells: each a row, from 1, and a column, which does not matter here. None for one
/// that is not there. The file is read once, to the last of the rows.
///
/// # Errors
/// The file cannot be read so far.
pub fn lines_of(
    name: &str,
    reader: impl Read,
    cells: &[(u64, usize)],
) -> Result<Vec<Option<u64>>, SourceError> {
    let mut found = vec![None; cells.len()];
    let mut wanted: Vec<usize> = (0..cells.len()).collect();
    wanted.sort_unstable_by_key(|&cell| cells[cell].0);
    let mut wanted = wanted.into_iter().peekable();
    let mut lines = Lines::new(name, reader)?;
    let mut row = 0;
    while wanted.peek().is_some() {
        let Some(line) = lines.next()? else { break };
        row += 1;
        while let Some(cell) = wanted.next_if(|&cell| cells[cell].0 <= row) {
            found[cell] = (cells[cell].0 == row).then_some(line.number);
        }
    }
    Ok(found)
}
