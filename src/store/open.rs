//! Opening the database file, with a message for each way in which that fails.

use std::fs::OpenOptions;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::backends::InMemoryBackend;
use redb::{Builder, Database, DatabaseError, StorageError};

use super::engine::Opener;
use super::error::StoreError;
use super::folder::{self, DATABASE_FILE};

/// The newest version of redb's own file format that this program reads.
const REDB_FORMAT: u32 = 3;

/// How often, and how far apart, a file without content is looked at before it is told as emptied.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Makes the folder and an empty database file, unless they are there. Gives the file's path.
///
/// # Errors
/// The folder's, or `Emptied`: a file gets its beginning as soon as it is made, so one without has most likely
/// lost what was in it, and nothing new is to take its place unasked.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, StoreError> {
    folder::make_folder(folder).map_err(|source| StoreError::FolderUnusable {
        path: folder.to_owned(),
        source,
    })?;
    let file = folder.join(DATABASE_FILE);
    let unusable = |source| StoreError::FolderUnusable {
        path: file.clone(),
        source,
    };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    folder::owner_only(&mut options);
    match options.open(&file) {
        Ok(_) => folder::sync_folder_of(&file).map_err(unusable)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if stays_empty(&file).map_err(unusable)? {
                return Err(StoreError::Emptied { path: file });
            }
        }
        Err(error) => return Err(unusable(error)),
    }
    Ok(file)
}

/// Whether nothing is in the file, and nothing comes: another process may be making it at this very moment.
fn stays_empty(file: &Path) -> io::Result<bool> {
    for _ in 0..LOOKS {
        if file.metadata()?.len() > 0 {
            return Ok(false);
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    Ok(true)
}

/// Opens `file`, which exists. An empty one becomes a database; when the file of a running store
/// is gone, no new one takes its place.
pub(super) fn file_opener(file: &Path, cache_bytes: usize) -> Opener {
    let file = file.to_owned();
    Box::new(move || {
        let handle = OpenOptions::new().read(true).write(true).open(&file)?;
        let backend = redb::backends::FileBackend::new(handle)?;
        Builder::new()
            .set_cache_size(cache_bytes)
            .create_with_backend(backend)
    })
}

/// Opens a new database in memory.
pub(super) fn memory_opener() -> Opener {
    Box::new(|| Builder::new().create_with_backend(InMemoryBackend::new()))
}

/// Opens the database for the first time in this process, and says what is wrong if it cannot be.
pub(super) fn open_first(opener: &Opener, file: &Path) -> Result<Database, StoreError> {
    let path = || file.to_owned();
    // redb trusts a file that was closed cleanly, and may panic when something changed it since.
    let Ok(opened) = catch_unwind(AssertUnwindSafe(opener)) else {
        return Err(broken(file));
    };
    opened.map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::InUse { path: path() }
        }
        DatabaseError::UpgradeRequired(found) => StoreError::TooNew {
            path: path(),
            found: u32::from(found),
            known: REDB_FORMAT,
        },
        DatabaseError::Storage(StorageError::Corrupted(_)) => broken(file),
        DatabaseError::Storage(StorageError::Io(source)) => match source.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                StoreError::NotAStore { path: path() }
            }
            _ => StoreError::FolderUnusable { path: path(), source },
        },
        other => StoreError::unavailable(other),
    })
}

fn broken(file: &Path) -> StoreError {
    StoreError::Damaged {
        place: file.display().to_string(),
        detail: "the database's tree is broken",
    }
}
