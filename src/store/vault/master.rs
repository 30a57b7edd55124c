//! The master key and the file that keeps it.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::base::random::EntropyError;
use crate::base::{Entropy, Secret};
use crate::store::seal::{KEY_BYTES, SealKey};

/// The first line of a key file, up to its format's number.
const TITLE: &str = "usina master key ";
const FORMAT: u32 = 1;
/// A whole key file is under 400 bytes; what is longer than this is something else.
const FILE_BYTES_MAX: u64 = 4096;

/// Names a master key without showing it: 16 bytes of a hash of the key, 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKeyId([u8; 16]);

impl MasterKeyId {
    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKeyId({self})")
    }
}

/// What is wrong in a key file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileProblem {
    /// It is something else.
    #[error("it does not begin with \"usina master key\"")]
    NotAKeyFile,
    /// A newer usina wrote it.
    #[error("its format is {0}, and this usina knows format {FORMAT}")]
    Newer(u32),
    /// A line is missing.
    #[error("it has no line that begins with \"{0}\"")]
    NoLine(&'static str),
    /// A line does not have its hex digits.
    #[error("the line \"{0}\" does not have its {1} hex digits")]
    Digits(&'static str, usize),
    /// A digit of the key or of the id was changed.
    #[error("the key does not match its id")]
    OtherId,
}

/// The key that wraps the store's keys.
#[derive(Debug, Clone)]
pub struct MasterKey {
    id: MasterKeyId,
    key: SealKey,
}

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn random(entropy: Entropy) -> Result<Self, EntropyError> {
        Ok(Self::from_key(Secret::new(entropy.bytes()?)))
    }

    fn from_key(key: SealKey) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("usina master key id 1");
        let mut id = [0; 16];
        hasher.update(key.expose()).finalize_xof().fill(&mut id);
        Self {
            id: MasterKeyId(id),
            key,
        }
    }

    /// Names the key.
    pub fn id(&self) -> MasterKeyId {
        self.id
    }

    pub(super) fn key(&self) -> &SealKey {
        &self.key
    }

    /// Reads a key file. The outer error is about reading, the inner one about what was read.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(path: &Path) -> io::Result<Result<Self, KeyFileProblem>> {
        let mut bytes = Zeroizing::new(Vec::new());
        io::Read::read_to_end(&mut io::Read::take(File::open(path)?, FILE_BYTES_MAX), &mut bytes)?;
        Ok(match std::str::from_utf8(&bytes) {
            Ok(text) => Self::parse(text),
            Err(_) => Err(KeyFileProblem::NotAKeyFile),
        })
    }

    /// Writes a new key file that its owner alone may read (mode 0600), and waits until it is on disk.
    ///
    /// The file appears whole or not at all: it is written under another name first.
    ///
    /// # Errors
    /// When there is a file already, or the folder cannot be written to.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        if path.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let unfinished = path.with_extension("key-unfinished");
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        super::super::folder::owner_only(&mut options);
        let mut file = options.open(&unfinished)?;
        file.write_all(self.to_text().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        super::super::folder::sync_folder_of(path)
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(400));
        text.push_str(TITLE);
        let digits = self.key.expose().iter();
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "{FORMAT}\n\
             # Without this file nobody can read the store, its owner included.\n\
             # Keep a copy, apart from the store and its backups.\n\
             id {}\nkey ",
            self.id
        );
        for byte in digits {
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        text
    }

    fn parse(text: &str) -> Result<Self, KeyFileProblem> {
        let mut lines = text.lines().map(str::trim);
        let format: u32 = lines
            .next()
            .and_then(|line| line.strip_prefix(TITLE))
            .and_then(|format| format.parse().ok())
            .ok_or(KeyFileProblem::NotAKeyFile)?;
        if format != FORMAT {
            return Err(KeyFileProblem::Newer(format));
        }
        let field = |name: &'static str| {
            let mut lines = text.lines().map(str::trim);
            lines
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
                .ok_or(KeyFileProblem::NoLine(name))
        };
        let id = unhex::<16>(field("id")?).ok_or(KeyFileProblem::Digits("id", 32))?;
        let key = unhex::<KEY_BYTES>(field("key")?).ok_or(KeyFileProblem::Digits("key", 64))?;
        let master = Self::from_key(Secret::new(*key));
        if master.id.0 == *id {
            Ok(master)
        } else {
            Err(KeyFileProblem::OtherId)
        }
    }
}

fn unhex<const N: usize>(digits: &str) -> Option<Zeroizing<[u8; N]>> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_reads_back_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usina.key");
        let key = MasterKey::random(Entropy).unwrap();
        key.write_new(&path).unwrap();
        let read = MasterKey::read(&path).unwrap().unwrap();
        assert_eq!(read.id(), key.id());
        assert_eq!(read.key().expose(), key.key().expose());

        let other = MasterKey::random(Entropy).unwrap();
        assert_eq!(
            other.write_new(&path).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(MasterKey::read(&path).unwrap().unwrap().id(), key.id());
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left lying about"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usina.key");
        MasterKey::random(Entropy).unwrap().write_new(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn what_is_wrong_in_a_key_file_is_named() {
        let text = MasterKey::random(Entropy).unwrap().to_text();
        let key_at = text.find("\nkey ").unwrap() + 5;
        let mut changed = text.to_string();
        let digit = if changed.as_bytes()[key_at] == b'0' {
            "1"
        } else {
            "0"
        };
        changed.replace_range(key_at..=key_at, digit);
        for (text, problem) in [
            (String::new(), KeyFileProblem::NotAKeyFile),
            ("-----BEGIN PRIVATE KEY-----".into(), KeyFileProblem::NotAKeyFile),
            (text.replace("key 1\n", "key 2\n"), KeyFileProblem::Newer(2)),
            (text[..key_at - 4].into(), KeyFileProblem::NoLine("key")),
            (text[..key_at + 9].into(), KeyFileProblem::Digits("key", 64)),
            (text.replace("id ", "id 0"), KeyFileProblem::Digits("id", 32)),
            (changed, KeyFileProblem::OtherId),
        ] {
            assert_eq!(MasterKey::parse(&text).unwrap_err(), problem);
        }
        assert!(
            MasterKey::parse(&text.replace('\n', "\r\n")).is_ok(),
            "an editor on Windows is no harm"
        );
    }
}
