//! Runs: begun, described while they go on, ended.

use std::collections::BTreeMap;

use super::{Metric, RunStatus, Tracking, TrackingError};
use crate::base::{DatasetId, ExperimentId, RunId, Time};
use crate::store::tables::runs::{self, InputRow, MAX_PAIRS, PairRow, RunRow};
use crate::store::tables::{experiments, run_metrics};
use crate::store::{NameHash, Tx, WriteTx};

/// A run that is about to begin.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The experiment it belongs to.
    pub experiment: ExperimentId,
    /// For people.
    pub name: String,
    /// The model that it trains.
    pub model: Option<String>,
    /// Parameters, written once.
    pub params: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The datasets that it uses.
    pub inputs: Vec<Input>,
}

/// A dataset that a run uses: one of this store, or one that only whoever logs the run knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What the dataset is called.
    pub name: String,
    /// Tells its content: of a dataset of this store, the version.
    pub digest: String,
    /// What it is used for.
    pub contexts: Vec<String>,
    /// The dataset, when it is one of this store.
    pub dataset: Option<DatasetId>,
}

/// A run with all that is known of it; of metrics, the latest points.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The experiment it belongs to.
    pub experiment_id: ExperimentId,
    /// For people.
    pub name: String,
    /// How it stands.
    pub status: RunStatus,
    /// active or deleted.
    pub lifecycle_stage: String,
    /// The model that it trains.
    pub model_name: Option<String>,
    /// When it began.
    pub start_time: Time,
    /// When it ended last.
    pub end_time: Option<Time>,
    /// Parameters by name.
    pub params: BTreeMap<String, String>,
    /// Tags by name.
    pub tags: BTreeMap<String, String>,
    /// The latest point of each metric.
    pub metrics: Vec<Metric>,
    /// The datasets that it used.
    pub inputs: Vec<Input>,
}

/// The hashed keys of a run's parameters and tags.
type Pairs = Vec<(NameHash, PairRow)>;

/// A run ready to be written, keys hashed, so that the transaction has nothing left to compute.
#[derive(Debug, Clone)]
pub(in crate::platform) struct Prepared {
    row: RunRow,
    params: Pairs,
    tags: Pairs,
    inputs: Vec<InputRow>,
}

impl Tracking {
    /// Begins a run.
    ///
    /// # Errors
    /// No such experiment, or the store's.
    pub async fn start(&self, new: NewRun) -> Result<RunId, TrackingError> {
        let prepared = self.prepare(new)?;
        let id = prepared.row.id;
        self.store.write(move |tx| start_in(tx, &prepared)).await?;
        Ok(id)
    }

    /// A run that a transaction of the caller's can begin with [`start_in`].
    pub(in crate::platform) fn prepare(&self, new: NewRun) -> Result<Prepared, TrackingError> {
        let id = RunId::random(self.entropy)?;
        let counts = [
            ("parameters", new.params.len()),
            ("tags", new.tags.len()),
            ("inputs", new.inputs.len()),
        ];
        if let Some((what, _)) = counts.into_iter().find(|(_, count)| *count > MAX_PAIRS) {
            return Err(too_many(id, what));
        }
        Ok(Prepared {
            row: RunRow {
                id,
                experiment_id: new.experiment,
                name: new.name,
                status: RunStatus::Running.to_string(),
                lifecycle_stage: "active".to_owned(),
                model_name: new.model,
                start_time: self.clock.now(),
                end_time: None,
            },
            params: self.pairs("param", new.params),
            tags: self.pairs("tag", new.tags),
            inputs: new
                .inputs
                .into_iter()
                .map(|input| InputRow {
                    name: input.name,
                    digest: input.digest,
                    contexts: input.contexts,
                    dataset: input.dataset,
                })
                .collect(),
        })
    }

    fn pairs(&self, kind: &str, pairs: BTreeMap<String, String>) -> Pairs {
        let hash = |key: &str| self.store.vault().name_hash(kind, key);
        pairs
            .into_iter()
            .map(|(key, value)| (hash(&key), PairRow { key, value }))
            .collect()
    }

    /// Adds parameters to a run that goes on. The same value again is fine; another value is not.
    ///
    /// # Errors
    /// No such run, it has ended, a parameter has another value, there are too many, or the store's.
    pub async fn log_params(
        &self,
        run: RunId,
        params: BTreeMap<String, String>,
    ) -> Result<(), TrackingError> {
        let params = self.pairs("param", params);
        self.store
            .write(move |tx| {
                going_on(tx, run)?;
                put_params(tx, run, &params)
            })
            .await
    }

    /// Ends a run.
    ///
    /// # Errors
    /// No such run, or the store's.
    pub async fn end(&self, run: RunId, status: RunStatus) -> Result<(), TrackingError> {
        let now = self.clock.now();
        self.store.write(move |tx| end_in(tx, run, status, now)).await
    }

    /// One run.
    ///
    /// # Errors
    /// No such run, or the store's.
    pub async fn run(&self, id: RunId) -> Result<Run, TrackingError> {
        self.store
            .read(move |tx| {
                let row = runs::find(tx, id)?.ok_or(TrackingError::UnknownRun(id))?;
                whole(tx, row)
            })
            .await
    }
}

/// Begins a prepared run within the caller's transaction.
pub(in crate::platform) fn start_in(tx: &mut WriteTx, prepared: &Prepared) -> Result<(), TrackingError> {
    let row = &prepared.row;
    if experiments::find(tx, row.experiment_id)?.is_none() {
        return Err(TrackingError::UnknownExperiment(row.experiment_id));
    }
    runs::add(tx, row)?;
    put_params(tx, row.id, &prepared.params)?;
    for (key, pair) in &prepared.tags {
        runs::put_tag(tx, row.id, *key, pair)?;
    }
    for input in &prepared.inputs {
        runs::put_input(tx, row.id, input)?;
    }
    Ok(())
}

impl Prepared {
    /// The id that the run will have.
    pub(in crate::platform) fn id(&self) -> RunId {
        self.row.id
    }
}

/// Ends a run within the caller's transaction; one that has ended stays as it ended.
pub(in crate::platform) fn end_in(
    tx: &mut WriteTx,
    run: RunId,
    status: RunStatus,
    now: Time,
) -> Result<(), TrackingError> {
    let mut row = runs::find(tx, run)?.ok_or(TrackingError::UnknownRun(run))?;
    if standing(&row)?.goes_on() {
        row.status = status.to_string();
        row.end_time = Some(now);
        runs::put(tx, &row)?;
    }
    Ok(())
}

/// That the run is there and goes on.
pub(super) fn going_on(tx: &WriteTx, run: RunId) -> Result<(), TrackingError> {
    match runs::find(tx, run)? {
        None => Err(TrackingError::UnknownRun(run)),
        Some(row) if standing(&row)?.goes_on() => Ok(()),
        Some(_) => Err(TrackingError::Ended(run)),
    }
}

/// How the run in `row` stands.
fn standing(row: &RunRow) -> Result<RunStatus, TrackingError> {
    row.status
        .parse()
        .map_err(|reason| TrackingError::Malformed { run: row.id, reason })
}

pub(super) fn too_many(run: RunId, what: &'static str) -> TrackingError {
    TrackingError::TooMany {
        run,
        what,
        limit: MAX_PAIRS,
    }
}

fn put_params(tx: &mut WriteTx, run: RunId, params: &Pairs) -> Result<(), TrackingError> {
    let mut is_more = false;
    for (key, pair) in params {
        match runs::param(tx, run, *key)? {
            None => {
                runs::put_param(tx, run, *key, pair)?;
                is_more = true;
            }
            Some(old) if old.value == pair.value => {}
            Some(old) => {
                return Err(TrackingError::ParamChanged {
                    run,
                    key: old.key,
                    old: old.value,
                });
            }
        }
    }
    if is_more && runs::count_params(tx, run)? > MAX_PAIRS {
        return Err(too_many(run, "parameters"));
    }
    Ok(())
}

pub(super) fn whole(tx: &impl Tx, row: RunRow) -> Result<Run, TrackingError> {
    let pairs = |pairs: Vec<PairRow>| pairs.into_iter().map(|pair| (pair.key, pair.value)).collect();
    let metrics = run_metrics::latest(tx, row.id, MAX_PAIRS)?;
    let inputs = runs::inputs(tx, row.id)?;
    Ok(Run {
        params: pairs(runs::params(tx, row.id)?),
        tags: pairs(runs::tags(tx, row.id)?),
        metrics: metrics.into_iter().map(Metric::from).collect(),
        inputs: inputs
            .into_iter()
            .map(|input| Input {
                name: input.name,
                digest: input.digest,
                contexts: input.contexts,
                dataset: input.dataset,
            })
            .collect(),
        status: standing(&row)?,
        id: row.id,
        experiment_id: row.experiment_id,
        name: row.name,
        lifecycle_stage: row.lifecycle_stage,
        model_name: row.model_name,
        start_time: row.start_time,
        end_time: row.end_time,
    })
}
