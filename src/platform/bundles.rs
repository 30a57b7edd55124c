//! Bundles: all that a version is made of, in one signed file.
//!
//! ```text
//! "usina bundle 1\n"   15 bytes
//! length of the head   u32, little-endian
//! head                 JSON: the manifest, and each part's name, size and BLAKE3
//! public key           32 bytes, Ed25519
//! signature            64 bytes, over everything before the public key
//! parts                one after another, in the head's order
//! ```
//! The signature covers the head and the head covers the parts, so a bundle is checked while it is read.
//! Nothing in it is executable. It is what the registry stores and what machines exchange.

mod content;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::ContentId;
use crate::engine::model::StoredModelError;
use crate::store::{PublicKey, Signature, Signer};

pub use content::{Content, DatasetOrigin, Manifest, Probe, WarmUp};

const MAGIC: &[u8; 15] = b"usina bundle 1\n";

/// No head is longer: a few hundred bytes a part and a manifest of some kilobytes.
const MAX_HEAD: usize = 1 << 20;

/// A bundle that cannot be read, and why.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not a bundle at all.
    #[error("this is not a bundle of usina, or one of a newer format")]
    NotABundle,
    /// It ends too early, or goes on after its end.
    #[error("the bundle is {actual} bytes long where {expected} are due; fetch it again")]
    Length {
        /// Bytes that the head promises.
        expected: usize,
        /// Bytes that are there.
        actual: usize,
    },
    /// The head is not what this version writes.
    #[error("the bundle's {part} cannot be read: {source}")]
    Unreadable {
        /// Which part.
        part: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The signature does not belong to the content.
    #[error("the bundle's signature does not fit its content; do not use it")]
    Signature,
    /// Signed by a key that is not trusted.
    #[error("the bundle is signed by a key that is not trusted")]
    UntrustedKey,
    /// A part differs from what the head says.
    #[error("the bundle's part {name} is damaged; fetch it again")]
    Damaged {
        /// The part.
        name: String,
    },
    /// A part that every bundle has is not there.
    #[error("the bundle has no part called {name}")]
    Missing {
        /// The part.
        name: &'static str,
    },
    /// The weights.
    #[error(transparent)]
    Weights(#[from] StoredModelError),
    /// A number that does not fit the format.
    #[error("the bundle's part {name} is too large")]
    TooLarge {
        /// The part.
        name: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    manifest: Manifest,
    parts: Vec<Part>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Part {
    name: String,
    size: u64,
    blake3: ContentId,
}

/// A bundle whose signature and parts have been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// What the version is and where it comes from.
    pub manifest: Manifest,
    /// The parts by name.
    pub parts: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// The bundle as bytes, signed.
    ///
    /// # Errors
    /// A part of more than 4 GiB, or a manifest of more than 1 MiB.
    pub fn seal(&self, signer: &Signer) -> Result<Vec<u8>, BundleError> {
        let parts = self
            .parts
            .iter()
            .map(|(name, bytes)| Part {
                name: name.clone(),
                size: bytes.len() as u64,
                blake3: ContentId::of(bytes),
            })
            .collect();
        let head = serde_json::to_vec(&Head {
            manifest: self.manifest.clone(),
            parts,
        })
        .map_err(|source| BundleError::Unreadable { part: "head", source })?;
        if head.len() > MAX_HEAD {
            return Err(BundleError::TooLarge {
                name: "head".to_owned(),
            });
        }
        let size = self.parts.values().map(Vec::len).sum::<usize>();
        let mut sealed = Vec::with_capacity(MAGIC.len() + head.len() + size + 128);
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&(head.len() as u32).to_le_bytes());
        sealed.extend_from_slice(&head);
        let signature = signer.sign(&sealed);
        sealed.extend_from_slice(signer.public_key().as_bytes());
        sealed.extend_from_slice(signature.as_bytes());
        self.parts
            .values()
            .for_each(|bytes| sealed.extend_from_slice(bytes));
        Ok(sealed)
    }

    /// Reads a bundle; every byte of it is checked before it is returned.
    ///
    /// # Errors
    /// It is no bundle, was changed, is cut off, or is signed by a key for which `is_trusted` says no.
    pub fn open(sealed: &[u8], is_trusted: impl Fn(&PublicKey) -> bool) -> Result<Self, BundleError> {
        let mut rest = Rest { sealed, position: 0 };
        if rest.take(MAGIC.len()).ok() != Some(MAGIC.as_slice()) {
            return Err(BundleError::NotABundle);
        }
        let length = u32::from_le_bytes(rest.array()?) as usize;
        if length > MAX_HEAD {
            return Err(BundleError::NotABundle);
        }
        let head = rest.take(length)?;
        let signed = &sealed[..rest.position];
        let key = PublicKey::from_bytes(rest.array()?);
        let signature = Signature::from_bytes(rest.array()?);
        if !key.verifies(signed, &signature) {
            return Err(BundleError::Signature);
        }
        if !is_trusted(&key) {
            return Err(BundleError::UntrustedKey);
        }
        let head: Head = serde_json::from_slice(head)
            .map_err(|source| BundleError::Unreadable { part: "head", source })?;
        let mut parts = BTreeMap::new();
        for part in head.parts {
            let size = usize::try_from(part.size).map_err(|_| BundleError::TooLarge {
                name: part.name.clone(),
            })?;
            let bytes = rest.take(size)?;
            if ContentId::of(bytes) != part.blake3 {
                return Err(BundleError::Damaged { name: part.name });
            }
            parts.insert(part.name, bytes.to_vec());
        }
        if rest.position == sealed.len() {
            Ok(Self {
                manifest: head.manifest,
                parts,
            })
        } else {
            Err(BundleError::Length {
                expected: rest.position,
                actual: sealed.len(),
            })
        }
    }

    /// The part called `name`.
    ///
    /// # Errors
    /// It is not there.
    pub fn part(&self, name: &'static str) -> Result<&[u8], BundleError> {
        self.parts
            .get(name)
            .map(Vec::as_slice)
            .ok_or(BundleError::Missing { name })
    }
}

/// Takes bytes off the front; never past the end.
struct Rest<'a> {
    sealed: &'a [u8],
    position: usize,
}

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], BundleError> {
        let end = self.position.saturating_add(length);
        let bytes = self.sealed.get(self.position..end).ok_or(BundleError::Length {
            expected: end,
            actual: self.sealed.len(),
        })?;
        self.position = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BundleError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Clock, Entropy, RunId, Time};
    use crate::engine::model::ModelFormat;
    use crate::engine::task::Task;
    use crate::store::Store;

    /// A store of its own, for its keys.
    fn store() -> Store {
        Store::in_memory(Clock::manual(Time::from_millis(0)), Entropy).unwrap()
    }

    fn bundle() -> Bundle {
        let manifest = Manifest {
            model: "churn".parse().unwrap(),
            title: String::new(),
            description: String::new(),
            made_by: "usina 0.1.0".to_owned(),
            created_at: Time::from_millis(1),
            run_id: RunId::random(Entropy).unwrap(),
            dataset: DatasetOrigin {
                name: "churn".parse().unwrap(),
                version: ContentId::of(b"rows"),
                generated: false,
            },
            target: "left".to_owned(),
            task: Task::Regression,
            threshold: 0.5,
            weights: ModelFormat::XgboostJson,
        };
        let parts = [("weights", vec![1, 2, 3]), ("card.md", b"# Card".to_vec())];
        Bundle {
            manifest,
            parts: parts
                .into_iter()
                .map(|(name, part)| (name.to_owned(), part))
                .collect(),
        }
    }

    #[test]
    fn a_bundle_opens_as_what_was_sealed() {
        let store = store();
        let signer = store.vault().bundles();
        let sealed = bundle().seal(signer).unwrap();
        let opened = Bundle::open(&sealed, |key| *key == signer.public_key()).unwrap();
        assert_eq!(opened.parts, bundle().parts);
    }

    #[test]
    fn no_flipped_bit_and_no_cut_goes_unseen() {
        let sealed = bundle().seal(store().vault().bundles()).unwrap();
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 0x10;
            assert!(Bundle::open(&changed, |_| true).is_err(), "byte {position}");
            assert!(
                Bundle::open(&sealed[..position], |_| true).is_err(),
                "cut at {position}"
            );
        }
        let longer = [sealed.as_slice(), &[0]].concat();
        assert!(matches!(
            Bundle::open(&longer, |_| true),
            Err(BundleError::Length { .. })
        ));
    }

    #[test]
    fn a_stranger_s_bundle_is_refused() {
        let sealed = bundle().seal(store().vault().bundles()).unwrap();
        assert!(matches!(
            Bundle::open(&sealed, |_| false),
            Err(BundleError::UntrustedKey)
        ));
    }
}
