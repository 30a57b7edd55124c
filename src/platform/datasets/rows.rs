//! The rows of a version, to be gone through as often as it takes: in memory where they fit, else read from the store
//! each time.

use std::sync::Arc;

use super::{DatasetError, DatasetVersion, Datasets, version};
use crate::base::{ContentId, Name};
use crate::data::codec::TableReader;
use crate::data::schema::Schema;
use crate::data::table::Table;
use crate::store::{BlobAddress, Store};

/// The rows of a dataset version.
#[derive(Debug)]
pub struct Rows {
    schema: Arc<Schema>,
    rows: usize,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory(Table),
    Store(Store, BlobAddress),
}

/// Rows in memory that are shown at once at most.
const SHOWN_AT_ONCE: usize = 1 << 16;

/// Which columns are wanted: those of rows that are read from the store cost time.
#[derive(Debug, Clone, Copy)]
pub enum Columns<'a> {
    /// All of them.
    All,
    /// The ones with these names; others may be there too.
    Named(&'a [&'a str]),
}

impl From<Table> for Rows {
    fn from(table: Table) -> Self {
        Self {
            schema: Arc::clone(table.schema()),
            rows: table.rows(),
            place: Place::Memory(table),
        }
    }
}

impl Rows {
    /// The most memory that rows take while they are kept; more are read from the store each time.
    pub const KEPT_BYTES: usize = 512 << 20;

    /// The columns' names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.rows
    }

    /// Whether they are in memory.
    pub fn are_kept(&self) -> bool {
        matches!(self.place, Place::Memory(_))
    }

    /// Shows all rows to `see`, batch after batch in their order, each with the position of its first row. How many
    /// are in a batch is left open: it may be all.
    ///
    /// # Errors
    /// What `see` fails with; damaged content, or the store's.
    pub fn each<E: From<DatasetError>>(
        &self,
        columns: Columns<'_>,
        mut see: impl FnMut(usize, &Table) -> Result<(), E>,
    ) -> Result<(), E> {
        let (store, blob) = match &self.place {
            Place::Memory(table) if table.rows() <= SHOWN_AT_ONCE => return see(0, table),
            // A copy of some rows costs little beside what is done with them, and between two batches a stop is seen.
            Place::Memory(table) => {
                let firsts = (0..table.rows()).step_by(SHOWN_AT_ONCE);
                return firsts
                    .map(|first| (first, table.rows().min(first + SHOWN_AT_ONCE)))
                    .try_for_each(|(first, end)| see(first, &table.range(first..end)));
            }
            Place::Store(store, blob) => (store, blob),
        };
        let mut reader = open(store, blob)?;
        if let Columns::Named(names) = columns {
            reader = reader.only(names);
        }
        let mut first = 0;
        for batch in reader {
            let batch = batch.map_err(DatasetError::from)?;
            see(first, &batch)?;
            first += batch.rows();
        }
        Ok(())
    }
}

fn open(store: &Store, blob: &BlobAddress) -> Result<TableReader<impl std::io::Read + use<>>, DatasetError> {
    let reader = store.blobs().reader(blob)?;
    Ok(TableReader::new(reader)?)
}

impl Datasets {
    /// The rows of a version, the latest unless one is named, in memory if they take at most `kept_bytes` there. For
    /// a plain thread.
    ///
    /// # Errors
    /// No such dataset or version, damaged content, or the store's.
    pub fn rows_blocking(
        &self,
        name: &Name,
        wanted: Option<ContentId>,
        kept_bytes: usize,
    ) -> Result<(DatasetVersion, Rows), DatasetError> {
        let version = self.store.read_blocking(|tx| version(tx, name, wanted))?;
        let mut batches = open(&self.store, &version.blob)?;
        let (schema, rows) = (Arc::clone(batches.schema()), version.rows as usize);
        let mut table = Table::empty(Arc::clone(&schema));
        let mut fits = Table::least_bytes(&schema, rows) <= kept_bytes;
        while fits && let Some(batch) = batches.next() {
            table.append(batch?)?;
            fits = table.bytes() <= kept_bytes;
        }
        if fits {
            return Ok((version, table.into()));
        }
        let place = Place::Store(self.store.clone(), version.blob);
        Ok((version, Rows { schema, rows, place }))
    }
}
