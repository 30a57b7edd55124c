//! A bundle in memory, and as the bytes that are signed.

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::{BundleError, BundleReader, MAGIC, MAX_HEAD, Manifest, TrustedKeys, WEIGHTS, to_json};
use crate::base::ContentId;
use crate::store::Signer;

/// What is signed: the manifest, and what each part has to be.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) manifest: Manifest,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) blake3: ContentId,
}

/// A bundle whose signature and parts have been checked, or that is about to be sealed.
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
    /// A head of more than 1 MiB.
    pub fn seal(&self, signer: &Signer) -> Result<Vec<u8>, BundleError> {
        // Whoever wants to know what a version is does not have to read its weights.
        let (weights, mut parts): (Vec<_>, Vec<_>) =
            self.parts.iter().partition(|(name, _)| name.starts_with(WEIGHTS));
        parts.extend(weights);
        let part = |(name, bytes): &(&String, &Vec<u8>)| Part {
            name: (*name).clone(),
            size: bytes.len() as u64,
            blake3: ContentId::of(bytes),
        };
        let head = to_json(
            "head",
            &Head {
                manifest: self.manifest.clone(),
                parts: parts.iter().map(part).collect(),
            },
        )?;
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
        for (_, part) in parts {
            sealed.extend_from_slice(part);
        }
        Ok(sealed)
    }

    /// Reads a bundle to its end; every byte of it is checked before it is returned.
    ///
    /// # Errors
    /// It is no bundle, was changed, is cut off, or is signed by a key that is not trusted.
    pub fn read(source: impl Read, trusted: &TrustedKeys) -> Result<Self, BundleError> {
        BundleReader::new(source, trusted)?.finish()
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
