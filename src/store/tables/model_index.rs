//! Which versions there are of something else than their model: of a dataset's version, of a bundle's content, and
//! which of them are deleted and wait to be purged.

use std::cmp::Reverse;

use super::models::VersionRow;
use super::{Mark, rows_keys};
use crate::base::{ContentId, ModelId, Time};
use crate::store::{Direction, Span, StoreError, Table, Tx, WriteTx};

/// A version of a model; the newest first.
type VersionKey = (ContentId, ModelId, Reverse<u64>);

const BY_DATASET: Table<VersionKey, Mark> = Table::new("model-versions-by-dataset");
const BY_DIGEST: Table<VersionKey, Mark> = Table::new("model-versions-by-digest");
/// When it was deleted, the model, and the version; 0 is the model itself.
const DELETED: Table<(Time, ModelId, u64), Mark> = Table::new("models-deleted");

/// Stands for the model itself where a version's number is due.
pub const MODEL: u64 = 0;

/// Lists a version under its dataset's version and its bundle's content; once or several times.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, model: ModelId, row: &VersionRow) -> Result<(), StoreError> {
    let key = |content| (content, model, Reverse(row.number));
    if let Some(dataset) = &row.dataset {
        BY_DATASET.put(tx, &key(dataset.version), &Mark)?;
    }
    match &row.bundle {
        Some(bundle) => BY_DIGEST.put(tx, &key(bundle.digest), &Mark),
        None => Ok(()),
    }
}

/// The versions that were trained on a dataset's version after `after`, `limit` at most: model and number.
///
/// # Errors
/// The store's.
pub fn of_dataset(
    tx: &impl Tx,
    dataset: ContentId,
    after: Option<(ModelId, u64)>,
    limit: usize,
) -> Result<Vec<(ModelId, u64)>, StoreError> {
    let span = Span::starts_with(&dataset);
    let span = match after {
        Some((model, number)) => span.above(&(dataset, model, Reverse(number))),
        None => span,
    };
    let keys = rows_keys(BY_DATASET.range(tx, span, limit, Direction::Up)?);
    Ok(keys.map(|(_, model, Reverse(number))| (model, number)).collect())
}

/// The newest version of a model whose bundle has this content.
///
/// # Errors
/// The store's.
pub fn of_digest(tx: &impl Tx, digest: ContentId, model: ModelId) -> Result<Option<u64>, StoreError> {
    let span = Span::starts_with(&(digest, model));
    let mut keys = rows_keys(BY_DIGEST.range(tx, span, 1, Direction::Up)?);
    Ok(keys.next().map(|(_, _, Reverse(number))| number))
}

/// Takes a version whose bundle is gone out of the list by content.
///
/// # Errors
/// The store's.
pub fn forget_digest(
    tx: &mut WriteTx,
    digest: ContentId,
    model: ModelId,
    number: u64,
) -> Result<(), StoreError> {
    BY_DIGEST.delete(tx, &(digest, model, Reverse(number))).map(drop)
}

/// Notes that a version, or the [`MODEL`], was deleted.
///
/// # Errors
/// The store's.
pub fn note_deleted(tx: &mut WriteTx, at: Time, model: ModelId, number: u64) -> Result<(), StoreError> {
    DELETED.put(tx, &(at, model, number), &Mark)
}

/// That it is deleted no more, or purged.
///
/// # Errors
/// The store's.
pub fn forget_deleted(tx: &mut WriteTx, at: Time, model: ModelId, number: u64) -> Result<(), StoreError> {
    DELETED.delete(tx, &(at, model, number)).map(drop)
}

/// What was deleted before `before`, the first first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn deleted_before(
    tx: &impl Tx,
    before: Time,
    limit: usize,
) -> Result<Vec<(Time, ModelId, u64)>, StoreError> {
    let span = Span::all().below(&(before, ModelId::from_bytes([0; 16]), 0));
    Ok(rows_keys(DELETED.range(tx, span, limit, Direction::Up)?).collect())
}
