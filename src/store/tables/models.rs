//! Registered models and their versions.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model_index;
use super::names::{self, NameRow, Names};
use super::{bits, rows};
use crate::base::{ContentId, DatasetId, JobId, ModelId, RunId, Time};
use crate::store::{
    BlobAddress, Direction, JsonRow, NameHash, PublicKey, Span, StoreError, Table, Tx, WriteTx,
};

/// A registered model; it may have no version yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRow {
    /// Its id.
    pub id: ModelId,
    /// Its name, one of a kind.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What it is for; Markdown.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
    /// The last number that a version was given, 0 before the first; no number is given twice.
    pub last_number: u64,
    /// The number of the version in production.
    pub production: Option<u64>,
    /// How many entries its history has.
    pub history: u64,
    /// The hash of the history's last entry; none while format 1 has written all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_head: Option<ContentId>,
    /// Whether a person wrote the description; a training then leaves it as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub described: bool,
    /// Free names, each with the number of the version that it points at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, u64>,
    /// What people note of it, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// That it was deleted, and is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<DeletedRow>,
}
impl JsonRow for ModelRow {
    const TAG: u8 = 1;
}

impl ModelRow {
    /// A model that is made `now` and has no version yet.
    pub fn new(id: ModelId, name: &str, now: Time) -> Self {
        Self {
            id,
            name: name.to_owned(),
            title: String::new(),
            description: String::new(),
            created_at: now,
            updated_at: now,
            last_number: 0,
            production: None,
            history: 0,
            history_head: None,
            described: false,
            aliases: BTreeMap::new(),
            tags: BTreeMap::new(),
            deleted: None,
        }
    }
}

/// One version of a model. What it is never changes; its stage, description and dates do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The identity: 1, 2, 3.
    pub number: u64,
    /// For people: v1.0.0.
    pub label: String,
    /// none, staging, production or archived.
    pub stage: String,
    /// What is special about it; Markdown.
    pub description: String,
    /// How it came here.
    pub origin: OriginRow,
    /// The training that made it, when that was a run of this store.
    pub run_id: Option<RunId>,
    /// What it was trained on, when that is known.
    pub dataset: Option<TrainedOn>,
    /// Names the recipe that made it; another one makes a new minor label.
    pub recipe: Option<ContentId>,
    /// Names the schema of what it takes in; another one makes a new major label.
    pub input_schema: Option<ContentId>,
    /// binary, multiclass or regression, when that is known.
    pub task: Option<String>,
    /// The column that it predicts.
    pub target: Option<String>,
    /// Quality on the hold-out, by metric.
    #[serde(with = "bits")]
    pub metrics: BTreeMap<String, f64>,
    /// The baseline's quality on the hold-out, by metric.
    #[serde(with = "bits")]
    pub baseline: BTreeMap<String, f64>,
    /// What it is made of; a version that only points elsewhere has none.
    pub bundle: Option<BundleRow>,
    /// When it was registered.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
    /// When it went into production last.
    pub deployed_at: Option<Time>,
    /// The job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// Who wanted it; format 1 has that in the history alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What people note of it, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What it had to be to be registered, or has to be to go into production, and whether it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateRow>,
    /// That it was deleted, and is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<DeletedRow>,
}
impl JsonRow for VersionRow {
    const TAG: u8 = 1;
}

/// A gate of the recipe, and what came of it when the version was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRow {
    /// Its name: a metric, beats, latency or size.
    pub gate: String,
    /// What was wanted, as the recipe writes it.
    pub wanted: String,
    /// registration or promotion.
    pub decides: String,
    /// passed, failed or skipped.
    pub outcome: String,
    /// What was found, in words.
    pub found: String,
}

/// That something was deleted. It can be restored until it is purged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedRow {
    /// When.
    pub at: Time,
    /// Who wanted it.
    pub by: String,
    /// Whether it went because its model did; it comes back with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_model: bool,
    /// When its content was given up for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purged_at: Option<Time>,
}

/// How a version came into the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginRow {
    /// trained or imported.
    pub kind: String,
    /// Where it came from, when that was elsewhere.
    pub from: Option<String>,
}

/// Which rows a version was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// The dataset, when it is one of this store.
    pub id: Option<DatasetId>,
    /// What the dataset was called then.
    pub name: String,
    /// The dataset's version.
    pub version: ContentId,
    /// Whether usina generated the rows itself.
    pub generated: bool,
}

/// The file that a version is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRow {
    /// Where it is.
    pub address: BlobAddress,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its plain BLAKE3, by which other stores know it too.
    pub digest: ContentId,
    /// Who signed it.
    pub signer: PublicKey,
}

const MODELS: Table<ModelId, ModelRow> = Table::new("models");
const NAMES: Names<ModelId> = Table::new("model-names");
const VERSIONS: Table<(ModelId, Reverse<u64>), VersionRow> = Table::new("model-versions");

fn by_name(tx: &impl Tx, name: &str) -> NameHash {
    tx.name_hash("model", name)
}

/// The model called `name`.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, name: &str) -> Result<Option<ModelRow>, StoreError> {
    match NAMES.get(tx, &by_name(tx, name))? {
        Some(named) => MODELS.get(tx, &named.id),
        None => Ok(None),
    }
}

/// The model with this id.
///
/// # Errors
/// The store's.
pub fn get(tx: &impl Tx, id: ModelId) -> Result<Option<ModelRow>, StoreError> {
    MODELS.get(tx, &id)
}

/// The models whose names are wanted, by name, `limit` at most.
///
/// # Errors
/// The store's.
pub fn page_that(
    tx: &impl Tx,
    limit: usize,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<ModelRow>, StoreError> {
    names::page_that(tx, &NAMES, limit, is_wanted)?
        .into_iter()
        .filter_map(|named| MODELS.get(tx, &named.id).transpose())
        .collect()
}

/// The models whose ids come after `after`, `limit` at most.
///
/// # Errors
/// The store's.
pub fn by_id(tx: &impl Tx, after: Option<ModelId>, limit: usize) -> Result<Vec<ModelRow>, StoreError> {
    let all = Span::all();
    let span = after.map_or(Span::all(), |after| all.above(&after));
    Ok(rows(MODELS.range(tx, span, limit, Direction::Up)?))
}

/// Adds a model under its name, which no other has.
///
/// # Errors
/// The store's.
pub fn add(tx: &mut WriteTx, row: &ModelRow) -> Result<(), StoreError> {
    let name = NameRow {
        name: row.name.clone(),
        id: row.id,
    };
    NAMES.put(tx, &by_name(tx, &row.name), &name)?;
    put(tx, row)
}

/// Writes a model that is there already, under the name that it has.
///
/// # Errors
/// The store's.
pub fn put(tx: &mut WriteTx, row: &ModelRow) -> Result<(), StoreError> {
    MODELS.put(tx, &row.id, row)
}

/// One version, by number.
///
/// # Errors
/// The store's.
pub fn version(tx: &impl Tx, model: ModelId, number: u64) -> Result<Option<VersionRow>, StoreError> {
    VERSIONS.get(tx, &(model, Reverse(number)))
}

/// The versions of a model below number `below`, newest first, `limit` at most.
///
/// # Errors
/// The store's.
pub fn versions(
    tx: &impl Tx,
    model: ModelId,
    below: Option<u64>,
    limit: usize,
) -> Result<Vec<VersionRow>, StoreError> {
    let span = older(model, below);
    Ok(rows(VERSIONS.range(tx, span, limit, Direction::Up)?))
}

/// The newest version of a model.
///
/// # Errors
/// The store's.
pub fn newest(tx: &impl Tx, model: ModelId) -> Result<Option<VersionRow>, StoreError> {
    Ok(versions(tx, model, None, 1)?.into_iter().next())
}

/// Adds a version and adopts its bundle.
///
/// # Errors
/// The store's.
pub fn add_version(tx: &mut WriteTx, model: ModelId, row: &VersionRow) -> Result<(), StoreError> {
    if let Some(bundle) = &row.bundle {
        tx.adopt(&bundle.address)?;
    }
    model_index::add(tx, model, row)?;
    put_version(tx, model, row)
}

/// Writes a version that is there already.
///
/// # Errors
/// The store's.
pub fn put_version(tx: &mut WriteTx, model: ModelId, row: &VersionRow) -> Result<(), StoreError> {
    VERSIONS.put(tx, &(model, Reverse(row.number)), row)
}

/// What is numbered below `below` of a model, the highest number first.
pub(super) fn older(model: ModelId, below: Option<u64>) -> Span<(ModelId, Reverse<u64>)> {
    let all = Span::starts_with(&model);
    match below {
        Some(below) => all.above(&(model, Reverse(below))),
        None => all,
    }
}
