//! Reading a blob: fetch, open, decompress, and compare with what the manifest says.

use std::io::{self, BufRead, Read};

use zstd::stream::read::Decoder;

use super::BlobAddress;
use super::refs::{CHUNKS, MANIFESTS, Manifest};
use super::seal::ChunkSeal;
use crate::store::db::Store;
use crate::store::error::StoreError;
use crate::store::key::Key;
use crate::store::tx::Bytes as _;

/// The longest window that is decompressed with, 8 MiB: bounds the memory for one reader.
const WINDOW_LOG_MAX: u32 = 23;

/// Gives the content of a blob. Its errors are [`StoreError`]s inside `io::Error`s: `Damaged` when a
/// chunk is not the one that was written, `BlobUnknown` when the blob is deleted meanwhile.
///
/// Each chunk is a short transaction, so a slow reader keeps no old snapshot of the store alive.
pub struct BlobReader {
    decoder: Decoder<'static, Chunks>,
    address: BlobAddress,
    hasher: blake3::Hasher,
    length: u64,
    left: u64,
    is_checked: bool,
}

impl BlobReader {
    pub(super) fn new(store: Store, address: BlobAddress) -> Result<Self, StoreError> {
        let manifest = manifest(&store, &address)?;
        let hasher = store.vault().address_hasher();
        let length = manifest.length;
        let seal = ChunkSeal::new(&manifest.key, manifest.id);
        let chunks = Chunks {
            store,
            address,
            manifest,
            seal,
            next: 0,
            chunk: Vec::new(),
            at: 0,
        };
        let decompress = |source| StoreError::Compress { source };
        let mut decoder = Decoder::with_buffer(chunks).map_err(decompress)?.single_frame();
        decoder.window_log_max(WINDOW_LOG_MAX).map_err(decompress)?;
        Ok(Self {
            decoder,
            address,
            hasher,
            length,
            left: length,
            is_checked: false,
        })
    }

    /// How many bytes the content has.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn damaged(&self, detail: &'static str) -> io::Error {
        StoreError::damaged_blob(&self.address, detail).into()
    }

    /// The seals leave nothing to find here but a defect of this program; it is found all the same.
    fn check_end(&mut self) -> io::Result<()> {
        if self.left > 0 {
            return Err(self.damaged("it ends before its length"));
        }
        if !self.decoder.get_ref().is_at_end() {
            return Err(self.damaged("it goes on after its end"));
        }
        if BlobAddress::from_hash(self.hasher.finalize()) != self.address {
            return Err(self.damaged("its content is not what its address says"));
        }
        self.is_checked = true;
        Ok(())
    }
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.is_checked {
            return Ok(0);
        }
        // One byte more than there should be is asked for, so that too many show.
        let most = usize::try_from(self.left.saturating_add(1))
            .unwrap_or(usize::MAX)
            .min(out.len());
        let read = self.decoder.read(&mut out[..most]).map_err(|error| {
            // The chunks' own errors pass through; all others say that the content is not zstd's.
            match error.downcast::<StoreError>() {
                Ok(error) => error.into(),
                Err(_) => self.damaged("it does not decompress"),
            }
        })?;
        if read == 0 {
            self.check_end()?;
            return Ok(0);
        }
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| self.damaged("it is longer than its length"))?;
        self.hasher.update(&out[..read]);
        Ok(read)
    }
}

fn manifest(store: &Store, address: &BlobAddress) -> Result<Manifest, StoreError> {
    let found = store.read_blocking(|tx| MANIFESTS.get(tx, address))?;
    found.ok_or(StoreError::BlobUnknown { address: *address })
}

/// The opened chunks, one after the other.
struct Chunks {
    store: Store,
    address: BlobAddress,
    manifest: Manifest,
    seal: ChunkSeal,
    next: u32,
    chunk: Vec<u8>,
    at: usize,
}

impl Chunks {
    fn is_at_end(&self) -> bool {
        self.at == self.chunk.len() && self.next == self.manifest.chunks
    }

    fn fetch(&mut self) -> Result<(), StoreError> {
        let index = self.next;
        let key = (self.manifest.id, index).to_bytes();
        let sealed = self.store.read_blocking(|tx| tx.get_bytes(CHUNKS, &key))?;
        let Some(sealed) = sealed else {
            // Deleted since the reader began, or lost?
            let now = manifest(&self.store, &self.address)?;
            return Err(if now.id == self.manifest.id {
                StoreError::damaged_blob(&self.address, "a chunk is missing")
            } else {
                StoreError::BlobUnknown {
                    address: self.address,
                }
            });
        };
        let is_last = index + 1 == self.manifest.chunks;
        self.chunk = self
            .seal
            .open(index, is_last, sealed)
            .ok_or_else(|| StoreError::damaged_blob(&self.address, "a chunk was changed, moved or cut"))?;
        self.at = 0;
        self.next = index + 1;
        Ok(())
    }
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.chunk.len() && self.next < self.manifest.chunks {
            self.fetch()?;
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, taken: usize) {
        self.at = (self.at + taken).min(self.chunk.len());
    }
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let taken = available.len().min(out.len());
        out[..taken].copy_from_slice(&available[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}
