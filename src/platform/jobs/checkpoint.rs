//! How far the work on a job is, kept in the store from time to time: a process that takes the job up again goes on from
//! there. It is gone when the job has ended.

use std::time::Duration;

use super::JobError;
use super::queue::row;
use crate::base::{Clock, ContentId, JobId};
use crate::engine::fit::Checkpoints;
use crate::store::Store;
use crate::store::tables::jobs::{self, CheckpointRow};

/// No more often than this: what is kept is encrypted and on disk before the work goes on.
const EVERY: Duration = Duration::from_secs(10);
/// So many times as long as keeping takes goes by before the next time.
const WORTH: u32 = 20;
/// The longest that is kept.
const LONGEST: u64 = 1 << 30;

/// The checkpoints of one job's training.
pub(in crate::platform) struct JobCheckpoints {
    store: Store,
    clock: Clock,
    job: JobId,
    of: ContentId,
    kept_at: Duration,
    /// How long keeping took last.
    took: Duration,
}

impl JobCheckpoints {
    /// Those of `job`. `of`: what is trained on what; with something else nobody goes on.
    pub(in crate::platform) fn new(store: Store, clock: Clock, job: JobId, of: ContentId) -> Self {
        Self {
            kept_at: clock.monotonic(),
            took: Duration::ZERO,
            store,
            clock,
            job,
            of,
        }
    }

    fn read(&self) -> Result<Option<Vec<u8>>, JobError> {
        let job = self.job;
        let kept = self
            .store
            .read_blocking(move |tx| Ok::<_, JobError>(row(tx, job)?.checkpoint))?;
        match kept.filter(|kept| kept.of == self.of) {
            Some(kept) => Ok(Some(self.store.blobs().get_blocking(&kept.blob, LONGEST)?)),
            None => Ok(None),
        }
    }

    fn write(&self, state: &[u8]) -> Result<(), JobError> {
        let (job, of) = (self.job, self.of);
        let blob = self.store.blobs().put_blocking(state)?;
        self.store.write_blocking(move |tx| {
            let mut row = row(tx, job)?;
            row.checkpoint = Some(CheckpointRow { blob, of });
            Ok::<_, JobError>(jobs::put(tx, &row)?)
        })
    }
}

impl Checkpoints for JobCheckpoints {
    fn last(&mut self) -> Option<Vec<u8>> {
        let kept = self.read();
        kept.unwrap_or_else(|error| {
            tracing::warn!(job = %self.job, %error, "a training begins anew: how far it was cannot be read");
            None
        })
    }

    fn is_due(&mut self) -> bool {
        self.clock.monotonic() - self.kept_at >= EVERY.max(self.took * WORTH)
    }

    fn keep(&mut self, state: Vec<u8>) {
        if state.len() as u64 > LONGEST {
            return;
        }
        let begun = self.clock.monotonic();
        // A full disk is no reason to lose the training itself.
        if let Err(error) = self.write(&state) {
            tracing::warn!(job = %self.job, %error, "how far a training is could not be kept");
        }
        self.kept_at = self.clock.monotonic();
        self.took = self.kept_at - begun;
    }
}
