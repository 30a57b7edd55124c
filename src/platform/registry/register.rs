//! A new version: its number, its label, and whether it goes into production at once.

use std::collections::BTreeMap;

use super::label::Change;
use super::stage::promote_in;
use super::{RegistryError, Stage, VersionInfo, VersionLabel};
use crate::base::{ContentId, Name, RunId, Time};
use crate::store::tables::models::{self, ModelRow, VersionRow};
use crate::store::{BlobAddress, NameHash, WriteTx};

use super::super::bundles::DatasetOrigin;
use super::super::recipes::Promote;

/// A version that is about to be registered; its bundle is stored already.
#[derive(Debug, Clone)]
pub(in crate::platform) struct NewVersion {
    pub(in crate::platform) model: Name,
    pub(in crate::platform) title: String,
    pub(in crate::platform) description: String,
    pub(in crate::platform) run_id: RunId,
    pub(in crate::platform) dataset: DatasetOrigin,
    pub(in crate::platform) task: String,
    pub(in crate::platform) target: String,
    pub(in crate::platform) metrics: BTreeMap<String, f64>,
    pub(in crate::platform) baseline: BTreeMap<String, f64>,
    pub(in crate::platform) input_schema: ContentId,
    pub(in crate::platform) recipe: ContentId,
    pub(in crate::platform) bundle: BlobAddress,
    pub(in crate::platform) bundle_bytes: u64,
    pub(in crate::platform) promote: Promote,
}

/// Registers a version within the caller's transaction.
pub(in crate::platform) fn register_in(
    tx: &mut WriteTx,
    hash: NameHash,
    new: &NewVersion,
    now: Time,
) -> Result<VersionInfo, RegistryError> {
    let before = models::find(tx, hash)?;
    let newest = match &before {
        Some(model) => models::version(tx, hash, model.newest)?,
        None => None,
    };
    let number = before.as_ref().map_or(0, |model| model.newest) + 1;
    let model = ModelRow {
        name: new.model.to_string(),
        title: new.title.clone(),
        description: new.description.clone(),
        created_at: before.as_ref().map_or(now, |model| model.created_at),
        updated_at: now,
        newest: number,
        production: before.as_ref().and_then(|model| model.production),
        history: before.as_ref().map_or(0, |model| model.history),
    };
    models::put(tx, hash, &model)?;
    let version = VersionRow {
        number,
        label: label_after(newest.as_ref(), new).to_string(),
        stage: Stage::None.to_string(),
        run_id: new.run_id,
        dataset: new.dataset.name.to_string(),
        dataset_version: new.dataset.version,
        generated: new.dataset.generated,
        task: new.task.clone(),
        target: new.target.clone(),
        metrics: new.metrics.clone(),
        baseline: new.baseline.clone(),
        input_schema: new.input_schema,
        recipe: new.recipe,
        bundle: new.bundle,
        bundle_bytes: new.bundle_bytes,
        created_at: now,
        deployed_at: None,
    };
    models::add_version(tx, hash, &version)?;
    let goes_live = match new.promote {
        Promote::Always => true,
        Promote::First => model.production.is_none(),
        Promote::Never => false,
    };
    if goes_live {
        promote_in(tx, hash, &new.model, number, now)?;
    }
    let version = models::version(tx, hash, number)?.unwrap_or(version);
    VersionInfo::from_row(&new.model, version)
}

fn label_after(newest: Option<&VersionRow>, new: &NewVersion) -> VersionLabel {
    let Some((newest, label)) = newest.and_then(|row| Some((row, row.label.parse::<VersionLabel>().ok()?)))
    else {
        return VersionLabel::FIRST;
    };
    label.next(if newest.input_schema != new.input_schema {
        Change::InputSchema
    } else if newest.dataset_version != new.dataset.version || newest.recipe != new.recipe {
        Change::DataOrRecipe
    } else {
        Change::Nothing
    })
}
