use std::collections::BTreeMap;

use super::*;
use crate::base::{ContentId, Entropy, RunId};
use crate::platform::bundles::DatasetOrigin;
use crate::platform::recipes::Promote;
use crate::platform::testing::{store, tick};

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
    let bundle = registry
        .store
        .blobs()
        .put(format!("{inputs}{data}{recipe}").into_bytes())
        .await
        .unwrap();
    let new = NewVersion {
        model: model(),
        title: String::new(),
        description: String::new(),
        run_id: RunId::random(Entropy).unwrap(),
        dataset: DatasetOrigin {
            name: model(),
            version: ContentId::of(data.as_bytes()),
            generated: false,
        },
        task: "binary".to_owned(),
        target: "left".to_owned(),
        metrics: BTreeMap::new(),
        baseline: BTreeMap::new(),
        input_schema: ContentId::of(inputs.as_bytes()),
        recipe: ContentId::of(recipe.as_bytes()),
        bundle,
        bundle_bytes: 1,
        promote,
    };
    tick(&registry.clock);
    let (hash, now) = (registry.hash(&model()), registry.clock.now());
    registry
        .store
        .write(move |tx| register_in(tx, hash, &new, now))
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
        .versions(&model(), 10)
        .await
        .unwrap()
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
        .promote(&model(), VersionRef::Number(3), Stage::Production)
        .await
        .unwrap();
    assert_eq!(
        (promoted.stage, promoted.deployed_at),
        (Stage::Production, Some(registry.clock.now()))
    );
    let old = registry.version(&model(), VersionRef::Number(1)).await.unwrap();
    assert_eq!(old.stage, Stage::Archived);
    assert_eq!(registry.model(&model()).await.unwrap().current.number, 3);
}

#[tokio::test]
async fn rollbacks_go_back_step_by_step_and_end_with_a_clear_word() {
    let registry = three_versions().await;
    for number in [2, 3] {
        registry
            .promote(&model(), VersionRef::Number(number), Stage::Production)
            .await
            .unwrap();
    }
    assert_eq!(registry.rollback(&model()).await.unwrap().number, 2);
    assert_eq!(registry.rollback(&model()).await.unwrap().number, 1);
    assert!(matches!(
        registry.rollback(&model()).await,
        Err(RegistryError::NothingToRollBackTo(_))
    ));
    assert_eq!(in_production(&registry).await, Some(1));
    // A new promotion after rollbacks is undone first.
    registry
        .promote(&model(), VersionRef::Number(3), Stage::Production)
        .await
        .unwrap();
    assert_eq!(registry.rollback(&model()).await.unwrap().number, 1);
}

#[tokio::test]
async fn a_version_taken_out_of_production_leaves_nothing_there_and_can_be_put_back() {
    let registry = three_versions().await;
    registry
        .promote(&model(), VersionRef::Number(1), Stage::Archived)
        .await
        .unwrap();
    assert_eq!(in_production(&registry).await, None);
    assert_eq!(registry.rollback(&model()).await.unwrap().number, 1);
    assert_eq!(in_production(&registry).await, Some(1));
}

#[tokio::test]
async fn rollbacks_never_go_forward_again() {
    let registry = three_versions().await;
    let to = |number, stage| {
        let registry = registry.clone();
        async move {
            registry
                .promote(&model(), VersionRef::Number(number), stage)
                .await
                .unwrap()
        }
    };
    to(2, Stage::Production).await;
    to(2, Stage::Archived).await;
    to(2, Stage::Production).await;
    assert_eq!(registry.rollback(&model()).await.unwrap().number, 1);
    assert!(matches!(
        registry.rollback(&model()).await,
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
