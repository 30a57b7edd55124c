//! Whose bundles are taken.

use std::collections::BTreeSet;

use crate::store::PublicKey;

/// The keys whose signatures are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedKeys {
    keys: BTreeSet<PublicKey>,
    anyone: bool,
}

impl TrustedKeys {
    /// One key alone.
    pub fn only(key: PublicKey) -> Self {
        Self::default().and(key)
    }

    /// These keys and one more.
    pub fn and(mut self, key: PublicKey) -> Self {
        self.keys.insert(key);
        self
    }

    /// Every key: whoever signed is believed. Of use where somebody has said so in so many words.
    pub fn anyone() -> Self {
        Self {
            keys: BTreeSet::new(),
            anyone: true,
        }
    }

    /// Whether what `key` signed is believed.
    pub fn holds(&self, key: &PublicKey) -> bool {
        self.anyone || self.keys.contains(key)
    }
}
