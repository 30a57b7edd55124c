//! What became of models and their versions. Entries are only ever added, and each says what the one before it
//! was.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::models::older;
use crate::base::{ContentId, ModelId, Time};
use crate::store::{Direction, JsonRow, StoreError, Table, Tx, WriteTx};

/// Something that happened to a model or to one of its versions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// When.
    pub at: Time,
    /// register, import, promote, rollback, alias, describe, delete, restore or purge.
    pub action: String,
    /// The version; none when it happened to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The version's stage before; none when it was registered, or when no stage changed.
    pub from: Option<String>,
    /// The version's stage after; none when no stage changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The version that was in production before.
    pub production_before: Option<u64>,
    /// The version that was in production after.
    pub production_after: Option<u64>,
    /// Who wanted it.
    pub by: String,
    /// Why, in that one's words.
    pub reason: Option<String>,
    /// The alias that was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The version that the alias pointed at before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_before: Option<u64>,
    /// The version that the alias pointed at after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_after: Option<u64>,
    /// What was described anew: description, tag.KEY.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// By which list of fields the entry is hashed.
    #[serde(default = "first_form", skip_serializing_if = "is_first_form")]
    pub form: u8,
    /// The hash of the entry before. Those that format 1 wrote have none: they are folded into the hash that
    /// the first entry after them carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<ContentId>,
}
impl JsonRow for HistoryRow {
    const TAG: u8 = 1;
}

fn first_form() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_first_form(form: &u8) -> bool {
    *form == 1
}

const HISTORY: Table<(ModelId, Reverse<u64>), HistoryRow> = Table::new("model-history");

/// The entries before the `below`-th, newest first, `limit` at most, each with its index.
///
/// # Errors
/// The store's.
pub fn page(
    tx: &impl Tx,
    model: ModelId,
    below: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, HistoryRow)>, StoreError> {
    let changes = HISTORY.range(tx, older(model, below), limit, Direction::Up)?;
    Ok(indexed(changes))
}

/// The entries from the `from`-th on, oldest first, `limit` at most, each with its index.
///
/// # Errors
/// The store's.
pub fn from(
    tx: &impl Tx,
    model: ModelId,
    from: u64,
    limit: usize,
) -> Result<Vec<(u64, HistoryRow)>, StoreError> {
    let span = match from.checked_sub(1) {
        Some(before) => older(model, None).below(&(model, Reverse(before))),
        None => older(model, None),
    };
    Ok(indexed(HISTORY.range(tx, span, limit, Direction::Down)?))
}

fn indexed(changes: Vec<((ModelId, Reverse<u64>), HistoryRow)>) -> Vec<(u64, HistoryRow)> {
    let entries = changes.into_iter();
    entries.map(|((_, Reverse(index)), row)| (index, row)).collect()
}

/// Adds the `index`-th entry to the history.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, model: ModelId, index: u64, row: &HistoryRow) -> Result<(), StoreError> {
    HISTORY.put(tx, &(model, Reverse(index)), row)
}
