//! Experiments: what groups runs.

use serde::{Deserialize, Serialize};

use super::names::{NameRow, Names};
use super::rows;
use crate::base::{ExperimentId, Time};
use crate::store::{Direction, JsonRow, NameHash, Span, StoreError, Table, Tx, WriteTx};

/// An experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentRow {
    /// Its id.
    pub id: ExperimentId,
    /// Its name, one of a kind.
    pub name: String,
    /// active or deleted.
    pub lifecycle_stage: String,
    /// When it was made.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
}
impl JsonRow for ExperimentRow {
    const TAG: u8 = 1;
}

const EXPERIMENTS: Table<ExperimentId, ExperimentRow> = Table::new("experiments");
const NAMES: Names<ExperimentId> = Table::new("experiment-names");

fn by_name(tx: &impl Tx, name: &str) -> NameHash {
    tx.name_hash("experiment", name)
}

/// Adds an experiment under its name, which no other has.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, row: &ExperimentRow) -> Result<(), StoreError> {
    let named = NameRow {
        name: row.name.clone(),
        id: row.id,
    };
    NAMES.put(tx, &by_name(tx, &row.name), &named)?;
    EXPERIMENTS.put(tx, &row.id, row)
}

/// The experiment with this id.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, id: ExperimentId) -> Result<Option<ExperimentRow>, StoreError> {
    EXPERIMENTS.get(tx, &id)
}

/// The experiment with this name.
///
/// # Errors
/// The store's.
pub fn find_by_name(tx: &impl Tx, name: &str) -> Result<Option<ExperimentRow>, StoreError> {
    match NAMES.get(tx, &by_name(tx, name))? {
        Some(named) => EXPERIMENTS.get(tx, &named.id),
        None => Ok(None),
    }
}

/// The experiments whose ids come after `after`, in the order of their ids, `limit` at most.
///
/// # Errors
/// The store's.
pub fn page(
    tx: &impl Tx,
    after: Option<ExperimentId>,
    limit: usize,
) -> Result<Vec<ExperimentRow>, StoreError> {
    let span = match after {
        Some(after) => Span::all().above(&after),
        None => Span::all(),
    };
    Ok(rows(EXPERIMENTS.range(tx, span, limit, Direction::Up)?))
}
