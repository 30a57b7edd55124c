//! Datasets and their versions.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Mark;
use super::names::{self, NameRow, Names};
use crate::base::{ContentId, DatasetId, Time};
use crate::store::{BlobAddress, Direction, JsonRow, NameHash, Span, StoreError, Table, Tx, WriteTx};

/// A named table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetRow {
    /// Its id.
    pub id: DatasetId,
    /// Its name, one of a kind.
    pub name: String,
    /// When its first version came in.
    pub created_at: Time,
    /// When a version came in last.
    pub updated_at: Time,
    /// The version that came in last.
    pub latest: ContentId,
}
impl JsonRow for DatasetRow {
    const TAG: u8 = 1;
}

/// One content of a dataset; never changes. Its columns stand at the head of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetVersionRow {
    /// The BLAKE3 of the canonical encoding of schema and cells.
    pub id: ContentId,
    /// When it came in first.
    pub created_at: Time,
    /// How many rows it has.
    pub rows: u64,
    /// How many columns it has.
    pub columns: u64,
    /// Where the encoded columns and rows are.
    pub blob: BlobAddress,
    /// Where it came from.
    pub source: SourceRow,
    /// Whether usina generated the rows itself.
    pub generated: bool,
    /// Where the profile is that was computed while the rows came in, as JSON; versions of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<BlobAddress>,
}
impl JsonRow for DatasetVersionRow {
    const TAG: u8 = 1;
}

/// Where a dataset version came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// file, generated, and what else comes to be.
    pub kind: String,
    /// The file's name, or that of what generates it.
    pub name: String,
    /// What else it takes to have the same rows again.
    pub details: BTreeMap<String, String>,
}

const DATASETS: Table<DatasetId, DatasetRow> = Table::new("datasets");
const NAMES: Names<DatasetId> = Table::new("dataset-names");
const VERSIONS: Table<(DatasetId, ContentId), DatasetVersionRow> = Table::new("dataset-versions");
const BY_TIME: Table<(DatasetId, Reverse<Time>, ContentId), Mark> = Table::new("dataset-versions-by-time");

fn by_name(tx: &impl Tx, name: &str) -> NameHash {
    tx.name_hash("dataset", name)
}

/// The dataset called `name`.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, name: &str) -> Result<Option<DatasetRow>, StoreError> {
    match NAMES.get(tx, &by_name(tx, name))? {
        Some(named) => DATASETS.get(tx, &named.id),
        None => Ok(None),
    }
}

/// The datasets whose names are wanted, by name, `limit` at most.
///
/// # Errors
/// The store's.
pub fn page_that(
    tx: &impl Tx,
    limit: usize,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<DatasetRow>, StoreError> {
    names::page_that(tx, &NAMES, limit, is_wanted)?
        .into_iter()
        .filter_map(|named| DATASETS.get(tx, &named.id).transpose())
        .collect()
}

/// One version.
///
/// # Errors
/// The store's.
pub fn version(
    tx: &impl Tx,
    dataset: DatasetId,
    id: ContentId,
) -> Result<Option<DatasetVersionRow>, StoreError> {
    VERSIONS.get(tx, &(dataset, id))
}

/// The versions of a dataset that come after `after` (time and id), newest first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn versions(
    tx: &impl Tx,
    dataset: DatasetId,
    after: Option<(Time, ContentId)>,
    limit: usize,
) -> Result<Vec<DatasetVersionRow>, StoreError> {
    let all = Span::starts_with(&dataset);
    let span = match after {
        Some((time, id)) => all.above(&(dataset, Reverse(time), id)),
        None => all,
    };
    let listed = BY_TIME.range(tx, span, limit, Direction::Up)?;
    listed
        .into_iter()
        .filter_map(|((_, _, id), _)| VERSIONS.get(tx, &(dataset, id)).transpose())
        .collect()
}

/// The versions of a dataset whose ids are at least `from`, in the order of their ids, `limit` at most.
///
/// # Errors
/// The store's.
pub fn versions_from(
    tx: &impl Tx,
    dataset: DatasetId,
    from: ContentId,
    limit: usize,
) -> Result<Vec<DatasetVersionRow>, StoreError> {
    let span = Span::starts_with(&dataset).from(&(dataset, from));
    let found = VERSIONS.range(tx, span, limit, Direction::Up)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// Adds a version to the dataset called `name`, makes it the latest and adopts its blob. A version that is
/// there already only becomes the latest again; a dataset that is not there is made, with the id `new`.
/// Gives the dataset's id, and whether the version is new.
///
/// # Errors
/// The store's.
pub fn add_version(
    tx: &mut WriteTx,
    name: &str,
    new: DatasetId,
    version: &DatasetVersionRow,
) -> Result<(DatasetId, bool), StoreError> {
    let before = find(tx, name)?;
    let dataset = DatasetRow {
        id: before.as_ref().map_or(new, |row| row.id),
        name: name.to_owned(),
        created_at: before.as_ref().map_or(version.created_at, |row| row.created_at),
        updated_at: version.created_at,
        latest: version.id,
    };
    if before.is_none() {
        let named = NameRow {
            name: name.to_owned(),
            id: dataset.id,
        };
        NAMES.put(tx, &by_name(tx, name), &named)?;
    }
    DATASETS.put(tx, &dataset.id, &dataset)?;
    let blobs = || std::iter::once(&version.blob).chain(&version.profile);
    for blob in blobs() {
        tx.adopt(blob)?;
    }
    if VERSIONS.contains(tx, &(dataset.id, version.id))? {
        // Nobody needs the blobs that were just written: taking them up and letting go drops the hold on them.
        for blob in blobs() {
            tx.release(blob)?;
        }
        return Ok((dataset.id, false));
    }
    VERSIONS.put(tx, &(dataset.id, version.id), version)?;
    BY_TIME.put(tx, &(dataset.id, Reverse(version.created_at), version.id), &Mark)?;
    Ok((dataset.id, true))
}
