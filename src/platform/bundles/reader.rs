//! Reading a bundle from its front: each part is checked as it comes, and nobody has to read further than
//! what is wanted.

use std::collections::VecDeque;
use std::io::Read;

use super::sealed::{Head, Part};
use super::{Bundle, BundleError, MAGIC, MAX_HEAD, Manifest, TrustedKeys, from_json};
use crate::base::ContentId;
use crate::store::{PublicKey, Signature};

/// A bundle whose head has been checked, and whose parts come one after another.
#[derive(Debug)]
pub struct BundleReader<R> {
    manifest: Manifest,
    signer: PublicKey,
    parts: VecDeque<Part>,
    source: R,
}

impl<R: Read> BundleReader<R> {
    /// Reads and checks the head.
    ///
    /// # Errors
    /// It is no bundle, its head was changed, it is signed by a key that is not trusted, or needs what this
    /// version does not know.
    pub fn new(mut source: R, trusted: &TrustedKeys) -> Result<Self, BundleError> {
        let mut signed = Vec::new();
        take(&mut source, MAGIC.len() as u64, "beginning", &mut signed)?;
        if signed != MAGIC {
            let is_newer = signed.starts_with(NAME) && signed[NAME.len()].is_ascii_digit();
            return Err(if is_newer {
                BundleError::Newer
            } else {
                BundleError::NotABundle
            });
        }
        let length: [u8; 4] = array(&mut source)?;
        signed.extend_from_slice(&length);
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_HEAD {
            return Err(BundleError::NotABundle);
        }
        let start = signed.len();
        take(&mut source, length as u64, "head", &mut signed)?;
        let key = PublicKey::from_bytes(array(&mut source)?);
        let signature = Signature::from_bytes(array(&mut source)?);
        if !key.verifies(&signed, &signature) {
            return Err(BundleError::Signature);
        }
        if !trusted.holds(&key) {
            return Err(BundleError::UntrustedKey(key));
        }
        let head: Head = from_json("head", &signed[start..])?;
        head.manifest.check_needs()?;
        if let Some(part) = head.parts.iter().find(|part| !is_plain(&part.name)) {
            let name = part.name.chars().take(80).collect();
            return Err(BundleError::UnsafeName { name });
        }
        Ok(Self {
            manifest: head.manifest,
            signer: key,
            parts: head.parts.into(),
            source,
        })
    }

    /// Who signed it.
    pub fn signer(&self) -> PublicKey {
        self.signer
    }

    /// How many bytes the parts that are left have, as the head says; nothing longer is read.
    pub fn declared_bytes(&self) -> u64 {
        let sizes = self.parts.iter().map(|part| part.size);
        sizes.fold(0, u64::saturating_add)
    }

    /// What the version is and where it comes from.
    pub fn into_manifest(self) -> Manifest {
        self.manifest
    }

    /// The part called `name`; what comes before it is read, and gone.
    ///
    /// # Errors
    /// It is not there or not ahead any more, it was changed, or the bundle ends before it.
    pub fn find(&mut self, name: &'static str) -> Result<Vec<u8>, BundleError> {
        loop {
            let (found, bytes) = self.next()?.ok_or(BundleError::Missing { name })?;
            if found == name {
                return Ok(bytes);
            }
        }
    }

    /// The part called `name`, if it is ahead; otherwise nothing is read.
    ///
    /// # Errors
    /// It was changed, or the bundle ends before it.
    pub fn find_if_there(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, BundleError> {
        if self.parts.iter().any(|part| part.name == name) {
            self.find(name).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads what is left; nothing may come after it.
    ///
    /// # Errors
    /// A part was changed, or the bundle ends too early or goes on.
    pub fn finish(mut self) -> Result<Bundle, BundleError> {
        let mut parts = std::collections::BTreeMap::new();
        while let Some((name, bytes)) = self.next()? {
            if parts.contains_key(&name) {
                return Err(BundleError::Twice { name });
            }
            parts.insert(name, bytes);
        }
        // A reader that checks the whole of what it reads from does so at its end.
        match self.source.read(&mut [0]) {
            Ok(0) => Ok(Bundle {
                manifest: self.manifest,
                parts,
            }),
            Ok(_) => Err(BundleError::GoesOn),
            Err(error) => Err(BundleError::Io(error)),
        }
    }

    fn next(&mut self) -> Result<Option<(String, Vec<u8>)>, BundleError> {
        let Some(part) = self.parts.pop_front() else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        take(&mut self.source, part.size, &part.name, &mut bytes)?;
        if ContentId::of(&bytes) != part.blake3 {
            return Err(BundleError::Damaged { name: part.name });
        }
        Ok(Some((part.name, bytes)))
    }
}

/// What every bundle begins with, of whatever format.
const NAME: &[u8] = b"usina bundle ";

/// Whether a part's name is a path that stays inside of wherever it is put, on any system.
fn is_plain(name: &str) -> bool {
    const MAX_LEN: usize = 255;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut steps = name.split('/');
    name.len() <= MAX_LEN
        && steps.all(|step| {
            !step.is_empty() && step.bytes().any(|byte| byte != b'.') && step.bytes().all(is_plain)
        })
}

/// Appends exactly `length` bytes to `into`, which grows only as they come.
fn take(source: &mut impl Read, length: u64, part: &str, into: &mut Vec<u8>) -> Result<(), BundleError> {
    let read = source.take(length).read_to_end(into).map_err(BundleError::Io)?;
    if read as u64 == length {
        Ok(())
    } else {
        Err(BundleError::CutOff {
            part: part.to_owned(),
        })
    }
}

fn array<const N: usize>(source: &mut impl Read) -> Result<[u8; N], BundleError> {
    let mut bytes = Vec::with_capacity(N);
    take(source, N as u64, "head", &mut bytes)?;
    let mut array = [0; N];
    array.copy_from_slice(&bytes);
    Ok(array)
}
