//! The keys whose bundles are taken in, beside the store's own.

use serde::{Deserialize, Serialize};

use super::rows;
use crate::base::Time;
use crate::store::{Direction, JsonRow, NameHash, PublicKey, Span, StoreError, Table, Tx, WriteTx};

/// A key that is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedKeyRow {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, in the words of whoever added it.
    pub name: Option<String>,
    /// When it was added.
    pub added_at: Time,
    /// Who added it.
    pub by: String,
}
impl JsonRow for TrustedKeyRow {
    const TAG: u8 = 1;
}

const KEYS: Table<NameHash, TrustedKeyRow> = Table::new("trusted-keys");

/// No store trusts more keys.
pub const MAX_KEYS: usize = 1_000;

fn place(tx: &impl Tx, key: &PublicKey) -> NameHash {
    tx.name_hash("trusted key", &key.to_string())
}

/// All trusted keys, in no order.
///
/// # Errors
/// The store's.
pub fn all(tx: &impl Tx) -> Result<Vec<TrustedKeyRow>, StoreError> {
    Ok(rows(KEYS.range(tx, Span::all(), MAX_KEYS, Direction::Up)?))
}

/// One trusted key.
///
/// # Errors
/// The store's.
pub fn get(tx: &impl Tx, key: &PublicKey) -> Result<Option<TrustedKeyRow>, StoreError> {
    KEYS.get(tx, &place(tx, key))
}

/// Adds a key.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, row: &TrustedKeyRow) -> Result<(), StoreError> {
    let place = place(tx, &row.key);
    KEYS.put(tx, &place, row)
}

/// Takes a key away.
///
/// # Errors
/// The store's.
pub fn remove(tx: &mut WriteTx, key: &PublicKey) -> Result<(), StoreError> {
    let place = place(tx, key);
    KEYS.delete(tx, &place).map(drop)
}
