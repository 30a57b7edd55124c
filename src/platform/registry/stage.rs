//! Stages: where a version is on its way, and how it moves.

use std::fmt;
use std::str::FromStr;

use super::read::{find_version, found};
use super::{Registry, RegistryError, VersionInfo, VersionRef};
use crate::base::{Name, Time};
use crate::store::tables::models::{self, HistoryRow};
use crate::store::{NameHash, Tx, WriteTx};

/// Where a version is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nobody has decided yet.
    None,
    /// It is being tried.
    Staging,
    /// It answers for its model; one version at a time.
    Production,
    /// It is kept, and no longer used.
    Archived,
}

impl Stage {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Stage {
    type Err = RegistryError;

    fn from_str(given: &str) -> Result<Self, RegistryError> {
        [Self::None, Self::Staging, Self::Production, Self::Archived]
            .into_iter()
            .find(|stage| stage.as_str() == given)
            .ok_or_else(|| RegistryError::BadStage(given.chars().take(80).collect()))
    }
}

/// Which change of production this is, as the history calls it.
const PROMOTE: &str = "promote";
const ROLLBACK: &str = "rollback";

impl Registry {
    /// Puts a version into a stage. What was in production before is archived.
    ///
    /// That the version can be loaded is checked by whoever serves it, before this is called.
    ///
    /// # Errors
    /// No such model or version, or the store's.
    pub async fn promote(
        &self,
        name: &Name,
        version: VersionRef,
        stage: Stage,
    ) -> Result<VersionInfo, RegistryError> {
        let (hash, name, now) = (self.hash(name), name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let number = find_version(tx, hash, &name, version)?.number;
                move_in(tx, hash, &name, number, stage, now, PROMOTE)?;
                VersionInfo::from_row(&name, find_version(tx, hash, &name, VersionRef::Number(number))?)
            })
            .await
    }

    /// Puts back into production what was there before.
    ///
    /// # Errors
    /// No such model, nothing was there before, or the store's.
    pub async fn rollback(&self, name: &Name) -> Result<VersionInfo, RegistryError> {
        let (hash, name, now) = (self.hash(name), name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let number = before(tx, hash, &name)?;
                move_in(tx, hash, &name, number, Stage::Production, now, ROLLBACK)?;
                VersionInfo::from_row(&name, find_version(tx, hash, &name, VersionRef::Number(number))?)
            })
            .await
    }

    /// The version that [`Registry::rollback`] would put back.
    ///
    /// # Errors
    /// No such model, nothing was there before, or the store's.
    pub async fn rollback_target(&self, name: &Name) -> Result<VersionInfo, RegistryError> {
        let (hash, name) = (self.hash(name), name.clone());
        self.store
            .read(move |tx| {
                let number = before(tx, hash, &name)?;
                VersionInfo::from_row(&name, find_version(tx, hash, &name, VersionRef::Number(number))?)
            })
            .await
    }
}

/// The number of the version that was in production before the present one.
///
/// Rollbacks undo promotions like a stack: after 1, 2, 3 were promoted, a rollback gives 2, the next
/// one 1. So the history is replayed: a promotion pushes, a rollback pops.
fn before(tx: &impl Tx, hash: NameHash, name: &Name) -> Result<u64, RegistryError> {
    const MAX_HISTORY: usize = 100_000;
    found(tx, hash, name)?;
    let mut stack: Vec<Option<u64>> = Vec::new();
    for change in models::history(tx, hash, MAX_HISTORY)?.into_iter().rev() {
        if change.action == ROLLBACK {
            // It may have gone back over several entries that were no step: the same version, or none.
            while stack.last().is_some_and(|entry| *entry != change.to) {
                stack.pop();
            }
        } else {
            stack.push(change.to);
        }
    }
    let present = stack.pop().flatten();
    stack
        .into_iter()
        .rev()
        .flatten()
        .find(|number| Some(*number) != present)
        .ok_or_else(|| RegistryError::NothingToRollBackTo(name.clone()))
}

/// Puts the version `number` into production within the caller's transaction.
pub(super) fn promote_in(
    tx: &mut WriteTx,
    hash: NameHash,
    name: &Name,
    number: u64,
    now: Time,
) -> Result<(), RegistryError> {
    move_in(tx, hash, name, number, Stage::Production, now, PROMOTE)
}

fn move_in(
    tx: &mut WriteTx,
    hash: NameHash,
    name: &Name,
    number: u64,
    stage: Stage,
    now: Time,
    action: &str,
) -> Result<(), RegistryError> {
    let mut model = found(tx, hash, name)?;
    let mut version = find_version(tx, hash, name, VersionRef::Number(number))?;
    let before = model.production;
    let after = match stage {
        Stage::Production => Some(number),
        _ => before.filter(|production| *production != number),
    };
    if after != before {
        if let Some(old) = before.filter(|old| *old != number) {
            let mut old = find_version(tx, hash, name, VersionRef::Number(old))?;
            old.stage = Stage::Archived.to_string();
            models::put_version(tx, hash, &old)?;
        }
        let change = HistoryRow {
            at: now,
            action: action.to_owned(),
            from: before,
            to: after,
        };
        models::add_history(tx, hash, model.history, &change)?;
        model.history += 1;
        model.production = after;
        if after.is_some() {
            version.deployed_at = Some(now);
        }
    }
    version.stage = stage.to_string();
    models::put_version(tx, hash, &version)?;
    model.updated_at = now;
    models::put(tx, hash, &model)?;
    Ok(())
}
