//! A reader whose first bytes can be looked at before they are read.

use std::io::{self, Read};

/// A reader whose first bytes are known.
#[derive(Debug)]
pub struct Headed<R> {
    head: Vec<u8>,
    at: usize,
    rest: R,
}

impl<R: Read> Headed<R> {
    /// How many of the first bytes are known.
    const HEAD: u64 = 1024;

    /// Reads the first bytes.
    ///
    /// # Errors
    /// The reader's.
    pub(super) fn new(mut rest: R) -> io::Result<Self> {
        let mut head = Vec::new();
        rest.by_ref().take(Self::HEAD).read_to_end(&mut head)?;
        Ok(Self { head, at: 0, rest })
    }

    /// The first bytes.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }
}

impl<R: Read> Read for Headed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = &self.head[self.at..];
        if left.is_empty() {
            return self.rest.read(buffer);
        }
        let length = left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&left[..length]);
        self.at += length;
        Ok(length)
    }
}
