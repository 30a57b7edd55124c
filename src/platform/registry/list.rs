//! Lists of models and versions, a page at a time, of all or of those that are wanted.
//!
//! What is looked at for one page is bounded. Where few are wanted among many, a page may have fewer entries than
//! it could, or none, and say where the next one begins all the same.

use std::collections::BTreeMap;

use super::read::{found_any, info};
use super::{AliasName, ModelInfo, Registry, RegistryError, Stage, VersionInfo};
use crate::base::Name;
use crate::platform::page::{Page, PageOf};
use crate::store::tables::models::{self, DeletedRow, ModelRow, VersionRow};

/// Entries that are looked at for one page where only some are wanted.
const LOOKED_AT: usize = 1_000;

/// A few more than a page has, for those that are deleted.
const SPARE: usize = 32;

/// Which models are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFilter {
    /// How the name begins.
    pub prefix: Option<String>,
    /// In which stage the version is that stands for the model.
    pub stage: Option<Stage>,
    /// Which alias it has.
    pub alias: Option<AliasName>,
    /// Which tags it has.
    pub tags: BTreeMap<String, String>,
    /// Those that are deleted and not purged, instead of those that are not.
    pub deleted: bool,
}

/// Which versions of a model are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionFilter {
    /// In which stage it is.
    pub stage: Option<Stage>,
    /// Which alias it has.
    pub alias: Option<AliasName>,
    /// Which tags it has.
    pub tags: BTreeMap<String, String>,
    /// Those that are deleted and not purged, instead of those that are not.
    pub deleted: bool,
}

impl ModelFilter {
    /// Whether it is read off the model's row alone that a model is wanted.
    fn takes(&self, row: &ModelRow) -> bool {
        is_state(row.deleted.as_ref(), self.deleted)
            && has(&row.tags, &self.tags)
            && self
                .alias
                .as_ref()
                .is_none_or(|alias| row.aliases.contains_key(alias.as_str()))
            && (self.stage == Some(Stage::Production)) <= row.production.is_some()
    }

    fn takes_all(&self) -> bool {
        self.stage.is_none() && self.alias.is_none() && self.tags.is_empty() && !self.deleted
    }
}

impl VersionFilter {
    fn takes(&self, row: &VersionRow, alias: Option<u64>) -> bool {
        is_state(row.deleted.as_ref(), self.deleted)
            && has(&row.tags, &self.tags)
            && (self.alias.is_none() || alias == Some(row.number))
            && self.stage.is_none_or(|stage| row.stage == stage.as_str())
    }

    fn takes_all(&self) -> bool {
        self.stage.is_none() && self.alias.is_none() && self.tags.is_empty() && !self.deleted
    }
}

fn is_state(deleted: Option<&DeletedRow>, wanted: bool) -> bool {
    match deleted {
        None => !wanted,
        Some(deleted) => wanted && deleted.purged_at.is_none(),
    }
}

fn has(tags: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key) == Some(value))
}

impl Registry {
    /// Models by name.
    ///
    /// # Errors
    /// A token that no page gave, a row that cannot be understood, or the store's.
    pub async fn models(&self, page: PageOf) -> Result<Page<ModelInfo>, RegistryError> {
        self.models_that(ModelFilter::default(), page).await
    }

    /// The models that are wanted, by name.
    ///
    /// # Errors
    /// A token that no page gave, a row that cannot be understood, or the store's.
    pub async fn models_that(
        &self,
        filter: ModelFilter,
        page: PageOf,
    ) -> Result<Page<ModelInfo>, RegistryError> {
        let page = page.in_list("models");
        let after = page.after::<Name>()?;
        let most = most(&page, filter.takes_all());
        self.store
            .read(move |tx| {
                let after = after.as_ref().map(Name::as_str);
                let prefix = filter.prefix.as_deref().unwrap_or_default();
                let is_wanted =
                    |name: &str| name.starts_with(prefix) && after.is_none_or(|after| name > after);
                let rows = models::page_that(tx, most, is_wanted)?;
                let last = rows.last().filter(|_| rows.len() == most);
                let last = last.map(|row| row.name.clone());
                let mut wanted = Vec::new();
                for row in rows.into_iter().filter(|row| filter.takes(row)) {
                    let model = info(tx, row)?;
                    let stage = model.current.as_ref().map(|current| current.stage);
                    if filter.stage.is_none() || filter.stage == stage {
                        wanted.push(model);
                    }
                    if wanted.len() == page.to_read() {
                        break;
                    }
                }
                Ok(page.of_some(wanted, |model| model.name.to_string(), last))
            })
            .await
    }

    /// The versions of a model, newest first.
    ///
    /// # Errors
    /// No such model, a token that no page gave, or the store's.
    pub async fn versions(&self, name: &Name, page: PageOf) -> Result<Page<VersionInfo>, RegistryError> {
        self.versions_that(name, VersionFilter::default(), page).await
    }

    /// The versions of a model that are wanted, newest first; those of a deleted model only when deleted ones are
    /// wanted.
    ///
    /// # Errors
    /// No such model, a token that no page gave, or the store's.
    pub async fn versions_that(
        &self,
        name: &Name,
        filter: VersionFilter,
        page: PageOf,
    ) -> Result<Page<VersionInfo>, RegistryError> {
        let page = page.in_list("versions");
        let (name, below) = (name.clone(), page.after()?);
        let most = most(&page, filter.takes_all());
        self.store
            .read(move |tx| {
                let model = match filter.deleted {
                    true => found_any(tx, &name)?,
                    false => super::read::found(tx, &name)?,
                };
                let alias = filter.alias.as_ref();
                let alias = alias.and_then(|alias| model.aliases.get(alias.as_str()).copied());
                let rows = models::versions(tx, model.id, below, most)?;
                let last = rows.last().filter(|_| rows.len() == most);
                let last = last.map(|row| row.number);
                let wanted = rows.into_iter().filter(|row| filter.takes(row, alias));
                let wanted = wanted.take(page.to_read());
                let wanted = wanted.map(|row| VersionInfo::from_row(&model, row));
                let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
                Ok(page.of_some(wanted, |version| version.number, last))
            })
            .await
    }
}

/// How many entries are looked at for `page`.
fn most(page: &PageOf, are_all_wanted: bool) -> usize {
    if are_all_wanted {
        page.to_read().saturating_add(SPARE)
    } else {
        page.to_read().max(LOOKED_AT)
    }
}
