//! Bounds on what requests may take: how many at once, how long, how large.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::ApiError;

/// The largest JSON body.
pub const MAX_JSON: usize = 8 << 20;

/// Tables that come in at once. Each takes a thread and memory for as long as its sender likes, and the
/// trainings and predictions beside it need theirs.
const MAX_UPLOADS: usize = 4;

/// How many requests are under way at once, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    places: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    count: usize,
    patience: Duration,
}

/// A place among the uploads. Whoever works on one holds it, also when its sender is gone already.
#[derive(Debug, Clone)]
pub(super) struct UploadPlace(#[expect(dead_code, reason = "held, never asked")] Arc<OwnedSemaphorePermit>);

/// What a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// A place among the requests under way, and the usual time.
    Usual,
    /// A place, and as long as its bytes take to arrive.
    Upload,
    /// The usual time, and no place: whoever watches the server must hear of it when it is full, above all.
    /// There are as many of these as connections at most.
    Probe,
}

impl Limits {
    /// At most `count` requests at once, each for `patience` at most.
    pub fn new(count: usize, patience: Duration) -> Self {
        let (places, uploads) = (Semaphore::new(count), Semaphore::new(MAX_UPLOADS));
        Self {
            places: Arc::new(places),
            uploads: Arc::new(uploads),
            count,
            patience,
        }
    }

    /// A place for one more upload.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn upload_place(&self) -> Result<UploadPlace, ApiError> {
        let place = Arc::clone(&self.uploads).try_acquire_owned();
        place
            .map(|place| UploadPlace(Arc::new(place)))
            .map_err(|_| ApiError::TooManyUploads { limit: MAX_UPLOADS })
    }

    /// Waits for an answer within the limits, or says that there is no place or no time.
    pub(super) async fn hold<E>(
        &self,
        allowed: Allowance,
        answer: impl Future<Output = Result<Response, E>>,
    ) -> Result<Response, E> {
        let _place = match allowed {
            Allowance::Probe => None,
            Allowance::Usual | Allowance::Upload => match self.places.try_acquire() {
                Ok(place) => Some(place),
                Err(_) => return Ok(ApiError::TooBusy { limit: self.count }.into_response()),
            },
        };
        if allowed == Allowance::Upload {
            return answer.await;
        }
        tokio::time::timeout(self.patience, answer)
            .await
            .unwrap_or_else(|_| {
                let seconds = self.patience.as_secs();
                Ok(ApiError::TimedOut { seconds }.into_response())
            })
    }
}

impl Default for Limits {
    /// Enough for any machine that this runs on, and a bound on what a flood can take.
    fn default() -> Self {
        Self::new(1_024, Duration::from_secs(30))
    }
}
