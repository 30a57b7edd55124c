//! What the first reading of a file found.

use super::doubt::Doubt;
use super::error::{Problem, SourceError};
use super::infer::Inference;
use super::{Format, Place};
use crate::data::schema::{Field, Schema};

/// What the first reading of a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The columns: inferred and declared types, whether cells are missing, levels in byte order.
    pub schema: Schema,
    /// How many rows there are.
    pub rows: u64,
    /// Columns that are probably meant as something else than what they were read as.
    pub doubts: Vec<Doubt>,
}

/// What all rows of a file say of its columns.
///
/// # Errors
/// A number that is too big for its column.
pub(super) fn conclude(
    file: &str,
    format: Format,
    columns: impl IntoIterator<Item = (String, Inference)>,
    rows: u64,
) -> Result<Scanned, SourceError> {
    let place = |at| match format {
        Format::Csv | Format::Jsonl => Place::Line(at),
        Format::Parquet => Place::Row(at),
    };
    let mut fields = Vec::new();
    let mut doubts = Vec::new();
    for (column, inference) in columns {
        let conclusion = inference.conclude(rows).map_err(|(at, problem)| {
            SourceError::of_file(file, problem)
                .at(place(at))
                .in_column(&column)
        })?;
        if let Some(found) = conclusion.doubt {
            doubts.push(Doubt {
                column: column.clone(),
                kind: conclusion.kind,
                place: place(found.place),
                got: found.got,
                reason: found.reason,
                format,
            });
        }
        fields.push(Field {
            name: column,
            kind: conclusion.kind,
            missing: conclusion.missing,
            levels: conclusion.levels,
        });
    }
    let schema = Schema::new(fields).map_err(|error| SourceError::of_file(file, Problem::Schema(error)))?;
    Ok(Scanned { schema, rows, doubts })
}
