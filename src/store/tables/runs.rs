//! Runs with their parameters, tags and inputs. Metrics have a file of their own.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Mark, rows};
use crate::base::{DatasetId, ExperimentId, RunId, Time};
use crate::store::{Direction, JsonRow, NameHash, Span, StoreError, Table, Tx, WriteTx};

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The experiment it belongs to.
    pub experiment_id: ExperimentId,
    /// For people.
    pub name: String,
    /// RUNNING, SCHEDULED, FINISHED, FAILED or KILLED, as MLflow spells them.
    pub status: String,
    /// active or deleted.
    pub lifecycle_stage: String,
    /// The model that it trains, when it trains one.
    pub model_name: Option<String>,
    /// When it began.
    pub start_time: Time,
    /// When it ended last; a run that was taken up again has none.
    pub end_time: Option<Time>,
}

impl RunRow {
    fn is_deleted(&self) -> bool {
        self.lifecycle_stage == "deleted"
    }
}
impl JsonRow for RunRow {
    const TAG: u8 = 1;
}

/// A parameter or a tag of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairRow {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}
impl JsonRow for PairRow {
    const TAG: u8 = 1;
}

/// A dataset that a run used: one of this store, or one that only whoever logged the run knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputRow {
    /// What the dataset was called then.
    pub name: String,
    /// Tells its content: of a dataset of this store, the version.
    pub digest: String,
    /// What it was used for: training.
    pub contexts: Vec<String>,
    /// The dataset, when it is one of this store.
    pub dataset: Option<DatasetId>,
}
impl JsonRow for InputRow {
    const TAG: u8 = 1;
}

const RUNS: Table<RunId, RunRow> = Table::new("runs");
/// Those that are not deleted first; of either, the newest first.
const BY_EXPERIMENT: Table<(ExperimentId, bool, Reverse<Time>, RunId), Mark> =
    Table::new("runs-by-experiment");
/// The same over all experiments.
const BY_TIME: Table<(bool, Reverse<Time>, RunId), Mark> = Table::new("runs-by-time");
const PARAMS: Table<(RunId, NameHash), PairRow> = Table::new("run-params");
const TAGS: Table<(RunId, NameHash), PairRow> = Table::new("run-tags");
const INPUTS: Table<(RunId, NameHash), InputRow> = Table::new("run-inputs");

/// More parameters, tags, inputs or metrics than this a run does not have; the platform refuses the next.
pub const MAX_PAIRS: usize = 1_000;

/// Adds a run.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, row: &RunRow) -> Result<(), StoreError> {
    list(tx, row)?;
    RUNS.put(tx, &row.id, row)
}

/// Writes a run that is there already.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, row: &RunRow) -> Result<(), StoreError> {
    if let Some(before) = RUNS.get(tx, &row.id)? {
        let place = |row: &RunRow| (row.experiment_id, row.is_deleted(), row.start_time);
        if place(&before) != place(row) {
            let (deleted, start) = (before.is_deleted(), Reverse(before.start_time));
            BY_EXPERIMENT.delete(tx, &(before.experiment_id, deleted, start, row.id))?;
            BY_TIME.delete(tx, &(deleted, start, row.id))?;
            list(tx, row)?;
        }
    }
    RUNS.put(tx, &row.id, row)
}

fn list(tx: &mut WriteTx, row: &RunRow) -> Result<(), StoreError> {
    let (deleted, start) = (row.is_deleted(), Reverse(row.start_time));
    BY_EXPERIMENT.put(tx, &(row.experiment_id, deleted, start, row.id), &Mark)?;
    BY_TIME.put(tx, &(deleted, start, row.id), &Mark)
}

/// The run.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, id: RunId) -> Result<Option<RunRow>, StoreError> {
    RUNS.get(tx, &id)
}

/// The runs that are not deleted and come after `after` (start time and id), newest first, `limit` at most:
/// those of an experiment, or all.
///
/// # Errors
/// The store's.
pub fn page(
    tx: &impl Tx,
    experiment: Option<ExperimentId>,
    after: Option<(Time, RunId)>,
    limit: usize,
) -> Result<Vec<RunRow>, StoreError> {
    let ids: Vec<RunId> = match experiment {
        Some(experiment) => {
            let mut span = Span::starts_with(&(experiment, false));
            if let Some((time, id)) = after {
                span = span.above(&(experiment, false, Reverse(time), id));
            }
            let listed = BY_EXPERIMENT.range(tx, span, limit, Direction::Up)?;
            listed.into_iter().map(|((_, _, _, id), _)| id).collect()
        }
        None => {
            let mut span = Span::starts_with(&false);
            if let Some((time, id)) = after {
                span = span.above(&(false, Reverse(time), id));
            }
            let listed = BY_TIME.range(tx, span, limit, Direction::Up)?;
            listed.into_iter().map(|((_, _, id), _)| id).collect()
        }
    };
    ids.into_iter()
        .filter_map(|id| RUNS.get(tx, &id).transpose())
        .collect()
}

/// How many parameters a run has, counted up to one more than it may have.
///
/// # Errors
/// The store's.
pub fn count_params(tx: &impl Tx, run: RunId) -> Result<usize, StoreError> {
    PARAMS.count(tx, Span::starts_with(&run), MAX_PAIRS + 1)
}

/// The value of a parameter.
///
/// # Errors
/// The store's.
pub fn param(tx: &impl Tx, run: RunId, key: NameHash) -> Result<Option<PairRow>, StoreError> {
    PARAMS.get(tx, &(run, key))
}

/// Writes a parameter; that it is written once only is the platform's rule.
///
/// # Errors
/// The store's.
pub fn put_param(tx: &mut WriteTx, run: RunId, key: NameHash, row: &PairRow) -> Result<(), StoreError> {
    PARAMS.put(tx, &(run, key), row)
}

/// The parameters of a run.
///
/// # Errors
/// The store's.
pub fn params(tx: &impl Tx, run: RunId) -> Result<Vec<PairRow>, StoreError> {
    Ok(rows(PARAMS.range(
        tx,
        Span::starts_with(&run),
        MAX_PAIRS,
        Direction::Up,
    )?))
}

/// The value of a tag.
///
/// # Errors
/// The store's.
pub fn tag(tx: &impl Tx, run: RunId, key: NameHash) -> Result<Option<PairRow>, StoreError> {
    TAGS.get(tx, &(run, key))
}

/// Writes a tag.
///
/// # Errors
/// The store's.
pub fn put_tag(tx: &mut WriteTx, run: RunId, key: NameHash, row: &PairRow) -> Result<(), StoreError> {
    TAGS.put(tx, &(run, key), row)
}

/// The tags of a run.
///
/// # Errors
/// The store's.
pub fn tags(tx: &impl Tx, run: RunId) -> Result<Vec<PairRow>, StoreError> {
    Ok(rows(TAGS.range(
        tx,
        Span::starts_with(&run),
        MAX_PAIRS,
        Direction::Up,
    )?))
}

/// Notes that a run used a dataset; one that is noted already may be used for more.
///
/// # Errors
/// The store's.
pub fn put_input(tx: &mut WriteTx, run: RunId, row: &InputRow) -> Result<(), StoreError> {
    // The same content may be used under two names.
    let parts = [&row.name, &row.digest];
    let told = parts.map(|part| format!("{}:{part}", part.len())).concat();
    let key = (run, tx.name_hash("input", &told));
    let mut row = row.clone();
    if let Some(before) = INPUTS.get(tx, &key)? {
        let more = row
            .contexts
            .into_iter()
            .filter(|context| !before.contexts.contains(context));
        row.contexts = before.contexts.iter().cloned().chain(more).collect();
    }
    INPUTS.put(tx, &key, &row)
}

/// The datasets that a run used.
///
/// # Errors
/// The store's.
pub fn inputs(tx: &impl Tx, run: RunId) -> Result<Vec<InputRow>, StoreError> {
    Ok(rows(INPUTS.range(
        tx,
        Span::starts_with(&run),
        MAX_PAIRS,
        Direction::Up,
    )?))
}
