//! Typed tables: a name, a key and a row, and the few things that can be done with them.

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::ops::Bound;

use super::error::StoreError;
use super::key::{Key, StartsWith};
use super::row::{Row, open_row, seal_row};
use super::tx::{Direction, Tx, WriteTx};

/// A table with keys `K` and rows `R`. The name stands in the file and in what seals the rows: it never changes.
pub struct Table<K, R> {
    name: &'static str,
    holds: PhantomData<fn() -> (K, R)>,
}

impl<K: Key, R: Row> Table<K, R> {
    /// The table called `name`; each name has one type of key and one of row.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            holds: PhantomData,
        }
    }

    /// The row at `key`.
    ///
    /// # Errors
    /// `Damaged` when the stored bytes are not those that were written, `Row` when their layout is
    /// not known, `Unavailable` when the disk fails.
    pub fn get(&self, tx: &impl Tx, key: &K) -> Result<Option<R>, StoreError> {
        let key = key.to_bytes();
        let stored = tx.get_bytes(self.name, &key)?;
        stored
            .map(|stored| open_row(tx.vault(), self.name, &key, &stored))
            .transpose()
    }

    /// Whether there is a row at `key`; does not look into it.
    ///
    /// # Errors
    /// `Unavailable` when the disk fails.
    pub fn contains(&self, tx: &impl Tx, key: &K) -> Result<bool, StoreError> {
        Ok(tx.get_bytes(self.name, &key.to_bytes())?.is_some())
    }

    /// Writes the row at `key`, over an earlier one.
    ///
    /// # Errors
    /// `Row` and `RowTooLarge` when the row cannot be written down, `Unavailable` when the disk fails.
    pub fn put(&self, tx: &mut WriteTx, key: &K, row: &R) -> Result<(), StoreError> {
        let key = key.to_bytes();
        let stored = seal_row(tx.vault(), self.name, &key, row)?;
        tx.put_bytes(self.name, &key, &stored)
    }

    /// Writes the row unless there is one at `key`: `false` then, and nothing is changed.
    ///
    /// # Errors
    /// As [`Table::put`].
    pub fn insert_new(&self, tx: &mut WriteTx, key: &K, row: &R) -> Result<bool, StoreError> {
        if self.contains(tx, key)? {
            return Ok(false);
        }
        self.put(tx, key, row).map(|()| true)
    }

    /// Deletes the row at `key`; says whether there was one.
    ///
    /// # Errors
    /// `Unavailable` when the disk fails.
    pub fn delete(&self, tx: &mut WriteTx, key: &K) -> Result<bool, StoreError> {
        // Looking first keeps a transaction that deletes nothing a transaction that wrote nothing.
        Ok(self.contains(tx, key)? && tx.delete_bytes(self.name, &key.to_bytes())?)
    }

    /// How many rows `span` has, counted up to `limit`; does not look into them.
    ///
    /// # Errors
    /// `Unavailable` when the disk fails.
    pub fn count(&self, tx: &impl Tx, span: impl Borrow<Span<K>>, limit: usize) -> Result<usize, StoreError> {
        let span = span.borrow();
        let bounds = (as_slice(&span.lower), as_slice(&span.upper));
        Ok(tx.range_bytes(self.name, bounds, limit, Direction::Up)?.len())
    }

    /// At most `limit` rows of `span`, in the order of their keys or against it.
    ///
    /// # Errors
    /// As [`Table::get`].
    pub fn range(
        &self,
        tx: &impl Tx,
        span: impl Borrow<Span<K>>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<(K, R)>, StoreError> {
        let span = span.borrow();
        let bounds = (as_slice(&span.lower), as_slice(&span.upper));
        let pairs = tx.range_bytes(self.name, bounds, limit, direction)?;
        let rows = pairs.into_iter().map(|(key, stored)| {
            let row = open_row(tx.vault(), self.name, &key, &stored)?;
            let key = K::decode(&key)
                .ok_or_else(|| StoreError::damaged_row(self.name, "its key has another form"))?;
            Ok((key, row))
        });
        rows.collect()
    }
}

/// Which keys: all, those with a leading part, and either within bounds. Each bound narrows the span.
///
/// The next page of the rows of a run, newest first: `Span::starts_with(&run).below(&last_key)`.
#[derive(Debug)]
pub struct Span<K> {
    lower: Bound<Vec<u8>>,
    upper: Bound<Vec<u8>>,
    of: PhantomData<fn() -> K>,
}

impl<K: Key> Span<K> {
    /// All keys.
    pub const fn all() -> Self {
        Self {
            lower: Bound::Unbounded,
            upper: Bound::Unbounded,
            of: PhantomData,
        }
    }

    /// The keys whose leading part is `prefix`.
    pub fn starts_with<P: Key>(prefix: &P) -> Self
    where
        K: StartsWith<P>,
    {
        let prefix = prefix.to_bytes();
        let upper = successor(prefix.clone()).map_or(Bound::Unbounded, Bound::Excluded);
        Self {
            lower: Bound::Included(prefix),
            upper,
            of: PhantomData,
        }
    }

    /// Only keys at or above `key`.
    pub fn from(self, key: &K) -> Self {
        self.narrow_lower(Bound::Included(key.to_bytes()))
    }

    /// Only keys above `key`: where the next page begins when going up.
    pub fn above(self, key: &K) -> Self {
        self.narrow_lower(Bound::Excluded(key.to_bytes()))
    }

    /// Only keys below `key`: where the next page begins when going down.
    pub fn below(mut self, key: &K) -> Self {
        let key = key.to_bytes();
        let is_tighter = match &self.upper {
            Bound::Unbounded => true,
            Bound::Included(upper) | Bound::Excluded(upper) => key <= *upper,
        };
        if is_tighter {
            self.upper = Bound::Excluded(key);
        }
        self
    }

    fn narrow_lower(mut self, bound: Bound<Vec<u8>>) -> Self {
        let is_tighter = match (&bound, &self.lower) {
            (_, Bound::Unbounded) => true,
            (Bound::Excluded(new), Bound::Included(old)) => new >= old,
            (Bound::Included(new) | Bound::Excluded(new), Bound::Included(old) | Bound::Excluded(old)) => {
                new > old
            }
            (Bound::Unbounded, _) => false,
        };
        if is_tighter {
            self.lower = bound;
        }
        self
    }
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    bound.as_ref().map(Vec::as_slice)
}

/// The smallest bytes above everything that starts with `prefix`; `None` when there are none.
fn successor(mut prefix: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(last) = prefix.pop() {
        if last < u8::MAX {
            prefix.push(last + 1);
            return Some(prefix);
        }
    }
    None
}
