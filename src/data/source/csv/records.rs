//! Records of a CSV stream, in bounded memory.
//!
//! `csv-core` does the parsing. The `csv` crate above it is not used, because its records grow without
//! limit: one quote that is never closed would read a whole file into memory.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::data::schema::Schema;
use crate::data::source::error::{Problem, SourceError};
use crate::data::source::magic::other_format;
use crate::data::source::{Format, Place};

/// The most bytes of one field.
const MAX_FIELD: usize = 1 << 20;
/// The most bytes of one row.
const MAX_ROW: usize = 64 << 20;
const CHUNK: usize = 64 << 10;

/// Reads one record after the other.
pub(super) struct Records<R> {
    file: String,
    source: R,
    parser: Reader,
    chunk: Vec<u8>,
    /// The part of `chunk` that is not parsed yet.
    unread: std::ops::Range<usize>,
    /// Whether the source has no more bytes.
    ended: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// A record that is in the buffers and was looked at, but not taken.
    peeked: Option<Written>,
}

/// How far into the record's buffers the parser has written.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    text: usize,
    ends: usize,
    /// The last byte that was parsed.
    last: Option<u8>,
}

impl<R: Read> Records<R> {
    /// Starts reading; refuses files of other formats by their first bytes.
    pub(super) fn new(file: &str, source: R, delimiter: u8) -> Result<Self, SourceError> {
        let mut records = Self {
            file: file.to_owned(),
            source,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            chunk: vec![0; CHUNK],
            unread: 0..0,
            ended: false,
            text: vec![0; 4096],
            ends: vec![0; 64],
            peeked: None,
        };
        if matches!(delimiter, b'"' | b'\r' | b'\n' | 0) || !delimiter.is_ascii() {
            return Err(records.error(Problem::Delimiter(char::from(delimiter))));
        }
        // The first chunk is filled as far as it goes, so that a reader that gives a byte at a time
        // hides neither a byte order mark nor another format.
        while records.unread.end < CHUNK && records.fill()? > 0 {}
        let start = &records.chunk[records.unread.clone()];
        match other_format(start) {
            Some(found) => Err(records.error(Problem::OtherFormat {
                found,
                expected: Format::Csv,
            })),
            None => Ok(records),
        }
    }

    /// Reads more bytes behind the unread ones; returns how many.
    fn fill(&mut self) -> Result<usize, SourceError> {
        if self.unread.is_empty() {
            self.unread = 0..0;
        }
        loop {
            match self.source.read(&mut self.chunk[self.unread.end..]) {
                Ok(read) => {
                    self.unread.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(Problem::of_io(error))),
            }
        }
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, SourceError> {
        let written = match self.peeked.take() {
            Some(written) => Some(written),
            None => self.advance()?,
        };
        written.map(|written| self.record(&written)).transpose()
    }

    /// The next record, which stays the next one; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<Record<'_>>, SourceError> {
        if self.peeked.is_none() {
            self.peeked = self.advance()?;
        }
        self.peeked.map(|written| self.record(&written)).transpose()
    }

    /// Parses the next record into the buffers.
    fn advance(&mut self) -> Result<Option<Written>, SourceError> {
        let mut written = Written::default();
        loop {
            if self.unread.is_empty() && self.fill()? == 0 && !self.ended {
                // One more line feed ends the last record or is a blank line. So a record that still
                // does not end, ends inside quotes.
                self.ended = true;
                self.chunk[0] = b'\n';
                self.unread = 0..1;
            }
            let (result, read, text, ends) = self.parser.read_record(
                &self.chunk[self.unread.clone()],
                &mut self.text[written.text..],
                &mut self.ends[written.ends..],
            );
            if read > 0 {
                written.last = Some(self.chunk[self.unread.start + read - 1]);
            }
            self.unread.start += read;
            written.text += text;
            written.ends += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.make_room(&written)?,
                ReadRecordResult::OutputEndsFull => {
                    if self.ends.len() > Schema::MAX_COLUMNS {
                        return Err(self.error_in(&written, Problem::TooManyColumns));
                    }
                    self.ends
                        .resize((self.ends.len() * 2).min(Schema::MAX_COLUMNS + 1), 0);
                }
                ReadRecordResult::Record if read == 0 => {
                    written.ends -= 1;
                    return Err(self.error_in(&written, Problem::OpenQuote));
                }
                ReadRecordResult::Record if written.ends > Schema::MAX_COLUMNS => {
                    return Err(self.error_in(&written, Problem::TooManyColumns));
                }
                ReadRecordResult::Record => return Ok(Some(written)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn make_room(&mut self, written: &Written) -> Result<(), SourceError> {
        let field = written.text - self.ends[..written.ends].last().copied().unwrap_or(0);
        if field > MAX_FIELD {
            let binary = self.text[..written.text].contains(&0);
            let problem = if binary {
                Problem::ZeroByte
            } else {
                Problem::FieldTooLong { max: MAX_FIELD }
            };
            return Err(self.error_in(written, problem));
        }
        if written.text >= MAX_ROW {
            return Err(self.error_in(written, Problem::RowTooLong { max: MAX_ROW }));
        }
        self.text.resize((self.text.len() * 2).min(MAX_ROW), 0);
        Ok(())
    }

    fn record(&self, written: &Written) -> Result<Record<'_>, SourceError> {
        let bytes = &self.text[..written.text];
        let ends = &self.ends[..written.ends];
        // A line feed that ended the record is counted by the parser, but belongs to the record's line.
        let end_line = self.parser.line() - u64::from(written.last == Some(b'\n'));
        let at = |byte: usize, problem| {
            let field = ends.partition_point(|&end| end <= byte);
            let start = if field == 0 { 0 } else { ends[field - 1] };
            let line = end_line - line_feeds(&bytes[start..]);
            SourceError {
                field: Some(field + 1),
                ..self.error(problem).at(Place::Line(line))
            }
        };
        if let Some(zero) = bytes.iter().position(|&byte| byte == 0) {
            return Err(at(zero, Problem::ZeroByte));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| at(error.valid_up_to(), Problem::NotUtf8))?;
        // Two fields that are no UTF-8 apart may be UTF-8 together.
        if let Some(&end) = ends.iter().find(|&&end| !text.is_char_boundary(end)) {
            return Err(at(end.saturating_sub(1), Problem::NotUtf8));
        }
        if text.len() > MAX_FIELD {
            let starts = std::iter::once(&0).chain(ends);
            if let Some((&start, _)) = starts.zip(ends).find(|(start, end)| *end - *start > MAX_FIELD) {
                return Err(at(start, Problem::FieldTooLong { max: MAX_FIELD }));
            }
        }
        Ok(Record {
            file: &self.file,
            text,
            ends,
            end_line,
        })
    }

    /// An error at the field that is being parsed.
    fn error_in(&self, written: &Written, problem: Problem) -> SourceError {
        let start = self.ends[..written.ends].last().copied().unwrap_or(0);
        let line = self.parser.line()
            - u64::from(start == written.text && written.last == Some(b'\n'))
            - line_feeds(&self.text[start..written.text]);
        self.error(problem).at(Place::Line(line))
    }

    /// An error of the file as a whole.
    pub(super) fn error(&self, problem: Problem) -> SourceError {
        SourceError::of_file(&self.file, problem)
    }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// One record: its fields are valid UTF-8 and at most [`MAX_FIELD`] bytes long.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    file: &'a str,
    text: &'a str,
    ends: &'a [usize],
    end_line: u64,
}

impl<'a> Record<'a> {
    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn start(&self, field: usize) -> usize {
        if field == 0 { 0 } else { self.ends[field - 1] }
    }

    /// The text of a field, without its quotes.
    pub(super) fn field(&self, field: usize) -> &'a str {
        &self.text[self.start(field)..self.ends[field]]
    }

    /// The physical line, from 1, on which a field starts.
    pub(super) fn line_of(&self, field: usize) -> u64 {
        self.end_line - line_feeds(&self.text.as_bytes()[self.start(field)..])
    }

    /// Refuses a record with more or fewer fields than there are columns; `likely` is what would explain it.
    pub(super) fn expect_fields(
        &self,
        expected: usize,
        likely: impl FnOnce() -> Option<char>,
    ) -> Result<(), SourceError> {
        if self.len() == expected {
            return Ok(());
        }
        Err(self.error_at(
            0,
            Problem::Ragged {
                expected,
                got: self.len(),
                likely: likely(),
            },
        ))
    }

    /// An error at a field of the column called `column`.
    pub(super) fn error(&self, field: usize, column: &str, problem: Problem) -> SourceError {
        self.error_at(field, problem).in_column(column)
    }

    /// An error at a field.
    pub(super) fn error_at(&self, field: usize, problem: Problem) -> SourceError {
        SourceError::of_file(self.file, problem).at(Place::Line(self.line_of(field)))
    }
}
