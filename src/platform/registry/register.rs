//! A new version: its number, its label, and whether it goes into production at once.

use std::collections::BTreeMap;

use super::history::{PROMOTE, REGISTER};
use super::label::Change;
use super::stage::Step;
use super::{BundleRow, Decision, Headline, RegistryError, Stage, VersionInfo, VersionLabel};
use crate::base::{ContentId, ModelId, Name, RunId, Time};
use crate::store::WriteTx;
use crate::store::tables::models::{self, HistoryRow, ModelRow, OriginRow, TrainedOn, VersionRow};

use super::super::recipes::Promote;

/// A version that a training made and that is about to be registered; its bundle is stored already.
#[derive(Debug, Clone)]
pub(in crate::platform) struct NewVersion {
    pub(in crate::platform) model: Name,
    /// The id that the model gets, unless there is a model of this name already.
    pub(in crate::platform) model_id: ModelId,
    pub(in crate::platform) title: String,
    pub(in crate::platform) description: String,
    pub(in crate::platform) run_id: RunId,
    pub(in crate::platform) dataset: TrainedOn,
    pub(in crate::platform) task: String,
    pub(in crate::platform) target: String,
    pub(in crate::platform) metrics: BTreeMap<String, f64>,
    pub(in crate::platform) baseline: BTreeMap<String, f64>,
    pub(in crate::platform) input_schema: ContentId,
    pub(in crate::platform) recipe: ContentId,
    pub(in crate::platform) bundle: BundleRow,
    pub(in crate::platform) promote: Promote,
    /// Who asked for the training.
    pub(in crate::platform) by: String,
}

/// Registers a version within the caller's transaction.
pub(in crate::platform) fn register_in(
    tx: &mut WriteTx,
    new: &NewVersion,
    now: Time,
) -> Result<VersionInfo, RegistryError> {
    let mut model = match models::find(tx, new.model.as_str())? {
        Some(model) => model,
        None => {
            let model = first(new, now);
            models::add(tx, &model)?;
            model
        }
    };
    let newest = models::newest(tx, model.id)?;
    let version = version(new, model.last_number + 1, label_after(newest.as_ref(), new), now);
    models::add_version(tx, model.id, &version)?;
    let registered = HistoryRow {
        at: now,
        action: REGISTER.to_owned(),
        version: version.number,
        from: None,
        to: version.stage.clone(),
        production_before: model.production,
        production_after: model.production,
        by: new.by.clone(),
        reason: None,
    };
    models::add_history(tx, model.id, model.history, &registered)?;
    model.history += 1;
    model.last_number = version.number;
    model.title = new.title.clone();
    model.description = new.description.clone();
    model.updated_at = now;
    models::put(tx, &model)?;
    match goes_live(new, &model) {
        None => VersionInfo::from_row(&model, version),
        Some(reason) => {
            let decision = Decision {
                by: new.by.clone(),
                reason: Some(reason.to_owned()),
            };
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
        Promote::Always => Some("the recipe promotes every version"),
        Promote::First if model.production.is_none() && is_of_use() => {
            Some("nothing was in production, and it is better than its baseline")
        }
        Promote::First | Promote::Never => None,
    }
}

fn first(new: &NewVersion, now: Time) -> ModelRow {
    ModelRow {
        id: new.model_id,
        name: new.model.to_string(),
        title: new.title.clone(),
        description: new.description.clone(),
        created_at: now,
        updated_at: now,
        last_number: 0,
        production: None,
        history: 0,
    }
}

fn version(new: &NewVersion, number: u64, label: VersionLabel, now: Time) -> VersionRow {
    VersionRow {
        number,
        label: label.to_string(),
        stage: Stage::None.to_string(),
        description: String::new(),
        origin: OriginRow {
            kind: "trained".to_owned(),
            from: None,
        },
        run_id: Some(new.run_id),
        dataset: Some(new.dataset.clone()),
        recipe: Some(new.recipe),
        input_schema: Some(new.input_schema),
        task: Some(new.task.clone()),
        target: Some(new.target.clone()),
        metrics: new.metrics.clone(),
        baseline: new.baseline.clone(),
        bundle: Some(new.bundle.clone()),
        created_at: now,
        updated_at: now,
        deployed_at: None,
    }
}

fn label_after(newest: Option<&VersionRow>, new: &NewVersion) -> VersionLabel {
    let Some((newest, label)) = newest.and_then(|row| Some((row, row.label.parse::<VersionLabel>().ok()?)))
    else {
        return VersionLabel::FIRST;
    };
    let dataset = newest.dataset.as_ref().map(|dataset| dataset.version);
    label.next(if newest.input_schema != Some(new.input_schema) {
        Change::InputSchema
    } else if dataset != Some(new.dataset.version) || newest.recipe != Some(new.recipe) {
        Change::DataOrRecipe
    } else {
        Change::Nothing
    })
}
