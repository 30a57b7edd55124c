//! Experiments: what groups runs.

use super::{Tracking, TrackingError};
use crate::base::{ExperimentId, Time};
use crate::platform::page::{Page, PageOf, picked};
use crate::store::tables::experiments::{self, ExperimentRow};

/// What groups runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Its id; "0" is Default.
    pub id: ExperimentId,
    /// Its name, one of a kind.
    pub name: String,
    /// active or deleted.
    pub lifecycle_stage: String,
    /// When it was made.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
}

impl From<ExperimentRow> for Experiment {
    fn from(row: ExperimentRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            lifecycle_stage: row.lifecycle_stage,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

const DEFAULT_NAME: &str = "Default";

impl Tracking {
    /// Makes the experiment called Default unless it is there.
    ///
    /// # Errors
    /// The store's.
    pub async fn ensure_default(&self) -> Result<(), TrackingError> {
        self.experiment_with_id(DEFAULT_NAME, ExperimentId::DEFAULT)
            .await
            .map(|_| ())
    }

    /// The experiment called `name`; it is made unless it is there.
    ///
    /// # Errors
    /// The store's, or no randomness for an id.
    pub async fn experiment(&self, name: &str) -> Result<Experiment, TrackingError> {
        self.experiment_with_id(name, ExperimentId::random(self.entropy)?)
            .await
    }

    async fn experiment_with_id(&self, name: &str, id: ExperimentId) -> Result<Experiment, TrackingError> {
        let now = self.clock.now();
        let row = ExperimentRow {
            id,
            name: name.to_owned(),
            lifecycle_stage: "active".to_owned(),
            created_at: now,
            updated_at: now,
        };
        self.store
            .write(move |tx| {
                // By its id, too: the experiment Default may have been given another name.
                let there = match experiments::find_by_name(tx, &row.name)? {
                    Some(there) => Some(there),
                    None => experiments::find(tx, row.id)?,
                };
                if let Some(there) = there {
                    return Ok(there.into());
                }
                experiments::add(tx, &row)?;
                Ok(row.clone().into())
            })
            .await
    }

    /// Experiments in the order of their ids: Default first.
    ///
    /// # Errors
    /// A token that no page gave, or the store's.
    pub async fn experiments(&self, page: PageOf) -> Result<Page<Experiment>, TrackingError> {
        self.experiments_of(ExperimentFilter::default(), page).await
    }

    /// The experiments that `filter` wants, in the order of their ids: Default first.
    ///
    /// # Errors
    /// A token that no page gave, or the store's.
    pub async fn experiments_of(
        &self,
        filter: ExperimentFilter,
        page: PageOf,
    ) -> Result<Page<Experiment>, TrackingError> {
        // A page of one list is none of another.
        let page = page.in_list(match &filter {
            ExperimentFilter {
                name: None,
                name_contains: None,
            } => "experiments".to_owned(),
            ExperimentFilter { name, name_contains } => format!("experiments {name:?} {name_contains:?}"),
        });
        let after = page.after::<ExperimentId>()?;
        self.store
            .read(move |tx| {
                let is_wanted = |name: &str| {
                    filter.name.as_ref().is_none_or(|wanted| wanted == name)
                        && filter
                            .name_contains
                            .as_ref()
                            .is_none_or(|part| name.contains(part.as_str()))
                };
                picked(
                    &page,
                    after,
                    |after, limit| Ok(experiments::page(tx, after.copied(), limit)?),
                    |row| row.id,
                    |row| Ok(Some(row).filter(|row| is_wanted(&row.name)).map(Experiment::from)),
                )
            })
            .await
    }
}

/// Which experiments are wanted; those of a default are all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExperimentFilter {
    /// Only the one that is called so.
    pub name: Option<String>,
    /// Only those whose name has this in it.
    pub name_contains: Option<String>,
}
