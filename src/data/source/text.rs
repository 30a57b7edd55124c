//! The text of a file, unpacked if it is packed.

use std::io::{self, Read};

use super::error::{Problem, SourceError};
use super::gzip::{self, Gunzip};
use super::head::Headed;
use super::parquet::{ParquetFault, is_parquet};
use super::{CsvOptions, Format, ReadOptions};

/// The text of a file, unpacked if it begins as gzip files do, whatever it is called.
#[derive(Debug)]
pub enum Text<R: Read> {
    /// As it is.
    Plain(Headed<R>),
    /// Unpacked.
    Unpacked(Box<Headed<Gunzip<Headed<R>>>>),
}

impl<R: Read> Text<R> {
    /// Reads the first bytes. `name` stands in messages.
    ///
    /// # Errors
    /// The reader's; a packed file that breaks off or is damaged in its first bytes.
    pub fn new(name: &str, reader: R) -> Result<Self, SourceError> {
        let io = |error: io::Error| SourceError::of_file(name, Problem::of_io(error));
        let plain = Headed::new(reader).map_err(io)?;
        if plain.head().starts_with(gzip::MAGIC) {
            let unpacked = Headed::new(Gunzip::new(plain)).map_err(io)?;
            Ok(Self::Unpacked(Box::new(unpacked)))
        } else {
            Ok(Self::Plain(plain))
        }
    }

    /// The first bytes of the text.
    pub fn head(&self) -> &[u8] {
        match self {
            Self::Plain(plain) => plain.head(),
            Self::Unpacked(unpacked) => unpacked.head(),
        }
    }

    /// What is wrong with the file called `name` where reading its text gave `error`: damage to a packed file gives
    /// wrong text first, and shows only behind it.
    pub fn blame(&mut self, name: &str, error: SourceError) -> SourceError {
        /// How far behind a mistake damage is looked for.
        const REST: u64 = 256 << 20;
        let Self::Unpacked(unpacked) = self else {
            return error;
        };
        match io::copy(&mut unpacked.take(REST), &mut io::sink()).map_err(Problem::of_io) {
            Err(problem @ Problem::Gzip(_)) => SourceError::of_file(name, problem),
            _ => error,
        }
    }

    /// The format that the file called `name` is to be read in.
    ///
    /// # Errors
    /// Options that contradict each other or go with another format; a file that is packed and need not be.
    pub fn format(&self, name: &str, options: &ReadOptions) -> Result<Format, SourceError> {
        let wrong = |problem| Err(SourceError::of_file(name, problem));
        if let Err(mistake) = options.check() {
            return wrong(mistake.into());
        }
        let head = self.head();
        if matches!(self, Self::Unpacked(_)) {
            if is_parquet(head) {
                return wrong(Problem::PackedTwice("a Parquet file"));
            }
            if head.starts_with(gzip::MAGIC) {
                return wrong(Problem::PackedTwice("another one"));
            }
        }
        let format = options.format.unwrap_or_else(|| Format::of(name, head));
        if format != Format::Csv && options.csv != CsvOptions::default() {
            return wrong(Problem::CsvOptions(format));
        }
        if format == Format::Parquet && !is_parquet(head) {
            return wrong(match head.is_empty() {
                true => Problem::Empty,
                false => ParquetFault::NotParquet.into(),
            });
        }
        Ok(format)
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(plain) => plain.read(buffer),
            Self::Unpacked(unpacked) => unpacked.read(buffer),
        }
    }
}
