//! A training that is interrupted goes on from where it was.

use super::*;
use crate::base::ContentId;
use crate::engine::fit::Checkpoints;
use crate::platform::jobs::JobCheckpoints;
use crate::store::tables::jobs::{self, CheckpointRow};

const RECIPE: &str = "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\n[validation]\nfolds = 0\nbootstrap = 0\n\
                      [algorithm.mlp]\nhidden_layer_sizes = [16]\nbatch_size = 64\npatience = 0\ndropout = 0.1\nepochs = 400\n";

impl Plant {
    fn checkpoint(&self, job: &Job) -> Option<CheckpointRow> {
        let id = job.id;
        let read = self.trainer.store.read_blocking(move |tx| jobs::find(tx, id));
        read.unwrap().unwrap().checkpoint
    }

    async fn weights(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let registry = &self.trainer.registry;
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        registry
            .content(&version)
            .await
            .unwrap()
            .fitted
            .rows()
            .unwrap()
            .model
            .encode()
            .unwrap()
            .files
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_net_whose_training_was_interrupted_is_the_same_net() {
    let whole = Plant::new(1).await;
    whole.add_rows(300).await;
    let job = whole.train_recipe(RECIPE).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);

    let mut plant = Plant::new(1).await;
    plant.add_rows(300).await;
    let job = plant
        .jobs
        .train("recipe.toml", RECIPE, None, "a tester")
        .await
        .unwrap();
    // The clock stands still unless it is told to go on: something is kept after each epoch then.
    let mut kept = None;
    while kept.is_none() {
        plant.trainer.clock.advance(Duration::from_secs(11));
        tokio::time::sleep(Duration::from_millis(2)).await;
        kept = plant.checkpoint(&job);
        assert!(
            !plant.jobs.find(job.id).await.unwrap().state.is_final(),
            "it was too quick"
        );
    }
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
    assert!(!plant.jobs.find(job.id).await.unwrap().state.is_final());
    let kept = plant.checkpoint(&job).unwrap();
    assert!(
        plant
            .trainer
            .store
            .blobs()
            .get_blocking(&kept.blob, 1 << 20)
            .is_ok()
    );

    plant.lifecycle = Lifecycle::new();
    plant.start();
    let job = loop {
        let job = plant.jobs.find(job.id).await.unwrap();
        if job.state.is_final() {
            break job;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    assert_eq!(plant.weights().await, whole.weights().await);
    // Its curve is whole, though the first epochs were another process'.
    let tracking = &plant.trainer.tracking;
    let curve = tracking
        .metric_history(job.run_id.unwrap(), "train_logloss", 0, 1000)
        .await
        .unwrap();
    assert_eq!(curve.len(), 400);
    assert!(curve[399].value < curve[0].value);
    // What was kept is gone with the job.
    assert_eq!(plant.checkpoint(&job), None);
    assert!(
        plant
            .trainer
            .store
            .blobs()
            .get_blocking(&kept.blob, 1 << 20)
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_of_other_work_is_no_beginning_and_is_gone_when_the_job_is_called_off() {
    let plant = Plant::new(1).await;
    plant.add_rows(60).await;
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
    let job = plant
        .jobs
        .train("recipe.toml", RECIPE, None, "a tester")
        .await
        .unwrap();
    let (store, clock) = (plant.trainer.store.clone(), plant.trainer.clock.clone());
    let id = job.id;
    let kept = tokio::task::spawn_blocking(move || {
        let of = |text: &str| ContentId::of(text.as_bytes());
        let checkpoints = |text| JobCheckpoints::new(store.clone(), clock.clone(), id, of(text));
        let mut this = checkpoints("this");
        assert!(this.last().is_none() && !this.is_due());
        clock.advance(Duration::from_secs(11));
        assert!(this.is_due());
        this.keep(b"first".to_vec());
        assert!(!this.is_due());
        this.keep(b"second".to_vec());
        assert_eq!(checkpoints("this").last().as_deref(), Some(&b"second"[..]));
        assert_eq!(checkpoints("that").last(), None);
    });
    kept.await.unwrap();
    let kept = plant.checkpoint(&job).unwrap();
    plant.jobs.cancel(job.id).await.unwrap();
    assert_eq!(plant.checkpoint(&job), None);
    assert!(plant.trainer.store.blobs().get_blocking(&kept.blob, 100).is_err());
}
