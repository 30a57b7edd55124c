//! What became of a model and its versions: who did what, when and why. Entries are only ever added, and what was
//! in production at any time, and where each alias pointed, can be read off them.

mod then;

use super::chain::{self, FORM};
use super::read::found_any;
use super::version::parse;
use super::{Decision, Registry, RegistryError, Stage, VersionRef};
use crate::base::{ContentId, Name, Time};
use crate::platform::page::{Page, PageOf};
use crate::store::tables::model_history::{self, HistoryRow};
use crate::store::tables::models::{self, ModelRow};
use crate::store::{Tx, WriteTx};

pub use then::Then;

/// What happened, as the history calls it.
pub(super) const REGISTER: &str = "register";
pub(super) const IMPORT: &str = "import";
pub(super) const PROMOTE: &str = "promote";
pub(super) const ROLLBACK: &str = "rollback";
pub(super) const ALIAS: &str = "alias";
pub(super) const DESCRIBE: &str = "describe";
pub(super) const DELETE: &str = "delete";
pub(super) const RESTORE: &str = "restore";
pub(super) const PURGE: &str = "purge";

/// Entries that are opened at once while a whole history is read.
pub(super) const AT_ONCE: usize = 1_000;

/// Something that happened to a model or to one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which entry of the history it is, from 1.
    pub entry: u64,
    /// When.
    pub at: Time,
    /// register, import, promote, rollback, alias, describe, delete, restore or purge.
    pub action: String,
    /// The version; none when it happened to the model.
    pub version: Option<u64>,
    /// Its stage before; none when it was registered, or when no stage changed.
    pub from: Option<Stage>,
    /// Its stage after; none when no stage changed.
    pub to: Option<Stage>,
    /// The version that was in production before; when it is another one after, this one was archived.
    pub production_before: Option<u64>,
    /// The version that was in production after.
    pub production_after: Option<u64>,
    /// The alias that was moved.
    pub alias: Option<String>,
    /// The version that the alias pointed at before.
    pub alias_before: Option<u64>,
    /// The version that the alias pointed at after.
    pub alias_after: Option<u64>,
    /// What was described anew: description, tag.KEY.
    pub changed: Vec<String>,
    /// Who wanted it.
    pub by: String,
    /// Why, in that one's words.
    pub reason: Option<String>,
    /// The hash of the entry before; none in entries that format 1 wrote.
    pub previous: Option<ContentId>,
}

impl Registry {
    /// What became of a model and its versions, newest change first.
    ///
    /// # Errors
    /// No such model, a token that no page gave, or the store's.
    pub async fn history(&self, name: &Name, page: PageOf) -> Result<Page<Change>, RegistryError> {
        let page = page.in_list("history");
        let (name, below) = (name.clone(), page.after()?);
        self.store
            .read(move |tx| {
                let model = found_any(tx, &name)?;
                let rows = model_history::page(tx, model.id, below, page.to_read())?;
                let rows = page.of(rows, |(index, _)| *index);
                let shown = rows.items.into_iter();
                let shown = shown.map(|(index, row)| change(index, row, &model.name));
                Ok(Page {
                    items: shown.collect::<Result<_, _>>()?,
                    next_page_token: rows.next_page_token,
                })
            })
            .await
    }
}

fn change(index: u64, row: HistoryRow, model: &str) -> Result<Change, RegistryError> {
    let stage = |stage: Option<String>| stage.map(|stage| parse(&stage, model)).transpose();
    Ok(Change {
        entry: index + 1,
        from: stage(row.from)?,
        to: stage(row.to)?,
        at: row.at,
        action: row.action,
        version: row.version,
        production_before: row.production_before,
        production_after: row.production_after,
        alias: row.alias,
        alias_before: row.alias_before,
        alias_after: row.alias_after,
        changed: row.changed,
        by: row.by,
        reason: row.reason,
        previous: row.previous,
    })
}

/// An entry that says that `decision` did `action`, and changed nothing of what is in production.
pub(super) fn entry(
    model: &ModelRow,
    action: &str,
    version: Option<u64>,
    decision: &Decision,
    now: Time,
) -> HistoryRow {
    HistoryRow {
        at: now,
        action: action.to_owned(),
        version,
        production_before: model.production,
        production_after: model.production,
        by: decision.by.clone(),
        reason: decision.reason.clone(),
        form: FORM,
        ..HistoryRow::default()
    }
}

/// Adds an entry to the history of `model`, whose row the caller writes after that.
pub(super) fn append(
    tx: &mut WriteTx,
    model: &mut ModelRow,
    mut row: HistoryRow,
) -> Result<(), RegistryError> {
    let previous = chain::head(tx, model)?;
    row.previous = Some(previous);
    model_history::add(tx, model.id, model.history, &row)?;
    model.history_head = Some(chain::hash(model.id, model.history, previous, &row));
    model.history += 1;
    Ok(())
}

/// The version that was in production before the present one.
///
/// Rollbacks undo promotions like a stack: after 1, 2, 3 were promoted, a rollback gives 2, the next
/// one 1. So the history is replayed: a promotion pushes, a rollback pops. Versions that are deleted since are
/// passed over.
pub(super) fn before(tx: &impl Tx, model: &ModelRow, name: &Name) -> Result<VersionRef, RegistryError> {
    const MAX_HISTORY: usize = 100_000;
    let mut stack: Vec<Option<u64>> = Vec::new();
    let changes = model_history::page(tx, model.id, None, MAX_HISTORY)?;
    for (_, change) in changes.into_iter().rev() {
        let (before, after) = (change.production_before, change.production_after);
        if before == after {
            continue;
        }
        if change.action == ROLLBACK {
            // It may have gone back over several entries that were no step: the same version, or none.
            while stack.last().is_some_and(|entry| *entry != after) {
                stack.pop();
            }
        } else {
            stack.push(after);
        }
    }
    let present = stack.pop().flatten();
    for number in stack.into_iter().rev().flatten() {
        let row = models::version(tx, model.id, number)?;
        if Some(number) != present && row.is_some_and(|row| row.deleted.is_none()) {
            return Ok(VersionRef::Number(number));
        }
    }
    Err(RegistryError::NothingToRollBackTo(name.clone()))
}
