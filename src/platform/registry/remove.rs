//! Deletion: what is deleted is neither listed nor served, can be restored for a while, and is purged after that.
//! A number is never given again.

use std::time::Duration;

use super::alias::drop_aliases;
use super::history::{DELETE, PURGE, RESTORE, append, entry};
use super::read::{ModelInfo, find_version, found, found_any, info};
use super::{Decision, Registry, RegistryError, Stage, VersionInfo, VersionRef};
use crate::base::{ModelId, Name, Time};
use crate::store::tables::model_index::{self, MODEL};
use crate::store::tables::models::{self, DeletedRow, ModelRow, VersionRow};
use crate::store::{StoreError, WriteTx};

/// Versions that are opened at once while all of a model are gone through.
const AT_ONCE: usize = 1_000;

/// What is purged in one transaction.
const PURGED_AT_ONCE: usize = 50;

impl Registry {
    /// Deletes a version, and takes its aliases away. It can be restored until it is purged.
    ///
    /// # Errors
    /// No such model or version, it is in production, or the store's.
    pub async fn delete_version(
        &self,
        name: &Name,
        version: VersionRef,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                let mut version = find_version(tx, &model, &version)?;
                let number = version.number;
                if model.production == Some(number) {
                    return Err(RegistryError::InProduction {
                        model: name.clone(),
                        version: version.label,
                    });
                }
                drop_aliases(tx, &mut model, |of| of == number, &decision, now)?;
                mark(tx, model.id, &mut version, &decision, now, false)?;
                let row = entry(&model, DELETE, Some(number), &decision, now);
                append(tx, &mut model, row)?;
                models::put(tx, &model)?;
                VersionInfo::from_row(&model, version)
            })
            .await
    }

    /// Deletes a model with all its versions and aliases. It can be restored until it is purged.
    ///
    /// # Errors
    /// No such model, a version of it is in production, or the store's.
    pub async fn delete_model(&self, name: &Name, decision: Decision) -> Result<ModelInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                if model.production.is_some() {
                    let version = find_version(tx, &model, &VersionRef::Stage(Stage::Production))?;
                    return Err(RegistryError::InProduction {
                        model: name.clone(),
                        version: version.label,
                    });
                }
                drop_aliases(tx, &mut model, |_| true, &decision, now)?;
                each_version(tx, model.id, |tx, mut version| match version.deleted {
                    None => mark(tx, model.id, &mut version, &decision, now, true),
                    Some(_) => Ok(()),
                })?;
                model.deleted = Some(deleted(&decision, now, false));
                model_index::note_deleted(tx, now, model.id, MODEL)?;
                let row = entry(&model, DELETE, None, &decision, now);
                append(tx, &mut model, row)?;
                model.updated_at = now;
                models::put(tx, &model)?;
                info(tx, model)
            })
            .await
    }

    /// Brings a deleted version back, in the stage that it had; its aliases stay away.
    ///
    /// # Errors
    /// No such model or version, it is not deleted, its model is, it was purged, or the store's.
    pub async fn restore_version(
        &self,
        name: &Name,
        version: VersionRef,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                let mut version = match find_version(tx, &model, &version) {
                    Err(RegistryError::Deleted {
                        number: Some(number), ..
                    }) => {
                        let row = models::version(tx, model.id, number)?;
                        row.ok_or_else(|| RegistryError::NotDeleted(name.to_string()))?
                    }
                    Ok(row) => return Err(RegistryError::NotDeleted(format!("{name} {}", row.label))),
                    Err(error) => return Err(error),
                };
                unmark(tx, &model, &mut version, now)?;
                let row = entry(&model, RESTORE, Some(version.number), &decision, now);
                append(tx, &mut model, row)?;
                models::put(tx, &model)?;
                VersionInfo::from_row(&model, version)
            })
            .await
    }

    /// Brings a deleted model back, with the versions that were deleted with it; its aliases stay away.
    ///
    /// # Errors
    /// No such model, it is not deleted, it was purged, or the store's.
    pub async fn restore_model(&self, name: &Name, decision: Decision) -> Result<ModelInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found_any(tx, &name)?;
                match &model.deleted {
                    None => return Err(RegistryError::NotDeleted(name.to_string())),
                    Some(DeletedRow {
                        purged_at: Some(at), ..
                    }) => {
                        return Err(RegistryError::Purged {
                            what: name.to_string(),
                            at: *at,
                        });
                    }
                    Some(row) => model_index::forget_deleted(tx, row.at, model.id, MODEL)?,
                }
                each_version(tx, model.id, |tx, mut version| match &version.deleted {
                    Some(row) if row.with_model && row.purged_at.is_none() => {
                        unmark(tx, &model, &mut version, now)
                    }
                    _ => Ok(()),
                })?;
                come_back(tx, &mut model, &decision, now)?;
                model.updated_at = now;
                models::put(tx, &model)?;
                info(tx, model)
            })
            .await
    }

    /// Gives up for good what was deleted more than `kept_for` ago: bundles are released, descriptions and tags
    /// forgotten. Says of how many versions and models.
    ///
    /// # Errors
    /// The store's.
    pub async fn purge(&self, kept_for: Duration) -> Result<usize, RegistryError> {
        let mut purged = 0;
        loop {
            let now = self.clock.now();
            let kept_for = i64::try_from(kept_for.as_millis()).unwrap_or(i64::MAX);
            let before = Time::from_millis(now.as_millis().saturating_sub(kept_for));
            let write = self.store.write(move |tx| {
                let due = model_index::deleted_before(tx, before, PURGED_AT_ONCE)?;
                for (at, model, number) in &due {
                    purge(tx, *model, *number, now)?;
                    model_index::forget_deleted(tx, *at, *model, *number)?;
                }
                Ok::<_, RegistryError>(due.len())
            });
            match write.await? {
                0 => return Ok(purged),
                some => purged += some,
            }
        }
    }
}

/// That a deleted model is there again.
pub(super) fn come_back(
    tx: &mut WriteTx,
    model: &mut ModelRow,
    decision: &Decision,
    now: Time,
) -> Result<(), RegistryError> {
    model.deleted = None;
    let row = entry(model, RESTORE, None, decision, now);
    append(tx, model, row)
}

fn deleted(decision: &Decision, now: Time, with_model: bool) -> DeletedRow {
    DeletedRow {
        at: now,
        by: decision.by.clone(),
        with_model,
        purged_at: None,
    }
}

fn mark(
    tx: &mut WriteTx,
    model: ModelId,
    version: &mut VersionRow,
    decision: &Decision,
    now: Time,
    with_model: bool,
) -> Result<(), RegistryError> {
    version.deleted = Some(deleted(decision, now, with_model));
    version.updated_at = now;
    model_index::note_deleted(tx, now, model, version.number)?;
    Ok(models::put_version(tx, model, version)?)
}

fn unmark(
    tx: &mut WriteTx,
    model: &ModelRow,
    version: &mut VersionRow,
    now: Time,
) -> Result<(), RegistryError> {
    let Some(row) = version.deleted.take() else {
        return Ok(());
    };
    if let Some(at) = row.purged_at {
        return Err(RegistryError::Purged {
            what: format!("{} {}", model.name, version.label),
            at,
        });
    }
    version.updated_at = now;
    model_index::forget_deleted(tx, row.at, model.id, version.number)?;
    Ok(models::put_version(tx, model.id, version)?)
}

fn each_version(
    tx: &mut WriteTx,
    model: ModelId,
    mut take: impl FnMut(&mut WriteTx, VersionRow) -> Result<(), RegistryError>,
) -> Result<(), RegistryError> {
    let mut below = None;
    loop {
        let rows = models::versions(tx, model, below, AT_ONCE)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        below = Some(last.number);
        for row in rows {
            take(tx, row)?;
        }
    }
}

/// The one that purges, as the history calls it.
const ITSELF: &str = "usina";

fn purge(tx: &mut WriteTx, id: ModelId, number: u64, now: Time) -> Result<(), RegistryError> {
    let Some(mut model) = models::get(tx, id)? else {
        return Ok(());
    };
    let reason = "it was deleted, and the time to restore it is over".to_owned();
    let decision = Decision::of(ITSELF, Some(reason));
    let version = match number {
        MODEL => {
            let Some(deleted) = model.deleted.as_mut() else {
                return Ok(());
            };
            deleted.purged_at = Some(now);
            model.description.clear();
            model.title.clear();
            model.tags.clear();
            None
        }
        number => {
            let Some(version) = models::version(tx, id, number)? else {
                return Ok(());
            };
            if !purge_version(tx, id, version, now)? {
                return Ok(());
            }
            Some(number)
        }
    };
    let row = entry(&model, PURGE, version, &decision, now);
    append(tx, &mut model, row)?;
    Ok(models::put(tx, &model)?)
}

/// Whether there was something to purge.
fn purge_version(
    tx: &mut WriteTx,
    model: ModelId,
    mut version: VersionRow,
    now: Time,
) -> Result<bool, RegistryError> {
    let Some(deleted) = version.deleted.as_mut() else {
        return Ok(false);
    };
    deleted.purged_at = Some(now);
    version.description.clear();
    version.tags.clear();
    if let Some(bundle) = version.bundle.take() {
        match tx.release(&bundle.address) {
            // It is gone: that is what was wanted.
            Ok(()) | Err(StoreError::BlobUnknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        model_index::forget_digest(tx, bundle.digest, model, version.number)?;
    }
    models::put_version(tx, model, &version)?;
    Ok(true)
}
