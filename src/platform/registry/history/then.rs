//! What was so at some time: which version was in production, and where each alias pointed.

use std::collections::BTreeMap;

use super::{ALIAS, AT_ONCE, DELETE, RESTORE};
use crate::base::{Name, Time};
use crate::platform::registry::read::found_any;
use crate::platform::registry::{Registry, RegistryError};
use crate::store::Tx;
use crate::store::tables::model_history::{self, HistoryRow};
use crate::store::tables::models::{self, ModelRow};

/// A version by its number and label.
pub type Numbered = (u64, Option<String>);

/// What was so at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Then {
    /// When.
    pub at: Time,
    /// How many entries the history had.
    pub entries: u64,
    /// The version that was in production.
    pub production: Option<Numbered>,
    /// Where each alias pointed.
    pub aliases: BTreeMap<String, Numbered>,
    /// Whether the model was deleted.
    pub deleted: bool,
}

impl Registry {
    /// What was so at the time `at`, by the entries that were written up to it.
    ///
    /// # Errors
    /// No such model, or the store's.
    pub async fn as_of(&self, name: &Name, at: Time) -> Result<Then, RegistryError> {
        let name = name.clone();
        self.store
            .read(move |tx| {
                let model = found_any(tx, &name)?;
                replay(tx, &model, at)?.told(tx, &model, at)
            })
            .await
    }
}

#[derive(Default)]
struct State {
    entries: u64,
    production: Option<u64>,
    aliases: BTreeMap<String, u64>,
    deleted: bool,
}

/// Where a clock was set back, an entry may be older than the one before it: the entries' order counts, up to the last
/// one that is not younger than asked.
fn replay(tx: &impl Tx, model: &ModelRow, at: Time) -> Result<State, RegistryError> {
    let mut last = None;
    each(tx, model, |index, row| {
        if row.at <= at {
            last = Some(index);
        }
    })?;
    let mut state = State::default();
    each(tx, model, |index, row| {
        if last.is_some_and(|last| index <= last) {
            state.take(index, row);
        }
    })?;
    Ok(state)
}

/// Shows every entry to `see`, the oldest first, each with its index.
fn each(tx: &impl Tx, model: &ModelRow, mut see: impl FnMut(u64, &HistoryRow)) -> Result<(), RegistryError> {
    let mut next = 0;
    loop {
        let entries = model_history::from(tx, model.id, next, AT_ONCE)?;
        let Some((last, _)) = entries.last() else {
            return Ok(());
        };
        next = last + 1;
        entries.iter().for_each(|(index, row)| see(*index, row));
    }
}

impl State {
    fn take(&mut self, index: u64, row: &HistoryRow) {
        self.entries = index + 1;
        self.production = row.production_after;
        match (row.action.as_str(), &row.alias) {
            (ALIAS, Some(alias)) => match row.alias_after {
                Some(number) => drop(self.aliases.insert(alias.clone(), number)),
                None => drop(self.aliases.remove(alias)),
            },
            (DELETE, _) if row.version.is_none() => self.deleted = true,
            (RESTORE, _) if row.version.is_none() => self.deleted = false,
            _ => {}
        }
    }

    fn told(self, tx: &impl Tx, model: &ModelRow, at: Time) -> Result<Then, RegistryError> {
        let named = |number: u64| {
            let row = models::version(tx, model.id, number)?;
            Ok::<_, RegistryError>((number, row.map(|row| row.label)))
        };
        let aliases = self.aliases.into_iter();
        Ok(Then {
            at,
            entries: self.entries,
            production: self.production.map(named).transpose()?,
            aliases: aliases
                .map(|(alias, number)| Ok((alias, named(number)?)))
                .collect::<Result<_, RegistryError>>()?,
            deleted: self.deleted,
        })
    }
}
