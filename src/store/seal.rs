//! Sealing: encryption that also proves that the bytes, and what they stand for, are unchanged.

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::error::StoreError;
use crate::base::{Entropy, Secret};

/// Bytes of a key of XChaCha20-Poly1305.
pub(super) const KEY_BYTES: usize = 32;
/// Bytes of its nonce: long enough to be drawn at random for every row that will ever be written.
const NONCE_BYTES: usize = 24;
/// Bytes of its authentication tag.
pub(super) const MAC_BYTES: usize = 16;

/// A key that seals.
pub(super) type SealKey = Secret<[u8; KEY_BYTES]>;

/// Appends to `out`: a random nonce, `body` encrypted, and a tag over both and over `context`.
///
/// # Errors
/// When the operating system has no random bytes to give; when the body is longer than the cipher
/// takes, 256 GiB, after which `out` is of no use.
pub(super) fn seal(
    key: &SealKey,
    entropy: Entropy,
    context: &[u8],
    body: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    let nonce: [u8; NONCE_BYTES] = entropy.bytes()?;
    out.reserve(NONCE_BYTES + body.len() + MAC_BYTES);
    out.extend_from_slice(&nonce);
    let start = out.len();
    out.extend_from_slice(body);
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let mac = cipher
        .encrypt_inout_detached(&XNonce::from(nonce), context, (&mut out[start..]).into())
        .map_err(|_| StoreError::TooLongToSeal { bytes: body.len() })?;
    out.extend_from_slice(&mac);
    Ok(())
}

/// What [`seal`] took, if the key, the context and every byte are the same.
pub(super) fn open(key: &SealKey, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (body, mac) = body.split_last_chunk::<MAC_BYTES>()?;
    let mut plain = Zeroizing::new(body.to_vec());
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    cipher
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            context,
            plain.as_mut_slice().into(),
            mac.into(),
        )
        .ok()
        .map(|()| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &SealKey) -> Vec<u8> {
        let mut out = Vec::new();
        seal(key, Entropy, b"here", b"the weights", &mut out).unwrap();
        out
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        let key = Secret::new([7; 32]);
        let sealed = sealed(&key);
        assert_eq!(open(&key, b"here", &sealed).unwrap().as_slice(), b"the weights");
        assert!(open(&key, b"there", &sealed).is_none());
        assert!(open(&Secret::new([8; 32]), b"here", &sealed).is_none());
        assert_ne!(
            sealed,
            super::tests::sealed(&key),
            "every sealing has its own nonce"
        );
    }

    #[test]
    fn a_changed_bit_or_a_cut_never_opens() {
        let key = Secret::new([7; 32]);
        let sealed = sealed(&key);
        for at in 0..sealed.len() {
            assert!(open(&key, b"here", &sealed[..at]).is_none(), "cut at {at}");
            let mut flipped = sealed.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(open(&key, b"here", &flipped).is_none(), "flipped at {at}");
        }
    }
}
