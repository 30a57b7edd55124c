//! Runs with their parameters, tags and inputs. Metrics have a file of their own.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::rows;
use crate::base::{ContentId, ExperimentId, RunId, Time};
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
    /// When it ended.
    pub end_time: Option<Time>,
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

/// A dataset that a run used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputRow {
    /// The dataset's name.
    pub dataset: String,
    /// The dataset's version.
    pub version: ContentId,
    /// What it was used for: training.
    pub context: String,
}
impl JsonRow for InputRow {
    const TAG: u8 = 1;
}

/// Where in the list of an experiment's runs a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed;
impl JsonRow for Listed {
    const TAG: u8 = 1;
}

const RUNS: Table<RunId, RunRow> = Table::new("runs");
const BY_EXPERIMENT: Table<(ExperimentId, Reverse<Time>, RunId), Listed> = Table::new("runs-by-experiment");
const PARAMS: Table<(RunId, NameHash), PairRow> = Table::new("run-params");
const TAGS: Table<(RunId, NameHash), PairRow> = Table::new("run-tags");
const INPUTS: Table<(RunId, ContentId), InputRow> = Table::new("run-inputs");

/// More parameters, tags or inputs than this a run does not have; the platform refuses the next.
pub const MAX_PAIRS: usize = 1_000;

/// Adds a run.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, row: &RunRow) -> Result<(), StoreError> {
    BY_EXPERIMENT.put(tx, &(row.experiment_id, Reverse(row.start_time), row.id), &Listed)?;
    RUNS.put(tx, &row.id, row)
}

/// Writes a run that is there already; its experiment and start never change.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, row: &RunRow) -> Result<(), StoreError> {
    RUNS.put(tx, &row.id, row)
}

/// The run.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, id: RunId) -> Result<Option<RunRow>, StoreError> {
    RUNS.get(tx, &id)
}

/// The runs of an experiment that come after `after` (start time and id), newest first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn of_experiment(
    tx: &impl Tx,
    experiment: ExperimentId,
    after: Option<(Time, RunId)>,
    limit: usize,
) -> Result<Vec<RunRow>, StoreError> {
    let all = Span::starts_with(&experiment);
    let span = match after {
        Some((time, id)) => all.above(&(experiment, Reverse(time), id)),
        None => all,
    };
    let listed = BY_EXPERIMENT.range(tx, span, limit, Direction::Up)?;
    listed
        .into_iter()
        .filter_map(|((_, _, id), _)| RUNS.get(tx, &id).transpose())
        .collect()
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

/// Notes that a run used a dataset.
///
/// # Errors
/// The store's.
pub fn put_input(tx: &mut WriteTx, run: RunId, row: &InputRow) -> Result<(), StoreError> {
    INPUTS.put(tx, &(run, row.version), row)
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
