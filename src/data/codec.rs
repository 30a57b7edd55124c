//! A table as bytes, written and read block by block.
//!
//! The format, version 1; all integers are little-endian:
//!
//! ```text
//! "usina table"  u8 version  u32 length  JSON {"schema": [fields]}
//! block:  u32 rows (1 to 65,536, and at most 4,194,304 cells), then for each column
//!         u8 encoding  u32 length  payload
//! end:    u32 0  u64 rows in all
//! ```
//!
//! A payload is a byte that says whether any cell is missing; if so, a bitmap, one bit a row, lowest
//! bit first, 1 for a cell that is there; then the values of the cells that are there: 8 bytes for a
//! number, an integer or a timestamp, 1 for a boolean, 4 for a category's code, and for texts first
//! the length of each (u32), then all their bytes. Encodings are numbered, so that a new column type
//! or a denser form is a new number and old readers refuse it by name.

use std::io::{self, Read, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::schema::{Field, Schema};
use super::table::{Column, Table, TableError};

mod column;
#[cfg(test)]
mod tests;

const MAGIC: &[u8; 11] = b"usina table";
const VERSION: u8 = 1;
/// The most rows in a block.
const BLOCK_ROWS: usize = 65_536;
/// The most cells in a block: a wide table's blocks have fewer rows.
const BLOCK_CELLS: usize = 1 << 22;
/// The most bytes of text in a block, so that a reader's memory is bounded by more than rows.
const BLOCK_TEXT: usize = 32 << 20;
/// The longest payload of a column that a reader takes: one text may be longer than a block's share.
const LONGEST_PAYLOAD: u32 = 1 << 30;
const LONGEST_HEADER: u32 = 256 << 20;

/// Why a table could not be written or read back.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The bytes could not be read or written.
    #[error("a stored table could not be read or written: {0}")]
    Io(#[from] io::Error),
    /// The bytes do not start as a table does.
    #[error("these bytes are not a table that usina wrote")]
    NotATable,
    /// Written by a later version.
    #[error("this table has format {0}, which a later version of usina wrote; update usina")]
    NewerFormat(u8),
    /// A column is stored in a way that this version does not know.
    #[error(
        "column \"{column}\" is stored with encoding {encoding}, which this version of usina does not know; update usina"
    )]
    UnknownEncoding {
        /// The column.
        column: String,
        /// The encoding's number.
        encoding: u8,
    },
    /// The header is no schema.
    #[error("a stored table has a damaged header: {0}")]
    Header(#[source] serde_json::Error),
    /// The bytes end in the middle.
    #[error("a stored table ends in the middle, after {rows} rows")]
    Truncated {
        /// How many whole rows came before.
        rows: u64,
    },
    /// A part is not what the format says.
    #[error("a stored table is damaged after {rows} rows: {what}")]
    Damaged {
        /// How many whole rows came before.
        rows: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The cells do not fit the schema.
    #[error("a stored table is damaged: {0}")]
    Table(#[from] TableError),
    /// One text is longer than the format can hold.
    #[error("column \"{column}\" has a text of {bytes} bytes; at most {max} can be stored", max = BLOCK_TEXT)]
    TextTooLong {
        /// The column.
        column: String,
        /// The text's length.
        bytes: usize,
    },
}

#[derive(Serialize, Deserialize)]
struct Header<S> {
    schema: S,
}

/// Writes tables of one schema as one stream of bytes.
#[derive(Debug)]
pub struct TableWriter<W: Write> {
    out: W,
    schema: Arc<Schema>,
    rows: u64,
    payload: Vec<u8>,
}

impl<W: Write> TableWriter<W> {
    /// Starts a stream: writes the header.
    ///
    /// # Errors
    /// When `out` refuses the bytes.
    pub fn new(mut out: W, schema: Arc<Schema>) -> Result<Self, CodecError> {
        let header = serde_json::to_vec(&Header {
            schema: schema.as_ref(),
        })
        .map_err(CodecError::Header)?;
        out.write_all(MAGIC)?;
        out.write_all(&[VERSION])?;
        out.write_all(&length(header.len())?.to_le_bytes())?;
        out.write_all(&header)?;
        Ok(Self {
            out,
            schema,
            rows: 0,
            payload: Vec::new(),
        })
    }

    /// Writes the next rows, as one block or as several.
    ///
    /// # Errors
    /// When the table has another schema, a text is too long, or the bytes are refused.
    pub fn write(&mut self, table: &Table) -> Result<(), CodecError> {
        if !Arc::ptr_eq(&self.schema, table.schema()) && self.schema != *table.schema() {
            return Err(TableError::DifferentSchemas.into());
        }
        let mut start = 0;
        while start < table.rows() {
            let end = block_end(table, start)?;
            self.block(table, start, end)?;
            start = end;
        }
        Ok(())
    }

    fn block(&mut self, table: &Table, start: usize, end: usize) -> Result<(), CodecError> {
        self.out.write_all(&length(end - start)?.to_le_bytes())?;
        for column in table.columns() {
            self.payload.clear();
            let encoding = column::encode(column, start..end, &mut self.payload);
            self.out.write_all(&[encoding])?;
            self.out.write_all(&length(self.payload.len())?.to_le_bytes())?;
            self.out.write_all(&self.payload)?;
        }
        self.rows += (end - start) as u64;
        Ok(())
    }

    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the stream and gives the writer back. Without this call the stream is not a table.
    ///
    /// # Errors
    /// When the bytes are refused.
    pub fn finish(mut self) -> Result<W, CodecError> {
        self.out.write_all(&0_u32.to_le_bytes())?;
        self.out.write_all(&self.rows.to_le_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn length(bytes: usize) -> Result<u32, CodecError> {
    u32::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge).into())
}

/// The most rows of a block under this schema.
fn block_rows(schema: &Schema) -> usize {
    BLOCK_ROWS.min(BLOCK_CELLS / schema.len())
}

/// Where the block that starts at row `start` ends: after as many rows as a block may have, or as
/// much text.
fn block_end(table: &Table, start: usize) -> Result<usize, CodecError> {
    let mut end = table.rows().min(start + block_rows(table.schema()));
    for (field, column) in table.schema().fields().iter().zip(table.columns()) {
        let Column::Text(texts) = column else { continue };
        let mut bytes = 0;
        for (row, text) in texts.iter().enumerate().take(end).skip(start) {
            let more = text.as_ref().map_or(0, String::len);
            if more > BLOCK_TEXT {
                return Err(CodecError::TextTooLong {
                    column: field.name.clone(),
                    bytes: more,
                });
            }
            bytes += more;
            if bytes > BLOCK_TEXT {
                end = row;
                break;
            }
        }
    }
    Ok(end)
}

/// Reads a stream of bytes back as tables of at most 65,536 rows. Nothing is believed: a damaged or
/// hostile stream gives an error, and memory grows only with bytes that have arrived.
#[derive(Debug)]
pub struct TableReader<R: Read> {
    source: R,
    /// What is stored.
    stored: Arc<Schema>,
    /// What of it is read: whether each stored column is.
    wanted: Vec<bool>,
    /// The schema of what is read.
    schema: Arc<Schema>,
    rows: u64,
    ended: bool,
}

impl<R: Read> TableReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When the bytes are not a table, or one of a later format.
    pub fn new(mut source: R) -> Result<Self, CodecError> {
        let start: [u8; MAGIC.len() + 1] = array(&mut source, 0).map_err(|error| match error {
            CodecError::Truncated { .. } => CodecError::NotATable,
            error => error,
        })?;
        match start.split_last() {
            Some((&VERSION, magic)) if magic == MAGIC => {}
            Some((&version, magic)) if magic == MAGIC => return Err(CodecError::NewerFormat(version)),
            _ => return Err(CodecError::NotATable),
        }
        let header = bytes(&mut source, LONGEST_HEADER, 0)?;
        let header: Header<Schema> = serde_json::from_slice(&header).map_err(CodecError::Header)?;
        let schema = Arc::new(header.schema);
        Ok(Self {
            source,
            wanted: vec![true; schema.len()],
            stored: Arc::clone(&schema),
            schema,
            rows: 0,
            ended: false,
        })
    }

    /// The same rows with the columns that `names` names alone, in the stored order; the others are passed over and
    /// not looked at. When it names none that is there, all are read.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        let is_wanted = |field: &Field| names.contains(&field.name.as_str());
        let fields = self.stored.fields();
        if let Ok(schema) = Schema::new(fields.iter().filter(|field| is_wanted(field)).cloned().collect()) {
            self.wanted = fields.iter().map(is_wanted).collect();
            self.schema = Arc::new(schema);
        }
        self
    }

    /// The columns' names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// All rows that are left, as one table.
    ///
    /// # Errors
    /// When the stream is damaged or cannot be read.
    pub fn read_all(self) -> Result<Table, CodecError> {
        let mut whole = Table::empty(self.schema.clone());
        for block in self {
            whole.append(block?)?;
        }
        Ok(whole)
    }

    fn block(&mut self) -> Result<Option<Table>, CodecError> {
        let rows = u32::from_le_bytes(array(&mut self.source, self.rows)?) as usize;
        if rows == 0 {
            self.end()?;
            return Ok(None);
        }
        if rows > block_rows(&self.stored) {
            return Err(self.damaged("a block has too many rows"));
        }
        let mut columns = Vec::with_capacity(self.schema.len());
        let stored = Arc::clone(&self.stored);
        for (index, field) in stored.fields().iter().enumerate() {
            let [encoding] = array(&mut self.source, self.rows)?;
            if !self.wanted[index] {
                skip(&mut self.source, LONGEST_PAYLOAD, self.rows)?;
                continue;
            }
            let payload = bytes(&mut self.source, LONGEST_PAYLOAD, self.rows)?;
            let column = column::decode(encoding, &payload, rows).map_err(|fault| match fault {
                column::Fault::UnknownEncoding => CodecError::UnknownEncoding {
                    column: field.name.clone(),
                    encoding,
                },
                column::Fault::Damaged(what) => self.damaged(what),
            })?;
            columns.push(column);
        }
        let table = Table::new(self.schema.clone(), columns)?;
        self.rows += rows as u64;
        Ok(Some(table))
    }

    fn end(&mut self) -> Result<(), CodecError> {
        if u64::from_le_bytes(array(&mut self.source, self.rows)?) != self.rows {
            return Err(self.damaged("blocks are missing"));
        }
        match self.source.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(self.damaged("bytes follow the end")),
        }
    }

    fn damaged(&self, what: &'static str) -> CodecError {
        CodecError::Damaged {
            rows: self.rows,
            what,
        }
    }
}

/// Ends after the first error.
impl<R: Read> Iterator for TableReader<R> {
    type Item = Result<Table, CodecError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let block = self.block().transpose();
        self.ended = !matches!(block, Some(Ok(_)));
        block
    }
}

fn array<const N: usize>(source: &mut impl Read, rows: u64) -> Result<[u8; N], CodecError> {
    let mut bytes = [0; N];
    source
        .read_exact(&mut bytes)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => CodecError::Truncated { rows },
            _ => CodecError::Io(error),
        })?;
    Ok(bytes)
}

/// The length of a part, which may be up to `longest`.
fn part_length(source: &mut impl Read, longest: u32, rows: u64) -> Result<u32, CodecError> {
    match u32::from_le_bytes(array(source, rows)?) {
        length if length > longest => Err(CodecError::Damaged {
            rows,
            what: "a part is too long",
        }),
        length => Ok(length),
    }
}

/// Passes over a length and as many bytes.
fn skip(source: &mut impl Read, longest: u32, rows: u64) -> Result<(), CodecError> {
    let length = u64::from(part_length(source, longest, rows)?);
    let passed = io::copy(&mut source.take(length), &mut io::sink())?;
    if passed == length {
        Ok(())
    } else {
        Err(CodecError::Truncated { rows })
    }
}

/// A length and as many bytes. The length is not believed: memory grows as bytes arrive.
fn bytes(source: &mut impl Read, longest: u32, rows: u64) -> Result<Vec<u8>, CodecError> {
    let length = part_length(source, longest, rows)?;
    let mut bytes = Vec::new();
    source.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize {
        return Err(CodecError::Truncated { rows });
    }
    Ok(bytes)
}
