//! A file as the Parquet reader wants it.

use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::pages::read;
use crate::data::source::input::{Input, InputReader};

/// Bytes that are read at a time where it is not known how many are wanted.
const PIECE: usize = 4 << 10;

/// A file; remembers why it could not be read, which the Parquet reader's errors do not tell well.
#[derive(Clone)]
pub(super) struct Chunks {
    input: Arc<dyn Input>,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Chunks {
    pub(super) fn new(input: Arc<dyn Input>) -> Self {
        Self {
            input,
            failure: Arc::default(),
        }
    }

    /// Why the file could not be read, if it could not.
    pub(super) fn failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn input(&self) -> &dyn Input {
        &*self.input
    }

    fn note(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        kind.into()
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.input.length()
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<Noting>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let reader = Noting {
            reader: InputReader::new(Arc::clone(&self.input), start),
            chunks: self.clone(),
        };
        Ok(BufReader::with_capacity(PIECE, reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let ends = start.checked_add(length as u64);
        if ends.is_none_or(|end| end > self.input.length()) {
            return Err(ParquetError::EOF("a part ends behind the file".to_owned()));
        }
        let bytes = read(&*self.input, start, length).map_err(|error| self.note(error))?;
        Ok(bytes.into())
    }
}

/// A reader that remembers why it failed.
pub(super) struct Noting {
    reader: InputReader,
    chunks: Chunks,
}

impl Read for Noting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer);
        read.map_err(|error| self.chunks.note(error))
    }
}
