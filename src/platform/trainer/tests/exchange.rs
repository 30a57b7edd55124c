//! Bundles that move between machines, and those that are refused.

use super::*;
use crate::platform::bundles::tests::declaring;
use crate::platform::bundles::{Bundle, BundleError, Predicts, TrustedKeys};
use crate::platform::predictor::LoadError;
use crate::platform::registry::{Import, ImportError, Imported, VersionInfo};
use crate::store::{Signer, Store};

fn import() -> Import {
    Import {
        name: None,
        trust_new: false,
        by: "a tester".to_owned(),
    }
}

/// A registry of another machine, and its store.
fn elsewhere() -> (Registry, Store) {
    let (store, clock) = store();
    (Registry::new(store.clone(), clock), store)
}

async fn take_in(registry: &Registry, bytes: Vec<u8>, import: Import) -> Result<Imported, ImportError> {
    let registry = registry.clone();
    let taking = tokio::task::spawn_blocking(move || registry.import_blocking(bytes.as_slice(), &import));
    taking.await.unwrap()
}

/// A small version that was trained, its bundle, and what signed it.
async fn exported() -> (VersionInfo, Vec<u8>, Plant) {
    let plant = Plant::new(1).await;
    plant.add_rows(60).await;
    let job = plant.train("max_depth = 2\nearly_stopping_rounds = 1").await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let registry = plant.trainer.registry.clone();
    let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
    let (reader, wanted) = (registry.clone(), version.clone());
    let bytes = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut reader.sealed_blocking(&wanted).unwrap(), &mut bytes).unwrap();
        bytes
    });
    (version, bytes.await.unwrap(), plant)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_becomes_a_version_of_another_machine_and_answers_there() {
    let (version, bytes, plant) = exported().await;
    let (registry, store) = elsewhere();
    let refused = take_in(&registry, bytes.clone(), import()).await;
    assert!(matches!(
        refused,
        Err(ImportError::Bundle(BundleError::UntrustedKey(key))) if key == plant.trainer.registry.own_key()
    ));
    registry
        .trust(plant.trainer.registry.own_key(), None, "a tester".to_owned())
        .await
        .unwrap();
    let taken = take_in(&registry, bytes.clone(), import()).await.unwrap();
    assert!(taken.is_new);
    let (here, there) = (taken.version, version);
    assert_eq!(
        (here.number, here.stage, here.origin.as_str()),
        (1, Stage::None, "imported")
    );
    assert_eq!(here.metrics, there.metrics);
    assert_eq!(here.bundle.unwrap().digest, there.bundle.unwrap().digest);
    assert_eq!(here.run_id, None, "the run is the other machine's");

    let again = take_in(&registry, bytes.clone(), import()).await.unwrap();
    assert!(!again.is_new && again.version.number == 1);
    let other = Import {
        name: Some("copy".parse().unwrap()),
        ..import()
    };
    assert_eq!(
        take_in(&registry, bytes, other)
            .await
            .unwrap()
            .version
            .model
            .as_str(),
        "copy"
    );

    // It answers as it did, also when its signer is trusted no more.
    registry.distrust(plant.trainer.registry.own_key()).await.unwrap();
    let predictor = Predictor::default();
    let deployments = Deployments::new(store, registry.clone(), predictor.clone(), None);
    deployments
        .promote(&name(), VersionRef::Number(1), Stage::Production, decision())
        .await
        .unwrap();
    let row = || [Row::Listed(vec![Cell::Integer(90), Cell::text("b")])];
    let answer = |predictor: &Predictor| {
        let servable = predictor.in_production(Some("plant")).unwrap();
        servable.rows().unwrap().predict(&row()).unwrap()
    };
    let before = plant
        .trainer
        .registry
        .version(&name(), VersionRef::Latest)
        .await
        .unwrap();
    let before = plant
        .trainer
        .deployments
        .servable(Some("plant"), &before.label)
        .await
        .unwrap();
    assert_eq!(
        answer(&predictor),
        before.rows().unwrap().predict(&row()).unwrap()
    );
    let made = registry
        .lineage(&name(), VersionRef::Number(1))
        .await
        .unwrap()
        .made
        .unwrap();
    assert!(
        made.run.is_some() && made.recipe.contains("max_depth"),
        "{}",
        made.recipe
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signed_is_trusted_from_now_on_when_that_is_said() {
    let (_, bytes, plant) = exported().await;
    let (registry, _) = elsewhere();
    let trusting = Import {
        trust_new: true,
        ..import()
    };
    let mut broken = bytes.clone();
    *broken.last_mut().unwrap() ^= 1;
    take_in(&registry, broken, trusting.clone()).await.unwrap_err();
    assert!(
        registry.trusted_keys().await.unwrap().is_empty(),
        "a bad bundle brings no trust"
    );
    take_in(&registry, bytes, trusting).await.unwrap();
    let keys = registry.trusted_keys().await.unwrap();
    assert_eq!(
        keys.iter().map(|key| key.key).collect::<Vec<_>>(),
        [plant.trainer.registry.own_key()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flipped_byte_and_no_cut_of_a_bundle_is_taken_in() {
    let (_, bytes, plant) = exported().await;
    let (registry, store) = elsewhere();
    registry
        .trust(plant.trainer.registry.own_key(), None, "a tester".to_owned())
        .await
        .unwrap();
    let (reader, sealed) = (registry.clone(), bytes.clone());
    let trying = tokio::task::spawn_blocking(move || {
        let refused = |bytes: &[u8], what: String| {
            let taken = reader.import_blocking(bytes, &import());
            // As what was sent, never as a fault of ours.
            let told = matches!(
                taken,
                Err(ImportError::Bundle(_) | ImportError::Load(_) | ImportError::TooLarge { .. })
            );
            assert!(told, "{what}: {taken:?}");
        };
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1 << (position % 8);
            refused(&changed, format!("byte {position}"));
            refused(&sealed[..position], format!("cut at {position}"));
        }
        refused(&[sealed.as_slice(), b"x"].concat(), "one byte more".to_owned());
    });
    trying.await.unwrap();
    // Nothing of all that was kept.
    assert!(registry.models(PageOf::first(1)).await.unwrap().items.is_empty());
    assert_eq!(blobs(&store).await, 0);
    take_in(&registry, bytes, import()).await.unwrap();
    assert_eq!(blobs(&store).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_says_it_is_huge_is_refused_before_it_is_read() {
    let (registry, store) = elsewhere();
    for size in [1 << 40, u64::MAX] {
        let sealed = declaring(size, store.vault().bundles());
        let refused = take_in(&registry, sealed, import()).await.unwrap_err();
        assert!(
            matches!(refused, ImportError::TooLarge { bytes } if bytes == size),
            "{refused}"
        );
    }
    assert_eq!(blobs(&store).await, 0);
}

/// How many blobs the store has.
async fn blobs(store: &Store) -> usize {
    store.read(crate::store::blobs_there).await.unwrap()
}

/// The bundle, changed by `change` and signed anew by a key that is trusted.
fn resealed(
    bytes: &[u8],
    key: crate::store::PublicKey,
    change: impl FnOnce(&mut Bundle),
) -> (Vec<u8>, Signer) {
    let mut bundle = Bundle::read(bytes, &TrustedKeys::only(key)).unwrap();
    change(&mut bundle);
    let signer = Signer::random(Entropy).unwrap();
    (bundle.seal(&signer).unwrap(), signer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_well_signed_bundle_is_refused_for_what_is_in_it() {
    let (_, bytes, plant) = exported().await;
    let key = plant.trainer.registry.own_key();
    let (registry, _) = elsewhere();
    let part = |name: &'static str, content: &'static str| {
        move |bundle: &mut Bundle| drop(bundle.parts.insert(name.to_owned(), content.as_bytes().to_vec()))
    };
    let json = |name: &'static str, from: &'static str, to: &'static str| {
        move |bundle: &mut Bundle| {
            let text = String::from_utf8(bundle.parts[name].clone()).unwrap();
            assert!(text.contains(from), "{from} in {text}");
            bundle
                .parts
                .insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
        }
    };
    type Change = Box<dyn FnOnce(&mut Bundle)>;
    let bad: Vec<(&str, Change)> = vec![
        ("outside", Box::new(part("../x", "1"))),
        (
            "needs",
            Box::new(|bundle| bundle.manifest.needs = vec!["calibration".to_owned()]),
        ),
        (
            "missing",
            Box::new(|bundle| drop(bundle.parts.remove("warm-up.json"))),
        ),
        (
            "no weights",
            Box::new(|bundle| drop(bundle.parts.remove("weights/model.json"))),
        ),
        ("no features", Box::new(part("features.json", "{}"))),
        (
            "odd weights",
            Box::new(part("weights/model.json", "{\"learner\":[]}")),
        ),
        (
            "no rows",
            Box::new(part("warm-up.json", "{\"tolerance\":0.0,\"rows\":[]}")),
        ),
        (
            "another schema",
            Box::new(json("schema.json", "\"heat\"", "\"cold\"")),
        ),
        (
            "classes the other way round",
            Box::new(|bundle| {
                let Predicts::Binary { classes, .. } = &mut bundle.manifest.predicts else {
                    panic!()
                };
                classes.reverse();
            }),
        ),
        (
            "another answer",
            Box::new(json("warm-up.json", "\"answer\":[0.", "\"answer\":[1.")),
        ),
    ];
    for (what, change) in bad {
        let (sealed, signer) = resealed(&bytes, key, change);
        registry
            .trust(signer.public_key(), None, "a tester".to_owned())
            .await
            .unwrap();
        let refused = take_in(&registry, sealed, import()).await.unwrap_err();
        let is_told = match what {
            "outside" => matches!(refused, ImportError::Bundle(BundleError::UnsafeName { .. })),
            "needs" => matches!(refused, ImportError::Bundle(BundleError::Needs(_))),
            "missing" => matches!(refused, ImportError::Bundle(BundleError::Missing { .. })),
            "no rows" | "another answer" => matches!(refused, ImportError::Load(LoadError::WarmUp(_))),
            "classes the other way round" => {
                matches!(refused, ImportError::Load(LoadError::Task { .. }))
            }
            "another schema" => matches!(refused, ImportError::Load(LoadError::Inputs)),
            _ => matches!(refused, ImportError::Bundle(_)),
        };
        assert!(is_told, "{what}: {refused}");
    }
    assert!(registry.models(PageOf::first(1)).await.unwrap().items.is_empty());
}
