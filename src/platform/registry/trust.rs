//! Whose bundles are taken in: the store's own key, and those that somebody added.

use super::Registry;
use crate::base::Time;
use crate::platform::bundles::TrustedKeys;
use crate::store::tables::trusted_keys::{self, MAX_KEYS, TrustedKeyRow};
use crate::store::{PublicKey, StoreError, WriteTx};

/// Why a key is not added or taken away.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It is the store's own.
    #[error("{0} is this store's own key, which is trusted always")]
    Own(PublicKey),
    /// It is not there.
    #[error("the key {0} is not among those that are trusted; `usina trust list` lists them")]
    Unknown(PublicKey),
    /// More than is kept.
    #[error("{limit} keys are trusted already, which is the most; remove some first")]
    TooMany {
        /// How many there may be.
        limit: usize,
    },
    /// A name that is too long, or none.
    #[error("the name of a key has 1 to {limit} characters, and no control characters")]
    BadName {
        /// How long it may be.
        limit: usize,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, in the words of whoever added it.
    pub name: Option<String>,
    /// When it was added.
    pub added_at: Time,
    /// Who added it.
    pub by: String,
}

impl From<TrustedKeyRow> for TrustedKey {
    fn from(row: TrustedKeyRow) -> Self {
        Self {
            key: row.key,
            name: row.name,
            added_at: row.added_at,
            by: row.by,
        }
    }
}

/// Trusts a key within the caller's transaction.
pub(super) fn trust_in(tx: &mut WriteTx, row: &TrustedKeyRow) -> Result<(), TrustError> {
    let keys = trusted_keys::all(tx)?;
    if keys.len() >= MAX_KEYS && keys.iter().all(|there| there.key != row.key) {
        return Err(TrustError::TooMany { limit: MAX_KEYS });
    }
    Ok(trusted_keys::put(tx, row)?)
}

/// The longest name of a key, in characters.
const MAX_NAME: usize = 100;

impl Registry {
    /// The key that signs this store's bundles.
    pub fn own_key(&self) -> PublicKey {
        self.store.vault().bundles().public_key()
    }

    /// The keys that are trusted beside the store's own, the first added first.
    ///
    /// # Errors
    /// The store's.
    pub async fn trusted_keys(&self) -> Result<Vec<TrustedKey>, TrustError> {
        let mut rows = self.store.read(trusted_keys::all).await?;
        rows.sort_by_key(|row| (row.added_at, row.key));
        Ok(rows.into_iter().map(TrustedKey::from).collect())
    }

    /// Has bundles taken in that `key` signed. A key that is there gets the new name.
    ///
    /// # Errors
    /// It is the store's own, there are too many, or the store's.
    pub async fn trust(
        &self,
        key: PublicKey,
        name: Option<String>,
        by: String,
    ) -> Result<TrustedKey, TrustError> {
        if key == self.own_key() {
            return Err(TrustError::Own(key));
        }
        let is_right = |name: &String| {
            (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        if !name.as_ref().is_none_or(is_right) {
            return Err(TrustError::BadName { limit: MAX_NAME });
        }
        let row = TrustedKeyRow {
            key,
            name,
            added_at: self.clock.now(),
            by,
        };
        self.store
            .write(move |tx| {
                trust_in(tx, &row)?;
                Ok(row.clone().into())
            })
            .await
    }

    /// Has bundles refused that `key` signed. Versions that came before stay as they are.
    ///
    /// # Errors
    /// It is not there, or the store's.
    pub async fn distrust(&self, key: PublicKey) -> Result<TrustedKey, TrustError> {
        self.store
            .write(move |tx| {
                let row = trusted_keys::get(tx, &key)?.ok_or(TrustError::Unknown(key))?;
                trusted_keys::remove(tx, &key)?;
                Ok(row.into())
            })
            .await
    }

    /// Whose bundles are taken in now.
    pub(super) fn trusted_blocking(&self) -> Result<TrustedKeys, StoreError> {
        let rows = self.store.read_blocking(trusted_keys::all)?;
        let own = TrustedKeys::only(self.own_key());
        Ok(rows.into_iter().map(|row| row.key).fold(own, TrustedKeys::and))
    }
}
