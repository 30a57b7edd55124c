//! Sweeping: what deletes the chunks that nobody needs, a few at a time, when nobody waits for the writer.

use std::collections::VecDeque;

use super::BlobId;
use super::refs::{self, CHUNKS, MANIFESTS, PENDING, PendingState};
use crate::store::engine::Engine;
use crate::store::error::StoreError;
use crate::store::table::Span;
use crate::store::tx::{Direction, WriteTx};

/// The most chunks that one transaction deletes, 16 MiB: whoever comes meanwhile waits for one such.
const CHUNKS_AT_ONCE: usize = 64;
/// The most pending blobs that are looked at in one step after the start.
const LISTED_AT_ONCE: usize = 64;

/// What is left to sweep. The writer thread takes a step whenever its queue is empty.
pub(in crate::store) struct Sweeper {
    listing: Listing,
    condemned: VecDeque<BlobId>,
    /// After a failure it waits until a write has worked, so that it does not spin on a broken disk.
    is_paused: bool,
}

/// How far the pending blobs that were there at the start have been looked at.
enum Listing {
    After(Option<BlobId>),
    Done,
}

impl Sweeper {
    pub(in crate::store) fn new() -> Self {
        Self {
            listing: Listing::After(None),
            condemned: VecDeque::new(),
            is_paused: false,
        }
    }

    /// Takes over the blobs that a committed transaction condemned.
    pub(in crate::store) fn add(&mut self, condemned: Vec<BlobId>) {
        self.condemned.extend(condemned);
        self.is_paused = false;
    }

    /// Waits until a write has worked.
    pub(in crate::store) fn pause(&mut self) {
        self.is_paused = true;
    }

    pub(in crate::store) fn has_work(&self) -> bool {
        !self.is_paused && (!self.condemned.is_empty() || matches!(self.listing, Listing::After(_)))
    }

    /// Does one short transaction's worth of work.
    pub(in crate::store) fn step(&mut self, engine: &Engine) {
        let done = match self.condemned.front().copied() {
            Some(id) => in_transaction(engine, |tx| sweep(tx, id)).map(|is_gone| {
                if is_gone {
                    self.condemned.pop_front();
                }
            }),
            None => self.list(engine),
        };
        if let Err(error) = done {
            self.pause();
            match error {
                StoreError::Unavailable { .. } | StoreError::Closed => {}
                // A row that cannot be read would stop everything behind it for ever.
                error => {
                    tracing::warn!(%error, "blobs that nobody needs stay");
                    if self.condemned.pop_front().is_none() {
                        self.listing = Listing::Done;
                    }
                }
            }
        }
    }

    fn list(&mut self, engine: &Engine) -> Result<(), StoreError> {
        let Listing::After(last) = &self.listing else {
            return Ok(());
        };
        let span = last.iter().fold(Span::all(), |span, last| span.above(last));
        let (tx, generation) = engine.begin_read()?;
        let listed = PENDING.range(&tx, &span, LISTED_AT_ONCE, Direction::Up);
        if let Some(source) = tx.fault.take() {
            engine.lost(generation, source);
        }
        let listed = listed?;
        self.listing = match listed.last() {
            Some((id, _)) if listed.len() == LISTED_AT_ONCE => Listing::After(Some(*id)),
            _ => Listing::Done,
        };
        let idle = listed
            .into_iter()
            .filter(|(_, pending)| !pending.is_live(engine.session()));
        self.condemned.extend(idle.map(|(id, _)| id));
        Ok(())
    }
}

fn in_transaction<T>(
    engine: &Engine,
    work: impl FnOnce(&mut WriteTx) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (mut tx, generation) = engine.begin_write()?;
    let worked = work(&mut tx);
    if let Some(source) = tx.fault.take() {
        engine.lost(generation, source);
    }
    match worked {
        Ok(value) => engine.commit(tx, generation).map(|_| value),
        Err(error) => engine.abort(tx, generation).and(Err(error)),
    }
}

/// Deletes some of the blob's chunks; says whether none is left.
fn sweep(tx: &mut WriteTx, id: BlobId) -> Result<bool, StoreError> {
    let Some(pending) = PENDING.get(tx, &id)? else {
        return Ok(true);
    };
    // Somebody put the same content again since it was listed.
    if pending.is_live(tx.session()) {
        return Ok(true);
    }
    if let PendingState::Finished { address, .. } = pending.state
        && let Some(manifest) = MANIFESTS.get(tx, &address)?
    {
        if manifest.refs > 0 {
            return PENDING.delete(tx, &id).map(|_| true);
        }
        MANIFESTS.delete(tx, &address)?;
        refs::mark_condemned(tx, id)?;
    }
    let deleted = tx.delete_prefix_bytes(CHUNKS, &id, CHUNKS_AT_ONCE)?;
    if deleted < CHUNKS_AT_ONCE {
        PENDING.delete(tx, &id).map(|_| true)
    } else {
        Ok(false)
    }
}
