//! Stages: where a version is on its way, and how it moves.

use std::fmt;
use std::str::FromStr;

use super::gates::{PROMOTION, failed_gates};
use super::history::{self, PROMOTE, ROLLBACK, append, entry};
use super::read::{find_version, found};
use super::{Registry, RegistryError, VersionInfo, VersionRef};
use crate::base::{Name, Time};
use crate::store::WriteTx;
use crate::store::tables::models::{self, ModelRow, VersionRow};

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

/// Who wants a change, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: String,
    /// Why, in that one's words.
    pub reason: Option<String>,
    /// Whether a version is to go into production although it failed a gate.
    pub force: bool,
}

impl Decision {
    /// A decision of `by` that forces nothing.
    pub fn of(by: impl Into<String>, reason: Option<String>) -> Self {
        Self {
            by: by.into(),
            reason,
            force: false,
        }
    }
}

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
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let model = found(tx, &name)?;
                let version = find_version(tx, &model, &version)?;
                let decision = match stage {
                    Stage::Production => through_gates(&name, &version, &decision)?,
                    _ => decision.clone(),
                };
                let step = Step {
                    action: PROMOTE,
                    stage,
                    decision: &decision,
                    now,
                };
                step.take(tx, model, version)
            })
            .await
    }

    /// Puts back into production what was there before.
    ///
    /// # Errors
    /// No such model, nothing was there before, or the store's.
    pub async fn rollback(&self, name: &Name, decision: Decision) -> Result<VersionInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let model = found(tx, &name)?;
                let version = find_version(tx, &model, &history::before(tx, &model, &name)?)?;
                let step = Step {
                    action: ROLLBACK,
                    stage: Stage::Production,
                    decision: &decision,
                    now,
                };
                step.take(tx, model, version)
            })
            .await
    }

    /// The version that [`Registry::rollback`] would put back.
    ///
    /// # Errors
    /// No such model, nothing was there before, or the store's.
    pub async fn rollback_target(&self, name: &Name) -> Result<VersionInfo, RegistryError> {
        let name = name.clone();
        self.store
            .read(move |tx| {
                let model = found(tx, &name)?;
                let version = find_version(tx, &model, &history::before(tx, &model, &name)?)?;
                VersionInfo::from_row(&model, version)
            })
            .await
    }
}

/// The decision to put a version into production, once its gates let it through, or are passed over in so many words:
/// then the history says which.
///
/// A rollback asks no gates: what it puts back has served before, and whoever takes a bad version out is in a hurry.
fn through_gates(model: &Name, version: &VersionRow, decision: &Decision) -> Result<Decision, RegistryError> {
    let failed: Vec<String> = failed_gates(&version.gates, PROMOTION).collect();
    if failed.is_empty() {
        return Ok(decision.clone());
    }
    if !decision.force {
        return Err(RegistryError::GatesFailed {
            model: model.clone(),
            version: version.label.clone(),
            gates: failed,
        });
    }
    let forced = format!("forced past {}", failed.join("; "));
    Ok(Decision {
        reason: Some(match &decision.reason {
            Some(reason) => format!("{reason} ({forced})"),
            None => forced,
        }),
        ..decision.clone()
    })
}

/// A version's way into a stage.
pub(super) struct Step<'a> {
    pub(super) action: &'static str,
    pub(super) stage: Stage,
    pub(super) decision: &'a Decision,
    pub(super) now: Time,
}

impl Step<'_> {
    /// Takes the step within the caller's transaction: the version's stage, the model's production, and an
    /// entry of the history.
    pub(super) fn take(
        &self,
        tx: &mut WriteTx,
        mut model: ModelRow,
        mut version: VersionRow,
    ) -> Result<VersionInfo, RegistryError> {
        let before = model.production;
        let after = match self.stage {
            Stage::Production => Some(version.number),
            _ => before.filter(|production| *production != version.number),
        };
        if after == before && version.stage == self.stage.as_str() {
            // It is there already: nothing happened that a history could tell.
            return VersionInfo::from_row(&model, version);
        }
        if let Some(old) = before.filter(|old| after != before && *old != version.number) {
            let mut old = find_version(tx, &model, &VersionRef::Number(old))?;
            old.stage = Stage::Archived.to_string();
            old.updated_at = self.now;
            models::put_version(tx, model.id, &old)?;
        }
        let mut change = entry(&model, self.action, Some(version.number), self.decision, self.now);
        change.from = Some(version.stage.clone());
        change.to = Some(self.stage.to_string());
        change.production_after = after;
        append(tx, &mut model, change)?;
        model.production = after;
        model.updated_at = self.now;
        models::put(tx, &model)?;
        if after != before && after.is_some() {
            version.deployed_at = Some(self.now);
        }
        version.stage = self.stage.to_string();
        version.updated_at = self.now;
        models::put_version(tx, model.id, &version)?;
        VersionInfo::from_row(&model, version)
    }
}
