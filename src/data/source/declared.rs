//! Columns whose types are declared.

use std::collections::BTreeMap;

use super::error::{Problem, SourceError};
use super::infer::Inference;
use crate::data::schema::ColumnType;

/// The types that are declared, by column.
pub(super) type Types = BTreeMap<String, ColumnType>;

/// Refuses a type for a column that is not there.
pub(super) fn check<'a>(
    file: &str,
    columns: impl Iterator<Item = &'a str> + Clone,
    types: &Types,
) -> Result<(), SourceError> {
    const SHOWN: usize = 10;
    let is_there = |name: &str| columns.clone().any(|column| column == name);
    let Some(stray) = types.keys().find(|name| !is_there(name)) else {
        return Ok(());
    };
    let mut known = columns
        .clone()
        .take(SHOWN)
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    if columns.count() > SHOWN {
        known.push_str(", …");
    }
    Err(SourceError::of_file(file, Problem::NoSuchColumn { known }).in_column(stray))
}

/// One inference a column, which a declaration may decide beforehand.
pub(super) fn inferences(
    file: &str,
    columns: &[String],
    types: &Types,
) -> Result<Vec<Inference>, SourceError> {
    check(file, columns.iter().map(String::as_str), types)?;
    Ok(columns
        .iter()
        .map(|name| Inference::new(types.get(name).copied()))
        .collect())
}
