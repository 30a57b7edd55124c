//! Searching for many short byte strings at once.

use std::collections::{HashMap, HashSet};

/// Something that must not be found, and what it is called if it is.
#[derive(Debug, Clone)]
pub struct Needle {
    name: String,
    bytes: Vec<u8>,
}

impl Needle {
    pub fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.as_ref().to_vec(),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What compressed and well-known content begins with: encrypted bytes have none of it.
pub fn formats() -> Vec<Needle> {
    // The flags that can follow the four bytes of a zstd frame; the four alone are found by chance in one
    // of a thousand searches of a few megabytes.
    let flags = [0x00, 0x04, 0x20, 0x24, 0x40, 0x60, 0x64, 0x80, 0xa0, 0xa4];
    let frame = |flag: u8| Needle::new("a zstd frame", [0x28, 0xb5, 0x2f, 0xfd, flag]);
    let words = [
        "usina bundle",
        "{\"learner\":{",
        "{\"name\":",
        "\"version\":",
        "\"created_at\":",
    ];
    let words = words.into_iter().map(|word| Needle::new(word, word));
    flags.map(frame).into_iter().chain(words).collect()
}

/// Needles are looked up by their first bytes, so that thousands of them cost one walk.
const HEAD: usize = 5;

/// Bytes to search in.
pub struct Haystack(Vec<u8>);

impl Haystack {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The names of all needles that are there.
    pub fn found<'n>(&self, needles: &'n [Needle]) -> HashSet<&'n str> {
        let mut by_head: HashMap<&[u8], Vec<&Needle>> = HashMap::new();
        for needle in needles {
            assert!(
                needle.bytes.len() >= HEAD,
                "{needle:?} is too short to mean anything"
            );
            by_head.entry(&needle.bytes[..HEAD]).or_default().push(needle);
        }
        let mut found = HashSet::new();
        for (at, head) in self.0.windows(HEAD).enumerate() {
            for needle in by_head.get(head).into_iter().flatten() {
                if self.0[at..].starts_with(&needle.bytes) {
                    found.insert(needle.name.as_str());
                }
            }
        }
        found
    }

    #[track_caller]
    pub fn has_none_of(&self, needles: &[Needle]) {
        let found = self.found(needles);
        assert!(found.is_empty(), "found in {} bytes: {found:?}", self.0.len());
    }
}
