//! What a version is made of: its bundle, out of the store and checked.

use std::io::Read;

use super::{Registry, RegistryError, VersionInfo};
use crate::engine::model::ModelFormat;
use crate::store::{BlobReader, StoreError};

use crate::data::series::Series;

use super::super::bundles::{
    Bundle, BundleError, BundleReader, Content, Curves, HISTORY, Manifest, Measured, ModelSchema,
    TrustedKeys, history_from_part, measured,
};

/// Why a bundle cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is none: the registry only knows of the version.
    #[error("its content is not in this registry")]
    None,
    /// It is not what was sealed.
    #[error(transparent)]
    Bundle(BundleError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BundleError> for FetchError {
    fn from(error: BundleError) -> Self {
        match error {
            // What failed while the store's bytes were read is the store's.
            BundleError::Io(error) => match StoreError::from_io(error) {
                Ok(error) => Self::Store(error),
                Err(error) => Self::Bundle(BundleError::Io(error)),
            },
            other => Self::Bundle(other),
        }
    }
}

impl FetchError {
    fn of(self, version: &VersionInfo) -> RegistryError {
        match self {
            Self::None => RegistryError::NoBundle {
                model: version.model.clone(),
                version: version.label.clone(),
            },
            Self::Bundle(error) => error.into(),
            Self::Store(error) => error.into(),
        }
    }
}

/// What whoever wants to use a version has to know of it.
#[derive(Debug, Clone)]
pub struct Described {
    /// What it is and where it comes from.
    pub manifest: Manifest,
    /// What it takes in and what it answers.
    pub schema: ModelSchema,
    /// The recipe, every default spelled out; JSON.
    pub recipe: String,
    /// Of a version that forecasts, the periods that it goes on from.
    pub history: Option<Series>,
    /// How good it was when it was made; none of a version that was made before that was kept.
    pub measured: Option<Measured>,
}

impl Registry {
    /// The bundle of `version`, checked. For a plain thread.
    ///
    /// # Errors
    /// There is none, it is damaged, or the store's.
    pub fn bundle_blocking(&self, version: &VersionInfo) -> Result<Bundle, FetchError> {
        Ok(Bundle::read(self.open(version)?, &self.trusted(version))?)
    }

    /// What `version` takes in and answers; its weights are not read.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn described(&self, version: &VersionInfo) -> Result<Described, RegistryError> {
        self.with_reader(version, |mut reader| {
            // In the order of the bundle: what comes before a part is gone once it is read.
            let history = reader.find_if_there(HISTORY)?;
            let measured = reader.find_if_there("quality.json")?;
            let recipe = reader.find("recipe.json")?;
            let schema = reader.find("schema.json")?;
            Ok(Described {
                recipe: String::from_utf8_lossy(&recipe).into_owned(),
                measured: measured.map(|part| Measured::from_part(&part)).transpose()?,
                schema: ModelSchema::from_part(&schema)?,
                history: history.map(|part| history_from_part(&part)).transpose()?,
                manifest: reader.into_manifest(),
            })
        })
        .await
    }

    /// The curves of `version`; none of a version that was made before they were kept.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn curves(&self, version: &VersionInfo) -> Result<Option<Curves>, RegistryError> {
        self.with_reader(version, |mut reader| {
            let part = reader.find_if_there("curves.json")?;
            part.map(|part| measured::curves_from_part(&part)).transpose()
        })
        .await
    }

    /// The model card of `version`, Markdown.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn card(&self, version: &VersionInfo) -> Result<String, RegistryError> {
        self.with_reader(version, |mut reader| {
            Ok(String::from_utf8_lossy(&reader.find("card.md")?).into_owned())
        })
        .await
    }

    /// All that `version` is made of.
    ///
    /// # Errors
    /// Its bundle cannot be read.
    pub async fn content(&self, version: &VersionInfo) -> Result<Content, RegistryError> {
        self.with_reader(version, |reader| Content::from_bundle(&reader.finish()?))
            .await
    }

    /// The weights of `version` as XGBoost loads them.
    ///
    /// # Errors
    /// They are no trees, or its bundle cannot be read.
    pub async fn as_xgboost(&self, version: &VersionInfo) -> Result<Vec<u8>, RegistryError> {
        let (format, weights) = self
            .with_reader(version, |mut reader| {
                let weights = reader.find_if_there("weights/model.json")?;
                Ok((reader.into_manifest().weights, weights))
            })
            .await?;
        match (format, weights) {
            (ModelFormat::XgboostJson, Some(weights)) => Ok(weights),
            (format, _) => Err(RegistryError::NoTrees {
                model: version.model.clone(),
                version: version.label.clone(),
                format: format.as_str(),
            }),
        }
    }

    /// The bundle of `version` as it was signed, byte by byte. For a plain thread.
    ///
    /// # Errors
    /// There is none, or the store's.
    pub fn sealed_blocking(&self, version: &VersionInfo) -> Result<impl Read + use<>, RegistryError> {
        self.open(version).map_err(|error| error.of(version))
    }

    /// The store's own key, and the one that was trusted when the version was taken in: that one may be trusted
    /// no more, which is said of what comes after.
    fn trusted(&self, version: &VersionInfo) -> TrustedKeys {
        let own = TrustedKeys::only(self.store.vault().bundles().public_key());
        let signer = version.bundle.as_ref().map(|bundle| bundle.signer);
        signer.into_iter().fold(own, TrustedKeys::and)
    }

    fn open(&self, version: &VersionInfo) -> Result<BlobReader, FetchError> {
        let bundle = version.bundle.as_ref().ok_or(FetchError::None)?;
        Ok(self.store.blobs().reader(&bundle.address)?)
    }

    /// Reading a bundle decrypts and hashes megabytes: off the threads that answer requests.
    async fn with_reader<T: Send + 'static>(
        &self,
        version: &VersionInfo,
        take: impl FnOnce(BundleReader<BlobReader>) -> Result<T, BundleError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let (registry, wanted) = (self.clone(), version.clone());
        let read = self.store.blob_call(move || {
            let reader = BundleReader::new(registry.open(&wanted)?, &registry.trusted(&wanted))?;
            Ok::<_, FetchError>(take(reader)?)
        });
        read.await.map_err(|error| error.of(version))
    }
}
