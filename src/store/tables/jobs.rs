//! Jobs: durable background work, and the order in which it is taken up.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::Mark;
use crate::base::{ContentId, JobId, RunId, SessionId, Time};
use crate::store::{BlobAddress, Direction, JsonRow, Span, StoreError, Table, Tx, WriteTx};

/// A piece of background work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// What sort of work; train.
    pub kind: String,
    /// What it is about, as it was called when the job was asked for: of a training, the model.
    pub subject: String,
    /// What to do, as JSON; the platform reads it.
    pub payload: String,
    /// Who asked for it.
    pub requested_by: String,
    /// queued, running, done, failed or cancelled.
    pub state: String,
    /// The opening of the store whose process does it, while it is running.
    pub owner: Option<SessionId>,
    /// How often it was taken up.
    pub attempts: u32,
    /// Whether someone wants it cancelled.
    pub cancel: bool,
    /// When it was asked for.
    pub created_at: Time,
    /// It is not taken up before; at once when there is none.
    pub not_before: Option<Time>,
    /// When it was taken up last.
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The run of the last attempt.
    pub run_id: Option<RunId>,
    /// What came of it, as JSON; the platform reads it.
    pub result: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether it failed because of what it was given.
    pub bad_input: bool,
    /// What its rows violate and is no reason to refuse them, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// How far the work on it is; none once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointRow>,
}

/// How far the work on a job is, for a process that goes on with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointRow {
    /// What the algorithm knows of it.
    pub blob: BlobAddress,
    /// Of which work: with other work it is of no use.
    pub of: ContentId,
}

impl JsonRow for JobRow {
    const TAG: u8 = 1;
}

impl JobRow {
    /// From when on it may be taken up.
    pub fn due(&self) -> Time {
        self.not_before.unwrap_or(self.created_at).max(self.created_at)
    }
}

const JOBS: Table<JobId, JobRow> = Table::new("jobs");
const BY_TIME: Table<(Reverse<Time>, JobId), Mark> = Table::new("jobs-by-time");
/// The jobs that have not ended, in the order in which they are due.
const OPEN: Table<(Time, JobId), Mark> = Table::new("jobs-open");

/// Adds a job.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, row: &JobRow) -> Result<(), StoreError> {
    BY_TIME.put(tx, &(Reverse(row.created_at), row.id), &Mark)?;
    put(tx, row)
}

/// Writes a job that is there already; when it was asked for never changes. One that has ended is taken off
/// the open ones, and what was kept of its work is gone.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, row: &JobRow) -> Result<(), StoreError> {
    let before = JOBS.get(tx, &row.id)?;
    if let Some(before) = &before {
        OPEN.delete(tx, &(before.due(), row.id))?;
    }
    let mut row = row.clone();
    if row.ended_at.is_none() {
        OPEN.put(tx, &(row.due(), row.id), &Mark)?;
    } else {
        row.checkpoint = None;
    }
    let kept = before.and_then(|before| before.checkpoint);
    if kept != row.checkpoint {
        if let Some(new) = &row.checkpoint {
            tx.adopt(&new.blob)?;
        }
        if let Some(old) = &kept {
            tx.release(&old.blob)?;
        }
    }
    JOBS.put(tx, &row.id, &row)
}

/// The job.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, id: JobId) -> Result<Option<JobRow>, StoreError> {
    JOBS.get(tx, &id)
}

/// The jobs that come after `after` (time and id), newest first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn newest(tx: &impl Tx, after: Option<(Time, JobId)>, limit: usize) -> Result<Vec<JobRow>, StoreError> {
    let span = match after {
        Some((time, id)) => Span::all().above(&(Reverse(time), id)),
        None => Span::all(),
    };
    let listed = BY_TIME.range(tx, span, limit, Direction::Up)?;
    listed
        .into_iter()
        .filter_map(|((_, id), _)| JOBS.get(tx, &id).transpose())
        .collect()
}

/// Jobs that have not ended, as they are due, `limit` at most.
///
/// # Errors
/// The store's.
pub fn open(tx: &impl Tx, limit: usize) -> Result<Vec<JobRow>, StoreError> {
    let listed = OPEN.range(tx, Span::all(), limit, Direction::Up)?;
    listed
        .into_iter()
        .filter_map(|((_, id), _)| JOBS.get(tx, &id).transpose())
        .collect()
}

/// How many jobs have not ended, counted up to `limit`.
///
/// # Errors
/// The store's.
pub fn count_open(tx: &impl Tx, limit: usize) -> Result<usize, StoreError> {
    OPEN.count(tx, Span::all(), limit)
}
