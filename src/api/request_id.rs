//! Names for requests: unique in the world, and cheap, since every prediction has one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::Entropy;
use crate::base::random::EntropyError;

/// The name of a request: 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 32]);

impl RequestId {
    /// The digits.
    pub fn as_str(&self) -> &str {
        // Only `RequestIds::next` makes one, of ASCII digits.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Gives out request ids: a random part for the process, and a count.
#[derive(Debug, Clone)]
pub struct RequestIds {
    process: u64,
    next: Arc<AtomicU64>,
}

impl RequestIds {
    /// Ids of a new process.
    ///
    /// # Errors
    /// When the operating system has no random bytes to give.
    pub fn new(entropy: Entropy) -> Result<Self, EntropyError> {
        Ok(Self {
            process: u64::from_le_bytes(entropy.bytes()?),
            next: Arc::default(),
        })
    }

    /// The next id. It takes no memory: each request is named, and most never show their name but in a header.
    pub fn next(&self) -> RequestId {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut id = [0; 32];
        // Not `format!`, which takes a third as long as all that writes an answer (`benches/http_predict.rs`).
        let halves = [self.process, self.next.fetch_add(1, Ordering::Relaxed)];
        for (half, digits) in halves.into_iter().zip(id.chunks_exact_mut(16)) {
            for (place, digit) in digits.iter_mut().rev().enumerate() {
                *digit = HEX[(half >> (4 * place)) as usize & 15];
            }
        }
        RequestId(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_hex_digits_and_count_up() {
        let ids = RequestIds {
            process: 0xfedc_ba98_0000_0001,
            next: Arc::new(AtomicU64::new(0x0f)),
        };
        assert_eq!(ids.next().as_str(), "fedcba9800000001000000000000000f");
        assert_eq!(ids.clone().next().as_str(), "fedcba98000000010000000000000010");
    }
}
