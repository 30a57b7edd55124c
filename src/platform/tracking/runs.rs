//! Runs: begun, described while they go on, ended; then they never change.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::{Metric, Tracking, TrackingError};
use crate::base::{ContentId, ExperimentId, RunId, Time};
use crate::store::tables::runs::{self, InputRow, MAX_PAIRS, PairRow, RunRow};
use crate::store::tables::{experiments, run_metrics};
use crate::store::{NameHash, StoreError, WriteTx};

/// How a run stands; spelled as MLflow spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// It goes on.
    Running,
    /// It did what it was to do.
    Finished,
    /// It could not.
    Failed,
    /// Someone, or a crash, stopped it.
    Killed,
}

impl RunStatus {
    /// MLflow's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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

/// A dataset that a run uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The dataset's name.
    pub dataset: String,
    /// Its version.
    pub version: ContentId,
    /// What it is used for.
    pub context: String,
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
    /// RUNNING, FINISHED, FAILED or KILLED.
    pub status: String,
    /// active or deleted.
    pub lifecycle_stage: String,
    /// The model that it trains.
    pub model_name: Option<String>,
    /// When it began.
    pub start_time: Time,
    /// When it ended.
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

/// Some runs, newest first, and where the next ones begin.
#[derive(Debug, Clone)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<Run>,
    /// Ask for the next page with this.
    pub next_page_token: Option<String>,
}

/// Where a page ended: the start time and id of its last run, so that runs that begin meanwhile
/// neither shift a page nor appear in it.
struct PageToken(Time, RunId);

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.as_millis(), self.1)
    }
}

impl FromStr for PageToken {
    type Err = TrackingError;

    fn from_str(token: &str) -> Result<Self, TrackingError> {
        let parse = || {
            let (time, id) = token.rsplit_once('-')?;
            Some(Self(Time::from_millis(time.parse().ok()?), id.parse().ok()?))
        };
        parse().ok_or_else(|| TrackingError::BadPageToken(token.chars().take(80).collect()))
    }
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
        Ok(Prepared {
            row: RunRow {
                id: RunId::random(self.entropy)?,
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
                    dataset: input.dataset,
                    version: input.version,
                    context: input.context,
                })
                .collect(),
        })
    }

    fn pairs(&self, kind: &str, pairs: BTreeMap<String, String>) -> Pairs {
        let hash = |key: &str| self.store.vault().name_hash(kind, key);
        pairs
            .into_iter()
            .take(MAX_PAIRS)
            .map(|(key, value)| (hash(&key), PairRow { key, value }))
            .collect()
    }

    /// Adds parameters to a run that goes on. The same value again is fine; another value is not.
    ///
    /// # Errors
    /// No such run, it has ended, a parameter has another value, or the store's.
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
                Ok(whole(tx, row)?)
            })
            .await
    }

    /// The runs of an experiment, newest first, `limit` at most, from where `page_token` says.
    ///
    /// # Errors
    /// No such experiment, a token that no page gave, or the store's.
    pub async fn runs(
        &self,
        experiment: ExperimentId,
        limit: usize,
        page_token: Option<&str>,
    ) -> Result<RunPage, TrackingError> {
        let after = page_token
            .map(str::parse::<PageToken>)
            .transpose()?
            .map(|token| (token.0, token.1));
        self.store
            .read(move |tx| {
                if experiments::find(tx, experiment)?.is_none() {
                    return Err(TrackingError::UnknownExperiment(experiment));
                }
                let rows = runs::of_experiment(tx, experiment, after, limit)?;
                let last = rows.last().filter(|_| rows.len() == limit);
                let next_page_token = last.map(|row| PageToken(row.start_time, row.id).to_string());
                let runs = rows
                    .into_iter()
                    .map(|row| whole(tx, row))
                    .collect::<Result<_, _>>()?;
                Ok(RunPage {
                    runs,
                    next_page_token,
                })
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
    if row.end_time.is_none() {
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
        Some(row) if row.end_time.is_some() => Err(TrackingError::Ended(run)),
        Some(_) => Ok(()),
    }
}

fn put_params(tx: &mut WriteTx, run: RunId, params: &Pairs) -> Result<(), TrackingError> {
    for (key, pair) in params {
        match runs::param(tx, run, *key)? {
            None => runs::put_param(tx, run, *key, pair)?,
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
    Ok(())
}

fn whole(tx: &impl crate::store::Tx, row: RunRow) -> Result<Run, StoreError> {
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
                dataset: input.dataset,
                version: input.version,
                context: input.context,
            })
            .collect(),
        id: row.id,
        experiment_id: row.experiment_id,
        name: row.name,
        status: row.status,
        lifecycle_stage: row.lifecycle_stage,
        model_name: row.model_name,
        start_time: row.start_time,
        end_time: row.end_time,
    })
}
