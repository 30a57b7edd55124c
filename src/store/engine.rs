//! The open database, and how it comes back after the disk failed.
//!
//! After an I/O error redb refuses all work until it is reopened. So the database stands behind a
//! lock that is taken for writing only to drop and to replace it. Whoever calls first after the
//! pause reopens it; during the pause every call is answered `Unavailable` at once. Nothing needs a timer.

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use redb::{Database, DatabaseError, ReadableDatabase};

use super::blob::BlobId;
use super::error::StoreError;
use super::founding;
use super::tx::{ReadTx, WriteTx};
use super::vault::Vault;
use super::writer::panic_message;
use crate::base::{Clock, SessionId};

/// The pause after the first attempt to reopen that failed; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Opens the database again, where it was the first time. It never makes a new one.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

/// The database of one store.
pub(super) struct Engine {
    state: RwLock<State>,
    /// Held by the one who reopens.
    reopening: Mutex<()>,
    opener: Opener,
    /// The reopened store must be the one that was lost.
    id: Option<Vec<u8>>,
    vault: Arc<Vault>,
    session: SessionId,
    clock: Clock,
}

/// Why the database is not there.
type Cause = Arc<dyn Error + Send + Sync>;

enum State {
    Up {
        database: Database,
        generation: u64,
    },
    Down {
        generation: u64,
        failures: u32,
        not_before: Duration,
        cause: Cause,
    },
    Closed,
}

impl Engine {
    pub(super) fn new(
        database: Database,
        opener: Opener,
        id: Option<Vec<u8>>,
        vault: Vault,
        session: SessionId,
        clock: Clock,
    ) -> Self {
        Self {
            state: RwLock::new(State::Up {
                database,
                generation: 0,
            }),
            reopening: Mutex::new(()),
            opener,
            id,
            vault: Arc::new(vault),
            session,
            clock,
        }
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(super) fn session(&self) -> SessionId {
        self.session
    }

    /// Begins to read; the number says which opening of the database it is of, for [`Engine::lost`].
    pub(super) fn begin_read(&self) -> Result<(ReadTx, u64), StoreError> {
        let (begun, generation) = self.with_database(|database| database.begin_read())?;
        let inner = self.or_lost(begun, generation)?;
        Ok((ReadTx::new(inner, self.vault.clone()), generation))
    }

    /// Begins to write. Only the writer thread does, so this does not wait for another.
    pub(super) fn begin_write(&self) -> Result<(WriteTx, u64), StoreError> {
        let (begun, generation) = self.with_database(|database| database.begin_write())?;
        let mut inner = self.or_lost(begun, generation)?;
        // Durability is Immediate unless told otherwise: `commit` returns when the data is on disk.
        inner.set_quick_repair(true);
        Ok((WriteTx::new(inner, self.vault.clone(), self.session), generation))
    }

    /// Commits, or does nothing when nothing was written. Gives the blobs whose chunks are to be swept.
    ///
    /// # Errors
    /// `Unavailable`: the transaction is on disk whole or not at all, and nobody knows which.
    pub(super) fn commit(&self, tx: WriteTx, generation: u64) -> Result<Vec<BlobId>, StoreError> {
        let wrote = tx.wrote();
        let (inner, condemned) = tx.into_parts();
        if wrote {
            self.or_lost(inner.commit(), generation)?;
        } else {
            // Opening a table to look into it has made it; there is nothing in it to keep.
            self.or_lost(inner.abort(), generation)?;
        }
        Ok(condemned)
    }

    /// Takes back all that was written.
    pub(super) fn abort(&self, tx: WriteTx, generation: u64) -> Result<(), StoreError> {
        self.or_lost(tx.into_parts().0.abort(), generation)
    }

    fn or_lost<T, E: Error + Send + Sync + 'static>(
        &self,
        result: Result<T, E>,
        generation: u64,
    ) -> Result<T, StoreError> {
        result.map_err(|error| {
            let cause: Cause = Arc::new(error);
            self.lost(generation, cause.clone());
            StoreError::Unavailable { source: cause }
        })
    }

    /// Drops the database of `generation`, unless somebody has already.
    pub(super) fn lost(&self, generation: u64, cause: Cause) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let is_that = matches!(&*state, State::Up { generation: up, .. } if *up == generation);
        if !is_that {
            return;
        }
        tracing::error!(%cause, "the store lost its file; it will be reopened");
        let down = State::Down {
            generation,
            failures: 0,
            not_before: Duration::ZERO,
            cause,
        };
        let lost = std::mem::replace(&mut *state, down);
        drop(state);
        // Dropping closes it, which frees the lock on the file once its last transaction ends. That
        // may panic on a file that something else changed, and there is nothing to do about it.
        drop(catch_unwind(AssertUnwindSafe(|| drop(lost))));
    }

    /// Drops the database after it panicked itself, as it may on a file that something else changed.
    pub(super) fn distrust(&self, message: String) -> StoreError {
        let cause: Cause = Arc::new(DatabasePanicked(message));
        if let Ok(Some(((), generation))) = self.try_database(|_| ()) {
            self.lost(generation, cause.clone());
        }
        StoreError::Unavailable { source: cause }
    }

    fn with_database<T>(&self, begin: impl Fn(&Database) -> T) -> Result<(T, u64), StoreError> {
        if let Some(begun) = self.try_database(&begin)? {
            return Ok(begun);
        }
        self.reopen()?;
        self.try_database(&begin)?.ok_or(StoreError::Closed)
    }

    /// `None` when it is time to reopen.
    fn try_database<T>(&self, begin: impl Fn(&Database) -> T) -> Result<Option<(T, u64)>, StoreError> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Up { database, generation } => Ok(Some((begin(database), *generation))),
            State::Down { not_before, .. } if self.clock.monotonic() >= *not_before => Ok(None),
            State::Down { cause, .. } => Err(StoreError::Unavailable {
                source: cause.clone(),
            }),
            State::Closed => Err(StoreError::Closed),
        }
    }

    fn reopen(&self) -> Result<(), StoreError> {
        // Those who come meanwhile wait for how the attempt ends.
        let _one_at_a_time = self.reopening.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have reopened it between the look and the lock.
        if self.try_database(|_| ())?.is_some() {
            return Ok(());
        }
        let opened = self.open_same();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let State::Down {
            generation, failures, ..
        } = &*state
        else {
            return Ok(());
        };
        let (generation, failures) = (*generation, *failures);
        match opened {
            Ok(database) => {
                tracing::info!(failures, "the store has its file again");
                *state = State::Up {
                    database,
                    generation: generation + 1,
                };
                Ok(())
            }
            Err(cause) => {
                let pause = FIRST_PAUSE
                    .saturating_mul(1 << failures.min(16))
                    .min(LONGEST_PAUSE);
                *state = State::Down {
                    generation,
                    failures: failures.saturating_add(1),
                    not_before: self.clock.monotonic() + pause,
                    cause: cause.clone(),
                };
                Err(StoreError::Unavailable { source: cause })
            }
        }
    }

    /// The database, if it can be opened and is the one that was lost.
    fn open_same(&self) -> Result<Database, Cause> {
        let opened = catch_unwind(AssertUnwindSafe(|| (self.opener)()))
            .map_err(|panic| Arc::new(DatabasePanicked(panic_message(panic.as_ref()))) as Cause)?;
        let database = opened.map_err(|error| Arc::new(error) as Cause)?;
        match founding::id_of(&database) {
            Ok(id) if id.is_some() && id == self.id => Ok(database),
            Ok(_) => Err(Arc::new(Replaced)),
            Err(error) => Err(Arc::new(error)),
        }
    }

    /// Closes the database for good. Reads that are under way fail.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Closed) {
            State::Up { database, .. } => {
                let closed = catch_unwind(AssertUnwindSafe(|| database.close()));
                let panicked = |panic: Box<dyn Any + Send>| DatabasePanicked(panic_message(panic.as_ref()));
                closed
                    .map_err(panicked)
                    .map_err(StoreError::unavailable)?
                    .map_err(StoreError::unavailable)
            }
            State::Down { .. } | State::Closed => Ok(()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the database panicked: {0}")]
struct DatabasePanicked(String);

#[derive(Debug, thiserror::Error)]
#[error("the file that is there now is another store")]
struct Replaced;
