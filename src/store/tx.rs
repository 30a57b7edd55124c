//! What a closure sees of the database: owned bytes by table and key, and bounded ranges of them.
//!
//! This file and `engine` are the only ones that know redb.

use std::cell::RefCell;
use std::error::Error;
use std::ops::Bound;
use std::sync::Arc;

use redb::{ReadableTable, TableDefinition, TableError};

use super::blob::BlobId;
use super::error::StoreError;
use super::key::{Key, NameHash};
use super::vault::Vault;
use crate::base::SessionId;

/// Which end of a range comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest key first.
    Up,
    /// The greatest key first.
    Down,
}

/// A transaction that can be read from: a [`ReadTx`] or a [`WriteTx`].
pub trait Tx: Bytes {
    /// The store's keys.
    fn vault(&self) -> &Vault;

    /// The key for the user's `name` of a thing of kind `domain`; see [`Vault::name_hash`].
    fn name_hash(&self, domain: &str, name: &str) -> NameHash {
        self.vault().name_hash(domain, name)
    }
}

pub use bytes::Bytes;

mod bytes {
    use super::*;

    pub type Pair = (Vec<u8>, Vec<u8>);

    /// Sealed off by the private module: only tables call it.
    pub trait Bytes {
        fn get_bytes(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

        /// At most `limit` pairs with keys in the range; none when the range is inside out.
        fn range_bytes(
            &self,
            table: &'static str,
            range: (Bound<&[u8]>, Bound<&[u8]>),
            limit: usize,
            direction: Direction,
        ) -> Result<Vec<Pair>, StoreError>;
    }
}

fn definition(table: &'static str) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(table)
}

/// The first failure of the disk in a transaction. It is kept beside the closure's result, which may
/// hide it: after it nothing of the transaction may be believed, and the database is reopened.
#[derive(Debug, Default)]
pub(super) struct Fault(RefCell<Option<Arc<dyn Error + Send + Sync>>>);

impl Fault {
    /// Turns an error of redb into ours, and remembers it when the database is of no more use.
    fn note(&self, table: &'static str, error: redb::StorageError) -> StoreError {
        let error = storage_error(table, error);
        if let StoreError::Unavailable { source } = &error {
            self.0.borrow_mut().get_or_insert_with(|| source.clone());
        }
        error
    }

    fn note_table(&self, table: &'static str, error: TableError) -> StoreError {
        match error {
            TableError::Storage(error) => self.note(table, error),
            _ => StoreError::damaged_row(table, "the table has another type"),
        }
    }

    pub(super) fn take(&self) -> Option<Arc<dyn Error + Send + Sync>> {
        self.0.borrow_mut().take()
    }
}

fn storage_error(table: &'static str, error: redb::StorageError) -> StoreError {
    match error {
        redb::StorageError::Corrupted(_) => StoreError::damaged_row(table, "the database's tree is broken"),
        redb::StorageError::ValueTooLarge(bytes) => StoreError::RowTooLarge { table, bytes },
        other => StoreError::unavailable(other),
    }
}

fn collect<'a>(
    range: redb::Range<'a, &'static [u8], &'static [u8]>,
    limit: usize,
    direction: Direction,
) -> Result<Vec<bytes::Pair>, redb::StorageError> {
    let own = |pair: Result<_, redb::StorageError>| {
        let (key, value): (redb::AccessGuard<'a, &[u8]>, redb::AccessGuard<'a, &[u8]>) = pair?;
        Ok((key.value().to_vec(), value.value().to_vec()))
    };
    match direction {
        Direction::Up => range.take(limit).map(own).collect(),
        Direction::Down => range.rev().take(limit).map(own).collect(),
    }
}

fn is_inside_out((lower, upper): (Bound<&[u8]>, Bound<&[u8]>)) -> bool {
    match (lower, upper) {
        (Bound::Included(low), Bound::Included(up)) => low > up,
        (Bound::Included(low) | Bound::Excluded(low), Bound::Included(up) | Bound::Excluded(up)) => low >= up,
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
    }
}

type OpenTable = redb::ReadOnlyTable<&'static [u8], &'static [u8]>;

/// A snapshot of the store: what was committed when it began, whatever is written meanwhile.
pub struct ReadTx {
    inner: redb::ReadTransaction,
    vault: Arc<Vault>,
    pub(super) fault: Fault,
}

impl ReadTx {
    pub(super) fn new(inner: redb::ReadTransaction, vault: Arc<Vault>) -> Self {
        Self {
            inner,
            vault,
            fault: Fault::default(),
        }
    }

    /// The table, or `None` while nothing was ever written to it.
    fn table(&self, table: &'static str) -> Result<Option<OpenTable>, StoreError> {
        match self.inner.open_table(definition(table)) {
            Ok(open) => Ok(Some(open)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(self.fault.note_table(table, error)),
        }
    }
}

impl Tx for ReadTx {
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Bytes for ReadTx {
    fn get_bytes(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(open) = self.table(table)? else {
            return Ok(None);
        };
        let found = open.get(key).map_err(|error| self.fault.note(table, error))?;
        Ok(found.map(|value| value.value().to_vec()))
    }

    fn range_bytes(
        &self,
        table: &'static str,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<bytes::Pair>, StoreError> {
        let Some(open) = self.table(table)? else {
            return Ok(Vec::new());
        };
        if is_inside_out(range) {
            return Ok(Vec::new());
        }
        open.range::<&[u8]>(range)
            .and_then(|pairs| collect(pairs, limit, direction))
            .map_err(|error| self.fault.note(table, error))
    }
}

/// Sees what was committed and what it wrote itself; the closure's `Ok` commits it.
pub struct WriteTx {
    inner: redb::WriteTransaction,
    vault: Arc<Vault>,
    session: SessionId,
    wrote: bool,
    part_wrote: bool,
    condemned: Vec<BlobId>,
    pub(super) fault: Fault,
}

impl WriteTx {
    pub(super) fn new(inner: redb::WriteTransaction, vault: Arc<Vault>, session: SessionId) -> Self {
        Self {
            inner,
            vault,
            session,
            wrote: false,
            part_wrote: false,
            condemned: Vec::new(),
            fault: Fault::default(),
        }
    }

    /// The transaction, to commit or abort, and the blobs whose chunks are to be swept when it is committed.
    pub(super) fn into_parts(self) -> (redb::WriteTransaction, Vec<BlobId>) {
        (self.inner, self.condemned)
    }

    /// Whether anything was written.
    pub(super) fn wrote(&self) -> bool {
        self.wrote
    }

    /// From here on [`WriteTx::part_wrote`] speaks of the closure that runs next.
    pub(super) fn begin_part(&mut self) {
        self.part_wrote = false;
    }

    /// Whether the closure that ran last wrote anything.
    pub(super) fn part_wrote(&self) -> bool {
        self.part_wrote
    }

    fn mark_written(&mut self) {
        self.wrote = true;
        self.part_wrote = true;
    }

    pub(super) fn session(&self) -> SessionId {
        self.session
    }

    /// Has the blob's chunks deleted, little by little, after the commit.
    pub(super) fn condemn(&mut self, id: BlobId) {
        self.condemned.push(id);
    }

    fn table(
        &self,
        table: &'static str,
    ) -> Result<redb::Table<'_, &'static [u8], &'static [u8]>, StoreError> {
        self.inner
            .open_table(definition(table))
            .map_err(|error| self.fault.note_table(table, error))
    }

    pub(super) fn put_bytes(
        &mut self,
        table: &'static str,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        // Before the attempt: a failed one may have changed pages.
        self.mark_written();
        let put = self.table(table)?.insert(key, value).map(|_| ());
        put.map_err(|error| self.fault.note(table, error))
    }

    /// Whether there was something to delete.
    pub(super) fn delete_bytes(&mut self, table: &'static str, key: &[u8]) -> Result<bool, StoreError> {
        self.mark_written();
        let deleted = self.table(table)?.remove(key).map(|old| old.is_some());
        deleted.map_err(|error| self.fault.note(table, error))
    }
}

impl WriteTx {
    /// Deletes at most `limit` pairs whose keys begin with `prefix`; gives how many.
    pub(super) fn delete_prefix_bytes(
        &mut self,
        table: &'static str,
        prefix: &BlobId,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.mark_written();
        let lower = (*prefix, u32::MIN).to_bytes();
        let upper = (*prefix, u32::MAX).to_bytes();
        let mut open = self.table(table)?;
        let mut deleted = 0;
        let all = open.extract_from_if::<&[u8], _>(lower.as_slice()..=upper.as_slice(), |_, _| true);
        for pair in all.map_err(|error| self.fault.note(table, error))?.take(limit) {
            pair.map_err(|error| self.fault.note(table, error))?;
            deleted += 1;
        }
        Ok(deleted)
    }
}

impl Tx for WriteTx {
    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Bytes for WriteTx {
    fn get_bytes(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let open = self.table(table)?;
        let found = open.get(key).map_err(|error| self.fault.note(table, error))?;
        Ok(found.map(|value| value.value().to_vec()))
    }

    fn range_bytes(
        &self,
        table: &'static str,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<bytes::Pair>, StoreError> {
        if is_inside_out(range) {
            return Ok(Vec::new());
        }
        let open = self.table(table)?;
        open.range::<&[u8]>(range)
            .and_then(|pairs| collect(pairs, limit, direction))
            .map_err(|error| self.fault.note(table, error))
    }
}
