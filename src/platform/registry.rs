//! Registered models: their versions, in which stage each is, and what was in production before.

mod bundle;
mod history;
mod label;
mod read;
mod register;
mod stage;
mod version;

use crate::base::{Clock, Name};
use crate::store::{Store, StoreError};

use super::bundles::BundleError;
use super::page::BadPageToken;

pub use crate::store::tables::models::BundleRow;
pub use bundle::FetchError;
pub use history::Change;
pub use label::VersionLabel;
pub use read::{ModelInfo, VersionRef};
pub(super) use register::{NewVersion, register_in};
pub use stage::{Decision, Stage};
pub use version::{Headline, VersionInfo};

/// Why the registry did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No such model.
    #[error("there is no model called {0}")]
    UnknownModel(Name),
    /// The model has no such version.
    #[error("{}", no_such_version(.model, .version))]
    UnknownVersion {
        /// The model.
        model: Name,
        /// What was asked for.
        version: String,
    },
    /// What was asked for names no version.
    #[error("\"{0}\" names no version: give a number (3), a label (v1.2.0), a stage (production) or latest")]
    BadVersion(String),
    /// What was asked for is no stage.
    #[error("\"{0}\" is not a stage: use none, staging, production or archived")]
    BadStage(String),
    /// Nothing was in production before.
    #[error("nothing else was in production before for {0}, so there is nothing to go back to")]
    NothingToRollBackTo(Name),
    /// The version cannot be put to work.
    #[error("{model} {version} cannot be loaded and stays out of production: {reason}")]
    CannotServe {
        /// The model.
        model: Name,
        /// The version.
        version: String,
        /// Why.
        reason: String,
    },
    /// The version's content is not here.
    #[error("the content of {model} {version} is not in this registry, which only knows of it")]
    NoBundle {
        /// The model.
        model: Name,
        /// The version.
        version: String,
    },
    /// The bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The page token is none of ours.
    #[error(transparent)]
    PageToken(#[from] BadPageToken),
    /// A row that this version cannot make sense of.
    #[error("the registry's entry of {model} is not readable: {reason}")]
    Malformed {
        /// The model.
        model: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// That `model` has no version that is asked for as `version`: a stage is nothing that a version is called.
pub(super) fn no_such_version(model: &Name, version: &str) -> String {
    match version.parse() {
        Ok(Stage::None) => format!("every version of model {model} is in a stage"),
        Ok(stage) => format!("no version of model {model} is in {stage}"),
        Err(_) => format!("model {model} has no version {version}"),
    }
}

/// Registered models.
#[derive(Debug, Clone)]
pub struct Registry {
    store: Store,
    clock: Clock,
}

impl Registry {
    /// The registry in `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

#[cfg(test)]
mod tests;
