//! Signatures by Ed25519.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};

use crate::base::id::{IdError, parse_hex};
use crate::base::random::EntropyError;
use crate::base::{Entropy, Secret};
use crate::store::seal::SealKey;

/// A signature, 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// The signature with these bytes; whether it is a good one, [`PublicKey::verifies`] says.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// What verifies the signatures of one key, 32 bytes; written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The public key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the owner of this key signed exactly `bytes`. Keys of small order and signatures in
    /// a second form are refused, so one message has one signature.
    pub fn verifies(&self, bytes: &[u8], signature: &Signature) -> bool {
        ed25519_dalek::VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            key.verify_strict(bytes, &ed25519_dalek::Signature::from_bytes(&signature.0))
                .is_ok()
        })
    }
}

/// Lower-case hex digits.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = IdError;

    fn from_str(given: &str) -> Result<Self, IdError> {
        let read = parse_hex(given).map(Self);
        read.ok_or_else(|| IdError::new(given, "a public key", "64 lower-case hex digits"))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = IdError;

    fn try_from(given: String) -> Result<Self, IdError> {
        given.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

/// A private key that signs; it wipes itself when it is dropped.
pub struct Signer(ed25519_dalek::SigningKey);

impl Signer {
    /// A signer with a random key that is kept nowhere: no other can sign as it did once it is dropped.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn random(entropy: Entropy) -> Result<Self, EntropyError> {
        Ok(Self::new(&Secret::new(entropy.bytes()?)))
    }
    pub(super) fn new(seed: &SealKey) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed.expose()))
    }

    /// Signs exactly these bytes. Put a word in front that says what they are.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(bytes).to_bytes())
    }

    /// What verifies the signatures.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_verifies_its_bytes_under_its_key_alone() {
        let signer = Signer::new(&Secret::new([3; 32]));
        let signature = signer.sign(b"bundle");
        assert!(signer.public_key().verifies(b"bundle", &signature));
        assert!(!signer.public_key().verifies(b"bundles", &signature));
        assert!(
            !Signer::new(&Secret::new([4; 32]))
                .public_key()
                .verifies(b"bundle", &signature)
        );
        let mut changed = *signature.as_bytes();
        changed[10] ^= 1;
        assert!(
            !signer
                .public_key()
                .verifies(b"bundle", &Signature::from_bytes(changed))
        );
    }

    #[test]
    fn a_signer_shows_its_public_key_alone() {
        let shown = format!("{:?}", Signer::new(&Secret::new([3; 32])));
        assert!(!shown.contains("0303"), "{shown}");
    }
}
