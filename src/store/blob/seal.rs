//! The chunks of a blob, sealed: XChaCha20-Poly1305 in STREAM mode, as `aead-stream`'s `StreamBE32`.

use aead_stream::{NewStream, Nonce, StreamBE32, StreamPrimitive};
use chacha20poly1305::XChaCha20Poly1305;

use super::BlobId;
use crate::store::error::StoreError;
use crate::store::key::Key;
use crate::store::seal::{MAC_BYTES, SealKey};

/// The longest sealed chunk. redb rounds a value with its page's head up to a power of two, and this
/// leaves room for the head: a chunk fills 256 KiB and not a byte of a second 256.
pub(super) const SEALED_MAX: usize = (1 << 18) - 512;
/// The longest chunk before it is sealed.
pub(super) const PLAIN_MAX: usize = SEALED_MAX - MAC_BYTES;

/// Seals and opens the chunks of one blob. A chunk opens only as the chunk of this blob, at its place,
/// and as the last one only if it is the last one.
pub(super) struct ChunkSeal {
    stream: StreamBE32<XChaCha20Poly1305>,
    id: BlobId,
}

impl ChunkSeal {
    pub(super) fn new(key: &SealKey, id: BlobId) -> Self {
        // The key is used for this blob alone, so the nonce needs no randomness of its own.
        let nonce = Nonce::<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>::default();
        Self {
            stream: StreamBE32::new(key.expose().into(), &nonce),
            id,
        }
    }

    pub(super) fn seal(&self, index: u32, is_last: bool, mut chunk: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let bytes = chunk.len();
        self.stream
            .encrypt_in_place(index, is_last, &self.id.to_bytes(), &mut chunk)
            .map_err(|_| StoreError::TooLongToSeal { bytes })?;
        Ok(chunk)
    }

    /// `None` when the chunk is not the one that was sealed for this place.
    pub(super) fn open(&self, index: u32, is_last: bool, mut chunk: Vec<u8>) -> Option<Vec<u8>> {
        let opened = self
            .stream
            .decrypt_in_place(index, is_last, &self.id.to_bytes(), &mut chunk);
        opened.ok().map(|()| chunk)
    }
}
