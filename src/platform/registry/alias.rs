//! Aliases: free names for versions, such as champion. A name moves from version to version.

use std::fmt;
use std::str::FromStr;

use super::history::{ALIAS, append, entry};
use super::read::{find_version, found};
use super::{Decision, Registry, RegistryError, VersionInfo, VersionRef};
use crate::base::Name;
use crate::store::WriteTx;
use crate::store::tables::models::{self, ModelRow};

/// So many aliases a model has at most.
pub(super) const MAX_ALIASES: usize = 100;

/// An alias: ASCII letters, digits, `-` and `_`, 1 to 100 of them, and nothing that a version is called otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AliasName(String);

impl AliasName {
    const MAX_LEN: usize = 100;

    /// The alias as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AliasName {
    type Err = RegistryError;

    fn from_str(given: &str) -> Result<Self, RegistryError> {
        let is_free = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let mut rest = given.bytes().skip(1);
        let is_label = given.starts_with(['v', 'V']) && rest.next().is_some_and(|byte| byte.is_ascii_digit());
        let is_number = given.bytes().all(|byte| byte.is_ascii_digit());
        let is_taken = given == "latest" || given.parse::<super::Stage>().is_ok();
        let is_right = (1..=Self::MAX_LEN).contains(&given.len()) && given.bytes().all(is_free);
        if is_right && !is_label && !is_number && !is_taken {
            Ok(Self(given.to_owned()))
        } else {
            Err(RegistryError::BadAlias(given.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Registry {
    /// Has `alias` point at a version; at the one that it pointed at before, it points no more.
    ///
    /// # Errors
    /// No such model or version, too many aliases, or the store's.
    pub async fn set_alias(
        &self,
        name: &Name,
        version: VersionRef,
        alias: AliasName,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                let version = find_version(tx, &model, &version)?;
                let before = model.aliases.get(alias.as_str()).copied();
                if before != Some(version.number) {
                    if before.is_none() && model.aliases.len() >= MAX_ALIASES {
                        return Err(RegistryError::TooMany {
                            what: "aliases",
                            limit: MAX_ALIASES,
                        });
                    }
                    model.aliases.insert(alias.as_str().to_owned(), version.number);
                    note(tx, &mut model, alias.as_str(), before, &decision, now)?;
                    model.updated_at = now;
                    models::put(tx, &model)?;
                }
                VersionInfo::from_row(&model, version)
            })
            .await
    }

    /// Takes an alias away.
    ///
    /// # Errors
    /// No such model or alias, or the store's.
    pub async fn unset_alias(
        &self,
        name: &Name,
        alias: AliasName,
        decision: Decision,
    ) -> Result<(), RegistryError> {
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                let Some(before) = model.aliases.remove(alias.as_str()) else {
                    return Err(RegistryError::UnknownVersion {
                        model: name.clone(),
                        version: format!("@{alias}"),
                    });
                };
                note(tx, &mut model, alias.as_str(), Some(before), &decision, now)?;
                model.updated_at = now;
                models::put(tx, &model).map_err(RegistryError::from)
            })
            .await
    }
}

/// Takes away the aliases of `model` that point at one of the versions that `is_gone` says.
pub(super) fn drop_aliases(
    tx: &mut WriteTx,
    model: &mut ModelRow,
    is_gone: impl Fn(u64) -> bool,
    decision: &Decision,
    now: crate::base::Time,
) -> Result<(), RegistryError> {
    let aliases = model.aliases.clone();
    for (alias, number) in aliases.into_iter().filter(|(_, number)| is_gone(*number)) {
        model.aliases.remove(&alias);
        note(tx, model, &alias, Some(number), decision, now)?;
    }
    Ok(())
}

fn note(
    tx: &mut WriteTx,
    model: &mut ModelRow,
    alias: &str,
    before: Option<u64>,
    decision: &Decision,
    now: crate::base::Time,
) -> Result<(), RegistryError> {
    let after = model.aliases.get(alias).copied();
    let mut moved = entry(model, ALIAS, after.or(before), decision, now);
    moved.alias = Some(alias.to_owned());
    (moved.alias_before, moved.alias_after) = (before, after);
    append(tx, model, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_nothing_that_a_version_is_called_otherwise() {
        for good in ["champion", "shadow-2", "A_b", "v", "vx", "prod"] {
            assert_eq!(good.parse::<AliasName>().unwrap().as_str(), good);
        }
        let long = "x".repeat(101);
        for bad in [
            "",
            "latest",
            "production",
            "none",
            "3",
            "v1",
            "V2",
            "v1.0.0",
            "a b",
            "a/b",
            "@a",
            "ação",
            "a.b",
            &long,
        ] {
            assert!(bad.parse::<AliasName>().is_err(), "{bad}");
        }
    }
}
