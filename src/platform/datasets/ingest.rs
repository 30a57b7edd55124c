//! Rows in: read twice, once for the types and once for the cells, and never held whole.

use std::io::{self, Read};
use std::sync::Arc;

use super::purpose::{Purpose, PurposeWatch};
use super::{DatasetError, DatasetVersion, Datasets, Source};
use crate::base::{DatasetId, Name, Seed, Stop};
use crate::data::codec::TableWriter;
use crate::data::content::ContentHasher;
use crate::data::profile::Profiler;
use crate::data::schema::Schema;
use crate::data::source::csv::{Doubt, hints};
use crate::data::source::{CsvBatches, CsvOptions, scan};
use crate::data::table::Table;
use crate::store::BlobAddress;
use crate::store::tables::datasets::{self, DatasetVersionRow};

use super::super::target::TargetError;

/// A dataset version that is about to come in.
#[derive(Debug, Clone)]
pub struct NewDataset {
    /// The dataset.
    pub name: Name,
    /// Where it comes from.
    pub source: Source,
    /// Whether usina generates the rows itself.
    pub generated: bool,
    /// What the rows are for: a table that does not serve it is refused.
    pub purpose: Purpose,
}

impl NewDataset {
    /// What is wrong with the column that is to be predicted.
    pub(super) fn refused(&self, error: TargetError) -> DatasetError {
        DatasetError::Target {
            file: self.source.to_string(),
            error,
        }
    }
}

/// A dataset version that came in.
#[derive(Debug, Clone)]
pub struct Added {
    /// The version.
    pub version: DatasetVersion,
    /// Its columns.
    pub schema: Arc<Schema>,
    /// Whether it is new; the same content twice is one version.
    pub is_new: bool,
    /// Columns that nearly were of another type, and what stood in the way.
    pub doubts: Vec<Doubt>,
}

/// Bytes that came in over a connection and are to be read twice: kept encrypted in the store, like
/// everything else, until they have been read.
#[derive(Debug)]
pub struct Spooled(BlobAddress);

/// A file that breaks off once somebody wants its reading to stop: the first of the two readings takes as long
/// as the file is large.
struct UntilStopped<'s, R> {
    reader: R,
    stop: &'s Stop,
}

impl<R: Read> Read for UntilStopped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_asked() {
            return Err(io::Error::other("stopped"));
        }
        self.reader.read(buffer)
    }
}

/// The error with the line of the row in which the target is missing. Rows that are read have no lines, so the
/// file is read once more for the one that is wrong; should it not be readable, the row alone is told.
fn with_line(mut error: DatasetError, line_of: impl FnOnce(&str, usize) -> Option<u64>) -> DatasetError {
    if let DatasetError::Target { error, .. } = &mut error
        && let TargetError::Missing { target, row, line } = error
    {
        *line = line_of(target, *row);
    }
    error
}

/// As [`with_line`], of the rows that violate an expectation: for all of them the file is read once.
fn with_lines(
    mut error: DatasetError,
    schema: &Schema,
    lines_of: impl FnOnce(&[(u64, usize)]) -> Option<Vec<Option<u64>>>,
) -> DatasetError {
    if let DatasetError::Violated(violated) = &mut error {
        violated.locate(schema, lines_of);
    }
    error
}

/// Rows that are held at once while a file is read.
pub(super) const BATCH_ROWS: usize = 8_192;

/// Which values histograms are estimated from: the same for the same rows, whenever they come in.
pub(super) const PROFILE_SEED: Seed = Seed::new(0);

impl Datasets {
    /// Keeps all that `reader` gives until [`Datasets::add_spooled`] reads it.
    ///
    /// # Errors
    /// The reader's, or the store's.
    pub fn spool(&self, mut reader: impl Read) -> Result<Spooled, DatasetError> {
        let mut writer = self.store.blobs().writer()?;
        io::copy(&mut reader, &mut writer)?;
        Ok(Spooled(writer.finish()?))
    }

    /// Adds a CSV file that was spooled. For a plain thread.
    ///
    /// # Errors
    /// What is wrong with the file, or the store's; then nothing is stored.
    pub fn add_spooled(
        &self,
        new: &NewDataset,
        options: &CsvOptions,
        spooled: Spooled,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let blobs = self.store.blobs();
        let open = || blobs.reader(&spooled.0).map_err(DatasetError::from);
        let added = self.add_csv(new, options, open, stop);
        // A blob that nobody adopted is deleted with its last reference.
        let address = spooled.0;
        let dropped = self.store.write_blocking(move |tx| {
            tx.adopt(&address)?;
            tx.release(&address)
        });
        if let Err(error) = dropped {
            // What became of the table is told all the same; the next start sweeps what nobody adopted.
            tracing::warn!(%error, "a file that came in is not swept away yet");
        }
        added
    }

    /// Adds the CSV file that `open` opens; it is opened twice. For a plain thread.
    ///
    /// # Errors
    /// What is wrong with the file, or the store's; `Stopped` when `stop` was asked. Then nothing is stored.
    pub fn add_csv<R: Read>(
        &self,
        new: &NewDataset,
        options: &CsvOptions,
        open: impl Fn() -> Result<R, DatasetError>,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let open = || open().map(|reader| UntilStopped { reader, stop });
        match self.read_csv(new, options, open, stop) {
            // Told as what it is, not as a file that cannot be read.
            Err(_) if stop.is_asked() => Err(DatasetError::Stopped),
            added => added,
        }
    }

    fn read_csv<R: Read>(
        &self,
        new: &NewDataset,
        options: &CsvOptions,
        open: impl Fn() -> Result<R, DatasetError>,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let file = new.source.to_string();
        let scanned = scan(&file, open()?, options).map_err(|error| new.purpose.blame(error.into()))?;
        let doubts = scanned.doubts;
        let schema = Arc::new(scanned.schema);
        let batches = CsvBatches::new(&file, open()?, options, Arc::clone(&schema), BATCH_ROWS)?;
        let batches = batches.map(|batch| batch.map_err(DatasetError::from));
        let added = self.add_batches(new, Arc::clone(&schema), batches, stop);
        let added = added.map_err(|error| {
            let line = |target: &str, row| {
                let column = schema.index_of(target)?;
                hints::line_of(&file, open().ok()?, options, row, column).ok()?
            };
            let lines = |cells: &[(u64, usize)]| hints::lines_of(&file, open().ok()?, options, cells).ok();
            with_lines(with_line(error, line), &schema, lines)
        })?;
        Ok(Added { doubts, ..added })
    }

    /// Adds the rows in `batches`. For a plain thread.
    ///
    /// # Errors
    /// A batch's, or the store's; then nothing is stored.
    pub fn add_batches(
        &self,
        new: &NewDataset,
        schema: Arc<Schema>,
        batches: impl Iterator<Item = Result<Table, DatasetError>>,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let mut watch = PurposeWatch::new(new, &schema)?;
        let mut hasher = ContentHasher::new(Arc::clone(&schema));
        let mut profiler = Profiler::new(Arc::clone(&schema), PROFILE_SEED);
        let mut writer = TableWriter::new(self.store.blobs().writer()?, Arc::clone(&schema))?;
        for batch in batches {
            if stop.is_asked() {
                return Err(DatasetError::Stopped);
            }
            let batch = batch?;
            watch.see(&batch)?;
            hasher.update(&batch)?;
            profiler.update(&batch)?;
            writer.write(&batch)?;
        }
        watch.finish().map_err(|error| new.purpose.blame(error))?;
        let blob = writer.finish()?;
        let row = DatasetVersionRow {
            id: hasher.finish(),
            created_at: self.clock.now(),
            rows: hasher.rows(),
            columns: schema.fields().len() as u64,
            blob: blob.finish()?,
            source: new.source.to_row(),
            generated: new.generated,
            profile: Some(self.store_profile(&profiler.finish())?),
        };
        self.register(&new.name, row, schema)
    }

    fn register(
        &self,
        name: &Name,
        row: DatasetVersionRow,
        schema: Arc<Schema>,
    ) -> Result<Added, DatasetError> {
        let (asked, id) = (name.clone(), DatasetId::random(self.entropy)?);
        let (version, is_new) = self.store.write_blocking(move |tx| {
            let (dataset, is_new) = datasets::add_version(tx, asked.as_str(), id, &row)?;
            // A version that was there already keeps what it was registered with.
            let stored = datasets::version(tx, dataset, row.id)?.unwrap_or_else(|| row.clone());
            Ok::<_, DatasetError>((DatasetVersion::from_row(dataset, &asked, stored)?, is_new))
        })?;
        Ok(Added {
            version,
            schema,
            is_new,
            doubts: Vec::new(),
        })
    }
}
