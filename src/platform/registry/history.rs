//! What became of a model's versions: who put which into which stage, when and why. Entries are only ever
//! added, and what was in production at any time can be read off them.

use super::read::found;
use super::version::parse;
use super::{Registry, RegistryError, Stage, VersionRef};
use crate::base::{Name, Time};
use crate::platform::page::{Page, PageOf};
use crate::store::Tx;
use crate::store::tables::models::{self, HistoryRow, ModelRow};

/// What happened, as the history calls it.
pub(super) const REGISTER: &str = "register";
pub(super) const PROMOTE: &str = "promote";
pub(super) const ROLLBACK: &str = "rollback";

/// A change of a version's stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// register, promote or rollback.
    pub action: String,
    /// The version.
    pub version: u64,
    /// Its stage before; none when it was registered.
    pub from: Option<Stage>,
    /// Its stage after.
    pub to: Stage,
    /// The version that was in production before; when it is another one after, this one was archived.
    pub production_before: Option<u64>,
    /// The version that was in production after.
    pub production_after: Option<u64>,
    /// Who wanted it.
    pub by: String,
    /// Why, in that one's words.
    pub reason: Option<String>,
}

impl Registry {
    /// What became of a model's versions, newest change first.
    ///
    /// # Errors
    /// No such model, a token that no page gave, or the store's.
    pub async fn history(&self, name: &Name, page: PageOf) -> Result<Page<Change>, RegistryError> {
        let page = page.in_list("history");
        let (name, below) = (name.clone(), page.after()?);
        self.store
            .read(move |tx| {
                let model = found(tx, &name)?;
                let rows = models::history(tx, model.id, below, page.to_read())?;
                let rows = page.of(rows, |(index, _)| *index);
                let shown = rows.items.into_iter().map(|(_, row)| change(row, &model.name));
                Ok(Page {
                    items: shown.collect::<Result<_, _>>()?,
                    next_page_token: rows.next_page_token,
                })
            })
            .await
    }
}

fn change(row: HistoryRow, model: &str) -> Result<Change, RegistryError> {
    Ok(Change {
        from: row.from.map(|stage| parse(&stage, model)).transpose()?,
        to: parse(&row.to, model)?,
        at: row.at,
        action: row.action,
        version: row.version,
        production_before: row.production_before,
        production_after: row.production_after,
        by: row.by,
        reason: row.reason,
    })
}

/// The version that was in production before the present one.
///
/// Rollbacks undo promotions like a stack: after 1, 2, 3 were promoted, a rollback gives 2, the next
/// one 1. So the history is replayed: a promotion pushes, a rollback pops.
pub(super) fn before(tx: &impl Tx, model: &ModelRow, name: &Name) -> Result<VersionRef, RegistryError> {
    const MAX_HISTORY: usize = 100_000;
    let mut stack: Vec<Option<u64>> = Vec::new();
    let changes = models::history(tx, model.id, None, MAX_HISTORY)?;
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
    stack
        .into_iter()
        .rev()
        .flatten()
        .find(|number| Some(*number) != present)
        .map(VersionRef::Number)
        .ok_or_else(|| RegistryError::NothingToRollBackTo(name.clone()))
}
