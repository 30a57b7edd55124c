//! The vault: the store's own keys, made once at random and wrapped by the master key.
//!
//! Data is sealed with the wrapped keys only, so another master key rewraps four short values and
//! rewrites no data.

mod master;
mod sign;

use zeroize::Zeroizing;

pub use master::{KeyFileProblem, MasterKey, MasterKeyId};
pub use sign::{PublicKey, Signature, Signer};

use super::error::StoreError;
use super::key::NameHash;
use super::seal::{self, KEY_BYTES, SealKey};
use crate::base::{Entropy, Secret};

/// The plain table that holds the wrapped keys; its rows are the only ones that are not [`super::Row`]s.
pub(super) const KEYS_TABLE: &str = "keys";

/// The format of a wrapped key: this byte, the master key's id, then the sealed key.
const WRAPPED_FORMAT: u8 = 1;

const ROWS: &str = "rows";
const ADDRESSES: &str = "addresses";
const BUNDLES: &str = "bundles";
const TOKENS: &str = "tokens";
const ALL: [&str; 4] = [ROWS, ADDRESSES, BUNDLES, TOKENS];

/// The names and rows of the keys table.
type WrappedKeys = Vec<(&'static str, Vec<u8>)>;

/// The keys of one store. It never gives one away: it seals, hashes and signs.
#[derive(Debug)]
pub struct Vault {
    rows: SealKey,
    blob_addresses: SealKey,
    names: SealKey,
    bundles: Signer,
    tokens: Signer,
    entropy: Entropy,
    /// How many rows were opened, for the tests that bound what a list reads.
    #[cfg(test)]
    opened: std::sync::atomic::AtomicU64,
}

impl Vault {
    /// New random keys, and the rows of the keys table that keep them.
    pub(super) fn create(master: &MasterKey, entropy: Entropy) -> Result<(Self, WrappedKeys), StoreError> {
        let mut wrapped = Vec::with_capacity(ALL.len());
        let mut made = Vec::with_capacity(ALL.len());
        for name in ALL {
            let key = Secret::new(entropy.bytes::<KEY_BYTES>()?);
            wrapped.push((name, wrap(master, entropy, name, &key)?));
            made.push((name, key));
        }
        let vault = Self::with_keys(entropy, |name| {
            made.iter()
                .find(|(made, _)| *made == name)
                .map(|(_, key)| key.clone())
                .ok_or_else(missing)
        })?;
        Ok((vault, wrapped))
    }

    /// The keys that the keys table holds; `row` gives the row with a name.
    pub(super) fn open(
        master: &MasterKey,
        entropy: Entropy,
        row: impl Fn(&'static str) -> Result<Option<Vec<u8>>, StoreError>,
    ) -> Result<Self, StoreError> {
        Self::with_keys(entropy, |name| {
            let wrapped = row(name)?.ok_or_else(missing)?;
            unwrap(master, name, &wrapped)
        })
    }

    fn with_keys(
        entropy: Entropy,
        key: impl Fn(&'static str) -> Result<SealKey, StoreError>,
    ) -> Result<Self, StoreError> {
        let addresses = key(ADDRESSES)?;
        let derive = |context| Secret::new(blake3::derive_key(context, addresses.expose()));
        Ok(Self {
            rows: key(ROWS)?,
            // Two keys from one: a blob whose content is some name must not have that name's hash.
            blob_addresses: derive("usina blob addresses 1"),
            names: derive("usina name hashes 1"),
            bundles: Signer::new(&key(BUNDLES)?),
            tokens: Signer::new(&key(TOKENS)?),
            entropy,
            #[cfg(test)]
            opened: std::sync::atomic::AtomicU64::default(),
        })
    }

    /// Signs bundles: what other nodes know this one by.
    pub fn bundles(&self) -> &Signer {
        &self.bundles
    }

    /// Signs access tokens; another key than the one for bundles, so that neither can stand for the other.
    pub fn tokens(&self) -> &Signer {
        &self.tokens
    }

    /// The key for the user's `name`. `domain` says what is named (`"model"`, `"dataset"`), so that
    /// equal names of different things have different hashes.
    pub fn name_hash(&self, domain: &str, name: &str) -> NameHash {
        let mut hasher = blake3::Hasher::new_keyed(self.names.expose());
        hasher.update(&(domain.len() as u64).to_le_bytes());
        hasher.update(domain.as_bytes());
        hasher.update(name.as_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        NameHash::from_bytes(bytes)
    }

    /// A hasher for the plain bytes of a blob; its hash is the blob's address.
    pub(super) fn address_hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(self.blob_addresses.expose())
    }

    /// How many rows were opened so far.
    #[cfg(test)]
    pub fn opened(&self) -> u64 {
        self.opened.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Counts a row that is opened.
    #[cfg(test)]
    pub(super) fn note_opened(&self) {
        self.opened.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    pub(super) fn rows(&self) -> &SealKey {
        &self.rows
    }

    /// Where the randomness of the store's keys comes from; ids of what is put into it come from there, too.
    pub fn entropy(&self) -> Entropy {
        self.entropy
    }
}

/// The id of the master key that wrapped the keys.
pub(super) fn wrapped_by(row: &[u8]) -> Result<MasterKeyId, StoreError> {
    match row.split_first() {
        Some((&WRAPPED_FORMAT, rest)) => rest
            .first_chunk()
            .map(|id| MasterKeyId::from_bytes(*id))
            .ok_or_else(|| StoreError::damaged_row(KEYS_TABLE, "it is cut")),
        Some(_) => Err(StoreError::damaged_row(KEYS_TABLE, "its format is not known")),
        None => Err(StoreError::damaged_row(KEYS_TABLE, "it is empty")),
    }
}

/// The key whose row says which master key the store needs.
pub(super) const FIRST_KEY: &str = ROWS;

fn wrap(
    master: &MasterKey,
    entropy: Entropy,
    name: &'static str,
    key: &SealKey,
) -> Result<Vec<u8>, StoreError> {
    let mut row = vec![WRAPPED_FORMAT];
    row.extend_from_slice(master.id().as_bytes());
    seal::seal(
        master.key(),
        entropy,
        &context(name, master.id()),
        key.expose(),
        &mut row,
    )?;
    Ok(row)
}

fn unwrap(master: &MasterKey, name: &'static str, row: &[u8]) -> Result<SealKey, StoreError> {
    let id = wrapped_by(row)?;
    let sealed = row.get(1 + id.as_bytes().len()..).unwrap_or_default();
    let plain: Zeroizing<Vec<u8>> = seal::open(master.key(), &context(name, id), sealed)
        .ok_or_else(|| StoreError::damaged_row(KEYS_TABLE, "it was changed, moved or cut"))?;
    let key = plain.as_slice().try_into();
    key.map(Secret::new)
        .map_err(|_| StoreError::damaged_row(KEYS_TABLE, "the key has another length"))
}

fn context(name: &str, master: MasterKeyId) -> Vec<u8> {
    format!("usina wrapped key {WRAPPED_FORMAT} {master} {name}").into_bytes()
}

fn missing() -> StoreError {
    StoreError::damaged_row(KEYS_TABLE, "it is missing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn vault() -> (MasterKey, Vault, HashMap<&'static str, Vec<u8>>) {
        let master = MasterKey::random(Entropy).unwrap();
        let (vault, rows) = Vault::create(&master, Entropy).unwrap();
        (master, vault, rows.into_iter().collect())
    }

    #[test]
    fn an_opened_vault_signs_and_hashes_as_the_one_that_was_made() {
        let (master, made, rows) = vault();
        let opened = Vault::open(&master, Entropy, |name| Ok(rows.get(name).cloned())).unwrap();
        assert_eq!(
            opened.name_hash("model", "churn"),
            made.name_hash("model", "churn")
        );
        assert_eq!(opened.bundles().public_key(), made.bundles().public_key());
        assert_eq!(opened.tokens().public_key(), made.tokens().public_key());
        assert_eq!(opened.rows().expose(), made.rows().expose());
        assert_eq!(
            opened.address_hasher().update(b"x").finalize(),
            made.address_hasher().update(b"x").finalize()
        );
    }

    #[test]
    fn a_changed_moved_or_missing_wrapped_key_is_damage() {
        let (master, _, rows) = vault();
        let opens = |rows: &HashMap<&'static str, Vec<u8>>| {
            Vault::open(&master, Entropy, |name| Ok(rows.get(name).cloned()))
        };
        for name in ALL {
            for at in 0..rows[name].len() {
                let mut rows = rows.clone();
                rows.get_mut(name).unwrap()[at] ^= 1;
                assert!(
                    matches!(opens(&rows), Err(StoreError::Damaged { .. })),
                    "{name} at {at}"
                );
            }
            let mut rows = rows.clone();
            rows.remove(name);
            assert!(
                matches!(opens(&rows), Err(StoreError::Damaged { .. })),
                "{name} missing"
            );
        }
        let mut swapped = rows.clone();
        swapped.insert(ROWS, rows[TOKENS].clone());
        assert!(matches!(opens(&swapped), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn names_hash_apart_by_domain_and_by_store() {
        let (_, one, _) = vault();
        let (_, other, _) = vault();
        assert_ne!(one.name_hash("model", "churn"), one.name_hash("dataset", "churn"));
        assert_ne!(one.name_hash("model", "churn"), one.name_hash("modelc", "hurn"));
        assert_ne!(one.name_hash("model", "churn"), other.name_hash("model", "churn"));
    }
}
