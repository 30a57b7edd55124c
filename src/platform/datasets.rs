//! Datasets: tables under a name, each content an immutable version named by what it holds.

mod ingest;

use std::io;
use std::sync::Arc;

use crate::base::{Clock, ContentId, Name, Time};
use crate::data::codec::{CodecError, TableReader};
use crate::data::generate::card_fraud::GenerateError;
use crate::data::schema::Schema;
use crate::data::source::{Problem, SourceError};
use crate::data::table::{Table, TableError};
use crate::store::tables::datasets::{self, DatasetRow, DatasetVersionRow};
use crate::store::{NameHash, Store, StoreError};

use super::target::TargetError;

pub use crate::data::source::CsvOptions;
pub use crate::data::source::csv::Doubt;
pub use ingest::{Added, NewDataset, Spooled};

/// Why a dataset could not be added or read.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No such dataset.
    #[error("there is no dataset called {0}")]
    Unknown(Name),
    /// The dataset has no such version.
    #[error("dataset {name} has no version {version}")]
    UnknownVersion {
        /// The dataset.
        name: Name,
        /// What was asked for.
        version: ContentId,
    },
    /// The file is not what it should be.
    #[error(transparent)]
    Source(SourceError),
    /// The column that is to be predicted.
    #[error("{file}{}: {error}", .error.place())]
    Target {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        error: TargetError,
    },
    /// The stored table cannot be written or read.
    #[error(transparent)]
    Codec(CodecError),
    /// Rows that do not fit their schema.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The rows could not be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The rows could not be read to their end.
    #[error("the rows could not be read to their end: {0}")]
    Io(io::Error),
    /// Someone wanted it to stop.
    #[error("it was stopped before its end; nothing was stored")]
    Stopped,
    /// A row that this version cannot make sense of.
    #[error("the entry of dataset {name} is not readable: {reason}")]
    Malformed {
        /// The dataset.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

// Rows come and go through readers and writers of the store, which speak `std::io`: what failed there
// is the store's, and not the caller's body or file.
impl From<io::Error> for DatasetError {
    fn from(error: io::Error) -> Self {
        StoreError::from_io(error).map_or_else(Self::Io, Self::Store)
    }
}

impl From<CodecError> for DatasetError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Io(error) => error.into(),
            other => Self::Codec(other),
        }
    }
}

impl From<SourceError> for DatasetError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError {
                problem: Problem::Io(error),
                ..
            } => error.into(),
            other => Self::Source(other),
        }
    }
}

/// A dataset and its latest version.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its name.
    pub name: Name,
    /// When its first version came in.
    pub created_at: Time,
    /// The version that came in last.
    pub latest: DatasetVersion,
}

/// One content of a dataset.
#[derive(Debug, Clone)]
pub struct DatasetVersion {
    /// The BLAKE3 of the canonical encoding of schema and cells.
    pub id: ContentId,
    /// When it came in first.
    pub created_at: Time,
    /// How many rows it has.
    pub rows: u64,
    /// Its columns.
    pub schema: Arc<Schema>,
    /// Where it came from, for people.
    pub source: String,
    /// Whether usina generated the rows itself.
    pub generated: bool,
}

/// Datasets and their versions.
#[derive(Debug, Clone)]
pub struct Datasets {
    store: Store,
    clock: Clock,
}

/// A dataset has no more versions than are listed.
const MAX_VERSIONS: usize = 10_000;

impl Datasets {
    /// The datasets in `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    fn hash(&self, name: &Name) -> NameHash {
        self.store.vault().name_hash("dataset", name.as_str())
    }

    /// All datasets by name, `limit` at most.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, limit: usize) -> Result<Vec<Dataset>, DatasetError> {
        let all = self.clone();
        let mut datasets = self
            .store
            .read(move |tx| {
                let rows = datasets::list(tx, limit)?;
                rows.into_iter()
                    .map(|row| all.view(tx, row))
                    .collect::<Result<Vec<_>, _>>()
            })
            .await?;
        datasets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(datasets)
    }

    /// One dataset.
    ///
    /// # Errors
    /// No such dataset, or the store's.
    pub async fn find(&self, name: &Name) -> Result<Dataset, DatasetError> {
        let (all, name, hash) = (self.clone(), name.clone(), self.hash(name));
        self.store
            .read(move |tx| {
                let row = datasets::find(tx, hash)?.ok_or_else(|| DatasetError::Unknown(name.clone()))?;
                all.view(tx, row)
            })
            .await
    }

    /// The versions of a dataset, newest first.
    ///
    /// # Errors
    /// No such dataset, or the store's.
    pub async fn versions(&self, name: &Name) -> Result<Vec<DatasetVersion>, DatasetError> {
        let (name, hash) = (name.clone(), self.hash(name));
        self.store
            .read(move |tx| {
                if datasets::find(tx, hash)?.is_none() {
                    return Err(DatasetError::Unknown(name.clone()));
                }
                let mut rows = datasets::versions(tx, hash, MAX_VERSIONS)?;
                rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));
                rows.into_iter().map(|row| version(name.as_str(), row)).collect()
            })
            .await
    }

    /// Reads the rows of a version, the latest unless one is named. For a plain thread.
    ///
    /// # Errors
    /// No such dataset or version, damaged content, or the store's.
    pub fn read_blocking(
        &self,
        name: &Name,
        wanted: Option<ContentId>,
    ) -> Result<(DatasetVersion, Table), DatasetError> {
        let (hash, asked) = (self.hash(name), name.clone());
        let row = self.store.read_blocking(move |tx| {
            let dataset = datasets::find(tx, hash)?.ok_or_else(|| DatasetError::Unknown(asked.clone()))?;
            let id = wanted.unwrap_or(dataset.latest);
            datasets::version(tx, hash, id)?.ok_or_else(|| DatasetError::UnknownVersion {
                name: asked.clone(),
                version: id,
            })
        })?;
        let table = TableReader::new(self.store.blobs().reader(&row.blob)?)?.read_all()?;
        Ok((version(name.as_str(), row)?, table))
    }

    fn view(&self, tx: &impl crate::store::Tx, row: DatasetRow) -> Result<Dataset, DatasetError> {
        let malformed = |reason: String| DatasetError::Malformed {
            name: row.name.clone(),
            reason,
        };
        let name: Name = row.name.parse().map_err(|error| malformed(format!("{error}")))?;
        let latest = datasets::version(tx, self.hash(&name), row.latest)?
            .ok_or_else(|| malformed(format!("its latest version {} is missing", row.latest)))?;
        Ok(Dataset {
            latest: version(&row.name, latest)?,
            name,
            created_at: row.created_at,
        })
    }
}

fn version(name: &str, row: DatasetVersionRow) -> Result<DatasetVersion, DatasetError> {
    let schema = serde_json::from_str(&row.schema).map_err(|error| DatasetError::Malformed {
        name: name.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(DatasetVersion {
        id: row.id,
        created_at: row.created_at,
        rows: row.rows,
        schema: Arc::new(schema),
        source: row.source,
        generated: row.generated,
    })
}
