//! Where a version comes from, and which versions came of a dataset's version.

use std::fmt;
use std::str::FromStr;

use super::history::AT_ONCE;
use super::{Registry, RegistryError, VersionInfo, VersionRef};
use crate::base::{ContentId, ModelId, Name, RunId, Time};
use crate::platform::page::{Page, PageOf};
use crate::store::Tx;
use crate::store::tables::{meta, model_history, model_index, models};

/// Where a version comes from.
#[derive(Debug, Clone)]
pub struct Lineage {
    /// The version: its run, job, dataset, recipe's digest, bundle, and how it came here.
    pub version: VersionInfo,
    /// Who wanted it.
    pub by: Option<String>,
    /// What its bundle says; none when there is no bundle here.
    pub made: Option<Made>,
}

/// What a bundle says of how it came to be.
#[derive(Debug, Clone)]
pub struct Made {
    /// What the model was called then.
    pub model: Name,
    /// The program and version that made it.
    pub by: String,
    /// For which machine that program was built, and from what.
    pub build: Option<String>,
    /// When.
    pub at: Time,
    /// The run; of a version that was imported, one of the machine that made it.
    pub run: Option<RunId>,
    /// The recipe, every default spelled out; JSON.
    pub recipe: String,
}

impl Registry {
    /// Where a version comes from.
    ///
    /// # Errors
    /// No such model or version, its bundle cannot be read, or the store's.
    pub async fn lineage(&self, name: &Name, version: VersionRef) -> Result<Lineage, RegistryError> {
        let version = self.version(name, version).await?;
        let made = match self.described(&version).await {
            Ok(described) => Some(Made {
                model: described.manifest.model,
                by: described.manifest.made_by,
                build: described.manifest.build,
                at: described.manifest.created_at,
                run: described.manifest.run_id,
                recipe: described.recipe,
            }),
            Err(RegistryError::NoBundle { .. }) => None,
            Err(error) => return Err(error),
        };
        let by = match version.by.clone() {
            Some(by) => Some(by),
            None => self.registered_by(version.model_id, version.number).await?,
        };
        Ok(Lineage { version, by, made })
    }

    /// Who wanted a version that format 1 registered: only the history says it.
    async fn registered_by(&self, model: ModelId, number: u64) -> Result<Option<String>, RegistryError> {
        self.store
            .read(move |tx| {
                let mut next = 0;
                loop {
                    let entries = model_history::from(tx, model, next, AT_ONCE)?;
                    let Some((last, _)) = entries.last() else {
                        return Ok(None);
                    };
                    next = last + 1;
                    let mut registered = entries.into_iter().map(|(_, row)| row);
                    let registered = registered.find(|row| row.version == Some(number) && row.from.is_none());
                    if let Some(row) = registered {
                        return Ok(Some(row.by));
                    }
                }
            })
            .await
    }

    /// The versions of any model that were trained on a dataset's version; none that are deleted.
    ///
    /// # Errors
    /// A token that no page gave, or the store's.
    pub async fn trained_on(
        &self,
        dataset: ContentId,
        page: PageOf,
    ) -> Result<Page<VersionInfo>, RegistryError> {
        let page = page.in_list("trained-on");
        let after = page.after::<Place>()?;
        self.store
            .read(move |tx| {
                let after = after.map(|place| (place.0, place.1));
                let places = model_index::of_dataset(tx, dataset, after, page.to_read())?;
                let places = page.of(places, |(model, number)| Place(*model, *number));
                let mut versions = Vec::new();
                for (model, number) in places.items {
                    versions.extend(shown(tx, model, number)?);
                }
                Ok(Page {
                    items: versions,
                    next_page_token: places.next_page_token,
                })
            })
            .await
    }

    /// Lists the versions that format 1 registered under their datasets and bundles; once, at the first start.
    ///
    /// # Errors
    /// The store's.
    pub async fn index_versions(&self) -> Result<(), RegistryError> {
        const MODELS_AT_ONCE: usize = 20;
        if self.store.read(meta::are_versions_indexed).await? {
            return Ok(());
        }
        let (mut after, now) = (None, self.clock.now());
        loop {
            let write = self.store.write(move |tx| {
                let rows = models::by_id(tx, after, MODELS_AT_ONCE)?;
                for model in &rows {
                    let mut below = None;
                    loop {
                        let versions = models::versions(tx, model.id, below, AT_ONCE)?;
                        let Some(last) = versions.last() else { break };
                        below = Some(last.number);
                        for version in &versions {
                            model_index::add(tx, model.id, version)?;
                        }
                    }
                }
                let last = rows.last().map(|model| model.id);
                if last.is_none() {
                    meta::note_versions_indexed(tx, now)?;
                }
                Ok::<_, RegistryError>(last)
            });
            match write.await? {
                Some(last) => after = Some(last),
                None => return Ok(()),
            }
        }
    }
}

/// The version, unless it or its model is deleted.
fn shown(tx: &impl Tx, model: ModelId, number: u64) -> Result<Option<VersionInfo>, RegistryError> {
    let Some(model) = models::get(tx, model)?.filter(|model| model.deleted.is_none()) else {
        return Ok(None);
    };
    let row = models::version(tx, model.id, number)?.filter(|row| row.deleted.is_none());
    row.map(|row| VersionInfo::from_row(&model, row)).transpose()
}

/// A place in the list of the versions of a dataset's version.
#[derive(Clone, Copy)]
struct Place(ModelId, u64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(token: &str) -> Result<Self, ()> {
        let (model, number) = token.split_once('-').ok_or(())?;
        Ok(Self(model.parse().map_err(drop)?, number.parse().map_err(drop)?))
    }
}
