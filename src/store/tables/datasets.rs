//! Datasets and their versions.

use serde::{Deserialize, Serialize};

use super::rows;
use crate::base::{ContentId, Time};
use crate::store::{BlobAddress, Direction, JsonRow, NameHash, Span, StoreError, Table, Tx, WriteTx};

/// A named table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetRow {
    /// Its name.
    pub name: String,
    /// When its first version came in.
    pub created_at: Time,
    /// The version that came in last.
    pub latest: ContentId,
}
impl JsonRow for DatasetRow {
    const TAG: u8 = 1;
}

/// One content of a dataset; never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetVersionRow {
    /// The BLAKE3 of the canonical encoding of schema and cells.
    pub id: ContentId,
    /// When it came in first.
    pub created_at: Time,
    /// How many rows it has.
    pub rows: u64,
    /// The columns, as JSON; the data layer reads it.
    pub schema: String,
    /// Where the encoded rows are.
    pub blob: BlobAddress,
    /// Where it came from, for people: a file's name, or what generated it.
    pub source: String,
    /// Whether usina generated the rows itself.
    pub generated: bool,
}
impl JsonRow for DatasetVersionRow {
    const TAG: u8 = 1;
}

const DATASETS: Table<NameHash, DatasetRow> = Table::new("datasets");
const VERSIONS: Table<(NameHash, ContentId), DatasetVersionRow> = Table::new("dataset-versions");

/// The dataset.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, dataset: NameHash) -> Result<Option<DatasetRow>, StoreError> {
    DATASETS.get(tx, &dataset)
}

/// All datasets, `limit` at most.
///
/// # Errors
/// The store's.
pub fn list(tx: &impl Tx, limit: usize) -> Result<Vec<DatasetRow>, StoreError> {
    Ok(rows(DATASETS.range(tx, Span::all(), limit, Direction::Up)?))
}

/// One version.
///
/// # Errors
/// The store's.
pub fn version(
    tx: &impl Tx,
    dataset: NameHash,
    id: ContentId,
) -> Result<Option<DatasetVersionRow>, StoreError> {
    VERSIONS.get(tx, &(dataset, id))
}

/// The versions of a dataset, `limit` at most, in no order that means anything.
///
/// # Errors
/// The store's.
pub fn versions(tx: &impl Tx, dataset: NameHash, limit: usize) -> Result<Vec<DatasetVersionRow>, StoreError> {
    Ok(rows(VERSIONS.range(
        tx,
        Span::starts_with(&dataset),
        limit,
        Direction::Up,
    )?))
}

/// Adds a version, makes it the latest and adopts its blob; a version that is there already only
/// becomes the latest again. Says whether it is new.
///
/// # Errors
/// The store's.
pub fn add_version(
    tx: &mut WriteTx,
    dataset: NameHash,
    name: &str,
    version: &DatasetVersionRow,
) -> Result<bool, StoreError> {
    let created_at = DATASETS
        .get(tx, &dataset)?
        .map_or(version.created_at, |row| row.created_at);
    DATASETS.put(
        tx,
        &dataset,
        &DatasetRow {
            name: name.to_owned(),
            created_at,
            latest: version.id,
        },
    )?;
    if VERSIONS.get(tx, &(dataset, version.id))?.is_some() {
        // Nobody needs the blob that was just written: taking it up and letting go drops the hold on it.
        tx.adopt(&version.blob)?;
        tx.release(&version.blob)?;
        return Ok(false);
    }
    tx.adopt(&version.blob)?;
    VERSIONS.put(tx, &(dataset, version.id), version)?;
    Ok(true)
}
