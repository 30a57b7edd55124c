//! Rows in: read twice, once for the types and once for the cells, and never held whole.

use std::io::{self, Read};
use std::sync::Arc;

use super::file::{Begun, FileRows};
use super::purpose::PurposeWatch;
use super::spool::Copying;
use super::{DatasetError, DatasetVersion, Datasets, Purpose, Source};
use crate::base::{DatasetId, Name, Seed, Stop};
use crate::data::codec::TableWriter;
use crate::data::content::ContentHasher;
use crate::data::expect::{CheckReport, Severity};
use crate::data::profile::Profiler;
use crate::data::schema::Schema;
use crate::data::source::{Doubt, Input, InputReader, ReadOptions};
use crate::data::table::Table;
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
            line: error.line(),
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
    /// What the rows violate of the recipe's expectations and is only a warning, in words.
    pub warnings: Vec<String>,
}

/// A file that breaks off once somebody wants its reading to stop: the first of the two readings takes as long
/// as the file is large.
struct UntilStopped<R> {
    source: R,
    stop: Stop,
}

impl<R> UntilStopped<R> {
    fn check(&self) -> io::Result<()> {
        if self.stop.is_asked() {
            return Err(io::Error::other("stopped"));
        }
        Ok(())
    }
}

impl<R: Read> Read for UntilStopped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.source.read(buffer)
    }
}

impl Input for UntilStopped<Arc<dyn Input>> {
    fn length(&self) -> u64 {
        self.source.length()
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.source.read_at(at, buffer)
    }
}

/// Rows that are held at once while a file is read.
pub(super) const BATCH_ROWS: usize = 8_192;

/// Which values histograms are estimated from: the same for the same rows, whenever they come in.
pub(super) const PROFILE_SEED: Seed = Seed::new(0);

impl Datasets {
    /// Adds the file that `reader` gives once. For a plain thread.
    ///
    /// Its first reading is while it comes in, so that a mistake is told before its end, where the format
    /// allows it; for the second one it is kept, encrypted, in the store.
    ///
    /// # Errors
    /// What is wrong with the file, or the store's; `Stopped` when `stop` was asked. Then nothing is stored.
    pub fn add_stream(
        &self,
        new: &NewDataset,
        options: &ReadOptions,
        reader: impl Read,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let stop = stop.clone();
        let mut copying = Copying::new(
            UntilStopped {
                source: reader,
                stop: stop.clone(),
            },
            &self.store,
        );
        let added = Self::begin(new, options, &mut copying).and_then(|begun| {
            let input: Arc<dyn Input> = Arc::new(copying.finish()?);
            self.read(new, options, begun, input, &stop)
        });
        told_as_stopped(added, &stop)
    }

    /// Adds a file that is there. For a plain thread.
    ///
    /// # Errors
    /// As [`Datasets::add_stream`].
    pub fn add_file(
        &self,
        new: &NewDataset,
        options: &ReadOptions,
        input: Arc<dyn Input>,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let stopped = UntilStopped {
            source: InputReader::new(Arc::clone(&input), 0),
            stop: stop.clone(),
        };
        let added =
            Self::begin(new, options, stopped).and_then(|begun| self.read(new, options, begun, input, stop));
        told_as_stopped(added, stop)
    }

    fn begin(new: &NewDataset, options: &ReadOptions, reader: impl Read) -> Result<Begun, DatasetError> {
        let begun = Begun::read(&new.source.to_string(), options, reader);
        begun.map_err(|error| new.purpose.blame(error.into()))
    }

    /// Reads a file to its end, and stores its rows.
    fn read(
        &self,
        new: &NewDataset,
        options: &ReadOptions,
        begun: Begun,
        input: Arc<dyn Input>,
        stop: &Stop,
    ) -> Result<Added, DatasetError> {
        let name = new.source.to_string();
        let input: Arc<dyn Input> = Arc::new(UntilStopped {
            source: input,
            stop: stop.clone(),
        });
        let file = FileRows::new(&name, options, begun, input);
        let file = file.map_err(|error| new.purpose.blame(error.into()))?;
        let batches = file.batches()?.map(|batch| batch.map_err(DatasetError::from));
        let added = self.add_checked(new, Arc::clone(file.schema()), batches, stop);
        let (added, mut report) = added.map_err(|error| with_lines(error, &file))?;
        if let Some(report) = &mut report {
            report.locate(file.schema(), |cells| file.lines_of(cells).unwrap_or_default());
        }
        Ok(Added {
            doubts: file.into_doubts(),
            warnings: report.as_ref().map(warnings).unwrap_or_default(),
            ..added
        })
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
        let (added, report) = self.add_checked(new, schema, batches, stop)?;
        Ok(Added {
            warnings: report.as_ref().map(warnings).unwrap_or_default(),
            ..added
        })
    }

    /// As [`Datasets::add_batches`], with the report on what is expected, where something is violated.
    fn add_checked(
        &self,
        new: &NewDataset,
        schema: Arc<Schema>,
        batches: impl Iterator<Item = Result<Table, DatasetError>>,
        stop: &Stop,
    ) -> Result<(Added, Option<CheckReport>), DatasetError> {
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
        let report = watch.finish().map_err(|error| new.purpose.blame(error))?;
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
        Ok((self.register(&new.name, row, schema)?, report))
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
            warnings: Vec::new(),
        })
    }
}

/// What is only a warning, in words.
fn warnings(report: &CheckReport) -> Vec<String> {
    let violations = report.of_severity(Severity::Warn);
    violations.map(ToString::to_string).collect()
}

/// A file that was left in its middle is told as that, and not as one that cannot be read.
fn told_as_stopped(added: Result<Added, DatasetError>, stop: &Stop) -> Result<Added, DatasetError> {
    match added {
        Err(_) if stop.is_asked() => Err(DatasetError::Stopped),
        added => added,
    }
}

/// The error with the lines of what is wrong. Rows that are read have no lines, so the file is read once more for
/// them; should it not be readable, the rows alone are told. Columns are named in the first line, where the file has
/// such a line.
fn with_lines(mut error: DatasetError, file: &FileRows<'_>) -> DatasetError {
    match &mut error {
        DatasetError::Target {
            line: told, error, ..
        } => {
            if let TargetError::Missing { target, row, line } = error {
                *line = file.line_of(target, *row);
            }
            *told = match error {
                TargetError::NotThere { .. } if !file.has_names() => None,
                error => error.line(),
            };
        }
        DatasetError::Violated(violated) => violated.locate(file.schema(), |cells| file.lines_of(cells)),
        _ => {}
    }
    error
}
