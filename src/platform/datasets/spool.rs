//! Files that came in over a connection and are read again: kept encrypted in the store, like everything else,
//! until they have been read.
//!
//! A file is kept in pieces, each a blob of its own, so that it can be read from any place.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::data::source::Input;
use crate::store::{BlobAddress, BlobWriter, Store, StoreError};

/// The bytes of a piece: no more than what one column of a wide file is read at once, for a piece is opened whole.
const PIECE: u64 = 512 << 10;
/// Pieces that are kept in memory while the file is read: Parquet reads its columns side by side.
const CACHED: usize = 64;
/// Pieces that are deleted in one transaction.
const SWEPT: usize = 64;

/// Takes the bytes of a file.
pub(super) struct SpoolWriter {
    spooled: Spooled,
    piece: Option<BlobWriter>,
}

impl SpoolWriter {
    pub(super) fn new(store: &Store) -> Self {
        let spooled = Spooled {
            store: store.clone(),
            pieces: Vec::new(),
            length: 0,
            cache: Mutex::default(),
        };
        Self { spooled, piece: None }
    }

    /// Keeps what is left.
    pub(super) fn finish(mut self) -> Result<Spooled, StoreError> {
        self.end_piece()?;
        Ok(self.spooled)
    }

    fn end_piece(&mut self) -> Result<(), StoreError> {
        if let Some(piece) = self.piece.take() {
            self.spooled.pieces.push(piece.finish()?);
        }
        Ok(())
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let in_piece = self.spooled.length % PIECE;
        if in_piece == 0 {
            self.end_piece()?;
        }
        let piece = match &mut self.piece {
            Some(piece) => piece,
            None => self.piece.insert(self.spooled.store.blobs().writer()?),
        };
        let room = (PIECE - in_piece).min(bytes.len() as u64) as usize;
        let taken = piece.write(&bytes[..room])?;
        self.spooled.length += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that is kept until this is dropped.
pub(super) struct Spooled {
    store: Store,
    pieces: Vec<BlobAddress>,
    length: u64,
    /// Pieces that were read, by their place, the one that was wanted last at the end.
    cache: Mutex<VecDeque<(usize, Arc<Vec<u8>>)>>,
}

impl Spooled {
    fn piece(&self, index: usize) -> io::Result<Arc<Vec<u8>>> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cache.iter().position(|(place, _)| *place == index);
        let piece = match cached.and_then(|at| cache.remove(at)) {
            Some((_, piece)) => piece,
            None => Arc::new(self.store.blobs().get_blocking(&self.pieces[index], PIECE)?),
        };
        if cache.len() == CACHED {
            cache.pop_front();
        }
        cache.push_back((index, Arc::clone(&piece)));
        Ok(piece)
    }
}

impl Input for Spooled {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if at >= self.length || buffer.is_empty() {
            return Ok(0);
        }
        let piece = self.piece((at / PIECE) as usize)?;
        let rest = piece.get((at % PIECE) as usize..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        // A blob that nobody adopted is deleted with its last reference.
        for pieces in self.pieces.chunks(SWEPT) {
            let pieces = pieces.to_vec();
            let dropped = self.store.write_blocking(move |tx| {
                for piece in &pieces {
                    tx.adopt(piece)?;
                    tx.release(piece)?;
                }
                Ok::<_, StoreError>(())
            });
            if let Err(error) = dropped {
                // The next start sweeps what nobody adopted.
                tracing::warn!(%error, "a file that came in is not swept away yet");
            }
        }
    }
}

/// Keeps a copy of what is read.
pub(super) struct Copying<R> {
    reader: R,
    spool: SpoolWriter,
}

impl<R: Read> Copying<R> {
    pub(super) fn new(reader: R, store: &Store) -> Self {
        Self {
            reader,
            spool: SpoolWriter::new(store),
        }
    }

    /// Reads what is left, and gives the copy.
    pub(super) fn finish(mut self) -> io::Result<Spooled> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.spool.finish()?)
    }
}

impl<R: Read> Read for Copying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.spool.write_all(&buffer[..read])?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing::store;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_is_read_from_any_place_and_leaves_nothing() {
        let (store, _) = store();
        let reading = tokio::task::spawn_blocking(move || {
            let content: Vec<u8> = (0..3 * PIECE / 2).map(|at| (at * 31 % 251) as u8).collect();
            let mut twice = content.clone();
            // Two equal pieces are one blob.
            twice.truncate(PIECE as usize);
            let content = [twice.clone(), twice, content].concat();
            let spooled = Copying::new(content.as_slice(), &store).finish().unwrap();
            assert_eq!(spooled.length(), content.len() as u64);
            for at in [
                0,
                1,
                PIECE - 1,
                PIECE,
                2 * PIECE - 3,
                3 * PIECE + 17,
                content.len() as u64 - 1,
            ] {
                let mut buffer = [0; 7];
                let read = spooled.read_at(at, &mut buffer).unwrap();
                assert!(read > 0);
                assert_eq!(buffer[..read], content[at as usize..][..read], "{at}");
            }
            assert_eq!(spooled.read_at(content.len() as u64, &mut [0; 7]).unwrap(), 0);
            let pieces = spooled.pieces.clone();
            drop(spooled);
            for piece in pieces {
                assert!(store.blobs().reader(&piece).is_err());
            }
        });
        reading.await.unwrap();
    }
}
