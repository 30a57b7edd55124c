//! Bounds on what requests may take: how many at once, how long, how large.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::error::ApiError;

/// The largest JSON body.
pub const MAX_JSON: usize = 8 << 20;

/// Tables that come in at once. Each takes a thread and memory for as long as its sender likes, and the
/// trainings and predictions beside it need theirs.
const MAX_UPLOADS: usize = 4;

/// Streams of rows at once. Each may last for hours.
const MAX_STREAMS: usize = 64;

/// A JSON body from this size on takes many times its size once it is read: a `0,` becomes a cell.
const LARGE: usize = 64 << 10;

/// So many large bodies are worked on at once; together they take less than two gigabytes.
const MAX_LARGE: usize = 8;

/// How many requests are under way at once, for how long, and how many of them are large.
#[derive(Debug, Clone)]
pub struct Limits {
    places: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    large: Arc<Semaphore>,
    count: usize,
    patience: Duration,
}

/// A place among the uploads. Whoever works on one holds it, also when its sender is gone already.
#[derive(Debug, Clone)]
pub(super) struct UploadPlace(#[expect(dead_code, reason = "held, never asked")] Arc<OwnedSemaphorePermit>);

/// A place among the streams of rows, held until the last row is answered.
#[derive(Debug)]
pub(super) struct StreamPlace(#[expect(dead_code, reason = "held, never asked")] OwnedSemaphorePermit);

/// A place among the large bodies, held from before one is in memory until it is worked off.
#[derive(Debug)]
pub(super) struct LargePlace<'l>(#[expect(dead_code, reason = "held, never asked")] SemaphorePermit<'l>);

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
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            places: places(count),
            uploads: places(MAX_UPLOADS),
            streams: places(MAX_STREAMS),
            large: places(MAX_LARGE),
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

    /// A place for one more stream of rows.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn stream_place(&self) -> Result<StreamPlace, ApiError> {
        let place = Arc::clone(&self.streams).try_acquire_owned();
        place
            .map(StreamPlace)
            .map_err(|_| ApiError::TooManyStreams { limit: MAX_STREAMS })
    }

    /// A place for one more JSON body of `length` bytes, if it is large; the others need none.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn large_place(&self, length: usize) -> Result<Option<LargePlace<'_>>, ApiError> {
        if length <= LARGE {
            return Ok(None);
        }
        let place = self.large.try_acquire();
        place
            .map(|place| Some(LargePlace(place)))
            .map_err(|_| ApiError::TooManyLarge { limit: MAX_LARGE })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_bounded_and_one_that_has_ended_makes_room() {
        let limits = Limits::default();
        let mut held: Vec<_> = (0..MAX_STREAMS).map(|_| limits.stream_place().unwrap()).collect();
        let refused = limits.clone().stream_place().map(|_| ()).unwrap_err();
        assert!(refused.to_string().starts_with("64 streams"), "{refused}");
        held.pop();
        assert!(limits.stream_place().is_ok());
    }

    #[test]
    fn each_router_has_its_own_places_for_large_bodies() {
        let (one, other) = (Limits::default(), Limits::default());
        let held: Vec<_> = (0..MAX_LARGE)
            .map(|_| one.large_place(LARGE + 1).unwrap())
            .collect();
        let refused = one.clone().large_place(LARGE + 1).map(|_| ()).unwrap_err();
        assert!(refused.to_string().starts_with("8 large requests"), "{refused}");
        assert!(
            one.large_place(LARGE).unwrap().is_none(),
            "a small one needs no place"
        );
        assert!(other.large_place(LARGE + 1).unwrap().is_some());
        drop(held);
        assert!(one.large_place(LARGE + 1).is_ok(), "the places are free again");
    }
}
