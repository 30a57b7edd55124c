//! Rows in: read twice, once for the types and once for the cells, and never held whole.

use std::io::{self, Read};
use std::sync::Arc;

use super::{DatasetError, DatasetVersion, Datasets, version};
use crate::base::{Name, Stop};
use crate::data::codec::TableWriter;
use crate::data::content::ContentHasher;
use crate::data::schema::Schema;
use crate::data::source::csv::Doubt;
use crate::data::source::{CsvBatches, CsvOptions, scan};
use crate::data::table::Table;
use crate::store::BlobAddress;
use crate::store::tables::datasets::{self, DatasetVersionRow};

use super::super::target::TargetWatch;

/// A dataset version that is about to come in.
#[derive(Debug, Clone)]
pub struct NewDataset {
    /// The dataset.
    pub name: Name,
    /// Where it comes from, for people: a file's name, or what generates it.
    pub source: String,
    /// Whether usina generates the rows itself.
    pub generated: bool,
    /// The column that is to be predicted: a table that cannot be learnt from is refused.
    pub target: Option<String>,
}

/// A dataset version that came in.
#[derive(Debug, Clone)]
pub struct Added {
    /// The version.
    pub version: DatasetVersion,
    /// Whether it is new; the same content twice is one version.
    pub is_new: bool,
    /// Columns that nearly were of another type, and what stood in the way.
    pub doubts: Vec<Doubt>,
}

/// Bytes that came in over a connection and are to be read twice: kept encrypted in the store, like
/// everything else, until they have been read.
#[derive(Debug)]
pub struct Spooled(BlobAddress);

/// Rows that are held at once while a file is read.
const BATCH_ROWS: usize = 8_192;

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
        self.store.write_blocking(move |tx| {
            tx.adopt(&address)?;
            tx.release(&address)
        })?;
        added
    }

    /// Adds the CSV file that `open` opens; it is opened twice. For a plain thread.
    ///
    /// # Errors
    /// What is wrong with the file, or the store's; then nothing is stored.
    pub fn add_csv<R: Read>(
        &self,
        new: &NewDataset,
        options: &CsvOptions,
        open: impl Fn() -> Result<R, DatasetError>,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let scanned = scan(&new.source, open()?, options)?;
        let doubts = scanned.doubts;
        let schema = Arc::new(scanned.schema);
        let batches = CsvBatches::new(&new.source, open()?, options, Arc::clone(&schema), BATCH_ROWS)?;
        let batches = batches.map(|batch| batch.map_err(DatasetError::from));
        let added = self.add_batches(new, schema, batches, stop)?;
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
        let refused = |error| DatasetError::Target {
            file: new.source.clone(),
            error,
        };
        let mut watch = match &new.target {
            Some(target) => Some(TargetWatch::new(&schema, target).map_err(refused)?),
            None => None,
        };
        let mut hasher = ContentHasher::new(Arc::clone(&schema));
        let mut writer = TableWriter::new(self.store.blobs().writer()?, Arc::clone(&schema))?;
        for batch in batches {
            if stop.is_asked() {
                return Err(DatasetError::Stopped);
            }
            let batch = batch?;
            if let Some(watch) = &mut watch {
                watch.see(&batch).map_err(refused)?;
            }
            hasher.update(&batch)?;
            writer.write(&batch)?;
        }
        if let Some(watch) = watch {
            watch.finish().map_err(refused)?;
        }
        let blob = writer.finish()?;
        let row = DatasetVersionRow {
            id: hasher.finish(),
            created_at: self.clock.now(),
            rows: hasher.rows(),
            schema: serde_json::to_string(&*schema).map_err(|error| DatasetError::Malformed {
                name: new.name.to_string(),
                reason: error.to_string(),
            })?,
            blob: blob.finish()?,
            source: new.source.clone(),
            generated: new.generated,
        };
        self.register(&new.name, row)
    }

    fn register(&self, name: &Name, row: DatasetVersionRow) -> Result<Added, DatasetError> {
        let (hash, text, id) = (self.hash(name), name.to_string(), row.id);
        let (is_new, row) = self.store.write_blocking(move |tx| {
            let is_new = datasets::add_version(tx, hash, &text, &row)?;
            // A version that was there already keeps what it was registered with.
            let stored = datasets::version(tx, hash, id)?.unwrap_or_else(|| row.clone());
            Ok::<_, DatasetError>((is_new, stored))
        })?;
        Ok(Added {
            version: version(name.as_str(), row)?,
            is_new,
            doubts: Vec::new(),
        })
    }
}
