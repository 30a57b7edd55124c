//! An opened Parquet file: its columns and its row groups.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Fields;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetStatisticsPolicy;

use super::chunks::Chunks;
use super::fault::ParquetFault;
use super::kind::{self, Kind};
use super::thrift::{Compact, Fault};
use super::{is_parquet, pages};
use crate::data::schema::Schema;
use crate::data::source::error::{Problem, SourceError};
use crate::data::source::input::Input;

const MAGIC: &[u8] = b"PAR1";
const ENCRYPTED: &[u8] = b"PARE";
/// How long the footer's length and the magic behind it are.
const TAIL: usize = 8;
/// The longest footer that is read: in memory it takes some times as much.
const MAX_FOOTER: u64 = 64 << 20;

/// A column of the file.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// An opened Parquet file.
pub(super) struct Opened {
    name: String,
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
    pub(super) leaves: Vec<Leaf>,
}

impl Opened {
    /// Reads the footer. `name` stands in messages.
    pub(super) fn new(name: &str, input: Arc<dyn Input>) -> Result<Self, SourceError> {
        let whole = |problem| SourceError::of_file(name, problem);
        check_ends(&*input).map_err(whole)?;
        let chunks = Chunks::new(input);
        let metadata = guarded(&chunks, || {
            let options = options().with_skip_arrow_metadata(true);
            ArrowReaderMetadata::load(&chunks, options).map_err(|error| error.to_string())
        })
        .map_err(whole)?;
        let fields = metadata.schema().fields();
        if fields.is_empty() {
            return Err(whole(ParquetFault::Damaged("it has no column".to_owned()).into()));
        }
        if fields.len() > Schema::MAX_COLUMNS {
            return Err(whole(Problem::TooManyColumns));
        }
        let (leaves, read_as) =
            columns(&chunks, &metadata).map_err(|(column, problem)| whole(problem).in_column(&column))?;
        let metadata = guarded(&chunks, || {
            let schema = Arc::new(arrow_schema::Schema::new(read_as.clone()));
            let options = options().with_schema(schema);
            ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
                .map_err(|error| error.to_string())
        })
        .map_err(whole)?;
        Ok(Self {
            name: name.to_owned(),
            chunks,
            metadata,
            leaves,
        })
    }

    /// What messages call the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many row groups there are.
    pub(super) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// How many rows of a row group, at most `rows`, may be read at once.
    pub(super) fn rows_at_once(&self, group: usize, rows: usize) -> Result<usize, SourceError> {
        let metadata = self.metadata.metadata().row_group(group);
        pages::rows_at_once(self.chunks.input(), group, metadata, rows)
            .map_err(|problem| SourceError::of_file(&self.name, problem))
    }

    /// The rows of a row group, `rows` at a time.
    pub(super) fn read(&self, group: usize, rows: usize) -> Result<Group, SourceError> {
        let read = guarded(&self.chunks, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.chunks.clone(), self.metadata.clone())
                .with_row_groups(vec![group])
                .with_batch_size(rows)
                .build()
                .map_err(|error| error.to_string())
        });
        Ok(Group {
            name: self.name.clone(),
            chunks: self.chunks.clone(),
            reader: read.map_err(|problem| SourceError::of_file(&self.name, problem))?,
        })
    }
}

/// The rows of a row group, batch by batch.
pub(super) struct Group {
    name: String,
    chunks: Chunks,
    reader: ParquetRecordBatchReader,
}

impl Group {
    /// The next rows; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        let reader = &mut self.reader;
        guarded(&self.chunks, || {
            reader.next().transpose().map_err(|error| error.to_string())
        })
        .map_err(|problem| SourceError::of_file(&self.name, problem))
    }
}

fn options() -> ArrowReaderOptions {
    // Statistics are not looked at, and may be most of a footer.
    ArrowReaderOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

/// What `read` gives; its error is told as one of the store's where the file could not be read. The Parquet
/// reader is made for files that are whole: where a damaged one makes it panic, that is told as damage.
fn guarded<T>(chunks: &Chunks, read: impl FnOnce() -> Result<T, String>) -> Result<T, Problem> {
    let read = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err("its parts contradict each other".to_owned()));
    read.map_err(|what| match chunks.failure() {
        Some(error) => Problem::Io(error),
        None => ParquetFault::Damaged(what).into(),
    })
}

/// That the file begins and ends as Parquet files do.
fn check_ends(input: &dyn Input) -> Result<(), Problem> {
    let head = pages::read(input, 0, MAGIC.len()).map_err(Problem::Io)?;
    let length = input.length();
    if length == 0 {
        return Err(Problem::Empty);
    }
    if head == ENCRYPTED {
        return Err(ParquetFault::Encrypted.into());
    }
    if !is_parquet(&head) {
        return Err(ParquetFault::NotParquet.into());
    }
    let truncated = || Problem::from(ParquetFault::Truncated);
    let before = length.checked_sub(TAIL as u64).ok_or_else(truncated)?;
    let tail = pages::read(input, before, TAIL).map_err(Problem::Io)?;
    let (bytes, magic) = tail.split_first_chunk::<4>().ok_or_else(truncated)?;
    if magic != MAGIC {
        return Err(truncated());
    }
    let footer = u64::from(u32::from_le_bytes(*bytes));
    let start = before.checked_sub(footer).ok_or_else(truncated)?;
    if footer > MAX_FOOTER {
        return Err(ParquetFault::Footer {
            mib: footer.div_ceil(1 << 20),
            max: MAX_FOOTER >> 20,
        }
        .into());
    }
    let footer = pages::read(input, start, footer as usize).map_err(Problem::Io)?;
    match is_encrypted(&footer) {
        Ok(true) => Err(ParquetFault::Encrypted.into()),
        Ok(false) => Ok(()),
        Err(_) => Err(ParquetFault::Damaged("its footer is not readable".to_owned()).into()),
    }
}

/// Whether a readable footer says that some of the columns are encrypted.
fn is_encrypted(footer: &[u8]) -> Result<bool, Fault> {
    const ALGORITHM: i64 = 8;
    let mut is_encrypted = false;
    Compact::new(footer).structure(|compact, id, kind| {
        is_encrypted |= id == ALGORITHM;
        compact.skip(kind)
    })?;
    Ok(is_encrypted)
}

/// What the columns hold, and what to read them as.
fn columns(
    chunks: &Chunks,
    metadata: &ArrowReaderMetadata,
) -> Result<(Vec<Leaf>, Fields), (String, Problem)> {
    // What the program that wrote the file left behind; where that is not readable, it is no loss.
    let hinted = guarded(chunks, || {
        ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options())
            .map_err(|error| error.to_string())
    });
    let hinted = hinted.ok().map(|hinted| Arc::clone(hinted.schema()));
    let leaves = metadata.parquet_schema();
    let mut columns = Vec::new();
    let mut read_as = Vec::new();
    let mut names = std::collections::HashSet::new();
    let fields = metadata.schema().fields();
    // Nested columns have several leaves, so they are refused before leaves are counted.
    if let Some(field) = fields.iter().find(|field| field.data_type().is_nested()) {
        let problem = kind::nested(field.data_type());
        return Err((field.name().clone(), problem));
    }
    for (index, field) in fields.iter().enumerate() {
        let name = field.name().trim();
        let hint = hinted.as_ref().and_then(|schema| schema.fields().get(index));
        let hint = hint.map(|field| field.data_type());
        if name.is_empty() {
            return Err((String::new(), Problem::UnnamedColumn(index + 1)));
        }
        if !names.insert(name.to_owned()) {
            return Err((name.to_owned(), Problem::DuplicateColumn));
        }
        let (kind, data_type) =
            kind::of(field, &leaves.column(index), hint).map_err(|problem| (name.to_owned(), problem))?;
        read_as.push(Arc::new(field.as_ref().clone().with_data_type(data_type)));
        columns.push(Leaf {
            name: name.to_owned(),
            kind,
        });
    }
    Ok((columns, read_as.into()))
}
