//! What the registry knows.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::{Registry, RegistryError, Stage, VersionLabel};
use crate::base::{Name, RunId, Time};
use crate::store::tables::models::{self, ModelRow, VersionRow};
use crate::store::{BlobAddress, NameHash, Tx};

use super::super::bundles::DatasetOrigin;

/// A model and the version that stands for it: the one in production, or else the newest.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    /// Its name.
    pub name: Name,
    /// One line for people.
    pub title: String,
    /// What it is for; Markdown.
    pub description: String,
    /// When its first version was registered.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
    /// How many versions it has.
    pub versions: u64,
    /// The version that stands for it.
    pub current: VersionInfo,
}

/// One version of a model.
#[derive(Debug, Clone)]
pub struct VersionInfo {
    /// The model.
    pub model: Name,
    /// The identity: 1, 2, 3.
    pub number: u64,
    /// For people: v1.0.0.
    pub label: String,
    /// Where it is on its way.
    pub stage: Stage,
    /// The training that made it.
    pub run_id: RunId,
    /// What it was trained on.
    pub dataset: DatasetOrigin,
    /// binary, multiclass or regression.
    pub task: String,
    /// The column that it predicts.
    pub target: String,
    /// Quality on the hold-out, by metric.
    pub metrics: BTreeMap<String, f64>,
    /// The baseline's quality on the hold-out, by metric.
    pub baseline: BTreeMap<String, f64>,
    /// Where its bundle is.
    pub bundle: BlobAddress,
    /// The bundle's size, in bytes.
    pub bundle_bytes: u64,
    /// When it was registered.
    pub created_at: Time,
    /// When it went into production last.
    pub deployed_at: Option<Time>,
}

/// How a version is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionRef {
    /// By number.
    Number(u64),
    /// By label.
    Label(VersionLabel),
    /// The newest one in a stage.
    Stage(Stage),
    /// The newest one.
    Latest,
}

impl FromStr for VersionRef {
    type Err = RegistryError;

    fn from_str(given: &str) -> Result<Self, RegistryError> {
        let bad = || RegistryError::BadVersion(given.chars().take(80).collect());
        if given == "latest" {
            Ok(Self::Latest)
        } else if given.starts_with('v') {
            given.parse().map(Self::Label).map_err(|()| bad())
        } else if given.bytes().all(|byte| byte.is_ascii_digit()) {
            given.parse().map(Self::Number).map_err(|_| bad())
        } else {
            given.parse().map(Self::Stage).map_err(|_| bad())
        }
    }
}

impl fmt::Display for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Label(label) => label.fmt(f),
            Self::Stage(stage) => stage.fmt(f),
            Self::Latest => f.write_str("latest"),
        }
    }
}

/// A model has no more versions than are looked through for a label or a stage.
pub(super) const MAX_VERSIONS: usize = 100_000;

impl Registry {
    /// All models by name, `limit` at most.
    ///
    /// # Errors
    /// The store's, or a row that cannot be understood.
    pub async fn models(&self, limit: usize) -> Result<Vec<ModelInfo>, RegistryError> {
        let registry = self.clone();
        let mut models = self
            .store
            .read(move |tx| {
                let rows = models::list(tx, limit)?;
                rows.into_iter()
                    .map(|row| registry.info(tx, row))
                    .collect::<Result<Vec<_>, _>>()
            })
            .await?;
        models.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(models)
    }

    /// One model.
    ///
    /// # Errors
    /// No such model, or the store's.
    pub async fn model(&self, name: &Name) -> Result<ModelInfo, RegistryError> {
        let (registry, name) = (self.clone(), name.clone());
        self.store
            .read(move |tx| {
                let row = found(tx, registry.hash(&name), &name)?;
                registry.info(tx, row)
            })
            .await
    }

    /// The versions of a model, newest first, `limit` at most.
    ///
    /// # Errors
    /// No such model, or the store's.
    pub async fn versions(&self, name: &Name, limit: usize) -> Result<Vec<VersionInfo>, RegistryError> {
        let (hash, name) = (self.hash(name), name.clone());
        self.store
            .read(move |tx| {
                found(tx, hash, &name)?;
                let rows = models::versions(tx, hash, limit)?;
                rows.into_iter()
                    .map(|row| VersionInfo::from_row(&name, row))
                    .collect()
            })
            .await
    }

    /// One version of a model.
    ///
    /// # Errors
    /// No such model or version, or the store's.
    pub async fn version(&self, name: &Name, version: VersionRef) -> Result<VersionInfo, RegistryError> {
        let (hash, name) = (self.hash(name), name.clone());
        self.store
            .read(move |tx| VersionInfo::from_row(&name, find_version(tx, hash, &name, version)?))
            .await
    }

    fn info(&self, tx: &impl Tx, row: ModelRow) -> Result<ModelInfo, RegistryError> {
        let name: Name = parse(&row.name, &row.name)?;
        let number = row.production.unwrap_or(row.newest);
        let current = find_version(tx, self.hash(&name), &name, VersionRef::Number(number))?;
        Ok(ModelInfo {
            current: VersionInfo::from_row(&name, current)?,
            name,
            title: row.title,
            description: row.description,
            created_at: row.created_at,
            updated_at: row.updated_at,
            versions: row.newest,
        })
    }
}

/// The model's row.
pub(super) fn found(tx: &impl Tx, hash: NameHash, name: &Name) -> Result<ModelRow, RegistryError> {
    models::find(tx, hash)?.ok_or_else(|| RegistryError::UnknownModel(name.clone()))
}

/// The row of the version that is asked for.
pub(super) fn find_version(
    tx: &impl Tx,
    hash: NameHash,
    name: &Name,
    version: VersionRef,
) -> Result<VersionRow, RegistryError> {
    let model = found(tx, hash, name)?;
    let first = |wanted: &dyn Fn(&VersionRow) -> bool| {
        models::versions(tx, hash, MAX_VERSIONS).map(|rows| rows.into_iter().find(wanted))
    };
    let row = match version {
        VersionRef::Number(number) => models::version(tx, hash, number)?,
        VersionRef::Latest => models::version(tx, hash, model.newest)?,
        VersionRef::Stage(Stage::Production) => match model.production {
            Some(number) => models::version(tx, hash, number)?,
            None => None,
        },
        VersionRef::Stage(stage) => first(&|row| row.stage == stage.as_str())?,
        VersionRef::Label(label) => first(&|row| row.label == label.to_string())?,
    };
    row.ok_or_else(|| RegistryError::UnknownVersion {
        model: name.clone(),
        version: version.to_string(),
    })
}

/// The metric to look at first, beside the baseline's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Headline {
    /// Its name.
    pub metric: &'static str,
    /// On the hold-out.
    pub value: f64,
    /// The baseline's, on the hold-out.
    pub baseline: Option<f64>,
}

impl VersionInfo {
    /// The metric to look at first: how well two classes are told apart, how often one of several is
    /// right, how far a number is off.
    pub fn headline(&self) -> Option<Headline> {
        let metric = match self.task.as_str() {
            "binary" => "roc_auc",
            "multiclass" => "accuracy",
            _ => "rmse",
        };
        let value = *self.metrics.get(metric)?;
        Some(Headline {
            metric,
            value,
            baseline: self.baseline.get(metric).copied(),
        })
    }

    pub(super) fn from_row(model: &Name, row: VersionRow) -> Result<Self, RegistryError> {
        Ok(Self {
            stage: parse(&row.stage, model.as_str())?,
            dataset: DatasetOrigin {
                name: parse(&row.dataset, model.as_str())?,
                version: row.dataset_version,
                generated: row.generated,
            },
            model: model.clone(),
            number: row.number,
            label: row.label,
            run_id: row.run_id,
            task: row.task,
            target: row.target,
            metrics: row.metrics,
            baseline: row.baseline,
            bundle: row.bundle,
            bundle_bytes: row.bundle_bytes,
            created_at: row.created_at,
            deployed_at: row.deployed_at,
        })
    }
}

fn parse<T: FromStr<Err: fmt::Display>>(text: &str, model: &str) -> Result<T, RegistryError> {
    text.parse().map_err(|error: T::Err| RegistryError::Malformed {
        model: model.to_owned(),
        reason: error.to_string(),
    })
}
