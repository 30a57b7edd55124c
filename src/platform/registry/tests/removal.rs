//! Deletion, restoration, purge.

use std::time::Duration;

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

async fn numbers(registry: &Registry, deleted: bool) -> Vec<u64> {
    let filter = VersionFilter {
        deleted,
        ..VersionFilter::default()
    };
    let versions = registry
        .versions_that(&model(), filter, PageOf::first(10))
        .await
        .unwrap();
    versions.items.iter().map(|version| version.number).collect()
}

#[tokio::test]
async fn a_deleted_version_is_gone_until_it_is_restored() {
    let registry = three_versions().await;
    registry
        .set_alias(&model(), version(3), alias("next"), decision())
        .await
        .unwrap();
    let deleted = registry
        .delete_version(&model(), version(3), decision())
        .await
        .unwrap();
    assert_eq!(
        (deleted.deleted.unwrap().by.as_str(), deleted.aliases.len()),
        ("someone", 0)
    );
    assert_eq!(numbers(&registry, false).await, [2, 1]);
    assert_eq!(numbers(&registry, true).await, [3]);
    for given in ["3", "v1.2.0"] {
        let error = registry
            .version(&model(), given.parse().unwrap())
            .await
            .unwrap_err();
        assert!(
            matches!(error, RegistryError::Deleted { purged: false, .. }),
            "{error}"
        );
        assert!(
            error.to_string().contains("usina models restore churn v1.2.0"),
            "{error}"
        );
    }
    assert!(
        registry
            .version(&model(), "@next".parse().unwrap())
            .await
            .is_err()
    );
    assert_eq!(
        registry
            .version(&model(), VersionRef::Latest)
            .await
            .unwrap()
            .number,
        2
    );
    let promoted = registry
        .promote(&model(), version(3), Stage::Production, decision())
        .await;
    assert!(matches!(promoted, Err(RegistryError::Deleted { .. })));

    let label: VersionRef = "v1.2.0".parse().unwrap();
    let restored = registry
        .restore_version(&model(), label, decision())
        .await
        .unwrap();
    assert_eq!((restored.number, restored.deleted), (3, None));
    assert_eq!(numbers(&registry, false).await, [3, 2, 1]);
    let again = registry.restore_version(&model(), version(3), decision()).await;
    assert!(matches!(again, Err(RegistryError::NotDeleted(_))));
}

#[tokio::test]
async fn what_is_in_production_is_not_deleted() {
    let registry = three_versions().await;
    let refused = registry
        .delete_version(&model(), version(1), decision())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("--stage archived"), "{refused}");
    let refused = registry.delete_model(&model(), decision()).await;
    assert!(matches!(refused, Err(RegistryError::InProduction { .. })));
    assert_eq!(numbers(&registry, false).await, [3, 2, 1]);
}

#[tokio::test]
async fn a_number_and_a_label_are_never_given_again() {
    let registry = three_versions().await;
    registry
        .delete_version(&model(), version(3), decision())
        .await
        .unwrap();
    registry.clock.advance(DAY);
    assert_eq!(registry.purge(Duration::from_secs(60)).await.unwrap(), 1);
    let next = register(&registry, "i", "d", "r", Promote::First).await;
    assert_eq!((next.number, next.label.as_str()), (4, "v1.3.0"));
}

#[tokio::test]
async fn a_deleted_model_comes_back_with_what_was_deleted_with_it() {
    let registry = three_versions().await;
    registry
        .promote(&model(), version(1), Stage::Archived, decision())
        .await
        .unwrap();
    registry
        .delete_version(&model(), version(2), decision())
        .await
        .unwrap();
    registry.delete_model(&model(), decision()).await.unwrap();
    let is_deleted = |error| matches!(error, Some(RegistryError::Deleted { .. }));
    assert!(is_deleted(registry.model(&model()).await.err()));
    assert!(is_deleted(registry.version(&model(), version(1)).await.err()));
    assert!(is_deleted(
        registry.versions(&model(), PageOf::first(9)).await.err()
    ));
    assert!(registry.models(PageOf::first(9)).await.unwrap().items.is_empty());
    let filter = ModelFilter {
        deleted: true,
        ..ModelFilter::default()
    };
    assert_eq!(
        registry
            .models_that(filter, PageOf::first(9))
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert!(registry.verify_history(&model()).await.unwrap().fault.is_none());

    registry.restore_model(&model(), decision()).await.unwrap();
    assert_eq!(numbers(&registry, false).await, [3, 1]);
    assert_eq!(numbers(&registry, true).await, [2]);
    assert!(matches!(
        registry.restore_model(&model(), decision()).await,
        Err(RegistryError::NotDeleted(_))
    ));
}

#[tokio::test]
async fn a_training_brings_a_deleted_model_back_with_its_new_version_alone() {
    let registry = three_versions().await;
    registry
        .promote(&model(), version(1), Stage::Archived, decision())
        .await
        .unwrap();
    registry.delete_model(&model(), decision()).await.unwrap();
    let next = register(&registry, "i", "d", "r", Promote::First).await;
    assert_eq!((next.number, next.stage), (4, Stage::Production));
    assert_eq!(numbers(&registry, false).await, [4]);
    assert_eq!(numbers(&registry, true).await, [3, 2, 1]);
    registry
        .restore_version(&model(), version(2), decision())
        .await
        .unwrap();
    // Nothing of the model itself is due any more.
    registry.clock.advance(DAY);
    assert_eq!(registry.purge(Duration::from_secs(60)).await.unwrap(), 2);
    assert_eq!(numbers(&registry, false).await, [4, 2]);
}

#[tokio::test]
async fn what_is_purged_gives_its_content_up_and_nothing_else() {
    let registry = three_versions().await;
    let kept = registry.version(&model(), version(2)).await.unwrap();
    let gone = registry.version(&model(), version(3)).await.unwrap();
    registry
        .delete_version(&model(), version(3), decision())
        .await
        .unwrap();
    registry.clock.advance(29 * DAY);
    assert_eq!(registry.purge(30 * DAY).await.unwrap(), 0);
    registry.clock.advance(2 * DAY);
    assert_eq!(registry.purge(30 * DAY).await.unwrap(), 1);
    assert_eq!(registry.purge(30 * DAY).await.unwrap(), 0);
    let blobs = registry.store.blobs();
    let has = |version: &VersionInfo| {
        let blobs = blobs.clone();
        let address = version.bundle.as_ref().unwrap().address;
        async move {
            tokio::task::spawn_blocking(move || blobs.reader(&address).is_ok())
                .await
                .unwrap()
        }
    };
    assert!(has(&kept).await && !has(&gone).await);
    let restored = registry
        .restore_version(&model(), version(3), decision())
        .await
        .unwrap_err();
    assert!(matches!(restored, RegistryError::Purged { .. }), "{restored}");
    assert_eq!(numbers(&registry, true).await, Vec::<u64>::new());
    let last = registry
        .history(&model(), PageOf::first(1))
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (last.action.as_str(), last.version, last.by.as_str()),
        ("purge", Some(3), "usina")
    );
}

#[tokio::test]
async fn a_rollback_passes_over_what_is_deleted() {
    let registry = three_versions().await;
    for number in [2, 3] {
        registry
            .promote(&model(), version(number), Stage::Production, decision())
            .await
            .unwrap();
    }
    registry
        .delete_version(&model(), version(2), decision())
        .await
        .unwrap();
    assert_eq!(registry.rollback(&model(), decision()).await.unwrap().number, 1);
}
