//! Aliases, kept in memory beside the versions: a prediction that names one touches no store.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Deployments;
use crate::base::{Name, to_the_end};
use crate::platform::registry::{AliasName, Decision, ModelInfo, RegistryError, VersionInfo, VersionRef};

impl Deployments {
    /// Has `alias` point at a version.
    ///
    /// # Errors
    /// No such model or version, too many aliases, or the store's.
    pub async fn set_alias(
        &self,
        model: &Name,
        version: VersionRef,
        alias: AliasName,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let version = this.registry.set_alias(&model, version, alias, decision).await?;
            this.refresh_aliases(&model).await?;
            Ok(version)
        })
        .await
    }

    /// Takes an alias away.
    ///
    /// # Errors
    /// No such model or alias, or the store's.
    pub async fn unset_alias(
        &self,
        model: &Name,
        alias: AliasName,
        decision: Decision,
    ) -> Result<ModelInfo, RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            this.registry.unset_alias(&model, alias, decision).await?;
            this.refresh_aliases(&model).await
        })
        .await
    }

    pub(super) async fn refresh_aliases(&self, model: &Name) -> Result<ModelInfo, RegistryError> {
        let model = self.registry.model(model).await?;
        self.show_aliases(&model.name, &model.aliases);
        Ok(model)
    }

    /// Shows predictions where the aliases of `model` point.
    pub(super) fn show_aliases(&self, model: &Name, aliases: &BTreeMap<String, u64>) {
        let known = self.predictor.0.load();
        let before = known.aliases.get(model.as_str());
        if before.is_none() && aliases.is_empty() || before == Some(aliases) {
            return;
        }
        self.change(|snapshot| {
            let all = Arc::make_mut(&mut snapshot.aliases);
            match aliases.is_empty() {
                true => drop(all.remove(model.as_str())),
                false => drop(all.insert(model.to_string(), aliases.clone())),
            }
        });
    }
}
