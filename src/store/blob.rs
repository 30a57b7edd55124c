//! Blobs: large content under an address that its bytes alone decide.
//!
//! A blob goes in and out as a stream: compressed by zstd, cut into chunks, each sealed as one step of
//! a STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015) under the blob's own random key, each a short
//! transaction. The manifest comes last and binds address, key, length and number of chunks, so a
//! missing, swapped, cut or changed chunk is found, and never gives wrong bytes.
//!
//! Equal content is stored once. A new blob is *pending*: a row's transaction adopts it with
//! [`WriteTx::adopt`](super::WriteTx::adopt), and it goes when the last row has released it. What an
//! earlier process left pending is swept away after the start.

mod read;
pub(super) mod refs;
mod seal;
pub(super) mod sweep;
mod write;

use std::fmt;
use std::io::{Read as _, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use read::BlobReader;
pub use write::BlobWriter;

use super::db::Store;
use super::error::StoreError;
use super::key::Key;
use crate::base::id::IdError;
use crate::base::{ContentId, Entropy};

/// Names a blob: a hash of its plain bytes under a key of the store, so that equal content shows to
/// nobody outside. 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobAddress(ContentId);

impl BlobAddress {
    fn from_hash(hash: blake3::Hash) -> Self {
        Self(ContentId::from_bytes(*hash.as_bytes()))
    }
}

impl fmt::Display for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobAddress({self})")
    }
}

impl FromStr for BlobAddress {
    type Err = IdError;

    fn from_str(given: &str) -> Result<Self, IdError> {
        given.parse().map(Self)
    }
}

impl Key for BlobAddress {
    const WIDTH: usize = ContentId::WIDTH;

    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        ContentId::decode(bytes).map(Self)
    }
}

/// What the chunks of one blob are kept under: random, since the address is known only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlobId([u8; 16]);

impl BlobId {
    fn random(entropy: Entropy) -> Result<Self, StoreError> {
        Ok(Self(entropy.bytes()?))
    }
}

impl Key for BlobId {
    const WIDTH: usize = 16;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// The store's large content; clones share it.
///
/// Readers, writers and what ends in `_blocking` wait for the disk: they are for plain threads.
#[derive(Clone)]
pub struct Blobs {
    store: Store,
}

impl Blobs {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Starts a blob whose bytes come one after the other; takes little memory, however many they are.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn writer(&self) -> Result<BlobWriter, StoreError> {
        BlobWriter::new(self.store.clone())
    }

    /// Stores `bytes`; what is stored already is not written again.
    ///
    /// The blob is pending until a row's transaction adopts it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn put_blocking(&self, bytes: &[u8]) -> Result<BlobAddress, StoreError> {
        let address = BlobAddress::from_hash(self.store.vault().address_hasher().update(bytes).finalize());
        if self.store.write_blocking(move |tx| refs::hold(tx, &address))? {
            return Ok(address);
        }
        let mut writer = self.writer()?;
        writer.write_all(bytes).map_err(StoreError::from_compressor)?;
        writer.finish()
    }

    /// As [`Blobs::put_blocking`], off the asynchronous threads.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn put(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<BlobAddress, StoreError> {
        let blobs = self.clone();
        self.store
            .blob_call(move || blobs.put_blocking(bytes.as_ref()))
            .await
    }

    /// Opens a blob to read it from the start; takes little memory, however long it is.
    ///
    /// # Errors
    /// `BlobUnknown` when there is none, `Damaged` when its manifest is not the one that was written.
    pub fn reader(&self, address: &BlobAddress) -> Result<BlobReader, StoreError> {
        BlobReader::new(self.store.clone(), *address)
    }

    /// The whole content, if it has at most `most` bytes.
    ///
    /// # Errors
    /// As [`Blobs::reader`]; `BlobTooLarge`; `Damaged` when any chunk is not the one that was written.
    pub fn get_blocking(&self, address: &BlobAddress, most: u64) -> Result<Vec<u8>, StoreError> {
        let mut reader = self.reader(address)?;
        let bytes = reader.length();
        let too_large = StoreError::BlobTooLarge {
            address: *address,
            bytes,
            most,
        };
        let Ok(length) = usize::try_from(bytes) else {
            return Err(too_large);
        };
        if bytes > most {
            return Err(too_large);
        }
        let mut content = Vec::with_capacity(length);
        reader
            .read_to_end(&mut content)
            .map_err(StoreError::from_compressor)?;
        Ok(content)
    }

    /// As [`Blobs::get_blocking`], off the asynchronous threads.
    ///
    /// # Errors
    /// As [`Blobs::get_blocking`].
    pub async fn get(&self, address: &BlobAddress, most: u64) -> Result<Vec<u8>, StoreError> {
        let (blobs, address) = (self.clone(), *address);
        self.store
            .blob_call(move || blobs.get_blocking(&address, most))
            .await
    }
}
