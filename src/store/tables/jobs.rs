//! Jobs: durable background work, and the order in which it is taken up.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::base::{JobId, RunId, Time};
use crate::store::{Direction, JsonRow, Span, StoreError, Table, Tx, WriteTx};

/// A piece of background work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// What sort of work; train.
    pub kind: String,
    /// The model that it is about.
    pub model: String,
    /// What to do, as JSON; the platform reads it.
    pub payload: String,
    /// queued, running, done, failed or cancelled.
    pub state: String,
    /// How often it was taken up.
    pub attempts: u32,
    /// Whether someone wants it cancelled.
    pub cancel: bool,
    /// When it was asked for.
    pub created_at: Time,
    /// When it was taken up last.
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The run of the last attempt.
    pub run_id: Option<RunId>,
    /// The label of the version that it made.
    pub version: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether it failed because of what it was given.
    pub bad_input: bool,
}
impl JsonRow for JobRow {
    const TAG: u8 = 1;
}

/// Nothing: the key says it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark;
impl JsonRow for Mark {
    const TAG: u8 = 1;
}

const JOBS: Table<JobId, JobRow> = Table::new("jobs");
const BY_TIME: Table<(Reverse<Time>, JobId), Mark> = Table::new("jobs-by-time");
/// The jobs that have not ended, in the order in which they were asked for.
const OPEN: Table<(Time, JobId), Mark> = Table::new("jobs-open");

/// Adds a job.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, row: &JobRow) -> Result<(), StoreError> {
    JOBS.put(tx, &row.id, row)?;
    BY_TIME.put(tx, &(Reverse(row.created_at), row.id), &Mark)?;
    OPEN.put(tx, &(row.created_at, row.id), &Mark)
}

/// Writes a job that is there already; `has_ended` takes it off the list of open jobs.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, row: &JobRow, has_ended: bool) -> Result<(), StoreError> {
    JOBS.put(tx, &row.id, row)?;
    if has_ended {
        OPEN.delete(tx, &(row.created_at, row.id))?;
    }
    Ok(())
}

/// The job.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, id: JobId) -> Result<Option<JobRow>, StoreError> {
    JOBS.get(tx, &id)
}

/// Jobs, newest first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn newest(tx: &impl Tx, limit: usize) -> Result<Vec<JobRow>, StoreError> {
    let listed = BY_TIME.range(tx, Span::all(), limit, Direction::Up)?;
    listed
        .into_iter()
        .filter_map(|((_, id), _)| JOBS.get(tx, &id).transpose())
        .collect()
}

/// Jobs that have not ended, oldest first, `limit` at most.
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
