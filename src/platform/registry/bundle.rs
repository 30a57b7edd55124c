//! What a version is made of: its bundle, out of the store and checked.

use super::{Registry, RegistryError, VersionInfo};
use crate::store::StoreError;

use super::super::bundles::{Bundle, BundleError, Content};

/// Why a bundle cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It is not what was sealed.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FetchError> for RegistryError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Bundle(error) => error.into(),
            FetchError::Store(error) => error.into(),
        }
    }
}

impl Registry {
    /// The bundle of `version`, checked. For a plain thread.
    ///
    /// # Errors
    /// It is damaged, or the store's.
    pub fn bundle_blocking(&self, version: &VersionInfo) -> Result<Bundle, FetchError> {
        let sealed = self
            .store
            .blobs()
            .get_blocking(&version.bundle, version.bundle_bytes)?;
        let own = self.store.vault().bundles().public_key();
        Ok(Bundle::open(&sealed, |key| *key == own)?)
    }

    /// All that `version` is made of.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn content(&self, version: &VersionInfo) -> Result<Content, RegistryError> {
        self.with_bundle(version, |bundle| Content::from_bundle(&bundle))
            .await
    }

    /// The model card of `version`, Markdown.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn card(&self, version: &VersionInfo) -> Result<String, RegistryError> {
        self.with_bundle(version, |bundle| {
            Ok(String::from_utf8_lossy(bundle.part("card.md")?).into_owned())
        })
        .await
    }

    /// The weights of `version`, in the format of the library that they come from.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn weights(&self, version: &VersionInfo) -> Result<Vec<u8>, RegistryError> {
        self.with_bundle(version, |bundle| bundle.part("weights").map(<[u8]>::to_vec))
            .await
    }

    /// Opening a bundle hashes and copies megabytes: off the threads that answer requests.
    async fn with_bundle<T: Send + 'static>(
        &self,
        version: &VersionInfo,
        take: impl FnOnce(Bundle) -> Result<T, BundleError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let (registry, version) = (self.clone(), version.clone());
        let opening = tokio::task::spawn_blocking(move || Ok(take(registry.bundle_blocking(&version)?)?));
        opening.await.unwrap_or_else(|failure| {
            Err(RegistryError::Malformed {
                model: String::new(),
                reason: format!("reading its bundle died: {failure}"),
            })
        })
    }
}
