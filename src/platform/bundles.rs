//! Bundles: all that a version is made of, in one signed file.
//!
//! ```text
//! "usina bundle 1\n"   15 bytes
//! length of the head   u32, little-endian
//! head                 JSON: the manifest, and each part's name, size and BLAKE3
//! public key           32 bytes, Ed25519
//! signature            64 bytes, over everything before the public key
//! parts                one after another, in the head's order: by name, the weights last
//! ```
//! The signature covers the head and the head covers the parts, so a bundle is checked while it is read,
//! and as far as it is read. Nothing in it is executable. It is what the registry stores and what machines
//! exchange, also those of several versions of usina: a part or a field that an older one does not know is
//! passed over, unless the manifest says that the answers need it (`Manifest::needs`).

mod content;
mod fitted;
mod forecast;
mod items;
mod manifest;
pub mod measured;
mod reader;
mod schema;
mod sealed;
mod trust;
mod warm_up;

use std::io;

use crate::engine::model::StoredModelError;

pub use crate::data::series::Series;
pub use content::Content;
pub(super) use fitted::HISTORY;
pub use fitted::{Fitted, FittedRows, FittedSeries};
pub use forecast::{ForecastWarmUp, history_from_part, usable};
pub use items::{FittedItems, ItemsWarmUp};
pub use manifest::{DatasetOrigin, Manifest, Predicts, this_build};
pub use measured::{Curves, Measured};
pub use reader::BundleReader;
pub use schema::{ModelSchema, OutputField};
pub use sealed::Bundle;
pub use trust::TrustedKeys;
pub use warm_up::{Differs, WarmUp};

const MAGIC: &[u8; 15] = b"usina bundle 1\n";

/// Under what the files of the weights stand.
const WEIGHTS: &str = "weights/";

/// What is drawn of the quality, and its numbers: parts that versions of usina 0.1.0 may not have.
const CURVES: &str = "curves.json";
const QUALITY: &str = "quality.json";

/// No head is longer: a few hundred bytes a part and a manifest of some kilobytes.
const MAX_HEAD: usize = 1 << 20;

/// A bundle that cannot be read, and why.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not a bundle at all.
    #[error("this is not a bundle of usina")]
    NotABundle,
    /// A bundle of another format than this version reads.
    #[error("this is a bundle of a newer format than this usina reads; use a newer one")]
    Newer,
    /// A part whose name could lead outside of wherever it is put.
    #[error("the bundle has a part called {name:?}, which is no plain path; do not use it")]
    UnsafeName {
        /// The name.
        name: String,
    },
    /// It ends in its middle.
    #[error("the bundle ends in the middle of its {part}; fetch it again")]
    CutOff {
        /// Where.
        part: String,
    },
    /// It goes on after its end.
    #[error("the bundle goes on after its last part; fetch it again")]
    GoesOn,
    /// The head is not what this version writes.
    #[error("the bundle's {part} cannot be read: {source}")]
    Unreadable {
        /// Which part.
        part: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The signature does not belong to the content.
    #[error("the bundle's signature does not fit its content; do not use it")]
    Signature,
    /// Its answers would be others without what this version does not know.
    #[error("the bundle needs {}, which this usina does not know; use a newer one", .0.join(", "))]
    Needs(Vec<String>),
    /// Signed by a key that is not trusted.
    #[error("the bundle is signed by the key {0}, which is not trusted")]
    UntrustedKey(crate::store::PublicKey),
    /// A part differs from what the head says.
    #[error("the bundle's part {name} is damaged; fetch it again")]
    Damaged {
        /// The part.
        name: String,
    },
    /// Two parts of one name.
    #[error("the bundle has two parts called {name}; do not use it")]
    Twice {
        /// The name.
        name: String,
    },
    /// A part that every bundle has is not there.
    #[error("the bundle has no part called {name}")]
    Missing {
        /// The part.
        name: &'static str,
    },
    /// The weights.
    #[error(transparent)]
    Weights(#[from] StoredModelError),
    /// A number that does not fit the format.
    #[error("the bundle's part {name} is too large")]
    TooLarge {
        /// The part.
        name: String,
    },
    /// What it is read from failed.
    #[error("the bundle could not be read to its end: {0}")]
    Io(#[source] io::Error),
}

fn to_json<T: serde::Serialize>(part: &'static str, value: &T) -> Result<Vec<u8>, BundleError> {
    serde_json::to_vec(value).map_err(|source| BundleError::Unreadable { part, source })
}

fn from_json<T: serde::de::DeserializeOwned>(part: &'static str, bytes: &[u8]) -> Result<T, BundleError> {
    serde_json::from_slice(bytes).map_err(|source| BundleError::Unreadable { part, source })
}

#[cfg(test)]
pub(in crate::platform) mod tests;
