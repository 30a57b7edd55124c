//! Registered models: their versions, what they are called, in which stage each is, and what became of them.

mod alias;
mod annotate;
mod bundle;
mod chain;
mod compare;
pub(super) mod gates;
mod history;
mod import;
mod keeper;
mod label;
mod lineage;
mod list;
mod read;
mod register;
mod remove;
mod stage;
mod trust;
mod version;

use crate::base::{Clock, Name, Time};
use crate::store::{Store, StoreError};

use super::bundles::BundleError;
use super::page::BadPageToken;

pub use crate::store::PublicKey;
pub use crate::store::tables::models::{BundleRow, GateRow};
pub use alias::AliasName;
pub use annotate::Annotation;
pub use bundle::FetchError;
pub use chain::{ChainFault, Verified};
pub use compare::{Comparison, InputChange, MetricPair, Pair};
pub use history::{Change, Then};
pub use import::{Import, ImportError, Imported};
pub use label::VersionLabel;
pub use lineage::{Lineage, Made};
pub use list::{ModelFilter, VersionFilter};
pub use read::{ModelInfo, VersionRef};
pub(super) use register::{NewOrigin, NewVersion, register_in};
pub use stage::{Decision, Stage};
pub use trust::{TrustError, TrustedKey};
pub use version::{Deletion, Headline, VersionInfo};

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
    #[error(
        "\"{0}\" names no version: give a number (3), a label (v1.2.0), a stage (production), latest, or an alias \
         behind an @ (@champion)"
    )]
    BadVersion(String),
    /// What was asked for is no stage.
    #[error("\"{0}\" is not a stage: use none, staging, production or archived")]
    BadStage(String),
    /// What is to be an alias is none.
    #[error(
        "\"{0}\" is not an alias: use 1 to 100 letters, digits, '-' or '_', and nothing that a version is called \
         otherwise, such as 3, v1, production or latest"
    )]
    BadAlias(String),
    /// What is to be the key of a tag is none.
    #[error("\"{0}\" is not the key of a tag: it is empty, or has control characters")]
    BadTag(String),
    /// More than is kept.
    #[error("there are more than {limit} {what}; take some away first")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// Longer than is kept.
    #[error("the {what} has more than {limit} characters, which is the most that is kept")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How long it may be.
        limit: usize,
    },
    /// It is to be what trees alone can be.
    #[error(
        "{model} {version} has no trees (its weights are {format}), so XGBoost cannot load it; export its bundle"
    )]
    NoTrees {
        /// The model.
        model: Name,
        /// The version.
        version: String,
        /// What its weights are.
        format: &'static str,
    },
    /// It was deleted.
    #[error("{}", was_deleted(.model, .version.as_deref(), *.purged))]
    Deleted {
        /// The model.
        model: Name,
        /// The version, when it is the version that was deleted.
        version: Option<String>,
        /// Its number.
        number: Option<u64>,
        /// Whether it is gone for good.
        purged: bool,
    },
    /// It is not what its recipe wants of a version in production.
    #[error(
        "{model} {version} failed what its recipe wants of a version in production: {}; make a better one, or put it \
         there all the same with --force (in the API: \"force\": true)",
        gates.join("; ")
    )]
    GatesFailed {
        /// The model.
        model: Name,
        /// The version.
        version: String,
        /// The gates that it failed, in words.
        gates: Vec<String>,
    },
    /// It is not deleted.
    #[error("{0} is not deleted, so there is nothing to restore")]
    NotDeleted(String),
    /// It is gone for good.
    #[error("{what} was purged on {at}: it was deleted, and the time to restore it is over")]
    Purged {
        /// What.
        what: String,
        /// When.
        at: Time,
    },
    /// It answers requests.
    #[error(
        "{model} {version} is in production, and is not deleted: put another version there first with \
         `usina models promote`, or this one elsewhere with `usina models promote {model} {version} --stage archived`"
    )]
    InProduction {
        /// The model.
        model: Name,
        /// The version.
        version: String,
    },
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
    if let Some(alias) = version.strip_prefix('@') {
        return format!("no version of model {model} has the alias {alias}");
    }
    match version.parse() {
        Ok(Stage::None) => format!("every version of model {model} is in a stage"),
        Ok(stage) => format!("no version of model {model} is in {stage}"),
        Err(_) => format!("model {model} has no version {version}"),
    }
}

fn was_deleted(model: &Name, version: Option<&str>, purged: bool) -> String {
    let (what, restore) = match version {
        None => (format!("model {model}"), format!("usina models restore {model}")),
        Some(version) => (
            format!("version {version} of model {model}"),
            format!("usina models restore {model} {version}"),
        ),
    };
    if purged {
        format!("{what} was deleted, and purged since")
    } else {
        format!("{what} was deleted; `{restore}` brings it back")
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
