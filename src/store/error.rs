//! What can go wrong with the store, and what to do about it.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::blob::BlobAddress;
use super::row::RowError;
use super::vault::{KeyFileProblem, MasterKeyId};
use crate::base::random::EntropyError;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data folder or a file in it cannot be made, read or written.
    #[error("cannot use {}: {source}; choose a folder that this user may write to", path.display())]
    FolderUnusable {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another process, or another `Store` of this one, holds the store.
    #[error("{} is in use by another usina; stop that one, or give this one a folder of its own", path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file is something else, or its head is destroyed.
    #[error("{} is not a usina store; move it away, or restore the store from a backup", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The file is there, and nothing is in it.
    #[error(
        "{} is empty: what was stored in it is lost; restore it from a backup, or remove it to begin anew",
        path.display()
    )]
    Emptied {
        /// The database file.
        path: PathBuf,
    },
    /// A newer usina made the store.
    #[error("{} has store format {found} and this usina knows formats up to {known}; use a newer usina", path.display())]
    TooNew {
        /// The database file.
        path: PathBuf,
        /// The format that the store says it has.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// The store is there and its key is not.
    #[error(
        "{} is encrypted and its master key {} is missing; copy the key file back, or name it in USINA_MASTER_KEY_FILE",
        store.display(),
        key_file.display()
    )]
    KeyMissing {
        /// Where the key was looked for.
        key_file: PathBuf,
        /// The database file.
        store: PathBuf,
    },
    /// The key file that was named does not exist, and none is made in its place: a key in a folder
    /// that somebody forgot to mount would be lost, and all data with it.
    #[error("the master key file {} does not exist; put the key there, or leave the setting out", key_file.display())]
    NamedKeyMissing {
        /// Where the key was looked for.
        key_file: PathBuf,
    },
    /// The key file cannot be read.
    #[error("cannot read the master key {}: {source}; let this user read it", key_file.display())]
    KeyUnreadable {
        /// The key file.
        key_file: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The key file does not hold a key.
    #[error("{} is not a whole usina key file: {problem}; restore it from its copy", key_file.display())]
    KeyMalformed {
        /// The key file.
        key_file: PathBuf,
        /// What is wrong in it.
        problem: KeyFileProblem,
    },
    /// The key belongs to another store.
    #[error("{} holds key {given} and the store needs key {wanted}; find the key file with that id", key_file.display())]
    WrongKey {
        /// The key file.
        key_file: PathBuf,
        /// The id of the key that the store was sealed with.
        wanted: MasterKeyId,
        /// The id of the key in the file.
        given: MasterKeyId,
    },
    /// The disk failed. The store reopens itself; a write that got this answer may or may not have been done.
    #[error(
        "the store cannot reach its file and will try again: {source}; check the disk and its free space"
    )]
    Unavailable {
        /// What the database says.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// As many calls are queued or running as may be.
    #[error("the store is busy with {limit} calls; try again later")]
    Busy {
        /// How many calls it takes at once.
        limit: usize,
    },
    /// The store was closed.
    #[error("the store is closed; the process is going down")]
    Closed,
    /// A closure that runs on the writer thread asked for a write, which would wait for itself.
    #[error("a write waits for another write inside it; this is a defect of usina")]
    Nested,
    /// The closure that was given to the store panicked; nothing of it is stored.
    #[error("a transaction panicked: {message}; this is a defect of usina")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// Stored bytes are missing or are not the bytes that were written.
    #[error("{place} is damaged: {detail}; restore the store from a backup")]
    Damaged {
        /// Which row or blob.
        place: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A row cannot be turned into bytes or back.
    #[error("a row of table {table} with tag {tag}: {source}")]
    Row {
        /// The table.
        table: &'static str,
        /// The tag that says the row's layout.
        tag: u8,
        /// What is wrong.
        source: RowError,
    },
    /// A row or value is bigger than the store takes.
    #[error("{bytes} bytes are too many for one row of table {table}; large content goes into a blob")]
    RowTooLarge {
        /// The table.
        table: &'static str,
        /// How many bytes it has.
        bytes: usize,
    },
    /// More bytes than the cipher takes at once.
    #[error("{bytes} bytes are too many to seal at once; large content goes into a blob")]
    TooLongToSeal {
        /// How many bytes there are.
        bytes: usize,
    },
    /// No blob has this address.
    #[error("there is no blob {address}; put its content again")]
    BlobUnknown {
        /// The address.
        address: BlobAddress,
    },
    /// A blob is released more often than it was adopted.
    #[error("blob {address} is released and nothing refers to it; this is a defect of usina")]
    BlobNotAdopted {
        /// The address.
        address: BlobAddress,
    },
    /// A blob is bigger than the caller takes.
    #[error("blob {address} has {bytes} bytes, more than the {most} that are taken here; stream it")]
    BlobTooLarge {
        /// The address.
        address: BlobAddress,
        /// How many bytes it has.
        bytes: u64,
        /// The most that the caller takes.
        most: u64,
    },
    /// A blob is to be finished of which some bytes were not taken.
    #[error("an earlier write of this blob failed; start the blob again")]
    BlobBroken,
    /// Compressing content failed.
    #[error("cannot compress: {source}")]
    Compress {
        /// What the compressor says.
        source: io::Error,
    },
    /// The operating system has no random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The operating system does not start a thread.
    #[error("cannot start the store's thread: {source}; raise the limit of threads of this user")]
    Thread {
        /// What the operating system says.
        source: io::Error,
    },
}

impl StoreError {
    pub(super) fn unavailable(source: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable {
            source: Arc::new(source),
        }
    }

    pub(super) fn damaged_row(table: &str, detail: &'static str) -> Self {
        Self::Damaged {
            place: format!("a row of table {table}"),
            detail,
        }
    }

    pub(super) fn damaged_blob(address: &BlobAddress, detail: &'static str) -> Self {
        Self::Damaged {
            place: format!("blob {address}"),
            detail,
        }
    }

    /// What a blob's reader or writer meant by an `io::Error`.
    ///
    /// # Errors
    /// Gives the error back when it came from somewhere else.
    pub fn from_io(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }

    /// Whether it may go better another time: the store was busy, or its disk was full or away.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Busy { .. } | Self::Closed)
    }

    /// As [`StoreError::from_io`], where only the compressor is between the store and the error.
    pub(super) fn from_compressor(error: io::Error) -> Self {
        Self::from_io(error).unwrap_or_else(|source| Self::Compress { source })
    }
}

/// The blob reader and writer speak `std::io`; the cause stays inside, see [`StoreError::from_io`].
impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> Self {
        io::Error::other(error)
    }
}
