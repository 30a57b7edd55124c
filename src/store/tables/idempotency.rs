//! Answers that are kept for a while under the key that a client gave its request, so that the request sent again
//! is done once.

use serde::{Deserialize, Serialize};

use super::Mark;
use crate::base::{SessionId, Time};
use crate::store::{Direction, JsonRow, NameHash, Span, StoreError, Table, Tx, WriteTx};

/// A request that was sent with a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptRow {
    /// When it came in.
    pub at: Time,
    /// The opening of the store whose process does it, until it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<SessionId>,
    /// Tells its body: the BLAKE3 of its content type and bytes, once they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What it was answered; none until it is done, and where the answer was too large to keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerRow>,
}
impl JsonRow for KeptRow {
    const TAG: u8 = 1;
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRow {
    /// The status.
    pub status: u16,
    /// The content type, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The body.
    pub body: String,
}

const KEPT: Table<NameHash, KeptRow> = Table::new("idempotency");
const BY_TIME: Table<(Time, NameHash), Mark> = Table::new("idempotency-by-time");

/// The request of a key.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, key: NameHash) -> Result<Option<KeptRow>, StoreError> {
    KEPT.get(tx, &key)
}

/// Writes the request of a key, over an earlier one.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, key: NameHash, row: &KeptRow) -> Result<(), StoreError> {
    if let Some(before) = KEPT.get(tx, &key)?
        && before.at != row.at
    {
        BY_TIME.delete(tx, &(before.at, key))?;
    }
    BY_TIME.put(tx, &(row.at, key), &Mark)?;
    KEPT.put(tx, &key, row)
}

/// Forgets a key.
///
/// # Errors
/// The store's.
pub fn delete(tx: &mut WriteTx, key: NameHash) -> Result<(), StoreError> {
    if let Some(row) = KEPT.get(tx, &key)? {
        BY_TIME.delete(tx, &(row.at, key))?;
        KEPT.delete(tx, &key)?;
    }
    Ok(())
}

/// The keys that came in first, with the time, `limit` at most.
///
/// # Errors
/// The store's.
pub fn oldest(tx: &impl Tx, limit: usize) -> Result<Vec<(Time, NameHash)>, StoreError> {
    let listed = BY_TIME.range(tx, Span::all(), limit, Direction::Up)?;
    Ok(listed.into_iter().map(|(key, _)| key).collect())
}

/// How many keys there are, counted up to `limit`.
///
/// # Errors
/// The store's.
pub fn count(tx: &impl Tx, limit: usize) -> Result<usize, StoreError> {
    BY_TIME.count(tx, Span::all(), limit)
}
