//! Which thing has a name, for things that people name. The thing's own rows stand under its id, so
//! that it can be given another name.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::store::{Direction, JsonRow, NameHash, Span, StoreError, Table, Tx};

/// A name and what it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRow<I> {
    /// The name.
    pub name: String,
    /// Which thing has it.
    pub id: I,
}
impl<I: Serialize + DeserializeOwned> JsonRow for NameRow<I> {
    const TAG: u8 = 1;
}

/// A table of names.
pub(super) type Names<I> = Table<NameHash, NameRow<I>>;

/// Names that are opened at once while a page is looked for.
const AT_ONCE: usize = 1_024;

/// The names that are wanted in the order of their bytes, `limit` at most.
///
/// Names are kept under hashes, in an order that says nothing of them: all are looked at, and `limit` held.
pub(super) fn page_that<I: Serialize + DeserializeOwned>(
    tx: &impl Tx,
    names: &Names<I>,
    limit: usize,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<NameRow<I>>, StoreError> {
    let mut first = BTreeMap::new();
    let mut seen = Span::all();
    loop {
        let rows = names.range(tx, &seen, AT_ONCE, Direction::Up)?;
        let last = match rows.last() {
            Some((last, _)) if rows.len() == AT_ONCE => Some(*last),
            _ => None,
        };
        for (_, row) in rows {
            if is_wanted(&row.name) {
                first.insert(row.name.clone(), row);
                if first.len() > limit {
                    first.pop_last();
                }
            }
        }
        match last {
            Some(last) => seen = Span::all().above(&last),
            None => return Ok(first.into_values().collect()),
        }
    }
}
