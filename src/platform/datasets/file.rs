//! A file's rows, whatever its format: read twice, and once more for the lines of what is wrong.

use std::io::Read;
use std::sync::Arc;

use super::ingest::BATCH_ROWS;
use crate::data::schema::Schema;
use crate::data::source::csv::{self, CsvBatches, hints};
use crate::data::source::jsonl::{self, JsonlBatches};
use crate::data::source::parquet::ParquetFile;
use crate::data::source::{Doubt, Format, Input, InputReader, ReadOptions, Scanned, SourceError, Text};
use crate::data::table::Table;

/// A file after its first bytes, or after the first of its two readings.
pub(super) struct Begun {
    format: Format,
    /// What the first reading found; none where a file has to be there as a whole before it is read.
    scanned: Option<Scanned>,
}

impl Begun {
    /// Reads a file as far as it can be read without the rest of it; `file` is what messages call it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(file: &str, options: &ReadOptions, reader: impl Read) -> Result<Self, SourceError> {
        let mut text = Text::new(file, reader)?;
        let format = text.format(file, options)?;
        let scanned = match format {
            Format::Csv => csv::scan(file, &mut text, &options.as_csv()).map(Some),
            Format::Jsonl => jsonl::scan(file, &mut text, &options.types).map(Some),
            Format::Parquet => Ok(None),
        };
        let scanned = scanned.map_err(|error| text.blame(file, error))?;
        Ok(Self { format, scanned })
    }
}

/// A file whose columns are known.
pub(super) struct FileRows<'a> {
    file: &'a str,
    options: &'a ReadOptions,
    input: Arc<dyn Input>,
    format: Format,
    parquet: Option<ParquetFile>,
    schema: Arc<Schema>,
    doubts: Vec<Doubt>,
}

impl<'a> FileRows<'a> {
    /// The file that `begun` began with, now that it is there as a whole.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(
        file: &'a str,
        options: &'a ReadOptions,
        begun: Begun,
        input: Arc<dyn Input>,
    ) -> Result<Self, SourceError> {
        let (scanned, parquet) = match begun.scanned {
            Some(scanned) => (scanned, None),
            None => {
                let mut parquet = ParquetFile::open(file, Arc::clone(&input))?;
                (parquet.scan(&options.types)?, Some(parquet))
            }
        };
        Ok(Self {
            file,
            options,
            input,
            format: begun.format,
            parquet,
            schema: Arc::new(scanned.schema),
            doubts: scanned.doubts,
        })
    }

    /// Its columns.
    pub(super) fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Columns that nearly were of another type.
    pub(super) fn into_doubts(self) -> Vec<Doubt> {
        self.doubts
    }

    /// Its rows, batch by batch.
    ///
    /// # Errors
    /// It cannot be read, or is another one than before.
    pub(super) fn batches(
        &self,
    ) -> Result<Box<dyn Iterator<Item = Result<Table, SourceError>>>, SourceError> {
        let (file, schema) = (self.file, Arc::clone(&self.schema));
        Ok(match (self.format, &self.parquet) {
            (_, Some(parquet)) => Box::new(parquet.batches(schema, BATCH_ROWS)?),
            (Format::Jsonl, None) => Box::new(JsonlBatches::new(file, self.text()?, schema, BATCH_ROWS)?),
            (_, None) => {
                let csv = self.options.as_csv();
                Box::new(CsvBatches::new(file, self.text()?, &csv, schema, BATCH_ROWS)?)
            }
        })
    }

    /// The line, from 1, of the row `row`, from 1, at the column called `column`; none where it cannot be found, or
    /// the format has no lines.
    pub(super) fn line_of(&self, column: &str, row: usize) -> Option<u64> {
        let column = self.schema.index_of(column)?;
        let lines = self.lines_of(&[(row as u64, column)])?;
        lines.first().copied().flatten()
    }

    /// The lines of these cells, each a row, from 1, and the position of a column; none where the format has no
    /// lines.
    pub(super) fn lines_of(&self, cells: &[(u64, usize)]) -> Option<Vec<Option<u64>>> {
        let text = self.text().ok()?;
        match self.format {
            Format::Csv => hints::lines_of(self.file, text, &self.options.as_csv(), cells).ok(),
            Format::Jsonl => jsonl::lines_of(self.file, text, cells).ok(),
            Format::Parquet => None,
        }
    }

    /// Whether its first line names the columns, so that the first row is on the second.
    pub(super) fn has_names(&self) -> bool {
        self.format == Format::Csv && self.options.csv.header
    }

    fn text(&self) -> Result<Text<InputReader>, SourceError> {
        Text::new(self.file, InputReader::new(Arc::clone(&self.input), 0))
    }
}
