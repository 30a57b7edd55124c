//! A new version: its number, its label, and whether it goes into production at once.

use std::collections::BTreeMap;

use super::gates::{PROMOTION, failed_gates};
use super::history::{IMPORT, PROMOTE, REGISTER, append, entry};
use super::label::Change;
use super::remove::come_back;
use super::stage::Step;
use super::{BundleRow, Decision, GateRow, Headline, RegistryError, Stage, VersionInfo, VersionLabel};
use crate::base::{ContentId, JobId, ModelId, Name, RunId, Time};
use crate::store::WriteTx;
use crate::store::tables::model_index::{self, MODEL};
use crate::store::tables::models::{self, ModelRow, OriginRow, TrainedOn, VersionRow};

use super::super::recipes::Promote;

/// A version that is about to be registered; its bundle is stored already.
#[derive(Debug, Clone)]
pub(in crate::platform) struct NewVersion {
    pub(in crate::platform) model: Name,
    /// The id that the model gets, unless there is a model of this name already.
    pub(in crate::platform) model_id: ModelId,
    pub(in crate::platform) title: String,
    pub(in crate::platform) description: String,
    pub(in crate::platform) origin: NewOrigin,
    pub(in crate::platform) dataset: Option<TrainedOn>,
    pub(in crate::platform) task: String,
    pub(in crate::platform) target: String,
    pub(in crate::platform) metrics: BTreeMap<String, f64>,
    pub(in crate::platform) baseline: BTreeMap<String, f64>,
    pub(in crate::platform) input_schema: ContentId,
    /// Names the recipe; of a version from elsewhere it is not known.
    pub(in crate::platform) recipe: Option<ContentId>,
    pub(in crate::platform) bundle: BundleRow,
    pub(in crate::platform) promote: Promote,
    /// What the recipe wants of it, and what was found.
    pub(in crate::platform) gates: Vec<GateRow>,
    /// Who asked for it.
    pub(in crate::platform) by: String,
}

/// How a version came to be.
#[derive(Debug, Clone)]
pub(in crate::platform) enum NewOrigin {
    /// This node trained it.
    Trained { run: RunId, job: JobId },
    /// It came as a bundle, signed by the key in `from`.
    Imported { from: String },
}

/// Registers a version within the caller's transaction.
pub(in crate::platform) fn register_in(
    tx: &mut WriteTx,
    new: &NewVersion,
    now: Time,
) -> Result<VersionInfo, RegistryError> {
    let mut model = match models::find(tx, new.model.as_str())? {
        Some(mut model) => {
            if let Some(deleted) = model.deleted.clone() {
                model_index::forget_deleted(tx, deleted.at, model.id, MODEL)?;
                let decision = Decision::of(&new.by, Some("a new version was registered".to_owned()));
                come_back(tx, &mut model, &decision, now)?;
            }
            model
        }
        None => {
            let model = first(new, now);
            models::add(tx, &model)?;
            model
        }
    };
    let newest = models::newest(tx, model.id)?;
    let version = version(new, model.last_number + 1, label_after(newest.as_ref(), new), now);
    models::add_version(tx, model.id, &version)?;
    let action = match new.origin {
        NewOrigin::Trained { .. } => REGISTER,
        NewOrigin::Imported { .. } => IMPORT,
    };
    let failed: Vec<String> = failed_gates(&new.gates, PROMOTION).collect();
    let waits = (!failed.is_empty()).then(|| format!("it may not go into production: {}", failed.join("; ")));
    let decision = Decision::of(&new.by, waits);
    let mut registered = entry(&model, action, Some(version.number), &decision, now);
    registered.to = Some(version.stage.clone());
    append(tx, &mut model, registered)?;
    model.last_number = version.number;
    model.title = new.title.clone();
    if !model.described {
        model.description = new.description.clone();
    }
    model.updated_at = now;
    models::put(tx, &model)?;
    match goes_live(new, &model) {
        None => VersionInfo::from_row(&model, version),
        Some(reason) => {
            let decision = Decision::of(&new.by, Some(reason.to_owned()));
            let step = Step {
                action: PROMOTE,
                stage: Stage::Production,
                decision: &decision,
                now,
            };
            step.take(tx, model, version)
        }
    }
}

/// Why the version goes into production at once, if it does. The first one does so that a training ends with
/// something that answers, but not with something that is no better than always the same answer.
fn goes_live(new: &NewVersion, model: &ModelRow) -> Option<&'static str> {
    let is_of_use = || {
        Headline::of(&new.task, &new.metrics, &new.baseline).is_none_or(|headline| headline.beats_baseline())
    };
    match new.promote {
        _ if failed_gates(&new.gates, PROMOTION).next().is_some() => None,
        Promote::Always => Some("the recipe promotes every version"),
        Promote::First if model.production.is_none() && is_of_use() => {
            Some("nothing was in production, and it is better than its baseline")
        }
        Promote::First | Promote::Never => None,
    }
}

fn first(new: &NewVersion, now: Time) -> ModelRow {
    ModelRow {
        title: new.title.clone(),
        description: new.description.clone(),
        ..ModelRow::new(new.model_id, new.model.as_str(), now)
    }
}

fn version(new: &NewVersion, number: u64, label: VersionLabel, now: Time) -> VersionRow {
    let (kind, from, run, job) = match &new.origin {
        NewOrigin::Trained { run, job } => ("trained", None, Some(*run), Some(*job)),
        NewOrigin::Imported { from } => ("imported", Some(from.clone()), None, None),
    };
    VersionRow {
        number,
        label: label.to_string(),
        stage: Stage::None.to_string(),
        description: String::new(),
        origin: OriginRow {
            kind: kind.to_owned(),
            from,
        },
        run_id: run,
        job,
        by: Some(new.by.clone()),
        dataset: new.dataset.clone(),
        recipe: new.recipe,
        input_schema: Some(new.input_schema),
        task: Some(new.task.clone()),
        target: Some(new.target.clone()),
        metrics: new.metrics.clone(),
        baseline: new.baseline.clone(),
        bundle: Some(new.bundle.clone()),
        created_at: now,
        updated_at: now,
        deployed_at: None,
        tags: BTreeMap::new(),
        gates: new.gates.clone(),
        deleted: None,
    }
}

fn label_after(newest: Option<&VersionRow>, new: &NewVersion) -> VersionLabel {
    let Some((newest, label)) = newest.and_then(|row| Some((row, row.label.parse::<VersionLabel>().ok()?)))
    else {
        return VersionLabel::FIRST;
    };
    let dataset = newest.dataset.as_ref().map(|dataset| dataset.version);
    let answers_something_else =
        newest.task.as_ref() != Some(&new.task) || newest.target.as_ref() != Some(&new.target);
    label.next(
        if newest.input_schema != Some(new.input_schema) || answers_something_else {
            Change::Contract
        } else if dataset != new.dataset.as_ref().map(|dataset| dataset.version)
            || newest.recipe != new.recipe
        {
            Change::DataOrRecipe
        } else {
            Change::Nothing
        },
    )
}
