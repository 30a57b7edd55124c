//! Lines of a JSON lines file, in bounded memory, and what stands in them.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::data::source::error::{Problem, SourceError};
use crate::data::source::magic::other_format;
use crate::data::source::{Format, Place};

/// The most bytes of one cell.
const MAX_FIELD: usize = 1 << 20;
/// The most bytes of one line.
const MAX_LINE: usize = 64 << 20;
const CHUNK: usize = 64 << 10;

/// Reads one line after the other.
pub(super) struct Lines<R> {
    file: String,
    source: BufReader<R>,
    number: u64,
    text: Vec<u8>,
}

/// A line that is not blank.
pub(super) struct Line<'a> {
    file: &'a str,
    text: &'a str,
    pub(super) number: u64,
}

/// A key and its value.
pub(super) struct Entry<'a> {
    /// Without spaces around it, as columns are called in every format.
    pub(super) key: Cow<'a, str>,
    pub(super) value: Raw<'a>,
}

/// A value as it is written.
pub(super) struct Raw<'a>(&'a str);

/// What a value says.
pub(super) enum Value<'a> {
    Missing,
    /// A number, true or false.
    Bare(&'a str),
    /// A string's content.
    Quoted(Cow<'a, str>),
}

impl<R: Read> Lines<R> {
    /// Starts reading; refuses files of other formats by their first bytes.
    pub(super) fn new(file: &str, source: R) -> Result<Self, SourceError> {
        let mut lines = Self {
            file: file.to_owned(),
            source: BufReader::with_capacity(CHUNK, source),
            number: 0,
            text: Vec::new(),
        };
        let head = lines
            .source
            .fill_buf()
            .map_err(|error| SourceError::of_file(file, Problem::of_io(error)))?;
        if let Some(found) = other_format(head) {
            let expected = Format::Jsonl;
            return Err(SourceError::of_file(
                file,
                Problem::OtherFormat { found, expected },
            ));
        }
        Ok(lines)
    }

    /// The next line that is not blank; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, SourceError> {
        loop {
            self.text.clear();
            self.number += 1;
            let mut bounded = (&mut self.source).take(MAX_LINE as u64 + 1);
            let read = bounded
                .read_until(b'\n', &mut self.text)
                .map_err(|error| SourceError::of_file(&self.file, Problem::of_io(error)))?;
            if read == 0 {
                return Ok(None);
            }
            if read > MAX_LINE {
                return Err(self.error(Problem::LineTooLong { max: MAX_LINE }));
            }
            if self.number == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
                self.text.drain(..3);
            }
            if !self.text.trim_ascii().is_empty() {
                break;
            }
        }
        if self.text.contains(&0) {
            return Err(self.error(Problem::ZeroByte));
        }
        match std::str::from_utf8(&self.text) {
            Ok(text) => Ok(Some(Line {
                file: &self.file,
                text: text.trim_end(),
                number: self.number,
            })),
            Err(_) => Err(self.error(Problem::NotUtf8)),
        }
    }

    fn error(&self, problem: Problem) -> SourceError {
        SourceError::of_file(&self.file, problem).at(Place::Line(self.number))
    }
}

impl<'a> Line<'a> {
    /// The keys and values, in order.
    pub(super) fn entries(&self) -> Result<Vec<Entry<'a>>, SourceError> {
        let got = match self.text.trim_ascii_start().bytes().next() {
            Some(b'[') => Some("a list"),
            Some(b'"') => Some("a string"),
            Some(b'-' | b'0'..=b'9') => Some("a number"),
            Some(b't' | b'f' | b'n') => Some("a word"),
            _ => None,
        };
        if let Some(got) = got {
            let is_list = got == "a list";
            return Err(self.error(Problem::NoObject { got, is_list }));
        }
        match serde_json::from_str::<Entries<'a>>(self.text) {
            Ok(Entries(entries)) => Ok(entries),
            Err(error) => Err(self.error(self.broken(&error))),
        }
    }

    pub(super) fn error(&self, problem: Problem) -> SourceError {
        SourceError::of_file(self.file, problem).at(Place::Line(self.number))
    }

    /// What is wrong with a line that is not JSON.
    fn broken(&self, error: &serde_json::Error) -> Problem {
        if error.classify() == Category::Eof {
            return Problem::Json {
                what: "the object does not end on its line".to_owned(),
                position: None,
            };
        }
        // serde_json counts bytes, up to and with the one that it cannot read.
        let before = self
            .text
            .get(..error.column().saturating_sub(1))
            .unwrap_or(self.text);
        let there = self.text[before.len()..].trim_start_matches('-');
        let no_number = ["NaN", "Infinity"]
            .into_iter()
            .find(|word| there.starts_with(word));
        let told = error.to_string();
        let what = match no_number {
            Some(word) => format!("it has no {word}; write null"),
            None => told.split(" at line ").next().unwrap_or_default().to_owned(),
        };
        Problem::Json {
            what,
            position: Some(before.chars().count() + 1),
        }
    }
}

impl<'a> Raw<'a> {
    /// What the value says; an object or a list is refused.
    pub(super) fn read(&self) -> Result<Value<'a>, Problem> {
        let text = self.0;
        if text.len() > MAX_FIELD {
            return Err(Problem::FieldTooLong { max: MAX_FIELD });
        }
        match text.bytes().next() {
            Some(b'n') => Ok(Value::Missing),
            Some(b'{') => Err(Problem::Nested("an object")),
            Some(b'[') => Err(Problem::Nested("a list")),
            Some(b'"') if !text.contains('\\') => Ok(Value::Quoted(Cow::Borrowed(&text[1..text.len() - 1]))),
            Some(b'"') => {
                // Half of a surrogate pair, for example: it was skipped, and not read, until now.
                let content = serde_json::from_str::<Content<'a>>(text).map_err(|error| Problem::Json {
                    what: error
                        .to_string()
                        .split(" at line ")
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    position: None,
                })?;
                Ok(Value::Quoted(content.0))
            }
            _ => Ok(Value::Bare(text)),
        }
    }
}

/// The entries of an object, each once for every time that it is there.
struct Entries<'a>(Vec<Entry<'a>>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries<'de>, M::Error> {
                let mut entries = Vec::new();
                while let Some((Content(key), value)) = map.next_entry::<Content<'de>, &'de RawValue>()? {
                    let key = match key {
                        Cow::Borrowed(key) => Cow::Borrowed(key.trim()),
                        Cow::Owned(key) => Cow::Owned(key.trim().to_owned()),
                    };
                    let value = Raw(value.get());
                    entries.push(Entry { key, value });
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A string's content, borrowed where nothing is escaped.
struct Content<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Content<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Content<'de>, E> {
                Ok(Content(Cow::Borrowed(text)))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Content<'de>, E> {
                Ok(Content(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
