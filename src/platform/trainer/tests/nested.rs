//! Nested cross-validation: what chooses a fold's threshold does not measure it.

use super::*;
use crate::platform::bundles::Measured;

/// Rows whose target has nothing to do with anything.
fn noise(seed: u64) -> String {
    let mut csv = "a,b,fails\n".to_owned();
    let mut state = seed * 2 + 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 40
    };
    for _ in 0..90 {
        let (a, b, fails) = (next() % 1000, next() % 1000, next() % 2);
        let _ = writeln!(csv, "{a},{b},{}", if fails == 1 { "yes" } else { "no" });
    }
    csv
}

async fn measured(plant: &Plant, validation: &str) -> (Measured, String) {
    let recipe = format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\npositive = \"yes\"\n[validation]\nfolds = 3\n\
         bootstrap = 0\nthreshold = {{ rule = \"mcc\" }}\n{validation}\n[algorithm.boost]\nn_estimators = 10\nmax_depth = 2\n"
    );
    let job = plant.train_recipe(&recipe).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let registry = &plant.trainer.registry;
    let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
    let content = registry.content(&version).await.unwrap();
    (content.measured.unwrap(), content.card)
}

#[tokio::test(flavor = "multi_thread")]
async fn folds_that_did_not_choose_their_threshold_see_no_signal_where_there_is_none() {
    let (mut kind, mut nested) = (Vec::new(), Vec::new());
    for seed in 0..12 {
        let plant = Plant::new(1).await;
        plant.add(noise(seed)).await;
        let mcc = |measured: &Measured| {
            measured
                .folds
                .iter()
                .find(|folds| folds.name == "mcc")
                .unwrap()
                .mean
        };
        let (plain, card) = measured(&plant, "").await;
        assert!(card.contains("a little too kind"), "{card}");
        kind.push(mcc(&plain));
        let (inner, card) = measured(&plant, "inner_folds = 3").await;
        assert!(
            card.contains("3 inner folds of the rows that it learnt from") && !card.contains("too kind"),
            "{card}"
        );
        nested.push(mcc(&inner));
        // What is served, and what the hold-out says of it, is the same.
        assert_eq!(plain.threshold, inner.threshold);
        assert_eq!(plain.metrics, inner.metrics);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    // The standard error of the mean of twelve is about 0.03.
    assert!(mean(&kind) > 0.07, "{kind:?}");
    assert!(
        mean(&nested).abs() < 0.07 && mean(&nested) < mean(&kind),
        "{nested:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn inner_folds_keep_groups_and_moments_as_the_folds_do() {
    let plant = Plant::new(1).await;
    let mut csv = "machine,hour,heat,fails\n".to_owned();
    for row in 0..400 {
        let heat = row * 37 % 101;
        let _ = writeln!(
            csv,
            "m{},{row},{heat},{}",
            row % 29,
            if heat > 50 { "yes" } else { "no" }
        );
    }
    plant.add(csv).await;
    for split in ["group = \"machine\"", "time = \"hour\""] {
        let (measured, _) = measured(&plant, &format!("inner_folds = 2\n{split}")).await;
        assert_eq!(measured.folds[0].values.len(), 3, "{split}");
    }
}
