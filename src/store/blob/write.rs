//! Writing a blob: hash, compress, cut, seal, store.

use std::io::{self, Write};

use zstd::stream::write::Encoder;

use super::refs::{self, Manifest};
use super::seal::{ChunkSeal, PLAIN_MAX};
use super::{BlobAddress, BlobId};
use crate::base::Secret;
use crate::store::db::Store;
use crate::store::error::StoreError;
use crate::store::seal::SealKey;

/// zstd's own default: on tables and model weights, more costs much time and saves little.
const LEVEL: i32 = 3;

/// Takes the bytes of a new blob; [`BlobWriter::finish`] gives its address. Dropped before that, it leaves nothing.
///
/// It waits for the disk, so it is for plain threads. Its errors are [`StoreError`]s inside `io::Error`s.
/// After an error the blob cannot be finished.
pub struct BlobWriter {
    /// `None` after an error and when finished.
    encoder: Option<Encoder<'static, Cutter>>,
    hasher: blake3::Hasher,
    length: u64,
    abandoned: Abandoned,
}

impl BlobWriter {
    pub(super) fn new(store: Store) -> Result<Self, StoreError> {
        let entropy = store.vault().entropy();
        let id = BlobId::random(entropy)?;
        let key = Secret::new(entropy.bytes()?);
        let hasher = store.vault().address_hasher();
        let seal = ChunkSeal::new(&key, id);
        let cutter = Cutter {
            store: store.clone(),
            id,
            key,
            seal,
            chunk: Vec::new(),
            index: 0,
        };
        let mut encoder = Encoder::new(cutter, LEVEL).map_err(|source| StoreError::Compress { source })?;
        // The chunks' seals and the final hash check more than zstd's own checksum would.
        encoder
            .include_checksum(false)
            .map_err(|source| StoreError::Compress { source })?;
        Ok(Self {
            encoder: Some(encoder),
            hasher,
            length: 0,
            abandoned: Abandoned {
                store,
                id,
                is_over: false,
            },
        })
    }

    /// Stores what is left and gives the address of the whole, which is then pending.
    ///
    /// # Errors
    /// As [`Store::write`]; nothing is stored then.
    pub fn finish(mut self) -> Result<BlobAddress, StoreError> {
        let encoder = self.encoder.take().ok_or(StoreError::BlobBroken)?;
        let cutter = encoder.finish().map_err(StoreError::from_compressor)?;
        let address = BlobAddress::from_hash(self.hasher.finalize());
        cutter.finish(address, self.length)?;
        self.abandoned.is_over = true;
        Ok(address)
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let encoder = self.encoder.as_mut().ok_or(StoreError::BlobBroken)?;
        match encoder.write(bytes) {
            Ok(taken) => {
                self.hasher.update(&bytes[..taken]);
                self.length += taken as u64;
                Ok(taken)
            }
            // The compressor lost what it had handed on.
            Err(error) => {
                self.encoder = None;
                Err(error)
            }
        }
    }

    /// Does nothing: content is on disk when it is finished, not before.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has the chunks of a blob that was not finished swept away.
struct Abandoned {
    store: Store,
    id: BlobId,
    is_over: bool,
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if !self.is_over {
            let id = self.id;
            // Without a place in the queue the chunks stay until the next start finds them.
            self.store.write_if_idle(move |tx| refs::abandon(tx, id));
        }
    }
}

/// Cuts what the compressor gives into chunks, and stores each that has another after it.
struct Cutter {
    store: Store,
    id: BlobId,
    key: SealKey,
    seal: ChunkSeal,
    chunk: Vec<u8>,
    index: u32,
}

impl Cutter {
    fn store_full_chunk(&mut self) -> Result<(), StoreError> {
        let full = std::mem::replace(&mut self.chunk, Vec::with_capacity(PLAIN_MAX + 16));
        let (id, index) = (self.id, self.index);
        let next = index
            .checked_add(1)
            .ok_or(StoreError::TooLongToSeal { bytes: full.len() })?;
        let sealed = self.seal.seal(index, false, full)?;
        self.store
            .write_blocking(move |tx| refs::put_chunk(tx, id, index, &sealed))?;
        self.index = next;
        Ok(())
    }

    fn finish(self, address: BlobAddress, length: u64) -> Result<(), StoreError> {
        let bytes = self.chunk.len();
        let chunks = self
            .index
            .checked_add(1)
            .ok_or(StoreError::TooLongToSeal { bytes })?;
        let sealed = self.seal.seal(self.index, true, self.chunk)?;
        let manifest = Manifest {
            id: self.id,
            key: self.key,
            length,
            chunks,
            refs: 0,
        };
        self.store
            .write_blocking(move |tx| refs::finish(tx, &address, &manifest, &sealed))
    }
}

impl Write for Cutter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only when more comes is it known that a full chunk is not the last one.
        if self.chunk.len() == PLAIN_MAX && !bytes.is_empty() {
            self.store_full_chunk()?;
        }
        let taken = bytes.len().min(PLAIN_MAX - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
