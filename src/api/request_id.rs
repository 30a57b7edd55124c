//! Names for requests: unique in the world, and cheap, since every prediction has one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::Entropy;
use crate::base::random::EntropyError;

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

    /// The next id: 32 hex digits.
    pub fn next(&self) -> String {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut id = String::with_capacity(32);
        // Not `format!`, which takes a third as long as all that writes an answer (`benches/http_predict.rs`).
        for half in [self.process, self.next.fetch_add(1, Ordering::Relaxed)] {
            for digit in (0..16).rev() {
                id.push(char::from(HEX[(half >> (4 * digit)) as usize & 15]));
            }
        }
        id
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
        assert_eq!(ids.next(), "fedcba9800000001000000000000000f");
        assert_eq!(ids.clone().next(), "fedcba98000000010000000000000010");
    }
}
