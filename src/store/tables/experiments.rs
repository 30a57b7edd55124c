//! Experiments: what groups runs.

use serde::{Deserialize, Serialize};

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

/// Which experiment has a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentNameRow {
    /// Its id.
    pub id: ExperimentId,
}
impl JsonRow for ExperimentNameRow {
    const TAG: u8 = 1;
}

const EXPERIMENTS: Table<ExperimentId, ExperimentRow> = Table::new("experiments");
const BY_NAME: Table<NameHash, ExperimentNameRow> = Table::new("experiments-by-name");

/// Adds an experiment under its name.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, name: NameHash, row: &ExperimentRow) -> Result<(), StoreError> {
    EXPERIMENTS.put(tx, &row.id, row)?;
    BY_NAME.put(tx, &name, &ExperimentNameRow { id: row.id })
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
pub fn find_by_name(tx: &impl Tx, name: NameHash) -> Result<Option<ExperimentRow>, StoreError> {
    match BY_NAME.get(tx, &name)? {
        Some(row) => EXPERIMENTS.get(tx, &row.id),
        None => Ok(None),
    }
}

/// Experiments in the order of their ids, `limit` at most.
///
/// # Errors
/// The store's.
pub fn list(tx: &impl Tx, limit: usize) -> Result<Vec<ExperimentRow>, StoreError> {
    Ok(rows(EXPERIMENTS.range(tx, Span::all(), limit, Direction::Up)?))
}
