//! What is known of a version's columns: computed while it came in, or now.

use std::sync::Arc;

use super::check::AskOnDrop;
use super::ingest::PROFILE_SEED;
use super::{DatasetError, DatasetVersion, Datasets};
use crate::base::Stop;
use crate::data::codec::TableReader;
use crate::data::profile::{Profile, Profiler};
use crate::store::BlobAddress;

/// The longest profile that is read: ten thousand columns, each with all that is counted of it.
const LONGEST: u64 = 1 << 30;

impl Datasets {
    /// The profile of a version. One that came in before profiles were kept is read anew for it; that ends early
    /// when it is dropped.
    ///
    /// # Errors
    /// Damaged content, or the store's.
    pub async fn profile(&self, version: &DatasetVersion) -> Result<Profile, DatasetError> {
        if let Some(address) = version.profile {
            let json = self.store.blobs().get(&address, LONGEST).await?;
            return serde_json::from_slice(&json).map_err(|error| DatasetError::Malformed {
                name: format!("that has version {}", version.id),
                reason: format!("its profile: {error}"),
            });
        }
        let stop = Stop::new();
        let _asks = AskOnDrop(stop.clone());
        let (blobs, blob) = (self.store.blobs(), version.blob);
        let compute = move || {
            let reader = TableReader::new(blobs.reader(&blob)?)?;
            let mut profiler = Profiler::new(Arc::clone(reader.schema()), PROFILE_SEED);
            for batch in reader {
                if stop.is_asked() {
                    return Err(DatasetError::Stopped);
                }
                profiler.update(&batch?)?;
            }
            Ok(profiler.finish())
        };
        self.store.blob_call(compute).await
    }

    /// Writes a profile into a blob, which a version's row is to adopt.
    pub(super) fn store_profile(&self, profile: &Profile) -> Result<BlobAddress, DatasetError> {
        let json = serde_json::to_vec(profile).map_err(std::io::Error::from)?;
        Ok(self.store.blobs().put_blocking(&json)?)
    }
}
