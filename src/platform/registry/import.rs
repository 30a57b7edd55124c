//! Taking in a bundle that another machine exported. It is checked while it comes, and nothing of it stays unless
//! all of it is right: signature, signer, every part, and its answers to its warm-up rows.
//!
//! A bundle is not compressed, so nothing in it swells; how much its head says that it has is bounded before a
//! part is read, and memory grows only as bytes come.

use std::io::{self, Read, Write};

use super::read::VersionRef;
use super::register::{NewOrigin, NewVersion, register_in};
use super::trust::trust_in;
use super::{BundleRow, Registry, RegistryError, TrustError, VersionInfo};
use crate::base::random::EntropyError;
use crate::base::{ContentId, ModelId, Name, Time};
use crate::platform::bundles::{BundleError, BundleReader, Content, Measured, TrustedKeys};
use crate::platform::predictor::{LoadError, Servable};
use crate::platform::recipes::Promote;
use crate::store::tables::model_index;
use crate::store::tables::models::{self, TrainedOn};
use crate::store::tables::trusted_keys::{self, TrustedKeyRow};
use crate::store::{BlobAddress, BlobWriter, PublicKey, StoreError, Tx};

/// The largest bundle that is taken in: it is held in memory while it is checked, as it is to serve.
pub const MAX_BUNDLE: u64 = 512 << 20;

/// Why a bundle is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not what somebody sealed who is trusted.
    #[error(transparent)]
    Bundle(BundleError),
    /// It does not answer as it did when it was made.
    #[error("the bundle is refused: {0}")]
    Load(#[from] LoadError),
    /// It is too large.
    #[error("the bundle says that it has {bytes} bytes; at most {MAX_BUNDLE} are taken in")]
    TooLarge {
        /// How many it says.
        bytes: u64,
    },
    /// It did not arrive whole.
    #[error("the bundle could not be read to its end: {0}")]
    Io(#[source] io::Error),
    /// Whoever signed it cannot be trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The operating system has no randomness for an id.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BundleError> for ImportError {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Io(error) => match StoreError::from_io(error) {
                Ok(error) => Self::Store(error),
                Err(error) => Self::Io(error),
            },
            other => Self::Bundle(other),
        }
    }
}

/// How a bundle is taken in.
#[derive(Debug, Clone)]
pub struct Import {
    /// The model that it becomes a version of; the one that the bundle names without it.
    pub name: Option<Name>,
    /// Whether whoever signed it is trusted from now on.
    pub trust_new: bool,
    /// Who wants it.
    pub by: String,
}

/// A bundle that was taken in.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The version.
    pub version: VersionInfo,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl Registry {
    /// Takes in the bundle that `source` gives, as a version in no stage; the same bundle twice is one version.
    /// For a plain thread.
    ///
    /// # Errors
    /// It is not right, or the store's. Nothing is stored then.
    pub fn import_blocking(&self, source: impl Read, import: &Import) -> Result<Imported, ImportError> {
        let trusted = match import.trust_new {
            true => TrustedKeys::anyone(),
            false => self.trusted_blocking()?,
        };
        let mut kept = Kept {
            source,
            writer: self.store.blobs().writer()?,
            hasher: blake3::Hasher::new(),
            bytes: 0,
        };
        let reader = BundleReader::new(&mut kept, &trusted)?;
        let bytes = reader.declared_bytes();
        if bytes > MAX_BUNDLE {
            return Err(ImportError::TooLarge { bytes });
        }
        let signer = reader.signer();
        let content = Content::from_bundle(&reader.finish()?)?;
        Servable::check(&content)?;
        let digest = ContentId::from_bytes(*kept.hasher.finalize().as_bytes());
        let model = import.name.as_ref().unwrap_or(&content.manifest.model).clone();
        let there = self.store.read_blocking(|tx| there(tx, &model, digest))?;
        if let Some(version) = there {
            return Ok(Imported {
                version,
                is_new: false,
            });
        }
        let bytes = kept.bytes;
        let bundle = |address: BlobAddress| BundleRow {
            address,
            bytes,
            digest,
            signer,
        };
        let id = ModelId::random(self.store.vault().entropy())?;
        let new = new_version(&content, import, model, id, bundle(kept.writer.finish()?))?;
        self.register_imported(new, import)
    }

    fn register_imported(&self, new: NewVersion, import: &Import) -> Result<Imported, ImportError> {
        let (now, own) = (self.clock.now(), self.own_key());
        let trusts = import.trust_new;
        self.store.write_blocking(move |tx| {
            // Two may come at once.
            if let Some(version) = there(tx, &new.model, new.bundle.digest)? {
                return Ok(Imported {
                    version,
                    is_new: false,
                });
            }
            let signer = new.bundle.signer;
            if trusts && signer != own && trusted_keys::get(tx, &signer)?.is_none() {
                trust_in(tx, &newly_trusted(signer, &new.by, now))?;
            }
            let version = register_in(tx, &new, now)?;
            Ok(Imported {
                version,
                is_new: true,
            })
        })
    }
}

fn newly_trusted(key: PublicKey, by: &str, now: Time) -> TrustedKeyRow {
    TrustedKeyRow {
        key,
        name: None,
        added_at: now,
        by: by.to_owned(),
    }
}

/// The version of the model `name` that this bundle is already.
fn there(tx: &impl Tx, name: &Name, digest: ContentId) -> Result<Option<VersionInfo>, RegistryError> {
    let Some(model) = models::find(tx, name.as_str())? else {
        return Ok(None);
    };
    let Some(number) = model_index::of_digest(tx, digest, model.id)? else {
        return Ok(None);
    };
    let row = super::read::find_version(tx, &model, &VersionRef::Number(number))?;
    VersionInfo::from_row(&model, row).map(Some)
}

fn new_version(
    content: &Content,
    import: &Import,
    model: Name,
    model_id: ModelId,
    bundle: BundleRow,
) -> Result<NewVersion, BundleError> {
    let manifest = &content.manifest;
    let dataset = manifest.dataset.as_ref().map(|dataset| TrainedOn {
        id: None,
        name: dataset.name.to_string(),
        version: dataset.version,
        generated: dataset.generated,
    });
    let measured = content.measured.as_ref();
    let (metrics, baseline) = measured.map(Measured::pairs).unwrap_or_default();
    Ok(NewVersion {
        model,
        model_id,
        title: manifest.title.clone(),
        description: manifest.description.clone(),
        origin: NewOrigin::Imported {
            from: format!("key {}", bundle.signer),
        },
        dataset,
        task: manifest.predicts.task_name().to_owned(),
        target: manifest.predicts.target().to_owned(),
        metrics,
        baseline,
        input_schema: content.input_schema()?,
        recipe: None,
        bundle,
        promote: Promote::Never,
        // What its own recipe wanted of it was for where it was made.
        gates: Vec::new(),
        by: import.by.clone(),
    })
}

/// Passes on what comes, and keeps it in a blob that is gone again unless it is finished.
struct Kept<R> {
    source: R,
    writer: BlobWriter,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<R: Read> Read for Kept<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(out)?;
        let piece = &out[..read];
        self.writer.write_all(piece)?;
        self.hasher.update(piece);
        self.bytes += read as u64;
        Ok(read)
    }
}
