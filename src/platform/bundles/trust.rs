//! Whose bundles are taken.

use std::collections::BTreeSet;

use crate::store::PublicKey;

/// The keys whose signatures are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedKeys(BTreeSet<PublicKey>);

impl TrustedKeys {
    /// One key alone: what a registry reads of its own store.
    pub fn only(key: PublicKey) -> Self {
        Self(BTreeSet::from([key]))
    }

    /// Whether what `key` signed is believed.
    pub fn holds(&self, key: &PublicKey) -> bool {
        self.0.contains(key)
    }
}
