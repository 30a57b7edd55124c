//! A file that can be read from any place, as often as need be.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// A file of a known length that can be read from any place.
pub trait Input: Send + Sync {
    /// How many bytes there are.
    fn length(&self) -> u64;

    /// Reads bytes from the place `at` on; returns how many, 0 only at the end or for an empty buffer.
    ///
    /// # Errors
    /// The file cannot be read.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl Input for Cow<'static, [u8]> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..));
        rest.unwrap_or_default().read(buffer)
    }
}

impl Input for File {
    fn length(&self) -> u64 {
        // One whose length cannot be asked for cannot be read either, which is told when it is.
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        FileExt::read_at(self, buffer, at)
    }
}

/// Reads an input from a place on.
#[derive(Clone)]
pub struct InputReader {
    input: Arc<dyn Input>,
    at: u64,
}

impl InputReader {
    /// Reads `input` from the place `at` on.
    pub fn new(input: Arc<dyn Input>, at: u64) -> Self {
        Self { input, at }
    }
}

impl Read for InputReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read_at(self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}
