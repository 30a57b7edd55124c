//! Registered models, their versions, and the history of what was in production.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rows;
use crate::base::{ContentId, RunId, Time};
use crate::store::{BlobAddress, Direction, JsonRow, NameHash, Span, StoreError, Table, Tx, WriteTx};

/// A registered model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRow {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What it is for; Markdown.
    pub description: String,
    /// When its first version was registered.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
    /// The number of the newest version.
    pub newest: u64,
    /// The number of the version in production.
    pub production: Option<u64>,
    /// How many entries its history has.
    pub history: u64,
}
impl JsonRow for ModelRow {
    const TAG: u8 = 1;
}

/// One version of a model; only its stage and deployment date ever change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The identity: 1, 2, 3.
    pub number: u64,
    /// For people: v1.0.0.
    pub label: String,
    /// none, staging, production or archived.
    pub stage: String,
    /// The training that made it.
    pub run_id: RunId,
    /// The dataset's name.
    pub dataset: String,
    /// The dataset's version.
    pub dataset_version: ContentId,
    /// Whether usina generated the rows itself.
    pub generated: bool,
    /// binary, multiclass or regression.
    pub task: String,
    /// The column that it predicts.
    pub target: String,
    /// Quality on the hold-out, by metric.
    pub metrics: BTreeMap<String, f64>,
    /// The baseline's quality on the hold-out, by metric.
    pub baseline: BTreeMap<String, f64>,
    /// Names the schema of what the version takes in; another one makes a new major label.
    pub input_schema: ContentId,
    /// Names the recipe; another one makes a new minor label.
    pub recipe: ContentId,
    /// Where its bundle is.
    pub bundle: BlobAddress,
    /// The bundle's size, in bytes.
    pub bundle_bytes: u64,
    /// When it was registered.
    pub created_at: Time,
    /// When it went into production last.
    pub deployed_at: Option<Time>,
}
impl JsonRow for VersionRow {
    const TAG: u8 = 1;
}

/// A change of what is in production. Entries are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// When.
    pub at: Time,
    /// promote or rollback.
    pub action: String,
    /// The version that was in production until then.
    pub from: Option<u64>,
    /// The version that is in production from then on.
    pub to: Option<u64>,
}
impl JsonRow for HistoryRow {
    const TAG: u8 = 1;
}

const MODELS: Table<NameHash, ModelRow> = Table::new("models");
const VERSIONS: Table<(NameHash, Reverse<u64>), VersionRow> = Table::new("model-versions");
const HISTORY: Table<(NameHash, Reverse<u64>), HistoryRow> = Table::new("model-history");

/// The model.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, model: NameHash) -> Result<Option<ModelRow>, StoreError> {
    MODELS.get(tx, &model)
}

/// All models, `limit` at most.
///
/// # Errors
/// The store's.
pub fn list(tx: &impl Tx, limit: usize) -> Result<Vec<ModelRow>, StoreError> {
    Ok(rows(MODELS.range(tx, Span::all(), limit, Direction::Up)?))
}

/// Writes the model.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, model: NameHash, row: &ModelRow) -> Result<(), StoreError> {
    MODELS.put(tx, &model, row)
}

/// One version, by number.
///
/// # Errors
/// The store's.
pub fn version(tx: &impl Tx, model: NameHash, number: u64) -> Result<Option<VersionRow>, StoreError> {
    VERSIONS.get(tx, &(model, Reverse(number)))
}

/// The versions of a model, newest first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn versions(tx: &impl Tx, model: NameHash, limit: usize) -> Result<Vec<VersionRow>, StoreError> {
    Ok(rows(VERSIONS.range(
        tx,
        Span::starts_with(&model),
        limit,
        Direction::Up,
    )?))
}

/// Adds a version and adopts its bundle.
///
/// # Errors
/// The store's.
pub fn add_version(tx: &mut WriteTx, model: NameHash, row: &VersionRow) -> Result<(), StoreError> {
    tx.adopt(&row.bundle)?;
    put_version(tx, model, row)
}

/// Writes a version that is there already.
///
/// # Errors
/// The store's.
pub fn put_version(tx: &mut WriteTx, model: NameHash, row: &VersionRow) -> Result<(), StoreError> {
    VERSIONS.put(tx, &(model, Reverse(row.number)), row)
}

/// What was in production, newest change first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn history(tx: &impl Tx, model: NameHash, limit: usize) -> Result<Vec<HistoryRow>, StoreError> {
    Ok(rows(HISTORY.range(
        tx,
        Span::starts_with(&model),
        limit,
        Direction::Up,
    )?))
}

/// Adds the `index`-th change to the history.
///
/// # Errors
/// The store's.
pub fn add_history(
    tx: &mut WriteTx,
    model: NameHash,
    index: u64,
    row: &HistoryRow,
) -> Result<(), StoreError> {
    HISTORY.put(tx, &(model, Reverse(index)), row)
}
