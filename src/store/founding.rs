//! How a database becomes a store, and how a store is known again: its format, its id, its wrapped keys.
//!
//! They stand unsealed in tables of their own, written in one transaction: a database has all or none.

use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, TableDefinition, TableError};

use super::error::StoreError;
use super::folder::KEY_FILE;
use super::vault::{self, KEYS_TABLE, MasterKey, Vault};
use crate::base::Entropy;

/// The format of keys, rows and blobs that this program writes.
const FORMAT: u32 = 1;

type Plain = TableDefinition<'static, &'static str, &'static [u8]>;
const FORMAT_TABLE: Plain = TableDefinition::new("format");
const FORMAT_KEY: &str = "usina";
/// 16 random bytes that no other store has.
const ID_KEY: &str = "id";
const KEYS: Plain = TableDefinition::new(KEYS_TABLE);

/// Where the master key is.
pub(super) enum KeyHome {
    /// Beside the store; made there with a new store.
    Beside(PathBuf),
    /// In a file that somebody named; never made.
    Named(PathBuf),
    /// Only in memory, as the store is.
    Memory,
}

impl KeyHome {
    pub(super) fn new(folder: &Path, named: Option<PathBuf>) -> Self {
        named.map_or_else(|| Self::Beside(folder.join(KEY_FILE)), Self::Named)
    }

    /// The key for a new store.
    fn first(&self, entropy: Entropy) -> Result<MasterKey, StoreError> {
        match self {
            Self::Memory => Ok(MasterKey::random(entropy)?),
            Self::Named(path) => read_key(path)?.ok_or_else(|| StoreError::NamedKeyMissing {
                key_file: path.clone(),
            }),
            Self::Beside(path) => {
                // A key without a store: the first start was cut short, or a person put it there.
                if let Some(key) = read_key(path)? {
                    return Ok(key);
                }
                let key = MasterKey::random(entropy)?;
                key.write_new(path).map_err(|source| StoreError::FolderUnusable {
                    path: path.clone(),
                    source,
                })?;
                Ok(key)
            }
        }
    }

    /// The key for a store that is there. It is never made: a new key would open nothing.
    fn again(&self, store: &Path) -> Result<(MasterKey, &Path), StoreError> {
        let path = match self {
            Self::Beside(path) | Self::Named(path) => path.as_path(),
            Self::Memory => Path::new(""),
        };
        let key = read_key(path)?.ok_or_else(|| StoreError::KeyMissing {
            key_file: path.to_owned(),
            store: store.to_owned(),
        })?;
        Ok((key, path))
    }
}

fn read_key(path: &Path) -> Result<Option<MasterKey>, StoreError> {
    let key_file = || path.to_owned();
    match MasterKey::read(path) {
        Ok(Ok(key)) => Ok(Some(key)),
        Ok(Err(problem)) => Err(StoreError::KeyMalformed {
            key_file: key_file(),
            problem,
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::KeyUnreadable {
            key_file: key_file(),
            source,
        }),
    }
}

/// Makes the database a store if it is empty, and opens its vault. `path` is the database's, for messages.
///
/// The caller holds the lock on the database file, so two processes never make a key at once.
pub(super) fn found_or_open(
    database: &Database,
    path: &Path,
    key_home: &KeyHome,
    entropy: Entropy,
) -> Result<Vault, StoreError> {
    let Some(format) = plain(database, FORMAT_TABLE, FORMAT_KEY)? else {
        let has_tables = {
            let tx = database.begin_read().map_err(StoreError::unavailable)?;
            let mut tables = tx.list_tables().map_err(StoreError::unavailable)?;
            tables.next().is_some()
        };
        return if has_tables {
            Err(StoreError::NotAStore {
                path: path.to_owned(),
            })
        } else {
            found(database, &key_home.first(entropy)?, entropy)
        };
    };
    let found = std::str::from_utf8(&format)
        .ok()
        .and_then(|format| format.parse().ok())
        .ok_or_else(|| StoreError::damaged_row("format", "it is not a number"))?;
    if found != FORMAT {
        return Err(StoreError::TooNew {
            path: path.to_owned(),
            found,
            known: FORMAT,
        });
    }
    let first_key = plain(database, KEYS, vault::FIRST_KEY)?;
    let wanted = vault::wrapped_by(&first_key.unwrap_or_default())?;
    let (master, key_file) = key_home.again(path)?;
    if master.id() != wanted {
        return Err(StoreError::WrongKey {
            key_file: key_file.to_owned(),
            wanted,
            given: master.id(),
        });
    }
    Vault::open(&master, entropy, |name| plain(database, KEYS, name))
}

fn found(database: &Database, master: &MasterKey, entropy: Entropy) -> Result<Vault, StoreError> {
    let (vault, wrapped) = Vault::create(master, entropy)?;
    let id: [u8; 16] = entropy.bytes()?;
    let write = || -> Result<(), redb::Error> {
        let mut tx = database.begin_write()?;
        tx.set_quick_repair(true);
        {
            let mut format = tx.open_table(FORMAT_TABLE)?;
            format.insert(FORMAT_KEY, FORMAT.to_string().as_bytes())?;
            format.insert(ID_KEY, id.as_slice())?;
            let mut keys = tx.open_table(KEYS)?;
            for (name, row) in &wrapped {
                keys.insert(name, row.as_slice())?;
            }
        }
        Ok(tx.commit()?)
    };
    write().map_err(StoreError::unavailable)?;
    Ok(vault)
}

/// What no other store has. `None` when the database is no store.
pub(super) fn id_of(database: &Database) -> Result<Option<Vec<u8>>, StoreError> {
    plain(database, FORMAT_TABLE, ID_KEY)
}

fn plain(database: &Database, table: Plain, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let tx = database.begin_read().map_err(StoreError::unavailable)?;
    let open = match tx.open_table(table) {
        Ok(open) => open,
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(StoreError::unavailable(error)),
    };
    let found = open.get(key).map_err(StoreError::unavailable)?;
    Ok(found.map(|row| row.value().to_vec()))
}
