//! Which blobs there are and who needs them: manifests, pending blobs, references.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{BlobAddress, BlobId};
use crate::base::{Secret, SessionId};
use crate::store::error::StoreError;
use crate::store::key::Key;
use crate::store::row::{JsonRow, Row, RowError};
use crate::store::seal::{KEY_BYTES, SealKey};
use crate::store::table::Table;
use crate::store::tx::WriteTx;

/// The sealed chunks, by blob and place.
pub(super) const CHUNKS: &str = "chunks";

pub(super) const MANIFESTS: Table<BlobAddress, Manifest> = Table::new("blobs");
pub(super) const PENDING: Table<BlobId, Pending> = Table::new("pending-blobs");

/// What turns an address into content. The row's seal binds it to the address, which is its key.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub id: BlobId,
    pub key: SealKey,
    /// Bytes of the content, uncompressed.
    pub length: u64,
    pub chunks: u32,
    /// How many rows need the blob; 0 while it is pending.
    pub refs: u32,
}

const MANIFEST_BYTES: usize = BlobId::WIDTH + KEY_BYTES + 8 + 4 + 4;

/// Tag 1 also says how the chunks are made: zstd, then STREAM. It is not JSON, so that the key is never text.
impl Row for Manifest {
    const TAG: u8 = 1;

    fn encode(&self) -> Result<Vec<u8>, RowError> {
        let mut body = Vec::with_capacity(MANIFEST_BYTES);
        self.id.encode(&mut body);
        body.extend_from_slice(self.key.expose());
        (self.length, self.chunks, self.refs).encode(&mut body);
        Ok(body)
    }

    fn decode(tag: u8, body: &[u8]) -> Result<Self, RowError> {
        if tag != Self::TAG {
            return Err(RowError::UnknownTag);
        }
        let parts = || {
            let (id, rest) = body.split_at_checked(BlobId::WIDTH)?;
            let (key, numbers) = rest.split_first_chunk::<KEY_BYTES>()?;
            let (length, chunks, refs) = Key::decode(numbers)?;
            let mut key = *key;
            let secret = Secret::new(key);
            key.zeroize();
            Some(Self {
                id: BlobId::decode(id)?,
                key: secret,
                length,
                chunks,
                refs,
            })
        };
        parts().ok_or(RowError::Length(body.len()))
    }
}

/// A blob that no row needs yet, or no row needs any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Who left it so.
    pub session: SessionId,
    pub state: PendingState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PendingState {
    /// Chunks come; there is no manifest.
    Writing,
    /// There is a manifest, and `holds` who put the content have not adopted it yet.
    Finished { address: BlobAddress, holds: u32 },
    /// There is no manifest any more; the chunks are to be deleted.
    Condemned,
}

impl JsonRow for Pending {
    const TAG: u8 = 1;
}

impl Pending {
    /// Whether somebody in this process still means to do something with it.
    pub(super) fn is_live(&self, session: SessionId) -> bool {
        self.session == session && self.state != PendingState::Condemned
    }

    fn holds(&self, session: SessionId) -> u32 {
        match &self.state {
            PendingState::Finished { holds, .. } if self.session == session => *holds,
            _ => 0,
        }
    }
}

fn put_pending(tx: &mut WriteTx, id: BlobId, state: PendingState) -> Result<(), StoreError> {
    let session = tx.session();
    PENDING.put(tx, &id, &Pending { session, state })
}

/// Puts a chunk that is not the last one; the first one says that the blob is being written.
pub(super) fn put_chunk(tx: &mut WriteTx, id: BlobId, index: u32, sealed: &[u8]) -> Result<(), StoreError> {
    if index == 0 {
        put_pending(tx, id, PendingState::Writing)?;
    }
    tx.put_bytes(CHUNKS, &(id, index).to_bytes(), sealed)
}

/// Puts the last chunk and the manifest, unless there is a blob with this address already.
pub(super) fn finish(
    tx: &mut WriteTx,
    address: &BlobAddress,
    manifest: &Manifest,
    last_chunk: &[u8],
) -> Result<(), StoreError> {
    if hold(tx, address)? {
        return if manifest.chunks > 1 {
            condemn(tx, manifest.id)
        } else {
            Ok(())
        };
    }
    tx.put_bytes(CHUNKS, &(manifest.id, manifest.chunks - 1).to_bytes(), last_chunk)?;
    MANIFESTS.put(tx, address, manifest)?;
    put_pending(
        tx,
        manifest.id,
        PendingState::Finished {
            address: *address,
            holds: 1,
        },
    )
}

/// Keeps a blob until whoever puts it again has adopted it. `false` when there is none.
pub(super) fn hold(tx: &mut WriteTx, address: &BlobAddress) -> Result<bool, StoreError> {
    let Some(manifest) = MANIFESTS.get(tx, address)? else {
        return Ok(false);
    };
    let holds = PENDING
        .get(tx, &manifest.id)?
        .map_or(0, |pending| pending.holds(tx.session()));
    let state = PendingState::Finished {
        address: *address,
        holds: holds.saturating_add(1),
    };
    put_pending(tx, manifest.id, state)?;
    Ok(true)
}

/// Has the chunks deleted, soon or after the next start.
fn condemn(tx: &mut WriteTx, id: BlobId) -> Result<(), StoreError> {
    mark_condemned(tx, id)?;
    tx.condemn(id);
    Ok(())
}

/// Says that the chunks are to be deleted; for who is about to.
pub(super) fn mark_condemned(tx: &mut WriteTx, id: BlobId) -> Result<(), StoreError> {
    put_pending(tx, id, PendingState::Condemned)
}

/// Gives up a blob that was begun; nothing happens unless some of it is stored.
pub(super) fn abandon(tx: &mut WriteTx, id: BlobId) -> Result<(), StoreError> {
    match PENDING.get(tx, &id)? {
        Some(pending) if pending.state == PendingState::Writing => condemn(tx, id),
        _ => Ok(()),
    }
}

impl WriteTx {
    /// Says that a row of this transaction needs the blob: it stays until as many have released it.
    ///
    /// # Errors
    /// `BlobUnknown` when it was never put, or is gone since.
    pub fn adopt(&mut self, address: &BlobAddress) -> Result<(), StoreError> {
        let mut manifest = MANIFESTS
            .get(self, address)?
            .ok_or(StoreError::BlobUnknown { address: *address })?;
        manifest.refs = manifest
            .refs
            .checked_add(1)
            .ok_or_else(|| StoreError::damaged_blob(address, "its count of references is full"))?;
        MANIFESTS.put(self, address, &manifest)?;
        if let Some(pending) = PENDING.get(self, &manifest.id)? {
            match pending.holds(self.session()) {
                0 | 1 => PENDING.delete(self, &manifest.id).map(drop)?,
                holds => {
                    let state = PendingState::Finished {
                        address: *address,
                        holds: holds - 1,
                    };
                    put_pending(self, manifest.id, state)?;
                }
            }
        }
        Ok(())
    }

    /// Says that a row which adopted the blob needs it no more; when none does, it is deleted.
    ///
    /// # Errors
    /// `BlobUnknown` when there is none; `BlobNotAdopted` when no row needs it.
    pub fn release(&mut self, address: &BlobAddress) -> Result<(), StoreError> {
        let mut manifest = MANIFESTS
            .get(self, address)?
            .ok_or(StoreError::BlobUnknown { address: *address })?;
        manifest.refs = manifest
            .refs
            .checked_sub(1)
            .ok_or(StoreError::BlobNotAdopted { address: *address })?;
        let is_held = PENDING
            .get(self, &manifest.id)?
            .is_some_and(|pending| pending.holds(self.session()) > 0);
        if manifest.refs > 0 || is_held {
            return MANIFESTS.put(self, address, &manifest);
        }
        MANIFESTS.delete(self, address)?;
        condemn(self, manifest.id)
    }
}

/// How many rows need the blob; `None` when there is no such blob.
#[cfg(test)]
pub(in crate::store) fn count(
    tx: &impl crate::store::tx::Tx,
    address: &BlobAddress,
) -> Result<Option<u32>, StoreError> {
    Ok(MANIFESTS.get(tx, address)?.map(|manifest| manifest.refs))
}

/// How many blobs there are, pending ones among them.
#[cfg(test)]
pub fn blobs_there(tx: &impl crate::store::tx::Tx) -> Result<usize, StoreError> {
    MANIFESTS.count(tx, crate::store::table::Span::all(), usize::MAX)
}
