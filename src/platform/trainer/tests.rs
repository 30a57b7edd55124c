mod exchange;
mod families;
mod gates;
mod measuring;
mod named;
mod nested;
mod quantile;
mod ratings;
mod resume;
mod series;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::base::{Lifecycle, Name};
use crate::data::source::ReadOptions;
use crate::platform::datasets::{NewDataset, Purpose, Rows, Source};
use crate::platform::jobs::{Jobs, Outcome, State, Worker};
use crate::platform::page::PageOf;
use crate::platform::predictor::{Cell, PredictError, Predictor, Row, Servable};
use crate::platform::registry::{Decision, RegistryError, Stage, VersionRef};
use crate::platform::testing::store;

mod split;

/// A platform in memory that can train.
struct Plant {
    trainer: Trainer,
    jobs: Jobs,
    predictor: Predictor,
    lifecycle: Lifecycle,
}

fn decision() -> Decision {
    Decision::of("a tester", None)
}

fn name() -> Name {
    "plant".parse().unwrap()
}

fn answered(servable: &Servable, row: Row<'_>) -> Vec<f32> {
    let answers = servable.rows().unwrap().predict(&[row]).unwrap();
    answers.rows().next().unwrap().to_vec()
}

impl Plant {
    async fn new(threads: usize) -> Self {
        let (store, clock) = store();
        let tracking = Tracking::new(store.clone(), clock.clone(), Entropy);
        tracking.ensure_default().await.unwrap();
        let registry = Registry::new(store.clone(), clock.clone());
        let predictor = Predictor::default();
        let deployments = Deployments::new(store.clone(), registry.clone(), predictor.clone(), None);
        let datasets = Datasets::new(store.clone(), clock.clone(), Entropy);
        let jobs = Jobs::new(store.clone(), clock.clone(), Entropy);
        let trainer = Trainer {
            store,
            clock,
            entropy: Entropy,
            datasets,
            tracking,
            registry,
            deployments,
            threads,
            devices: Devices::default(),
            kept_bytes: Rows::KEPT_BYTES,
        };
        let plant = Self {
            trainer,
            jobs,
            predictor,
            lifecycle: Lifecycle::new(),
        };
        plant.start();
        plant
    }

    fn start(&self) {
        Worker::new(self.jobs.clone(), Arc::new(self.trainer.clone())).start(&self.lifecycle);
    }

    /// Goes on with a worker that keeps so much of its rows in memory.
    async fn keep(&mut self, kept_bytes: usize) {
        self.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
        self.lifecycle = Lifecycle::new();
        self.trainer.kept_bytes = kept_bytes;
        self.start();
    }

    /// Adds a table of `rows` rows: hot machines of kind b fail.
    async fn add_rows(&self, rows: usize) {
        let mut csv = "heat,kind,fails\n".to_owned();
        for row in 0..rows {
            let (heat, kind) = (row * 7 % 101, if row % 3 == 0 { "b" } else { "a" });
            let fails = if heat > 60 && kind == "b" || row % 17 == 0 {
                "yes"
            } else {
                "no"
            };
            let _ = writeln!(csv, "{heat},{kind},{fails}");
        }
        self.add(csv).await;
    }

    async fn add(&self, csv: String) {
        let new = NewDataset {
            name: name(),
            source: Source::file("plant.csv"),
            generated: false,
            purpose: Purpose::Keep,
        };
        let datasets = self.trainer.datasets.clone();
        let adding = tokio::task::spawn_blocking(move || {
            datasets.add_stream(&new, &ReadOptions::default(), csv.as_bytes(), &Stop::new())
        });
        adding.await.unwrap().unwrap();
    }

    async fn train(&self, more: &str) -> Job {
        let recipe = format!(
            "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\n[validation]\nfolds = 3\n\
             [algorithm.boost]\nn_estimators = 20\n{more}"
        );
        self.train_recipe(&recipe).await
    }

    async fn train_recipe(&self, recipe: &str) -> Job {
        let id = self
            .jobs
            .train("recipe.toml", recipe, None, "a tester")
            .await
            .unwrap()
            .id;
        loop {
            let job = self.jobs.find(id).await.unwrap();
            if job.state.is_final() {
                return job;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    fn label(job: &Job) -> Option<&str> {
        job.outcome
            .as_ref()
            .map(|Outcome::Version { label, .. }| label.as_str())
    }

    fn probability(&self, heat: i64, kind: &'static str) -> f32 {
        let servable = self.predictor.in_production(Some("plant")).unwrap();
        let row = Row::Listed(vec![Cell::Integer(heat), Cell::text(kind)]);
        answered(&servable, row)[0]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_ends_with_a_version_that_answers() {
    let plant = Plant::new(1).await;
    plant.add_rows(400).await;
    let job = plant.train("").await;
    assert_eq!(
        (job.state, Plant::label(&job), &job.error),
        (State::Done, Some("v1.0.0"), &None)
    );
    let run = plant.trainer.tracking.run(job.run_id.unwrap()).await.unwrap();
    assert_eq!(
        (run.status.as_str(), run.params["n_estimators"].as_str()),
        ("FINISHED", "20")
    );
    let history = plant
        .trainer
        .tracking
        .metric_history(run.id, "train_logloss", 0, 100)
        .await
        .unwrap();
    assert_eq!(history.len(), 20);
    assert!(history[19].value < history[0].value);
    let version = plant
        .trainer
        .registry
        .version(&name(), VersionRef::Latest)
        .await
        .unwrap();
    assert!(
        version.metrics["roc_auc"] > version.baseline["roc_auc"] + 0.2,
        "{:?}",
        version.metrics
    );
    assert!(plant.probability(90, "b") > 0.5 && plant.probability(10, "a") < 0.5);
    let card = plant.trainer.registry.content(&version).await.unwrap().card;
    for fact in [
        "the probability that `fails` is `yes`",
        "plant.csv",
        "Rows: 400",
        "| roc_auc |",
    ] {
        assert!(card.contains(fact), "{fact} in {card}");
    }
    plant
        .lifecycle
        .finish(std::time::Duration::from_secs(10))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_rows_are_answered_at_once_than_an_answer_may_hold() {
    let plant = Plant::new(1).await;
    let mut csv = "heat,fails\n".to_owned();
    for row in 0..300 {
        let outcome = ["never", "soon", "now"][row % 101 / 34];
        let _ = writeln!(csv, "{},{}", row % 101, outcome.repeat(40));
    }
    plant.add(csv).await;
    let job = plant.train("").await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let servable = plant.predictor.in_production(Some("plant")).unwrap();
    let ask = |rows: usize| {
        servable
            .rows()
            .unwrap()
            .predict(&vec![Row::Listed(vec![Cell::Integer(7)]); rows])
    };
    let refused = ask(100_000).unwrap_err();
    let PredictError::TooManyRows { limit } = refused else {
        panic!("{refused}");
    };
    assert_eq!(ask(limit).unwrap().rows().len(), limit);
    assert!(matches!(ask(limit + 1), Err(PredictError::TooManyRows { .. })));
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_training_gives_the_same_weights_on_any_number_of_threads() {
    let mut weights = Vec::new();
    for threads in [1, 2] {
        let plant = Plant::new(threads).await;
        plant.add_rows(2_000).await;
        for label in ["v1.0.0", "v1.0.1"] {
            let job = plant.train("subsample = 0.7\ncolsample_bytree = 0.5").await;
            assert_eq!(Plant::label(&job), Some(label), "{:?}", job.error);
            let version = plant
                .trainer
                .registry
                .version(&name(), VersionRef::Latest)
                .await
                .unwrap();
            weights.push(plant.trainer.registry.as_xgboost(&version).await.unwrap());
        }
    }
    assert!(weights.iter().all(|other| *other == weights[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_into_memory_make_the_same_version() {
    let mut made = Vec::new();
    for kept_bytes in [Rows::KEPT_BYTES, 0] {
        let mut plant = Plant::new(1).await;
        plant.keep(kept_bytes).await;
        // More than a block of the stored table.
        plant.add_rows(70_000).await;
        let job = plant.train("early_stopping_rounds = 5").await;
        assert_eq!(Plant::label(&job), Some("v1.0.0"), "{:?}", job.error);
        let registry = &plant.trainer.registry;
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        let content = registry.content(&version).await.unwrap();
        made.push((
            registry.as_xgboost(&version).await.unwrap(),
            serde_json::to_string(&content.fitted.rows().unwrap().features).unwrap(),
            serde_json::to_string(&content.profile).unwrap(),
            serde_json::to_string(&content.fitted.rows().unwrap().warm_up).unwrap(),
            (version.metrics.clone(), version.baseline.clone()),
        ));
    }
    assert!(made[0] == made[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_learnt_fails_as_bad_input_and_registers_nothing() {
    let plant = Plant::new(1).await;
    plant.add_rows(3).await;
    let job = plant.train("").await;
    assert!(job.bad_input, "{:?}", job.error);
    assert!(
        plant
            .trainer
            .registry
            .models(PageOf::first(10))
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_cannot_be_loaded_never_replaces_one_that_serves() {
    let plant = Plant::new(1).await;
    plant.add_rows(400).await;
    plant.train("").await;
    let before = plant.probability(90, "b");
    plant.train("max_depth = 2").await;
    // The second version's bundle is lost from the disk.
    let second = plant
        .trainer
        .registry
        .version(&name(), VersionRef::Number(2))
        .await
        .unwrap();
    let bundle = second.bundle.unwrap().address;
    plant
        .trainer
        .store
        .write(move |tx| tx.release(&bundle))
        .await
        .unwrap();

    let deployments = &plant.trainer.deployments;
    let refused = deployments
        .promote(&name(), VersionRef::Number(2), Stage::Production, decision())
        .await
        .unwrap_err();
    assert!(matches!(refused, RegistryError::CannotServe { .. }), "{refused}");
    assert_eq!(plant.probability(90, "b"), before);
    let current = plant
        .trainer
        .registry
        .model(&name())
        .await
        .unwrap()
        .current
        .unwrap();
    assert_eq!((current.number, current.stage), (1, Stage::Production));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_and_a_rollback_answer_at_once() {
    let plant = Plant::new(1).await;
    plant.add_rows(400).await;
    plant.train("").await;
    let first = plant.probability(90, "b");
    plant.train("max_depth = 1").await;
    assert_eq!(plant.probability(90, "b"), first);
    let deployments = &plant.trainer.deployments;
    deployments
        .promote(&name(), VersionRef::Latest, Stage::Production, decision())
        .await
        .unwrap();
    let second = plant.probability(90, "b");
    assert_ne!(second, first);
    assert!(plant.predictor.loaded(None, "v1.1.0").is_some());
    deployments.roll_back(&name(), decision()).await.unwrap();
    assert_eq!(plant.probability(90, "b"), first);
    // The other one still answers whoever names it.
    let named = deployments.servable(None, "v1.1.0").await.unwrap();
    let row = Row::Listed(vec![Cell::Integer(90), Cell::text("b")]);
    assert_eq!(answered(&named, row), [second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_versions_in_memory_are_measured_and_one_that_is_promoted_counts_on() {
    let plant = Plant::new(1).await;
    plant.add_rows(400).await;
    let deployments = &plant.trainer.deployments;
    let row = || Row::Listed(vec![Cell::Integer(90), Cell::text("b")]);
    let mut labels = Vec::new();
    // Three more than are kept in memory beside the one in production.
    for depth in 1..=20 {
        let job = plant.train(&format!("max_depth = {depth}")).await;
        let label = Plant::label(&job).unwrap().to_owned();
        let servable = deployments.servable(None, &label).await.unwrap();
        servable.rows().unwrap().predict(&[row()]).unwrap();
        labels.push(label);
    }
    let answered = || -> Vec<(String, u64)> {
        let versions = plant.predictor.versions();
        let answered = |version: &Arc<Servable>| (version.label().to_owned(), version.tally().answered);
        versions.iter().map(answered).collect()
    };
    let kept = answered();
    assert_eq!(kept.len(), 17, "{kept:?}");
    assert!(kept.iter().all(|(_, answered)| *answered == 1), "{kept:?}");
    let gone = &labels[1..4];
    assert!(kept.iter().all(|(label, _)| !gone.contains(label)), "{kept:?}");

    deployments
        .promote(&name(), VersionRef::Latest, Stage::Production, decision())
        .await
        .unwrap();
    plant.probability(90, "b");
    let newest = &labels[19];
    let of_newest: Vec<_> = answered()
        .into_iter()
        .filter(|(label, _)| label == newest)
        .collect();
    assert_eq!(of_newest, [(newest.clone(), 2)]);
}
