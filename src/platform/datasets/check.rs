//! Rows beside what is expected of them: stored ones, and a file that is not stored.

use std::fmt;
use std::sync::Arc;

use super::file::{Begun, FileRows};
use super::{DatasetError, DatasetVersion, Datasets};
use crate::base::Stop;
use crate::data::codec::TableReader;
use crate::data::expect::{CheckReport, Checker, Expectation, Severity};
use crate::data::schema::Schema;
use crate::data::source::{Input, InputReader, ReadOptions};

/// Rows that violate what is expected of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Violated {
    /// What messages call the rows.
    pub source: String,
    /// All that is violated, warnings too.
    pub report: CheckReport,
}

impl Violated {
    /// The report, unless an expectation of severity `error` is violated.
    ///
    /// # Errors
    /// One is.
    pub fn unless_right(source: &str, report: CheckReport) -> Result<CheckReport, DatasetError> {
        if report.is_success() {
            return Ok(report);
        }
        Err(DatasetError::Violated(Box::new(Self {
            source: source.to_owned(),
            report,
        })))
    }

    /// Writes the lines of the examples down, as far as they can be found.
    pub(super) fn locate(
        &mut self,
        schema: &Schema,
        lines_of: impl FnOnce(&[(u64, usize)]) -> Option<Vec<Option<u64>>>,
    ) {
        self.report
            .locate(schema, |cells| lines_of(cells).unwrap_or_default());
    }
}

impl fmt::Display for Violated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: Vec<_> = self.report.of_severity(Severity::Error).collect();
        let expectations = if errors.len() == 1 {
            "expectation"
        } else {
            "expectations"
        };
        write!(f, "{} violates {} {expectations}", self.source, errors.len())?;
        for (number, violation) in errors.iter().enumerate() {
            let lead = if number == 0 { ": " } else { "; " };
            write!(f, "{lead}{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violated {}

/// Asks for a stop when nobody waits any more.
pub(super) struct AskOnDrop(pub(super) Stop);

impl Drop for AskOnDrop {
    fn drop(&mut self) {
        self.0.ask();
    }
}

impl Datasets {
    /// Checks the rows of a version. Ends early when it is dropped.
    ///
    /// # Errors
    /// A mistake in the expectations, more different values than are told apart, damaged content, or the store's.
    pub async fn check(
        &self,
        version: &DatasetVersion,
        expectations: Vec<Expectation>,
    ) -> Result<CheckReport, DatasetError> {
        let stop = Stop::new();
        let _asks = AskOnDrop(stop.clone());
        let (blobs, blob) = (self.store.blobs(), version.blob);
        let check = move || {
            let reader = TableReader::new(blobs.reader(&blob)?)?;
            let mut checker = checker(&expectations, reader.schema())?;
            for batch in reader {
                if stop.is_asked() {
                    return Err(DatasetError::Stopped);
                }
                checker.see(&batch?)?;
            }
            Ok(checker.finish())
        };
        self.store.blob_call(check).await
    }
}

fn checker(expectations: &[Expectation], schema: &Arc<Schema>) -> Result<Checker, DatasetError> {
    Checker::new(expectations, Arc::clone(schema)).map_err(DatasetError::Expectation)
}

/// Checks a file, which messages call `name`, and stores nothing; it is read twice, and once more for the lines of what
/// is wrong. For a plain thread.
///
/// # Errors
/// What is wrong with the file, a mistake in the expectations, or more different values than are told apart.
pub fn check_file(
    name: &str,
    expectations: &[Expectation],
    options: &ReadOptions,
    input: Arc<dyn Input>,
) -> Result<CheckReport, DatasetError> {
    let begun = Begun::read(name, options, InputReader::new(Arc::clone(&input), 0))?;
    let file = FileRows::new(name, options, begun, input)?;
    let mut checker = checker(expectations, file.schema())?;
    for batch in file.batches()? {
        checker.see(&batch?)?;
    }
    let mut report = checker.finish();
    report.locate(file.schema(), |cells| file.lines_of(cells).unwrap_or_default());
    Ok(report)
}
