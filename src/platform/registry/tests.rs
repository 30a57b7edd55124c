use std::collections::BTreeMap;

mod chained;
mod changes;
mod many;
mod removal;

use super::*;
use crate::base::{ContentId, Entropy, JobId, ModelId, RunId};
use crate::platform::page::PageOf;
use crate::platform::recipes::Promote;
use crate::platform::testing::{store, tick};
use crate::store::tables::models::TrainedOn;

fn decision() -> Decision {
    Decision::of("someone", Some("it is better".to_owned()))
}

fn model() -> Name {
    "churn".parse().unwrap()
}

/// Registers a version trained on `data` by `recipe`, taking in `inputs`.
async fn register(
    registry: &Registry,
    inputs: &str,
    data: &str,
    recipe: &str,
    promote: Promote,
) -> VersionInfo {
    register_as(registry, inputs, data, recipe, promote, 0.9).await
}

fn version(number: u64) -> VersionRef {
    VersionRef::Number(number)
}

fn alias(name: &str) -> AliasName {
    name.parse().unwrap()
}

/// The same, with this ROC AUC where the baseline has 0.5.
async fn register_as(
    registry: &Registry,
    inputs: &str,
    data: &str,
    recipe: &str,
    promote: Promote,
    roc_auc: f64,
) -> VersionInfo {
    let content = format!("{inputs}{data}{recipe}").into_bytes();
    let address = registry.store.blobs().put(content.clone()).await.unwrap();
    let new = NewVersion {
        model: model(),
        title: String::new(),
        description: String::new(),
        origin: NewOrigin::Trained {
            run: RunId::random(Entropy).unwrap(),
            job: JobId::random(Entropy).unwrap(),
        },
        model_id: ModelId::random(Entropy).unwrap(),
        dataset: Some(TrainedOn {
            id: None,
            name: model().to_string(),
            version: ContentId::of(data.as_bytes()),
            generated: false,
        }),
        task: "binary".to_owned(),
        target: "left".to_owned(),
        metrics: BTreeMap::from([("roc_auc".to_owned(), roc_auc)]),
        baseline: BTreeMap::from([("roc_auc".to_owned(), 0.5)]),
        input_schema: ContentId::of(inputs.as_bytes()),
        recipe: Some(ContentId::of(recipe.as_bytes())),
        bundle: BundleRow {
            address,
            bytes: content.len() as u64,
            digest: ContentId::of(&content),
            signer: registry.store.vault().bundles().public_key(),
        },
        promote,
        gates: Vec::new(),
        by: "the one who trains".to_owned(),
    };
    tick(&registry.clock);
    let now = registry.clock.now();
    registry
        .store
        .write(move |tx| register_in(tx, &new, now))
        .await
        .unwrap()
}

async fn three_versions() -> Registry {
    let (store, clock) = store();
    let registry = Registry::new(store, clock);
    for data in ["a", "b", "c"] {
        register(&registry, "i", data, "r", Promote::First).await;
    }
    registry
}

async fn in_production(registry: &Registry) -> Option<u64> {
    let version = VersionRef::Stage(Stage::Production);
    registry
        .version(&model(), version)
        .await
        .ok()
        .map(|version| version.number)
}

#[tokio::test]
async fn labels_say_what_changed_and_numbers_count() {
    let (store, clock) = store();
    let registry = Registry::new(store, clock);
    let mut made = Vec::new();
    for (inputs, data, recipe) in [
        ("i", "a", "r"),
        ("i", "b", "r"),
        ("i", "b", "s"),
        ("i", "b", "s"),
        ("j", "b", "s"),
        ("j", "a", "s"),
    ] {
        let version = register(&registry, inputs, data, recipe, Promote::Never).await;
        made.push((version.number, version.label));
    }
    let labels: Vec<_> = made
        .iter()
        .map(|(number, label)| (*number, label.as_str()))
        .collect();
    assert_eq!(
        labels,
        [
            (1, "v1.0.0"),
            (2, "v1.1.0"),
            (3, "v1.2.0"),
            (4, "v1.2.1"),
            (5, "v2.0.0"),
            (6, "v2.1.0")
        ]
    );
}

#[tokio::test]
async fn the_first_version_serves_at_once_and_later_ones_wait() {
    let registry = three_versions().await;
    assert_eq!(in_production(&registry).await, Some(1));
    let stages: Vec<_> = registry
        .versions(&model(), PageOf::first(10))
        .await
        .unwrap()
        .items
        .iter()
        .map(|v| v.stage)
        .collect();
    assert_eq!(stages, [Stage::None, Stage::None, Stage::Production]);
    register(&registry, "i", "d", "r", Promote::Always).await;
    assert_eq!(in_production(&registry).await, Some(4));
}

#[tokio::test]
async fn a_promotion_archives_what_was_in_production() {
    let registry = three_versions().await;
    let promoted = registry
        .promote(&model(), VersionRef::Number(3), Stage::Production, decision())
        .await
        .unwrap();
    assert_eq!(
        (promoted.stage, promoted.deployed_at),
        (Stage::Production, Some(registry.clock.now()))
    );
    let old = registry.version(&model(), VersionRef::Number(1)).await.unwrap();
    assert_eq!(old.stage, Stage::Archived);
    assert_eq!(registry.model(&model()).await.unwrap().current.unwrap().number, 3);
}

#[tokio::test]
async fn rollbacks_go_back_step_by_step_and_end_with_a_clear_word() {
    let registry = three_versions().await;
    for number in [2, 3] {
        registry
            .promote(
                &model(),
                VersionRef::Number(number),
                Stage::Production,
                decision(),
            )
            .await
            .unwrap();
    }
    assert_eq!(registry.rollback(&model(), decision()).await.unwrap().number, 2);
    assert_eq!(registry.rollback(&model(), decision()).await.unwrap().number, 1);
    assert!(matches!(
        registry.rollback(&model(), decision()).await,
        Err(RegistryError::NothingToRollBackTo(_))
    ));
    assert_eq!(in_production(&registry).await, Some(1));
    // A new promotion after rollbacks is undone first.
    registry
        .promote(&model(), VersionRef::Number(3), Stage::Production, decision())
        .await
        .unwrap();
    assert_eq!(registry.rollback(&model(), decision()).await.unwrap().number, 1);
}

#[tokio::test]
async fn a_version_taken_out_of_production_leaves_nothing_there_and_can_be_put_back() {
    let registry = three_versions().await;
    registry
        .promote(&model(), VersionRef::Number(1), Stage::Archived, decision())
        .await
        .unwrap();
    assert_eq!(in_production(&registry).await, None);
    assert_eq!(registry.rollback(&model(), decision()).await.unwrap().number, 1);
    assert_eq!(in_production(&registry).await, Some(1));
}

#[tokio::test]
async fn rollbacks_never_go_forward_again() {
    let registry = three_versions().await;
    let to = |number, stage| {
        let registry = registry.clone();
        async move {
            registry
                .promote(&model(), VersionRef::Number(number), stage, decision())
                .await
                .unwrap()
        }
    };
    to(2, Stage::Production).await;
    to(2, Stage::Archived).await;
    to(2, Stage::Production).await;
    assert_eq!(registry.rollback(&model(), decision()).await.unwrap().number, 1);
    assert!(matches!(
        registry.rollback(&model(), decision()).await,
        Err(RegistryError::NothingToRollBackTo(_))
    ));
}

#[tokio::test]
async fn a_version_is_found_by_number_label_stage_and_as_latest() {
    let registry = three_versions().await;
    for (given, number) in [
        ("2", 2),
        ("v1.2.0", 3),
        ("production", 1),
        ("latest", 3),
        ("none", 3),
    ] {
        let found = registry.version(&model(), given.parse().unwrap()).await.unwrap();
        assert_eq!(found.number, number, "{given}");
    }
    for missing in ["9", "v9.0.0", "staging"] {
        let error = registry
            .version(&model(), missing.parse().unwrap())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(missing), "{error}");
    }
    for bad in ["", "v1", "prod", "-1", "99999999999999999999"] {
        assert!(
            matches!(bad.parse::<VersionRef>(), Err(RegistryError::BadVersion(_))),
            "{bad}"
        );
    }
    let unknown = registry.model(&"other".parse().unwrap()).await;
    assert!(matches!(unknown, Err(RegistryError::UnknownModel(_))));
}

#[tokio::test]
async fn a_first_version_that_is_no_better_than_its_baseline_waits_to_be_promoted() {
    let (store, clock) = store();
    let registry = Registry::new(store, clock);
    let first = register_as(&registry, "i", "a", "r", Promote::First, 0.5).await;
    assert_eq!(first.stage, Stage::None);
    let second = register_as(&registry, "i", "b", "r", Promote::First, 0.6).await;
    assert_eq!(second.stage, Stage::Production);
    let third = register_as(&registry, "i", "c", "r", Promote::Always, 0.4).await;
    assert_eq!(third.stage, Stage::Production);
}

#[tokio::test]
async fn the_history_says_who_moved_what_and_why() {
    let registry = three_versions().await;
    let to = |number, stage| {
        let registry = registry.clone();
        async move {
            let version = VersionRef::Number(number);
            registry
                .promote(&model(), version, stage, decision())
                .await
                .unwrap();
        }
    };
    to(2, Stage::Staging).await;
    to(2, Stage::Production).await;
    // Where it is already.
    to(2, Stage::Production).await;
    registry.rollback(&model(), decision()).await.unwrap();

    let first = registry.history(&model(), PageOf::first(3)).await.unwrap();
    let rest = PageOf::new(10, first.next_page_token.clone());
    let rest = registry.history(&model(), rest).await.unwrap();
    let told: Vec<_> = first
        .items
        .iter()
        .chain(&rest.items)
        .map(|change| {
            let from = change.from.map_or("", Stage::as_str);
            let production = (change.production_before, change.production_after);
            (
                change.action.as_str(),
                change.version.unwrap(),
                from,
                change.to.unwrap().as_str(),
                production,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("rollback", 1, "archived", "production", (Some(2), Some(1))),
            ("promote", 2, "staging", "production", (Some(1), Some(2))),
            ("promote", 2, "none", "staging", (Some(1), Some(1))),
            ("register", 3, "", "none", (Some(1), Some(1))),
            ("register", 2, "", "none", (Some(1), Some(1))),
            ("promote", 1, "none", "production", (None, Some(1))),
            ("register", 1, "", "none", (None, None)),
        ]
    );
    assert_eq!(rest.next_page_token, None);
    let promoted = &first.items[1];
    assert_eq!(
        (promoted.by.as_str(), promoted.reason.as_deref()),
        ("someone", Some("it is better"))
    );
    assert_eq!(rest.items[1].by, "the one who trains");
}

#[tokio::test]
async fn versions_come_newest_first_a_page_at_a_time() {
    let registry = three_versions().await;
    let first = registry.versions(&model(), PageOf::first(2)).await.unwrap();
    register(&registry, "i", "d", "r", Promote::First).await;
    let rest = PageOf::new(2, first.next_page_token);
    let rest = registry.versions(&model(), rest).await.unwrap();
    let seen: Vec<_> = first
        .items
        .iter()
        .chain(&rest.items)
        .map(|version| version.number)
        .collect();
    assert_eq!((seen, rest.next_page_token), (vec![3, 2, 1], None));
}

#[tokio::test]
async fn a_model_without_a_version_is_a_model() {
    let (store, clock) = store();
    let registry = Registry::new(store, clock);
    let id = ModelId::random(Entropy).unwrap();
    let row = crate::store::tables::models::ModelRow::new(id, model().as_str(), registry.clock.now());
    let adding = registry
        .store
        .write(move |tx| crate::store::tables::models::add(tx, &row));
    adding.await.unwrap();
    let shown = registry.model(&model()).await.unwrap();
    assert!(shown.current.is_none() && shown.versions == 0);
    let first = register(&registry, "i", "a", "r", Promote::First).await;
    assert_eq!((first.number, first.model_id), (1, shown.id));
}
