//! The data folder's files and who may open them.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// The database file's name in the data folder.
pub const DATABASE_FILE: &str = "usina.redb";
/// The key file's name in the data folder.
pub const KEY_FILE: &str = "usina.key";

/// Makes the folder, for its owner alone, and its parents, unless it is there.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        warn_of_writers(folder);
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        // Another process was quicker; whether it may be used shows when a file is opened.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        other => other,
    }
}

/// Warns when others than its owner may write in a folder that was there before: whoever may, can put another
/// store and key in place of these. Its mode is left as it is; somebody chose it.
fn warn_of_writers(folder: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = folder.metadata() {
        const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
        let mode = std::os::unix::fs::MetadataExt::mode(&metadata) & 0o7777;
        if mode & GROUP_OR_OTHERS_WRITE != 0 {
            tracing::warn!(
                folder = %folder.display(),
                mode = format!("{mode:04o}"),
                "others than its owner may write in the data folder, and so replace the store and its key; \
                 close it with `chmod go-w`, or take another folder"
            );
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// A file that these options make can be read and written by its owner alone.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Waits until the names in the folder of `path` are on disk: after it, a new file survives a power cut.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Only Unix opens a folder as a file.
    if cfg!(unix) {
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    } else {
        Ok(())
    }
}
