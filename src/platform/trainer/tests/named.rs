//! Aliases and deletions as predictions see them.

use super::*;
use crate::platform::registry::AliasName;

async fn two_versions() -> Plant {
    let plant = Plant::new(1).await;
    plant.add_rows(60).await;
    for more in ["", "max_depth = 2"] {
        let job = plant.train(more).await;
        assert_eq!(job.state, State::Done, "{:?}", job.error);
    }
    plant
}

fn champion() -> AliasName {
    "champion".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_of_a_version_in_memory_is_answered_from_memory() {
    let plant = two_versions().await;
    let deployments = &plant.trainer.deployments;
    let loaded = || {
        let found = plant.predictor.loaded(Some("plant"), "@champion");
        found.map(|servable| servable.number())
    };
    let set = |number| {
        let (name, number) = (name(), VersionRef::Number(number));
        async move {
            deployments
                .set_alias(&name, number, champion(), decision())
                .await
                .unwrap()
        }
    };
    assert_eq!(loaded(), None);
    set(1).await;
    assert_eq!(loaded(), Some(1), "it is in production, and in memory therefore");
    set(2).await;
    assert_eq!(loaded(), None, "it is to be loaded first");
    let asked = deployments.servable(Some("plant"), "@champion").await.unwrap();
    assert_eq!((asked.number(), loaded()), (2, Some(2)));
    deployments
        .unset_alias(&name(), champion(), decision())
        .await
        .unwrap();
    assert_eq!(loaded(), None);
    let unknown = deployments
        .servable(Some("plant"), "@champion")
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("champion"), "{unknown}");

    // Another start of the same store finds them where they were.
    set(1).await;
    let predictor = Predictor::default();
    let (store, registry) = (plant.trainer.store.clone(), plant.trainer.registry.clone());
    let restarted = Deployments::new(store, registry, predictor.clone(), None);
    restarted.load_all().await.unwrap();
    let found = predictor.loaded(Some("plant"), "@champion").unwrap();
    assert_eq!(found.number(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_version_answers_no_more_by_whatever_it_was_called() {
    let plant = two_versions().await;
    let deployments = &plant.trainer.deployments;
    let second = VersionRef::Number(2);
    deployments
        .set_alias(&name(), second.clone(), champion(), decision())
        .await
        .unwrap();
    let label = deployments
        .servable(Some("plant"), "2")
        .await
        .unwrap()
        .label()
        .to_owned();
    deployments
        .delete_version(&name(), second, decision())
        .await
        .unwrap();
    for called in ["2", label.as_str(), "@champion"] {
        assert!(
            plant.predictor.loaded(Some("plant"), called).is_none(),
            "{called}"
        );
        assert!(
            deployments.servable(Some("plant"), called).await.is_err(),
            "{called}"
        );
    }
    assert_eq!(plant.predictor.in_production(Some("plant")).unwrap().number(), 1);
}
