//! Requests that are done once, however often they are sent: a client gives a request a key, and the same request
//! with the same key is answered as it was the first time.
//!
//! Source: IETF draft-ietf-httpapi-idempotency-key-header.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::base::{Clock, Lifecycle, SessionId, Time};
use crate::store::tables::idempotency::{self, KeptRow};
use crate::store::{NameHash, Store, StoreError, WriteTx};

pub use crate::store::tables::idempotency::AnswerRow as Answer;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest key, in characters.
pub const MAX_KEY: usize = 255;

/// The largest body of an answer that is kept.
pub const MAX_ANSWER: usize = 256 << 10;

/// So many keys are kept, and a few more; then those that came in first are forgotten.
const MAX_KEPT: usize = 10_000;

/// Every so many keys it is seen to that there are not too many.
const COUNTED_EVERY: u32 = 64;

/// Keys that are forgotten in one transaction.
const SWEPT_AT_ONCE: usize = 512;

const SWEPT_EVERY: Duration = Duration::from_secs(10 * 60);

/// Why a request with a key is not done.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// No key at all.
    #[error("the key has to be 1 to {MAX_KEY} visible ASCII characters; a UUID does well")]
    BadKey,
    /// The first one is still under way.
    #[error("a request with this key is still under way; ask again in a moment")]
    UnderWay,
    /// The key was given to something else.
    #[error("another request was sent with this key, with another body; give each request a key of its own")]
    OtherBody,
    /// The first one was done, or broke off, and nobody knows what was answered.
    #[error(
        "a request with this key was begun, but what came of it is not known: usina was stopped meanwhile, or the \
         answer was too large to keep; look whether it was done, and give the next one another key"
    )]
    NoAnswer,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which request: who sends it, where, and by which key.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Who sends it.
    pub caller: &'a str,
    /// Method, path and query.
    pub route: &'a str,
    /// The key that the client gave it.
    pub key: &'a str,
}

/// What there is to a request with a key.
#[derive(Debug)]
pub enum Begun {
    /// It is the first: do it, and then say what came of it.
    First(Claim),
    /// It was done.
    Answered {
        /// Tells the body of the first, where it is known.
        body: Option<String>,
        /// What that was answered.
        answer: Answer,
    },
}

/// A request that is being done under its key.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    key: NameHash,
    at: Time,
}

/// Keeps answers under the keys of their requests.
#[derive(Debug, Clone)]
pub struct Idempotency {
    store: Store,
    clock: Clock,
    begun: Arc<AtomicU32>,
}

impl Idempotency {
    /// Answers that are kept in `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            begun: Arc::default(),
        }
    }

    /// Begins a request, unless it was begun before.
    ///
    /// # Errors
    /// It is no key, the first one is under way or came to nothing that is known, or the store's.
    pub async fn begin(&self, sent: Sent<'_>) -> Result<Begun, IdempotencyError> {
        let is_key = |byte: u8| byte.is_ascii_graphic();
        if sent.key.is_empty() || sent.key.len() > MAX_KEY || !sent.key.bytes().all(is_key) {
            return Err(IdempotencyError::BadKey);
        }
        // Lengths in front, so that no two requests are told by one text.
        let told = [sent.caller, sent.route, sent.key].map(|part| format!("{}:{part}", part.len()));
        let key = self.store.vault().name_hash("idempotency", &told.concat());
        let (at, session) = (self.clock.now(), self.store.session());
        let counts = self
            .begun
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(COUNTED_EVERY);
        let write = move |tx: &mut WriteTx| begin_in(tx, key, at, session, counts);
        self.store.write(write).await
    }

    /// Keeps what a request was answered; `body` tells its body.
    ///
    /// # Errors
    /// The store's.
    pub async fn finish(
        &self,
        claim: Claim,
        body: Option<String>,
        answer: Option<Answer>,
    ) -> Result<(), StoreError> {
        let row = KeptRow {
            at: claim.at,
            owner: None,
            body,
            answer,
        };
        self.store
            .write(move |tx| idempotency::put(tx, claim.key, &row))
            .await
    }

    /// Frees the key of a request that made nothing: it may be sent again.
    ///
    /// # Errors
    /// The store's.
    pub async fn release(&self, claim: Claim) -> Result<(), StoreError> {
        self.store
            .write(move |tx| idempotency::delete(tx, claim.key))
            .await
    }

    /// Forgets what was kept long enough, now and then.
    pub fn keep_up(&self, lifecycle: &Lifecycle) {
        let (this, stopping) = (self.clone(), lifecycle.stopping());
        lifecycle.spawn("kept answers", async move {
            tokio::pin!(stopping);
            loop {
                tokio::select! {
                    () = &mut stopping => break,
                    () = tokio::time::sleep(SWEPT_EVERY) => {}
                }
                if let Err(error) = this.sweep().await {
                    tracing::warn!(%error, "answers that were kept long enough could not be forgotten");
                }
            }
        });
    }

    /// Forgets what was kept long enough.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        while self.store.write(move |tx| forget_old(tx, now)).await? == SWEPT_AT_ONCE {}
        Ok(())
    }
}

fn begin_in(
    tx: &mut WriteTx,
    key: NameHash,
    at: Time,
    session: SessionId,
    counts: bool,
) -> Result<Begun, IdempotencyError> {
    let kept = idempotency::find(tx, key)?.filter(|row| at.since(row.at) < KEPT);
    match kept {
        Some(KeptRow {
            answer: Some(answer),
            body,
            ..
        }) => return Ok(Begun::Answered { body, answer }),
        Some(row) if row.owner == Some(session) => return Err(IdempotencyError::UnderWay),
        Some(_) => return Err(IdempotencyError::NoAnswer),
        None => {}
    }
    if counts {
        forget_surplus(tx, session)?;
    }
    let row = KeptRow {
        at,
        owner: Some(session),
        body: None,
        answer: None,
    };
    idempotency::put(tx, key, &row)?;
    Ok(Begun::First(Claim { key, at }))
}

/// Forgets keys that came in first while there are too many, but none that is under way.
fn forget_surplus(tx: &mut WriteTx, session: SessionId) -> Result<(), StoreError> {
    let counted = idempotency::count(tx, MAX_KEPT + SWEPT_AT_ONCE)?;
    for (_, key) in idempotency::oldest(tx, counted.saturating_sub(MAX_KEPT))? {
        let row = idempotency::find(tx, key)?;
        if row.is_some_and(|row| row.owner != Some(session)) {
            idempotency::delete(tx, key)?;
        }
    }
    Ok(())
}

/// Forgets some of what was kept long enough; says how many.
fn forget_old(tx: &mut WriteTx, now: Time) -> Result<usize, StoreError> {
    let oldest = idempotency::oldest(tx, SWEPT_AT_ONCE)?;
    let old = oldest.into_iter().filter(|(at, _)| now.since(*at) >= KEPT);
    let mut forgotten = 0;
    for (_, key) in old {
        idempotency::delete(tx, key)?;
        forgotten += 1;
    }
    Ok(forgotten)
}

#[cfg(test)]
mod tests;
