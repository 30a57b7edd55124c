//! A node: the platform with its parts wired together, on one data folder.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;

use crate::api::{self, Door, Limits, Parts, RequestIds};
use crate::base::{Clock, Entropy, JobId, Lifecycle, Name};
use crate::engine::device::Devices;
use crate::platform::datasets::{Datasets, Rows};
use crate::platform::deployments::Deployments;
use crate::platform::idempotency::Idempotency;
use crate::platform::jobs::{Jobs, Worker};
use crate::platform::predictor::Predictor;
use crate::platform::registry::Registry;
use crate::platform::tracking::Tracking;
use crate::platform::trainer::Trainer;
use crate::runtime::config::StoreConfig;
use crate::runtime::telemetry::Measurements;
use crate::store::{Store, StoreError, StoreOptions};

/// How long tasks may take to end.
const STOP_PATIENCE: Duration = Duration::from_secs(15);

/// The platform on one data folder; no other process holds the folder meanwhile.
pub struct Node {
    /// What handlers work with.
    pub api: Parts,
    /// What is started, and how it is stopped.
    pub lifecycle: Lifecycle,
    store: Store,
    trainer: Trainer,
}

impl Node {
    /// Opens the data folder, makes it unless it is there, and puts to work what is in production.
    ///
    /// # Errors
    /// The store's, above all that another process holds the folder.
    pub async fn open(
        config: &StoreConfig,
        threads: usize,
        default_model: Option<Name>,
        devices: Devices,
    ) -> Result<Self, OpenError> {
        let options = StoreOptions {
            key_file: config.key_file.clone(),
            ..StoreOptions::default()
        };
        let folder = config.folder.clone();
        let opening =
            tokio::task::spawn_blocking(move || Store::open(&folder, options, Clock::system(), Entropy));
        let store = opening.await.context("opening the store broke off")??;
        Self::on(store, threads, default_model, devices).await
    }

    /// A node without a data folder, which is gone when it is closed: for what needs no data.
    ///
    /// # Errors
    /// The operating system has no randomness or no thread to give.
    pub async fn in_memory() -> Result<Self, OpenError> {
        Self::on(
            Store::in_memory(Clock::system(), Entropy)?,
            1,
            None,
            Devices::default(),
        )
        .await
    }

    async fn on(
        store: Store,
        threads: usize,
        default_model: Option<Name>,
        devices: Devices,
    ) -> Result<Self, OpenError> {
        let (clock, entropy) = (Clock::system(), Entropy);
        let measurements = Measurements::start().context("measuring cannot be started")?;
        let tracking = Tracking::new(store.clone(), clock.clone(), entropy);
        let registry = Registry::new(store.clone(), clock.clone());
        let datasets = Datasets::new(store.clone(), clock.clone(), entropy);
        let jobs = Jobs::new(store.clone(), clock.clone(), entropy);
        let idempotency = Idempotency::new(store.clone(), clock.clone());
        let predictor = Predictor::default();
        let deployments = Deployments::new(store.clone(), registry.clone(), predictor.clone(), default_model)
            .on(devices.to_predict());
        tracking
            .ensure_default()
            .await
            .context("the experiment Default cannot be made")?;
        registry
            .index_versions()
            .await
            .context("the versions cannot be listed by their datasets")?;
        deployments
            .load_all()
            .await
            .context("the models in production cannot be loaded")?;
        let trainer = Trainer {
            store: store.clone(),
            clock: clock.clone(),
            entropy,
            datasets: datasets.clone(),
            tracking: tracking.clone(),
            registry: registry.clone(),
            deployments: deployments.clone(),
            threads,
            devices,
            kept_bytes: Rows::KEPT_BYTES,
        };
        let lifecycle = Lifecycle::new();
        let api = Parts {
            predictor,
            deployments,
            registry,
            tracking,
            jobs,
            datasets,
            idempotency: idempotency.clone(),
            address: None,
            started_at: clock.now(),
            clock,
            lifecycle: lifecycle.clone(),
            metrics: measurements.renderer(),
            request_ids: RequestIds::new(entropy).context("no randomness for request ids")?,
        };
        measurements.keep_up(&lifecycle);
        idempotency.keep_up(&lifecycle);
        Ok(Self {
            api,
            lifecycle,
            store,
            trainer,
        })
    }

    /// What is served through `door`.
    pub fn router(&self, door: Door) -> Router {
        api::router(self.api.clone(), door, Limits::default())
    }

    /// Starts doing jobs, oldest first.
    pub fn work(&self) {
        self.worker().start(&self.lifecycle);
    }

    /// Starts doing the job `id` and no other: jobs that a server left are the server's.
    pub fn work_on(&self, id: JobId) {
        self.worker().only(id).start(&self.lifecycle);
    }

    fn worker(&self) -> Worker {
        Worker::new(self.api.jobs.clone(), Arc::new(self.trainer.clone()))
    }

    /// Stops everything, jobs last, and closes the store.
    ///
    /// # Errors
    /// Something did not end.
    pub async fn close(self) -> anyhow::Result<()> {
        let Self {
            api,
            lifecycle,
            store,
            trainer,
        } = self;
        let finished = lifecycle.finish(STOP_PATIENCE).await;
        drop((api, trainer));
        store.close().await;
        Ok(finished?)
    }
}

/// Why a data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt;

    use super::*;
    use crate::store::DATABASE_FILE;

    #[test]
    fn opening_a_folder_keeps_no_other_task_waiting() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (free, until_free) = mpsc::channel::<()>();
            let occupied = tokio::task::spawn_blocking(move || until_free.recv());
            let config = StoreConfig {
                folder: folder.path().join("data"),
                key_file: None,
            };
            let mut opening = Box::pin(Node::open(&config, 1, None, Devices::default()));
            // No thread is free: had this one waited for the disk instead, the store would be there.
            assert!((&mut opening).now_or_never().is_none());
            assert!(!config.folder.join(DATABASE_FILE).exists());
            drop(free);
            occupied.await.unwrap().unwrap_err();
            opening.await.unwrap().close().await.unwrap();
            assert!(config.folder.join(DATABASE_FILE).exists());
        });
    }
}
