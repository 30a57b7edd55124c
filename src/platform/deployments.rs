//! Deployments: which version answers for each model, kept in step with the registry.
//!
//! A version is loaded, and has answered its warm-up rows, before the registry is told that it is in
//! production: one that cannot be loaded never replaces one that serves.

mod aliases;
mod removal;

use std::sync::Arc;

use tokio::sync::Mutex;

use super::bundles::Content;
use super::page::PageOf;
use super::predictor::{LoadError, PredictError, Predictor, Servable, Snapshot};
use super::registry::{Decision, Registry, RegistryError, Stage, VersionInfo, VersionRef};
use crate::base::{Name, to_the_end};
use crate::engine::device::Device;
use crate::store::Store;
use crate::store::tables::meta;

/// Versions that are kept in memory beside those in production.
const MAX_PINNED: usize = 16;

/// More models than this are not put to work at once.
const MAX_MODELS: usize = 10_000;

/// Keeps the predictor in step with the registry.
#[derive(Debug, Clone)]
pub struct Deployments {
    store: Store,
    registry: Registry,
    predictor: Predictor,
    /// The model that answers when none is named, when the process was started with one.
    default_model: Option<Name>,
    /// What nets answer on.
    device: Device,
    /// One change at a time: what is in production must not be read before a change and shown after it.
    changing: Arc<Mutex<()>>,
}

impl Deployments {
    /// Deployments of `registry`'s versions to `predictor`.
    pub fn new(store: Store, registry: Registry, predictor: Predictor, default_model: Option<Name>) -> Self {
        Self {
            store,
            registry,
            predictor,
            default_model,
            device: Device::cpu(),
            changing: Arc::default(),
        }
    }

    /// The same, with nets that answer on `device` in place of the CPU.
    #[must_use]
    pub fn on(mut self, device: &Device) -> Self {
        self.device = device.clone();
        self
    }

    /// Puts to work what is in production. A version that cannot be loaded is logged and left out.
    ///
    /// # Errors
    /// The registry's.
    pub async fn load_all(&self) -> Result<(), RegistryError> {
        let _changing = self.changing.lock().await;
        for model in self.registry.models(PageOf::first(MAX_MODELS)).await?.items {
            self.show_aliases(&model.name, &model.aliases);
            let Some(current) = model.current.filter(|current| current.stage == Stage::Production) else {
                continue;
            };
            match self.load(&current).await {
                Ok(servable) => self.put(servable),
                Err(error) => {
                    tracing::error!(model = %model.name, version = current.label, %error,
                        "a version in production cannot be loaded");
                }
            }
        }
        self.choose_default().await;
        Ok(())
    }

    /// Puts a version into a stage; into production only when it can be loaded.
    ///
    /// # Errors
    /// No such model or version, it cannot be loaded, or the registry's.
    pub async fn promote(
        &self,
        model: &Name,
        version: VersionRef,
        stage: Stage,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let version = this.registry.version(&model, version).await?;
            let loaded = match stage {
                Stage::Production => Some(this.load_to_serve(&version).await?),
                _ => None,
            };
            let number = VersionRef::Number(version.number);
            let promoted = this.registry.promote(&model, number, stage, decision).await?;
            match loaded {
                Some(servable) => this.put(servable),
                None => this.take_away(&promoted),
            }
            this.choose_default().await;
            Ok(promoted)
        })
        .await
    }

    /// Puts back what was in production before, when it can be loaded.
    ///
    /// # Errors
    /// No such model, nothing was there before, it cannot be loaded, or the registry's.
    pub async fn roll_back(&self, model: &Name, decision: Decision) -> Result<VersionInfo, RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let target = this.registry.rollback_target(&model).await?;
            let servable = this.load_to_serve(&target).await?;
            let version = this.registry.rollback(&model, decision).await?;
            this.put(servable);
            this.choose_default().await;
            Ok(version)
        })
        .await
    }

    /// Registers a version through `register`, and puts it to work if that put it into production.
    /// `content` is the version's, and has been checked.
    pub(super) async fn register<E>(
        &self,
        mut content: Content,
        register: impl Future<Output = Result<VersionInfo, E>>,
    ) -> Result<VersionInfo, E> {
        let _changing = self.changing.lock().await;
        let version = register.await?;
        if version.stage == Stage::Production {
            content.fitted = content.fitted.on(&self.device);
            self.put(Servable::load(content, &version));
            self.choose_default().await;
        }
        Ok(version)
    }

    /// Makes `model` the one that answers when a request names none.
    ///
    /// # Errors
    /// No such model, or the store's.
    pub async fn choose_default_model(&self, model: &Name) -> Result<(), RegistryError> {
        let (this, model) = (self.clone(), model.clone());
        to_the_end(async move {
            let _changing = this.changing.lock().await;
            let id = this.registry.model(&model).await?.id;
            this.store
                .write(move |tx| meta::set_default_model(tx, id))
                .await?;
            this.choose_default().await;
            Ok(())
        })
        .await
    }

    /// The version that is asked for, loaded now unless it is in memory.
    ///
    /// # Errors
    /// No such model or version, or it cannot be loaded.
    pub async fn servable(&self, model: Option<&str>, version: &str) -> Result<Arc<Servable>, PredictError> {
        let model = match model {
            Some(model) => model
                .parse()
                .map_err(|_| PredictError::UnknownModel(model.chars().take(100).collect()))?,
            None => self
                .predictor
                .default_model()
                .ok_or(PredictError::NothingServes)?,
        };
        let wanted: VersionRef = version.parse().map_err(|_| PredictError::UnknownVersion {
            model: model.clone(),
            version: version.chars().take(100).collect(),
        })?;
        let info = self.found(&model, wanted).await?;
        if let Some(servable) = self.predictor.loaded(Some(model.as_str()), &info.label) {
            return Ok(servable);
        }
        let this = self.clone();
        // To its end, also when whoever asked goes away: otherwise each that comes would load it once more.
        to_the_end(async move { this.pin(info).await }).await
    }

    async fn found(&self, model: &Name, version: VersionRef) -> Result<VersionInfo, PredictError> {
        self.registry
            .version(model, version)
            .await
            .map_err(|error| match error {
                RegistryError::UnknownModel(name) => PredictError::UnknownModel(name.to_string()),
                RegistryError::UnknownVersion { model, version } => {
                    PredictError::UnknownVersion { model, version }
                }
                other => PredictError::Registry(other),
            })
    }

    /// Loads a version that is asked for, unless it is in memory by now.
    async fn pin(&self, info: VersionInfo) -> Result<Arc<Servable>, PredictError> {
        let _changing = self.changing.lock().await;
        // It may have been deleted since it was found.
        let info = self.found(&info.model, VersionRef::Number(info.number)).await?;
        if let Some(servable) = self.predictor.loaded(Some(info.model.as_str()), &info.label) {
            return Ok(servable);
        }
        let servable = self
            .load(&info)
            .await
            .map_err(|error| match error.of_the_store() {
                Ok(error) => RegistryError::Store(error).into(),
                Err(source) => PredictError::CannotLoad {
                    model: info.model.clone(),
                    version: info.label.clone(),
                    source: Box::new(source),
                },
            })?;
        let servable = Arc::new(servable);
        self.change(|snapshot| {
            snapshot
                .pinned
                .retain(|pinned| pinned.model_id() != info.model_id || pinned.number() != info.number);
            snapshot.pinned.push(Arc::clone(&servable));
            if snapshot.pinned.len() > MAX_PINNED {
                snapshot.pinned.remove(0);
            }
        });
        Ok(servable)
    }

    /// Takes a version that left production away from the predictor.
    fn take_away(&self, version: &VersionInfo) {
        self.change(|snapshot| {
            snapshot.production.retain(|_, serving| {
                serving.model_id() != version.model_id || serving.number() != version.number
            });
        });
    }

    async fn load_to_serve(&self, version: &VersionInfo) -> Result<Servable, RegistryError> {
        self.load(version)
            .await
            .map_err(|error| match error.of_the_store() {
                Ok(error) => error.into(),
                Err(error) => RegistryError::CannotServe {
                    model: version.model.clone(),
                    version: version.label.clone(),
                    reason: error.to_string(),
                },
            })
    }

    async fn load(&self, version: &VersionInfo) -> Result<Servable, LoadError> {
        let (registry, version) = (self.registry.clone(), version.clone());
        let device = self.device.clone();
        let load = move || {
            let mut content = Content::from_bundle(&registry.bundle_blocking(&version)?)?;
            // It is tried on the device that it will answer on.
            content.fitted = content.fitted.on(&device);
            Servable::check(&content)?;
            Ok(Servable::load(content, &version))
        };
        self.store.blob_call(load).await
    }

    fn put(&self, mut servable: Servable) {
        let before = self
            .predictor
            .loaded(Some(servable.model().as_str()), servable.label());
        if let Some(before) = before {
            servable.count_on(&before);
        }
        let servable = Arc::new(servable);
        self.change(|snapshot| {
            // One version a model, whatever the model was called when the other came.
            let production = &mut snapshot.production;
            production.retain(|_, serving| serving.model_id() != servable.model_id());
            production.insert(servable.model().to_string(), Arc::clone(&servable));
        });
        tracing::info!(model = %servable.model(), version = servable.label(), "a version answers");
    }

    /// The default model is the one that the process was started with, or that was chosen, or else the
    /// oldest of those in production.
    async fn choose_default(&self) {
        if let Err(error) = self.try_choose_default().await {
            // What was changed stays changed; the next change chooses again.
            tracing::warn!(%error, "the default model could not be chosen anew");
        }
    }

    async fn try_choose_default(&self) -> Result<(), RegistryError> {
        let snapshot = self.predictor.0.load_full();
        let serving = || snapshot.production.values();
        let named = self.default_model.as_ref();
        let named = named.and_then(|name| serving().find(|serving| serving.model() == name));
        let default = match named {
            Some(named) => Some(named.model_id()),
            None => match self.store.read(meta::default_model).await? {
                Some(chosen) if serving().any(|serving| serving.model_id() == chosen) => Some(chosen),
                _ => {
                    let models = serving().map(|serving| serving.model_id()).collect();
                    self.registry.oldest(models).await?
                }
            },
        };
        let before = self.predictor.default_model();
        self.change(|snapshot| {
            let mut serving = snapshot.production.values();
            snapshot.default = serving
                .find(|serving| Some(serving.model_id()) == default)
                .cloned();
        });
        let after = self.predictor.default_model();
        if let Some(model) = after.filter(|after| before.as_ref() != Some(after)) {
            tracing::info!(%model, "a model answers when a request names none");
        }
        Ok(())
    }

    fn change(&self, mut change: impl FnMut(&mut Snapshot)) {
        self.predictor.0.rcu(|before| {
            let mut after = Snapshot {
                production: before.production.clone(),
                default: before.default.clone(),
                pinned: before.pinned.clone(),
                aliases: Arc::clone(&before.aliases),
            };
            change(&mut after);
            after
        });
    }
}
