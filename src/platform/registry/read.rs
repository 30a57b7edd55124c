//! Finding models and versions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::version::{Deletion, parse};
use super::{AliasName, Registry, RegistryError, Stage, VersionInfo, VersionLabel};
use crate::base::{ModelId, Name, Time};
use crate::store::Tx;
use crate::store::tables::models::{self, ModelRow, VersionRow};

/// A model and the version that stands for it: the one in production, or else the newest.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    /// Its id, which stays when its name changes.
    pub id: ModelId,
    /// Its name.
    pub name: Name,
    /// One line for people.
    pub title: String,
    /// What it is for; Markdown.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
    /// How many versions were registered.
    pub versions: u64,
    /// The number of the version in production.
    pub production: Option<u64>,
    /// Where each alias points.
    pub aliases: BTreeMap<String, u64>,
    /// What people note of it, by key.
    pub tags: BTreeMap<String, String>,
    /// That it was deleted.
    pub deleted: Option<Deletion>,
    /// The version that stands for it; none before the first.
    pub current: Option<VersionInfo>,
}

/// How a version is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionRef {
    /// By number.
    Number(u64),
    /// By label.
    Label(VersionLabel),
    /// The newest one in a stage.
    Stage(Stage),
    /// The newest one.
    Latest,
    /// By alias: `@champion`.
    Alias(AliasName),
}

impl FromStr for VersionRef {
    type Err = RegistryError;

    fn from_str(given: &str) -> Result<Self, RegistryError> {
        let bad = || RegistryError::BadVersion(given.chars().take(80).collect());
        if given == "latest" {
            Ok(Self::Latest)
        } else if let Some(alias) = given.strip_prefix('@') {
            alias.parse().map(Self::Alias)
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
            Self::Alias(alias) => write!(f, "@{alias}"),
        }
    }
}

/// Versions that are opened at once while a label or a stage is looked for.
const AT_ONCE: usize = 100;

impl Registry {
    /// One model.
    ///
    /// # Errors
    /// No such model, or the store's.
    pub async fn model(&self, name: &Name) -> Result<ModelInfo, RegistryError> {
        let name = name.clone();
        self.store.read(move |tx| info(tx, found(tx, &name)?)).await
    }

    /// One version of a model.
    ///
    /// # Errors
    /// No such model or version, or the store's.
    pub async fn version(&self, name: &Name, version: VersionRef) -> Result<VersionInfo, RegistryError> {
        let name = name.clone();
        self.store
            .read(move |tx| {
                let model = found(tx, &name)?;
                VersionInfo::from_row(&model, find_version(tx, &model, &version)?)
            })
            .await
    }

    /// Of these models, the one that was made first.
    ///
    /// # Errors
    /// The store's.
    pub async fn oldest(&self, models: Vec<ModelId>) -> Result<Option<ModelId>, RegistryError> {
        self.store
            .read(move |tx| {
                let mut oldest: Option<ModelRow> = None;
                for id in &models {
                    let row = models::get(tx, *id)?;
                    let first = oldest.into_iter().chain(row);
                    oldest = first.min_by_key(|row| (row.created_at, row.id));
                }
                Ok(oldest.map(|row| row.id))
            })
            .await
    }
}

/// A model, deleted or not, and the version that stands for it.
pub(super) fn info(tx: &impl Tx, row: ModelRow) -> Result<ModelInfo, RegistryError> {
    let current = match row.production {
        Some(number) => models::version(tx, row.id, number)?,
        None => newest_that(tx, &row, &|_| true)?.ok(),
    };
    Ok(ModelInfo {
        current: current
            .map(|current| VersionInfo::from_row(&row, current))
            .transpose()?,
        name: parse(&row.name, &row.name)?,
        id: row.id,
        title: row.title,
        description: row.description,
        created_at: row.created_at,
        updated_at: row.updated_at,
        versions: row.last_number,
        production: row.production,
        aliases: row.aliases,
        tags: row.tags,
        deleted: row.deleted.map(Deletion::from),
    })
}

/// The row of a model that has to be there, deleted or not.
pub(super) fn found_any(tx: &impl Tx, name: &Name) -> Result<ModelRow, RegistryError> {
    models::find(tx, name.as_str())?.ok_or_else(|| RegistryError::UnknownModel(name.clone()))
}

/// The row of a model that has to be there.
pub(super) fn found(tx: &impl Tx, name: &Name) -> Result<ModelRow, RegistryError> {
    let row = found_any(tx, name)?;
    match &row.deleted {
        None => Ok(row),
        Some(deleted) => Err(RegistryError::Deleted {
            model: name.clone(),
            version: None,
            number: None,
            purged: deleted.purged_at.is_some(),
        }),
    }
}

/// The row of the version that is asked for, which is not deleted.
pub(super) fn find_version(
    tx: &impl Tx,
    model: &ModelRow,
    version: &VersionRef,
) -> Result<VersionRow, RegistryError> {
    let numbered = |number: Option<&u64>| match number {
        Some(number) => models::version(tx, model.id, *number),
        None => Ok(None),
    };
    let row = match version {
        VersionRef::Number(number) => numbered(Some(number))?,
        VersionRef::Alias(alias) => numbered(model.aliases.get(alias.as_str()))?,
        VersionRef::Stage(Stage::Production) => numbered(model.production.as_ref())?,
        VersionRef::Latest => newest_that(tx, model, &|_| true)?.ok(),
        VersionRef::Stage(stage) => newest_that(tx, model, &|row| row.stage == stage.as_str())?.ok(),
        VersionRef::Label(label) => {
            let found = newest_that(tx, model, &|row| row.label == label.to_string())?;
            found.map_or_else(|deleted| deleted, Some)
        }
    };
    let name = || parse(&model.name, &model.name);
    match row {
        Some(row) => match &row.deleted {
            None => Ok(row),
            Some(deleted) => Err(RegistryError::Deleted {
                model: name()?,
                version: Some(row.label),
                number: Some(row.number),
                purged: deleted.purged_at.is_some(),
            }),
        },
        None => Err(RegistryError::UnknownVersion {
            model: name()?,
            version: version.to_string(),
        }),
    }
}

/// The newest version that is wanted and not deleted; or else the newest that is wanted and deleted.
fn newest_that(
    tx: &impl Tx,
    model: &ModelRow,
    is_wanted: &dyn Fn(&VersionRow) -> bool,
) -> Result<Result<VersionRow, Option<VersionRow>>, RegistryError> {
    let (mut below, mut deleted) = (None, None);
    // Mostly it is the first; where versions are deleted, or a label is old, more are looked at.
    let mut at_once = 1;
    loop {
        let rows = models::versions(tx, model.id, below, at_once)?;
        at_once = AT_ONCE;
        let Some(last) = rows.last() else {
            return Ok(Err(deleted));
        };
        below = Some(last.number);
        for row in rows.into_iter().filter(is_wanted) {
            if row.deleted.is_none() {
                return Ok(Ok(row));
            }
            deleted.get_or_insert(row);
        }
    }
}
