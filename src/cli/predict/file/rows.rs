//! The rows of a file as JSON lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow};
use csv_core::{ReadRecordResult, Reader};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::super::error::Failure;
use super::super::super::output;
use super::read_some;
use crate::data::cell::Cell;
use crate::data::schema::ColumnType;
use crate::data::source::csv::cell;

/// What is read in one go.
const CHUNK: usize = 64 << 10;

/// The longest record of a CSV file: what is longer has a quote that is not closed, most likely.
const MAX_RECORD: usize = 1 << 20;

/// Rows that are wrong in the file itself, and why, by their number from 1. Something that is no row is sent in their
/// place, so that all others keep theirs; the answer to it says what is wrong here.
pub(super) type Refused = Arc<Mutex<BTreeMap<u64, String>>>;

/// The rows of a file.
pub(super) struct Rows {
    source: Box<dyn Read + Send>,
    length: Option<u64>,
    read: u64,
    form: Form,
}

enum Form {
    /// Lines that are sent as they are.
    JsonLines,
    Csv(Box<Table>),
}

/// A CSV file that is being read.
struct Table {
    file: String,
    parser: Reader,
    /// What was read and is not parsed yet.
    unread: Vec<u8>,
    has_ended: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
    written: (usize, usize),
    /// Where each input stands in a record, once the header is read.
    columns: Option<Vec<Column>>,
    /// How many fields the header has.
    width: usize,
    inputs: Vec<(String, ColumnType)>,
    /// How many rows there were.
    rows: u64,
    refused: Refused,
}

/// An input and where it stands.
struct Column {
    name: String,
    kind: ColumnType,
    place: usize,
}

impl Rows {
    /// The rows of `file`, of which the version takes `inputs`.
    pub(super) fn open(file: &Path, inputs: &Value, refused: &Refused) -> Result<Self, Failure> {
        if file == Path::new("-") {
            return Ok(Self {
                source: Box::new(std::io::stdin()),
                length: None,
                read: 0,
                form: Form::JsonLines,
            });
        }
        let name = file.display().to_string();
        let opened = File::open(file).with_context(|| format!("{name} cannot be read"));
        let opened = opened.map_err(Failure::Input)?;
        let length = opened.metadata().ok().map(|facts| facts.len());
        let ending = file
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        let form = match ending.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Form::JsonLines,
            "csv" => Form::Csv(Box::new(Table::new(name, inputs, Arc::clone(refused)))),
            _ => {
                return Err(Failure::input(anyhow!(
                    "{name} is neither .csv nor .jsonl; rename it to say what is in it"
                )));
            }
        };
        Ok(Self {
            source: Box::new(opened),
            length,
            read: 0,
            form,
        })
    }

    /// How long the file is, where that is known.
    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// How much of it was read.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Some more rows, as JSON lines; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            let chunk = read_some(&mut *self.source, CHUNK).context("the file cannot be read");
            let chunk = chunk.map_err(Failure::Input)?;
            self.read += chunk.len() as u64;
            let is_end = chunk.is_empty();
            match &mut self.form {
                Form::JsonLines => return Ok((!is_end).then_some(chunk)),
                Form::Csv(table) => {
                    let lines = table.lines(&chunk, is_end)?;
                    if !lines.is_empty() || is_end {
                        return Ok((!lines.is_empty()).then_some(lines));
                    }
                }
            }
        }
    }
}

impl Table {
    fn new(file: String, inputs: &Value, refused: Refused) -> Self {
        let inputs = inputs.as_array().into_iter().flatten();
        Self {
            file,
            parser: Reader::new(),
            unread: Vec::new(),
            has_ended: false,
            text: vec![0; 4_096],
            ends: vec![0; 64],
            written: (0, 0),
            columns: None,
            width: 0,
            rows: 0,
            refused,
            inputs: inputs
                .map(|input| (output::text(&input["name"]), kind(&input["type"])))
                .collect(),
        }
    }

    fn wrong(&self, message: &str) -> Failure {
        Failure::input(anyhow!("{}:{}: {message}", self.file, self.parser.line()))
    }

    /// The records that end in `chunk`, as JSON lines.
    fn lines(&mut self, chunk: &[u8], is_end: bool) -> Result<Vec<u8>, Failure> {
        let mut out = Vec::new();
        if self.has_ended {
            return Ok(out);
        }
        self.unread.extend_from_slice(chunk);
        if is_end {
            // One more line feed ends the last record, or is a blank line.
            self.unread.push(b'\n');
            self.has_ended = true;
        }
        let unread = std::mem::take(&mut self.unread);
        let mut rest = &unread[..];
        while !rest.is_empty() {
            let (text, ends) = self.written;
            let (result, read, wrote, ended) =
                self.parser
                    .read_record(rest, &mut self.text[text..], &mut self.ends[ends..]);
            rest = &rest[read..];
            self.written = (text + wrote, ends + ended);
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break,
                ReadRecordResult::OutputFull if self.text.len() >= MAX_RECORD => {
                    return Err(self.wrong("a row is longer than a megabyte; is a quote not closed?"));
                }
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.record(&mut out)?;
                    self.written = (0, 0);
                }
            }
        }
        if is_end && self.written.1 > 0 {
            return Err(self.wrong("the file ends inside quotes"));
        }
        if is_end && self.columns.is_none() {
            return Err(self.wrong("the file is empty; a header with the names of the columns is expected"));
        }
        Ok(out)
    }

    /// Has the record answered by what is wrong with it.
    fn refuse(&self, out: &mut Vec<u8>, why: &str) {
        let why = format!("{}:{}: {why}", self.file, self.parser.line());
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.insert(self.rows, why);
        out.extend_from_slice(b"null\n");
    }

    fn record(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        const NO_TEXT: &str = "this is no UTF-8 text; save the file as UTF-8";
        let (length, count) = self.written;
        let is_row = self.columns.is_some();
        self.rows += u64::from(is_row);
        let text = match std::str::from_utf8(&self.text[..length]) {
            Ok(text) => text,
            Err(_) if is_row => {
                self.refuse(out, NO_TEXT);
                return Ok(());
            }
            Err(_) => return Err(self.wrong(NO_TEXT)),
        };
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let fields: Vec<&str> = starts
            .zip(&self.ends[..count])
            .map(|(start, end)| &text[start..*end])
            .collect();
        let Some(columns) = &self.columns else {
            let columns = self.header(&fields)?;
            self.width = count;
            self.columns = Some(columns);
            return Ok(());
        };
        if fields.len() != self.width {
            let why = format!(
                "the row has {} fields, the header has {}",
                fields.len(),
                self.width
            );
            self.refuse(out, &why);
            return Ok(());
        }
        let row: Map<String, Value> = columns
            .iter()
            .map(|column| (column.name.clone(), value(column.kind, fields[column.place])))
            .collect();
        out.extend_from_slice(Value::Object(row).to_string().as_bytes());
        out.push(b'\n');
        Ok(())
    }

    /// Where the inputs stand. Those that are not there are left out of the rows, and the API says so.
    fn header(&self, fields: &[&str]) -> Result<Vec<Column>, Failure> {
        let mut columns = Vec::with_capacity(self.inputs.len());
        for (name, kind) in &self.inputs {
            let mut places = (0..fields.len()).filter(|place| called(fields[*place]) == name);
            let Some(place) = places.next() else {
                let message = format!(
                    "there is no column {name}, which the model takes; those that are there: {}",
                    fields.join(", ")
                );
                return Err(self.wrong(&message));
            };
            if places.next().is_some() {
                return Err(self.wrong(&format!("the column {name} is there twice")));
            }
            columns.push(Column {
                name: name.clone(),
                kind: *kind,
                place,
            });
        }
        Ok(columns)
    }
}

/// A column's name, without the mark that some programs put in front of a file.
fn called(field: &str) -> &str {
    field.trim_start_matches('\u{feff}').trim()
}

/// The type of an input. Of a type that a newer server knows, values are sent as text.
fn kind(name: &Value) -> ColumnType {
    ColumnType::deserialize(name).unwrap_or(ColumnType::Text)
}

/// What a field's text says, as JSON: the same as the API reads in it that is sent the file as CSV.
fn value(kind: ColumnType, text: &str) -> Value {
    match cell(kind, text) {
        Cell::Missing => Value::Null,
        Cell::Integer(integer) => Value::from(integer),
        Cell::Number(number) => Value::from(number),
        Cell::Boolean(boolean) => Value::from(boolean),
        Cell::Text(text) => Value::from(text),
        time @ Cell::Timestamp(_) => Value::from(time.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table() -> Table {
        let inputs = json!([
            {"name": "age", "type": "integer"},
            {"name": "income", "type": "number"},
            {"name": "plan", "type": "category"},
            {"name": "active", "type": "boolean"},
        ]);
        Table::new("rows.csv".to_owned(), &inputs, Refused::default())
    }

    fn read(text: &str, at_once: usize) -> Result<Vec<Value>, String> {
        let mut table = table();
        let mut out = Vec::new();
        for chunk in text.as_bytes().chunks(at_once).chain([&[][..]]) {
            match table.lines(chunk, chunk.is_empty()) {
                Ok(lines) => out.extend(lines),
                Err(Failure::Input(error)) => return Err(error.to_string()),
                Err(other) => panic!("{other:?}"),
            }
        }
        let lines = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(|line| serde_json::from_slice(line).unwrap()).collect())
    }

    #[test]
    fn columns_are_found_by_name_and_values_are_of_the_input_s_type() {
        let text =
            "\u{feff}left,plan,active,age,income\r\nyes,\"a, \"\"b\"\"\",TRUE,33,\r\n\n,basic,0,old,1e3";
        let expected = [
            json!({"age": 33, "income": null, "plan": "a, \"b\"", "active": true}),
            json!({"age": "old", "income": 1000.0, "plan": "basic", "active": false}),
        ];
        for at_once in [1, 7, 1_000] {
            assert_eq!(read(text, at_once).unwrap(), expected, "{at_once} bytes at once");
        }
    }

    #[test]
    fn a_row_that_is_none_keeps_its_place_and_is_told_with_its_line() {
        let mut table = table();
        let text = b"age,income,plan,active\n1,2,x,true\n1,2,x\n1,2,\xff,true\n4,5,y,false\n";
        let lines = table.lines(text, false).map_err(|_| ()).unwrap();
        let lines: Vec<_> = lines.split(|byte| *byte == b'\n').collect();
        assert_eq!((lines[1], lines[2]), (&b"null"[..], &b"null"[..]));
        assert_eq!(serde_json::from_slice::<Value>(lines[3]).unwrap()["age"], 4);
        let refused = table.refused.lock().unwrap().clone();
        let told: Vec<_> = refused.iter().map(|(row, why)| (*row, why.as_str())).collect();
        assert!(
            told[0].0 == 2 && told[0].1.ends_with("the row has 3 fields, the header has 4"),
            "{told:?}"
        );
        assert!(told[1].0 == 3 && told[1].1.contains("UTF-8"), "{told:?}");
    }

    #[test]
    fn what_is_wrong_with_the_file_is_told_with_its_line() {
        let header = "age,income,plan,active\n";
        for (text, told) in [
            (String::new(), "the file is empty"),
            ("age,plan\n1,x\n".to_owned(), "there is no column income"),
            (
                "age,age,income,plan,active\n".to_owned(),
                "the column age is there twice",
            ),
            (format!("{header}1,2,\"x,true\n"), "the file ends inside quotes"),
        ] {
            let error = read(&text, 5).unwrap_err();
            assert!(
                error.starts_with("rows.csv:") && error.contains(told),
                "{text}: {error}"
            );
        }
        let open = format!("{header}1,2,\"{}", "x".repeat(2 * MAX_RECORD));
        assert!(read(&open, CHUNK).unwrap_err().contains("is a quote not closed?"));
    }
}
