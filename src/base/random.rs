//! Randomness as a parameter: [`Entropy`] for keys and ids, [`Seed`] for everything that must repeat.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The operating system could not give random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct EntropyError(#[source] getrandom::Error);

/// Unpredictable bytes from the operating system, for keys, nonces and ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entropy;

impl Entropy {
    /// `N` random bytes.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn bytes<const N: usize>(self) -> Result<[u8; N], EntropyError> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).map_err(EntropyError)?;
        Ok(bytes)
    }
}

/// The start of a repeatable random sequence.
///
/// One training has one seed; each of its parts derives its own by name, so that a part that draws
/// more or fewer numbers never changes what another part draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The seed with this number.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The seed of the part called `part`, and of its `index`-th piece.
    pub fn derive(self, part: &str, index: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("usina seed 1");
        hasher.update(&self.0.to_le_bytes());
        hasher.update(&index.to_le_bytes());
        hasher.update(part.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        Self(u64::from_le_bytes(bytes))
    }

    /// A generator that starts here. ChaCha8: its sequence is fixed by its specification, so it is
    /// the same on every machine and in every later version.
    pub fn rng(self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::Rng;

    #[test]
    fn a_seed_gives_the_same_numbers_in_every_version() {
        let mut rng = Seed::new(42).derive("folds", 3).rng();
        insta::assert_snapshot!(format!("{:x} {:x}", rng.next_u64(), rng.next_u64()), @"e4db2c08f31f14fd ffd85b7c11d68ec0");
    }

    #[test]
    fn parts_and_pieces_draw_apart() {
        let seed = Seed::new(1);
        assert_ne!(seed.derive("a", 0), seed.derive("b", 0));
        assert_ne!(seed.derive("a", 0), seed.derive("a", 1));
        assert_ne!(seed.derive("a", 0), Seed::new(2).derive("a", 0));
    }
}
