//! What is deleted answers no more, from the same moment on.

use super::Deployments;
use crate::base::{ModelId, Name, to_the_end};
use crate::platform::registry::{Decision, ModelInfo, RegistryError, VersionInfo, VersionRef};

impl Deployments {
    /// Deletes a version.
    ///
    /// # Errors
    /// No such model or version, it is in production, or the store's.
    pub async fn delete_version(
        &self,
        model: &Name,
        version: VersionRef,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let version = this.registry.delete_version(&model, version, decision).await?;
            this.forget(version.model_id, Some(version.number));
            this.refresh_aliases(&model).await?;
            Ok(version)
        })
        .await
    }

    /// Deletes a model with all its versions.
    ///
    /// # Errors
    /// No such model, a version of it is in production, or the store's.
    pub async fn delete_model(&self, model: &Name, decision: Decision) -> Result<ModelInfo, RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let deleted = this.registry.delete_model(&model, decision).await?;
            this.forget(deleted.id, None);
            this.show_aliases(&model, &deleted.aliases);
            Ok(deleted)
        })
        .await
    }

    /// Takes a version, or all of a model, out of memory. None of them is in production.
    fn forget(&self, model: ModelId, number: Option<u64>) {
        self.change(|snapshot| {
            snapshot.pinned.retain(|pinned| {
                pinned.model_id() != model || number.is_some_and(|number| pinned.number() != number)
            });
        });
    }
}
