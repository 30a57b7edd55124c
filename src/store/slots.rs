//! Threads for what waits for the disk: so many at once, and a full house is an answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::error::StoreError;
use super::writer::panic_message;

/// A bounded number of threads for work that waits for the disk.
pub(super) struct Slots {
    free: Arc<Semaphore>,
    limit: usize,
}

impl Slots {
    pub(super) fn new(limit: usize) -> Self {
        let limit = limit.max(1);
        Self {
            free: Arc::new(Semaphore::new(limit)),
            limit,
        }
    }

    /// Runs `work` on a thread that may wait, when one of the threads is free.
    ///
    /// # Errors
    /// What `work` gives; `Busy` when none came free within `patience`, `Panicked` when `work` did,
    /// `Closed` when the runtime goes down.
    pub(super) async fn run<T, E>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let slot = match tokio::time::timeout(patience, self.free.clone().acquire_owned()).await {
            Ok(Ok(slot)) => slot,
            Ok(Err(_)) => return Err(StoreError::Closed.into()),
            Err(_) => return Err(StoreError::Busy { limit: self.limit }.into()),
        };
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work ends, even when its caller has left.
            let _slot = slot;
            work()
        });
        task.await.unwrap_or_else(|stopped| {
            Err(match stopped.try_into_panic() {
                Ok(panic) => StoreError::Panicked {
                    message: panic_message(panic.as_ref()),
                }
                .into(),
                Err(_) => StoreError::Closed.into(),
            })
        })
    }
}
