//! Datasets: tables under a name, each content an immutable version named by what it holds.

mod check;
mod diff;
mod file;
mod ingest;
mod profile;
mod purpose;
mod rows;
mod source;
mod spool;
mod wanted;

use std::io;
use std::sync::Arc;

use crate::base::{Clock, ContentId, DatasetId, Entropy, Name, Time};
use crate::data::codec::{CodecError, TableReader};
use crate::data::generate::GenerateError;
use crate::data::source::Problem;
use crate::data::table::TableError;
use crate::store::tables::datasets::{self, DatasetRow, DatasetVersionRow};
use crate::store::{BlobAddress, Store, StoreError, Tx};

use super::page::{At, BadPageToken, Page, PageOf};
use super::recipes::RecipeError;
use super::target::TargetError;
use crate::data::expect::{ExpectationError, TooManyToTellApart};

pub use crate::data::diff::{ColumnDiff, Diff};
pub use crate::data::expect::{CheckReport, Expectation, Severity, Violation};
pub use crate::data::profile::{ColumnProfile, Profile};
pub use crate::data::schema::{Field, Schema};
pub use crate::data::source::{CsvOptions, Doubt, Format, OptionMistake, ReadOptions, SourceError};
pub use check::{Violated, check_file};
pub use diff::{DiffOf, Diffed};
pub use ingest::{Added, NewDataset};
pub use purpose::Purpose;
pub use rows::{Columns, Rows};
pub use source::Source;
pub use wanted::{VersionError, Wanted};

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
    #[error("{file}{}: {error}", .line.map_or_else(String::new, |line| format!(", line {line}")))]
    Target {
        /// The file.
        file: String,
        /// The line in which it is seen, where there is one.
        line: Option<u64>,
        /// What is wrong with it.
        #[source]
        error: TargetError,
    },
    /// The recipe that is to learn from the rows does not go with them.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The rows violate what is expected of them.
    #[error(transparent)]
    Violated(Box<Violated>),
    /// A mistake in the expectations.
    #[error("{}: {}", .0.field(), .0)]
    Expectation(ExpectationError),
    /// Uniqueness that cannot be told within bounds.
    #[error(transparent)]
    TooManyToTellApart(#[from] TooManyToTellApart),
    /// The dataset has no version that is named so, or several.
    #[error(transparent)]
    Version(#[from] VersionError),
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
    /// The page token is none of ours.
    #[error(transparent)]
    PageToken(#[from] BadPageToken),
    /// The operating system has no randomness for an id.
    #[error(transparent)]
    Entropy(#[from] crate::base::random::EntropyError),
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
    /// Its id, which stays when its name changes.
    pub id: DatasetId,
    /// Its name.
    pub name: Name,
    /// When its first version came in.
    pub created_at: Time,
    /// When a version came in last.
    pub updated_at: Time,
    /// The version that came in last.
    pub latest: DatasetVersion,
}

/// One content of a dataset.
#[derive(Debug, Clone)]
pub struct DatasetVersion {
    /// The dataset.
    pub dataset: DatasetId,
    /// The BLAKE3 of the canonical encoding of schema and cells.
    pub id: ContentId,
    /// When it came in first.
    pub created_at: Time,
    /// How many rows it has.
    pub rows: u64,
    /// How many columns it has.
    pub columns: u64,
    /// Where it came from.
    pub source: Source,
    /// Whether usina generated the rows itself.
    pub generated: bool,
    blob: BlobAddress,
    /// What was computed of its rows while they came in.
    profile: Option<BlobAddress>,
}

/// Datasets and their versions.
#[derive(Debug, Clone)]
pub struct Datasets {
    store: Store,
    clock: Clock,
    entropy: Entropy,
}

impl Datasets {
    /// The datasets in `store`.
    pub fn new(store: Store, clock: Clock, entropy: Entropy) -> Self {
        Self {
            store,
            clock,
            entropy,
        }
    }

    /// Datasets whose names begin with `prefix`, by name.
    ///
    /// # Errors
    /// A token that no page gave, or the store's.
    pub async fn list(&self, prefix: String, page: PageOf) -> Result<Page<Dataset>, DatasetError> {
        let page = page.in_list("datasets");
        let after = page.after::<Name>()?;
        self.store
            .read(move |tx| {
                let after = after.as_ref().map(Name::as_str);
                let is_wanted =
                    |name: &str| name.starts_with(&prefix) && after.is_none_or(|after| name > after);
                let rows = datasets::page_that(tx, page.to_read(), is_wanted)?;
                let datasets = rows.into_iter().map(|row| view(tx, row));
                Ok(page.of(datasets.collect::<Result<_, _>>()?, |dataset: &Dataset| {
                    dataset.name.clone()
                }))
            })
            .await
    }

    /// One dataset.
    ///
    /// # Errors
    /// No such dataset, or the store's.
    pub async fn find(&self, name: &Name) -> Result<Dataset, DatasetError> {
        let name = name.clone();
        self.store.read(move |tx| view(tx, found(tx, &name)?)).await
    }

    /// The versions of a dataset, newest first.
    ///
    /// # Errors
    /// No such dataset, a token that no page gave, or the store's.
    pub async fn versions(&self, name: &Name, page: PageOf) -> Result<Page<DatasetVersion>, DatasetError> {
        let page = page.in_list("dataset versions");
        let (name, after) = (name.clone(), page.after::<At<ContentId>>()?);
        self.store
            .read(move |tx| {
                let dataset = found(tx, &name)?.id;
                let rows = datasets::versions(tx, dataset, after.map(At::parts), page.to_read())?;
                let versions = rows
                    .into_iter()
                    .map(|row| DatasetVersion::from_row(dataset, &name, row));
                let place = |version: &DatasetVersion| At(version.created_at, version.id);
                Ok(page.of(versions.collect::<Result<_, _>>()?, place))
            })
            .await
    }

    /// One version of a dataset, the latest unless one is named.
    ///
    /// # Errors
    /// No such dataset or version, or the store's.
    pub async fn version(
        &self,
        name: &Name,
        wanted: Option<ContentId>,
    ) -> Result<DatasetVersion, DatasetError> {
        let name = name.clone();
        self.store.read(move |tx| version(tx, &name, wanted)).await
    }

    /// The columns of a version.
    ///
    /// # Errors
    /// Damaged content, or the store's.
    pub async fn schema(&self, version: &DatasetVersion) -> Result<Arc<Schema>, DatasetError> {
        let (blobs, blob) = (self.store.blobs(), version.blob);
        // The columns stand at the head of the rows, and only that is read.
        let read = move || Ok(Arc::clone(TableReader::new(blobs.reader(&blob)?)?.schema()));
        self.store.blob_call(read).await
    }
}

fn version(tx: &impl Tx, name: &Name, wanted: Option<ContentId>) -> Result<DatasetVersion, DatasetError> {
    let dataset = found(tx, name)?;
    let id = wanted.unwrap_or(dataset.latest);
    let row = datasets::version(tx, dataset.id, id)?;
    let row = row.ok_or_else(|| DatasetError::UnknownVersion {
        name: name.clone(),
        version: id,
    })?;
    DatasetVersion::from_row(dataset.id, name, row)
}

fn found(tx: &impl Tx, name: &Name) -> Result<DatasetRow, DatasetError> {
    datasets::find(tx, name.as_str())?.ok_or_else(|| DatasetError::Unknown(name.clone()))
}

fn view(tx: &impl Tx, row: DatasetRow) -> Result<Dataset, DatasetError> {
    let malformed = |reason: String| DatasetError::Malformed {
        name: row.name.clone(),
        reason,
    };
    let name: Name = row.name.parse().map_err(|error| malformed(format!("{error}")))?;
    let latest = datasets::version(tx, row.id, row.latest)?
        .ok_or_else(|| malformed(format!("its latest version {} is missing", row.latest)))?;
    Ok(Dataset {
        id: row.id,
        latest: DatasetVersion::from_row(row.id, &name, latest)?,
        name,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

impl DatasetVersion {
    fn from_row(dataset: DatasetId, name: &Name, row: DatasetVersionRow) -> Result<Self, DatasetError> {
        let source = Source::from_row(row.source).map_err(|reason| DatasetError::Malformed {
            name: name.to_string(),
            reason,
        })?;
        Ok(Self {
            dataset,
            id: row.id,
            created_at: row.created_at,
            rows: row.rows,
            columns: row.columns,
            source,
            generated: row.generated,
            blob: row.blob,
            profile: row.profile,
        })
    }
}

#[cfg(test)]
mod tests;
