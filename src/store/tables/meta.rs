//! Facts about the store itself: when it was made, and which model answers when none is named.

use serde::{Deserialize, Serialize};

use crate::base::{ModelId, Time};
use crate::store::{JsonRow, StoreError, Table, Tx, WriteTx};

/// A fact. The key says which one; a number never gets another meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fact {
    MadeAt(Time),
    DefaultModel(ModelId),
    VersionsIndexed(Time),
}

impl JsonRow for Fact {
    const TAG: u8 = 1;
}

const META: Table<u8, Fact> = Table::new("meta");
const MADE_AT: u8 = 1;
const DEFAULT_MODEL: u8 = 2;
const VERSIONS_INDEXED: u8 = 3;

/// When the store was made.
///
/// # Errors
/// As [`Table::get`].
pub fn made_at(tx: &impl Tx) -> Result<Option<Time>, StoreError> {
    Ok(META.get(tx, &MADE_AT)?.and_then(|fact| match fact {
        Fact::MadeAt(time) => Some(time),
        Fact::DefaultModel(_) | Fact::VersionsIndexed(_) => None,
    }))
}

/// Notes when the store was made, the first time; later times change nothing.
///
/// # Errors
/// As [`Table::put`].
pub(in crate::store) fn note_made_at(tx: &mut WriteTx, time: Time) -> Result<(), StoreError> {
    META.insert_new(tx, &MADE_AT, &Fact::MadeAt(time)).map(drop)
}

/// The model that answers when a prediction names none.
///
/// # Errors
/// As [`Table::get`].
pub fn default_model(tx: &impl Tx) -> Result<Option<ModelId>, StoreError> {
    Ok(META.get(tx, &DEFAULT_MODEL)?.and_then(|fact| match fact {
        Fact::DefaultModel(model) => Some(model),
        Fact::MadeAt(_) | Fact::VersionsIndexed(_) => None,
    }))
}

/// Makes `model` the one that answers when none is named.
///
/// # Errors
/// As [`Table::put`].
pub fn set_default_model(tx: &mut WriteTx, model: ModelId) -> Result<(), StoreError> {
    META.put(tx, &DEFAULT_MODEL, &Fact::DefaultModel(model))
}

/// Whether every version of a model stands in the indexes of versions: format 1 wrote some without.
///
/// # Errors
/// As [`Table::get`].
pub fn are_versions_indexed(tx: &impl Tx) -> Result<bool, StoreError> {
    META.contains(tx, &VERSIONS_INDEXED)
}

/// Notes that they do.
///
/// # Errors
/// As [`Table::put`].
pub fn note_versions_indexed(tx: &mut WriteTx, time: Time) -> Result<(), StoreError> {
    META.put(tx, &VERSIONS_INDEXED, &Fact::VersionsIndexed(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Clock, Entropy};
    use crate::store::Store;

    #[test]
    fn a_store_knows_when_it_was_made_and_its_default_model() {
        let clock = Clock::manual(Time::from_millis(77));
        let store = Store::in_memory(clock, Entropy).unwrap();
        let model = ModelId::from_bytes([7; 16]);
        store
            .write_blocking(move |tx| {
                assert_eq!(default_model(tx)?, None);
                note_made_at(tx, Time::from_millis(99))?;
                set_default_model(tx, model)
            })
            .unwrap();
        let facts = store.read_blocking(|tx| Ok::<_, StoreError>((made_at(tx)?, default_model(tx)?)));
        assert_eq!(facts.unwrap(), (Some(Time::from_millis(77)), Some(model)));
    }
}
