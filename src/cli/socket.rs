//! The socket in the data folder, through which the folder's owner reaches a running server.
//!
//! Whoever can connect is the owner, so nobody else may, not even for a moment: it is made in a folder that
//! is closed to others, closed to them itself, and then moved to its place.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// The socket's name in the data folder.
pub const SOCKET_FILE: &str = "usina.sock";

/// The folder, in the data folder, in which it is made.
const WORKSHOP: &str = "usina.sock.new";

/// Makes the socket in `folder`, in place of one that is there. The caller holds the store in the folder, so
/// a socket that is there belongs to nobody any more.
///
/// # Errors
/// The file system's.
pub fn bind(folder: &Path) -> io::Result<UnixListener> {
    let workshop = folder.join(WORKSHOP);
    // A start that was cut short has left it.
    clear(&workshop)?;
    DirBuilder::new().mode(0o700).create(&workshop)?;
    let made = bind_in(&workshop, &folder.join(SOCKET_FILE));
    clear(&workshop)?;
    made
}

fn bind_in(workshop: &Path, place: &Path) -> io::Result<UnixListener> {
    let listener = {
        let reached = Reached::new(workshop)?;
        UnixListener::bind(&reached.path)?
    };
    let made = workshop.join(SOCKET_FILE);
    fs::set_permissions(&made, Permissions::from_mode(0o600))?;
    fs::rename(&made, place)?;
    Ok(listener)
}

fn clear(workshop: &Path) -> io::Result<()> {
    match fs::remove_dir_all(workshop) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Connects to the socket in `folder`.
///
/// # Errors
/// There is none, or nobody listens.
pub async fn connect(folder: &Path) -> io::Result<UnixStream> {
    let reached = Reached::new(folder)?;
    UnixStream::connect(&reached.path).await
}

/// Whether somebody listens at the socket in `folder`.
pub fn is_answered(folder: &Path) -> bool {
    let reached = Reached::new(folder);
    reached.is_ok_and(|reached| std::os::unix::net::UnixStream::connect(&reached.path).is_ok())
}

/// A path to the socket in a folder that is short enough: the system takes 107 bytes, and a data folder may
/// lie anywhere.
struct Reached {
    path: PathBuf,
    /// What a path through the process's own files leads to; open until it has been walked.
    _folder: Option<File>,
}

impl Reached {
    fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SOCKET_FILE);
        if SocketAddr::from_pathname(&path).is_ok() {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(folder)?;
        let path = Path::new("/proc/self/fd")
            .join(folder.as_raw_fd().to_string())
            .join(SOCKET_FILE);
        Ok(Self {
            path,
            _folder: Some(folder),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileTypeExt;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Sends a word through the socket in `folder` to `listener`.
    async fn speak(folder: &Path, listener: &UnixListener) -> String {
        let speaking = async {
            let mut stream = connect(folder).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
        };
        let listening = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = String::new();
            stream.read_to_string(&mut heard).await.unwrap();
            heard
        };
        tokio::join!(speaking, listening).1
    }

    #[tokio::test]
    async fn a_socket_is_reached_however_deep_its_folder_is() {
        let top = tempfile::tempdir().unwrap();
        let deep = top.path().join("d".repeat(200)).join("e".repeat(200));
        fs::create_dir_all(&deep).unwrap();
        for folder in [top.path(), &deep] {
            assert!(connect(folder).await.is_err(), "nobody listens yet");
            let listener = bind(folder).unwrap();
            assert_eq!(speak(folder, &listener).await, "hello");
        }
        assert_eq!(names(&deep), [SOCKET_FILE]);
    }

    #[tokio::test]
    async fn what_an_ended_process_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        drop(bind(place).unwrap());
        assert!(connect(place).await.is_err(), "it is there, and nobody listens");
        fs::create_dir(place.join(WORKSHOP)).unwrap();
        fs::write(place.join(WORKSHOP).join(SOCKET_FILE), "").unwrap();
        let listener = bind(place).unwrap();
        assert_eq!(speak(place, &listener).await, "hello");
        assert_eq!(names(place), [SOCKET_FILE]);
    }

    #[tokio::test]
    async fn nobody_ever_sees_the_socket_open_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(SOCKET_FILE);
        let done = AtomicBool::new(false);
        let modes = std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut modes = std::collections::BTreeSet::new();
                while !done.load(Ordering::Acquire) {
                    if let Ok(metadata) = fs::symlink_metadata(&place) {
                        assert!(metadata.file_type().is_socket());
                        modes.insert(metadata.permissions().mode() & 0o777);
                    }
                }
                modes
            });
            for _ in 0..2_000 {
                drop(bind(folder.path()).unwrap());
                fs::remove_file(&place).unwrap();
            }
            drop(bind(folder.path()).unwrap());
            while !watching.is_finished() {
                std::thread::sleep(std::time::Duration::from_millis(5));
                done.store(true, Ordering::Release);
            }
            watching.join().unwrap()
        });
        assert_eq!(modes.into_iter().collect::<Vec<_>>(), [0o600]);
    }
}
