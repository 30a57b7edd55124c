//! Finding models and versions.

use std::fmt;
use std::str::FromStr;

use super::version::parse;
use super::{Registry, RegistryError, Stage, VersionInfo, VersionLabel};
use crate::base::{ModelId, Name, Time};
use crate::platform::page::{Page, PageOf};
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
    /// The version that stands for it; none before the first.
    pub current: Option<VersionInfo>,
}

/// How a version is asked for. What begins with `@` is kept for aliases.
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

/// Versions that are opened at once while a label or a stage is looked for.
const AT_ONCE: usize = 100;

impl Registry {
    /// Models by name.
    ///
    /// # Errors
    /// A token that no page gave, a row that cannot be understood, or the store's.
    pub async fn models(&self, page: PageOf) -> Result<Page<ModelInfo>, RegistryError> {
        let page = page.in_list("models");
        let after = page.after::<Name>()?;
        self.store
            .read(move |tx| {
                let after = after.as_ref().map(Name::as_str);
                let rows = models::page(tx, after, page.to_read())?;
                let models = rows.into_iter().map(|row| info(tx, row));
                Ok(page.of(models.collect::<Result<_, _>>()?, |model: &ModelInfo| {
                    model.name.clone()
                }))
            })
            .await
    }

    /// One model.
    ///
    /// # Errors
    /// No such model, or the store's.
    pub async fn model(&self, name: &Name) -> Result<ModelInfo, RegistryError> {
        let name = name.clone();
        self.store.read(move |tx| info(tx, found(tx, &name)?)).await
    }

    /// The versions of a model, newest first.
    ///
    /// # Errors
    /// No such model, a token that no page gave, or the store's.
    pub async fn versions(&self, name: &Name, page: PageOf) -> Result<Page<VersionInfo>, RegistryError> {
        let page = page.in_list("versions");
        let (name, below) = (name.clone(), page.after()?);
        self.store
            .read(move |tx| {
                let model = found(tx, &name)?;
                let rows = models::versions(tx, model.id, below, page.to_read())?;
                let versions = rows.into_iter().map(|row| VersionInfo::from_row(&model, row));
                Ok(
                    page.of(versions.collect::<Result<_, _>>()?, |version: &VersionInfo| {
                        version.number
                    }),
                )
            })
            .await
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
                VersionInfo::from_row(&model, find_version(tx, &model, version)?)
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

fn info(tx: &impl Tx, row: ModelRow) -> Result<ModelInfo, RegistryError> {
    let current = match row.production {
        Some(number) => models::version(tx, row.id, number)?,
        None => models::newest(tx, row.id)?,
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
    })
}

/// The row of a model that has to be there.
pub(super) fn found(tx: &impl Tx, name: &Name) -> Result<ModelRow, RegistryError> {
    models::find(tx, name.as_str())?.ok_or_else(|| RegistryError::UnknownModel(name.clone()))
}

/// The row of the version that is asked for.
pub(super) fn find_version(
    tx: &impl Tx,
    model: &ModelRow,
    version: VersionRef,
) -> Result<VersionRow, RegistryError> {
    let row = match version {
        VersionRef::Number(number) => models::version(tx, model.id, number)?,
        VersionRef::Latest => models::newest(tx, model.id)?,
        VersionRef::Stage(Stage::Production) => match model.production {
            Some(number) => models::version(tx, model.id, number)?,
            None => None,
        },
        VersionRef::Stage(stage) => newest_that(tx, model, &|row| row.stage == stage.as_str())?,
        VersionRef::Label(label) => newest_that(tx, model, &|row| row.label == label.to_string())?,
    };
    match row {
        Some(row) => Ok(row),
        None => Err(RegistryError::UnknownVersion {
            model: parse(&model.name, &model.name)?,
            version: version.to_string(),
        }),
    }
}

/// The newest version that is wanted.
fn newest_that(
    tx: &impl Tx,
    model: &ModelRow,
    is_wanted: &dyn Fn(&VersionRow) -> bool,
) -> Result<Option<VersionRow>, RegistryError> {
    let mut below = None;
    loop {
        let rows = models::versions(tx, model.id, below, AT_ONCE)?;
        let last = rows.last().map(|row| row.number);
        if let Some(row) = rows.into_iter().find(is_wanted) {
            return Ok(Some(row));
        }
        match last {
            Some(last) => below = Some(last),
            None => return Ok(None),
        }
    }
}
