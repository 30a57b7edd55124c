//! The chain of a model's history: each entry carries the hash of the one before it, and the model's row that of
//! the last, so that an entry which was changed, taken out or put in shows.
//!
//! The hash of an entry is BLAKE3 over its fields in the order of [`hash`], each in one form alone: numbers as
//! eight bytes, little-endian; texts and lists behind their length; what may be absent behind a byte that says
//! whether it is there. In front stand which form this is, the model, the entry's place and the hash of the entry
//! before; of the first entry that is [`start`]. A field that joins makes a new form, and entries say by which
//! form they are hashed.
//!
//! Entries that format 1 wrote carry nothing. When the next one is written they are hashed all the same, each
//! with what was computed of the one before, and the new entry carries the last of these hashes. So it stands
//! for all of them, as they are then; that nobody had changed them before, nothing can tell any more.

use super::history::AT_ONCE;
use super::read::found_any;
use super::{Registry, RegistryError};
use crate::base::{ContentId, ModelId, Name};
use crate::store::Tx;
use crate::store::tables::model_history::{self, HistoryRow};
use crate::store::tables::models::ModelRow;

/// The form that this version writes.
pub(super) const FORM: u8 = 1;

/// What a walk over a history found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one; it stands for all of them.
    pub head: ContentId,
    /// The first entry that does not fit.
    pub fault: Option<ChainFault>,
}

/// An entry that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFault {
    /// Which, from 1.
    pub entry: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What the first entry of a model's history carries.
pub(super) fn start(model: ModelId) -> ContentId {
    let mut bytes = b"usina model history\n".to_vec();
    bytes.extend_from_slice(model.as_bytes());
    ContentId::of(&bytes)
}

/// The hash of the `index`-th entry, counted from 0, behind one with the hash `previous`.
pub(super) fn hash(model: ModelId, index: u64, previous: ContentId, row: &HistoryRow) -> ContentId {
    let mut fields = Fields(b"usina model history entry 1\n".to_vec());
    fields.0.extend_from_slice(model.as_bytes());
    fields.number(index);
    fields.0.extend_from_slice(previous.as_bytes());
    fields.number(row.at.as_millis().cast_unsigned());
    fields.text(&row.action);
    fields.option(row.version, Fields::number);
    fields.option(row.from.as_deref(), Fields::text);
    fields.option(row.to.as_deref(), Fields::text);
    fields.option(row.production_before, Fields::number);
    fields.option(row.production_after, Fields::number);
    fields.text(&row.by);
    fields.option(row.reason.as_deref(), Fields::text);
    fields.option(row.alias.as_deref(), Fields::text);
    fields.option(row.alias_before, Fields::number);
    fields.option(row.alias_after, Fields::number);
    fields.number(row.changed.len() as u64);
    for changed in &row.changed {
        fields.text(changed);
    }
    ContentId::of(&fields.0)
}

struct Fields(Vec<u8>);

impl Fields {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// The hash that the next entry of a model's history carries.
pub(super) fn head(tx: &impl Tx, model: &ModelRow) -> Result<ContentId, RegistryError> {
    if let Some(head) = model.history_head {
        return Ok(head);
    }
    let mut hash_before = start(model.id);
    let mut next = 0;
    loop {
        let entries = model_history::from(tx, model.id, next, AT_ONCE)?;
        if entries.is_empty() {
            return Ok(hash_before);
        }
        for (index, row) in entries {
            hash_before = hash(model.id, index, hash_before, &row);
            next = index + 1;
        }
    }
}

impl Registry {
    /// Walks the chain of a model's history from its first entry to its last.
    ///
    /// # Errors
    /// No such model, or the store's. An entry that does not fit is no error.
    pub async fn verify_history(&self, name: &Name) -> Result<Verified, RegistryError> {
        let name = name.clone();
        self.store
            .read(move |tx| verify(tx, &found_any(tx, &name)?))
            .await
    }
}

fn verify(tx: &impl Tx, model: &ModelRow) -> Result<Verified, RegistryError> {
    let mut walk = Walk {
        model: model.id,
        hash: start(model.id),
        next: 0,
        is_chained: false,
    };
    let fault = loop {
        let entries = model_history::from(tx, model.id, walk.next, AT_ONCE)?;
        if entries.is_empty() {
            break walk.end(model);
        }
        if let Some(fault) = entries.iter().find_map(|(index, row)| walk.step(*index, row)) {
            break Some(fault);
        }
    };
    Ok(Verified {
        entries: model.history,
        head: walk.hash,
        fault,
    })
}

struct Walk {
    model: ModelId,
    hash: ContentId,
    next: u64,
    is_chained: bool,
}

impl Walk {
    fn step(&mut self, index: u64, row: &HistoryRow) -> Option<ChainFault> {
        let here = index + 1;
        if index != self.next {
            return fault(self.next + 1, "is missing".to_owned());
        }
        if row.form != FORM {
            let reason = format!("is hashed by form {}, which this usina does not know", row.form);
            return fault(here, reason);
        }
        match row.previous {
            Some(previous) if previous != self.hash => {
                return match (index, self.is_chained) {
                    (0, _) => fault(here, "does not begin this model's history".to_owned()),
                    (_, true) => fault(
                        index,
                        format!("is not the one that entry {here} was written after"),
                    ),
                    (_, false) => {
                        let reason = format!(
                            "or one before it, is not what it was when entry {here} was written; those before {here} \
                             carry no hash of their own"
                        );
                        fault(index, reason)
                    }
                };
            }
            None if self.is_chained => return fault(here, "does not say what stood before it".to_owned()),
            Some(_) => self.is_chained = true,
            None => {}
        }
        self.hash = hash(self.model, index, self.hash, row);
        self.next = here;
        None
    }

    fn end(&self, model: &ModelRow) -> Option<ChainFault> {
        if self.next < model.history {
            return fault(self.next + 1, "is missing".to_owned());
        }
        if self.next > model.history {
            return fault(model.history + 1, "was not written by the registry".to_owned());
        }
        match model.history_head {
            Some(head) if head != self.hash => {
                fault(self.next, "is not the one that was written last".to_owned())
            }
            _ => None,
        }
    }
}

fn fault(entry: u64, reason: String) -> Option<ChainFault> {
    Some(ChainFault { entry, reason })
}
