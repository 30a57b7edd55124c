//! What a version keeps of how it was measured.

use super::*;
use crate::platform::bundles::{Content, Measured};

/// Hot machines of kind b fail, in the north; in the south it is chance. `note` is no feature.
async fn plant(threads: usize) -> Plant {
    let plant = Plant::new(threads).await;
    let mut csv = "heat,kind,region,note,fails\n".to_owned();
    for row in 0..900 {
        let (heat, kind) = (row * 7 % 101, if row % 3 == 0 { "b" } else { "a" });
        let region = if row % 5 < 3 { "north" } else { "south" };
        let noise = row * 7919 % 11 < 3;
        let fails = if region == "north" {
            heat > 60 && kind == "b"
        } else {
            noise
        };
        let note = if row % 40 == 0 { "rare" } else { "usual" };
        let _ = writeln!(
            csv,
            "{heat},{kind},{region},{note},{}",
            if fails { "yes" } else { "no" }
        );
    }
    plant.add(csv).await;
    plant
}

async fn trained(plant: &Plant, validation: &str, algorithm: &str) -> (Job, Content) {
    let job = plant.train_recipe(&recipe(validation, algorithm)).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let registry = &plant.trainer.registry;
    let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
    let content = registry.content(&version).await.unwrap();
    (job, content)
}

fn recipe(validation: &str, algorithm: &str) -> String {
    format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\n[features]\ndrop = [\"note\"]\n[validation]\n\
         {validation}\n[algorithm.boost]\nn_estimators = 15\n{algorithm}\n"
    )
}

fn measured(content: &Content) -> &Measured {
    content.measured.as_ref().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_keeps_its_intervals_its_folds_its_segments_and_its_curves() {
    let plant = plant(2).await;
    let validation =
        "folds = 3\nbootstrap = 100\nconfidence = 0.9\nsegments = [\"region\", \"note\", \"heat\"]";
    let (job, content) = trained(&plant, validation, "").await;
    let measured = measured(&content);
    assert_eq!(
        (measured.rows, measured.confidence, measured.resamples),
        (180, Some(0.9), 100)
    );
    for metric in &measured.metrics {
        let interval = metric.interval.unwrap();
        assert!(interval.low <= interval.high, "{metric:?}");
    }
    let auc = measured.metric("roc_auc").unwrap();
    let interval = auc.interval.unwrap();
    assert!(interval.low < auc.value && auc.value < interval.high && interval.high < 1.0);
    assert_eq!(auc.baseline, Some(0.5));
    let folds = measured
        .folds
        .iter()
        .find(|folds| folds.name == "roc_auc")
        .unwrap();
    assert_eq!(folds.values.len(), 3);

    let segment = |column: &str, level: &str| {
        let mut found = measured.segments.iter();
        found
            .find(|segment| segment.column == column && segment.level == level)
            .unwrap()
    };
    let (north, south) = (segment("region", "north"), segment("region", "south"));
    assert!(
        north.metrics[0].value > 0.9 && south.metrics[0].value < 0.75,
        "{north:?} {south:?}"
    );
    assert!(
        segment("note", "rare")
            .note
            .as_ref()
            .unwrap()
            .contains("fewer than 30")
    );
    assert_eq!(
        measured
            .segments
            .iter()
            .filter(|segment| segment.column == "heat")
            .count(),
        4
    );
    let of_region = measured
        .segments
        .iter()
        .filter(|segment| segment.column == "region");
    assert_eq!(of_region.map(|segment| segment.rows).sum::<u64>(), 180);
    let worst = measured.worst().unwrap();
    assert!(worst.metrics[0].value <= south.metrics[0].value);

    let curves = content.curves.as_ref().unwrap();
    assert_eq!(
        (curves.classes.len(), curves.classes[0].class.as_str()),
        (1, "yes")
    );
    assert!(curves.classes[0].roc.len() > 5 && curves.deciles.is_empty());

    let run = plant.trainer.tracking.run(job.run_id.unwrap()).await.unwrap();
    let by_fold = plant
        .trainer
        .tracking
        .metric_history(run.id, "fold_roc_auc", 0, 100)
        .await
        .unwrap();
    let steps: Vec<(i64, f64)> = by_fold.iter().map(|point| (point.step, point.value)).collect();
    assert_eq!(
        steps,
        [(1, folds.values[0]), (2, folds.values[1]), (3, folds.values[2])]
    );

    for fact in [
        "90% interval",
        "## By segment",
        "| south |",
        "fewer than 30 rows",
        "## Calibration",
        "of 8 segments have too few rows",
        "`learning_rate = ",
        "- Seed: 42",
        "Only 180 rows are held out",
    ] {
        assert!(content.card.contains(fact), "{fact} in {}", content.card);
    }
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_is_found_by_its_rule_and_answers_follow_it() {
    let plant = plant(2).await;
    let costs = "threshold = { rule = \"cost\", cost_false_positive = 1, cost_false_negative = 50 }";
    let (_, content) = trained(&plant, &format!("folds = 3\nbootstrap = 0\n{costs}"), "").await;
    let found = measured(&content).threshold.clone().unwrap();
    assert!(found.threshold < 0.2, "a miss is dear: {found:?}");
    assert_eq!(
        found.rule.as_deref(),
        Some("cost (cost_false_positive 1, cost_false_negative 50)")
    );
    assert_eq!(found.chosen_on.as_deref(), Some("the folds"));
    let cost = measured(&content).metric("expected_cost").unwrap();
    let (misses, alarms) = (found.confusion.false_negatives, found.confusion.false_positives);
    assert!((cost.value - (50.0 * misses as f64 + alarms as f64) / 180.0).abs() < 1e-12);
    assert!(cost.value < cost.baseline.unwrap() && cost.interval.is_none());
    let over_folds = measured(&content)
        .folds
        .iter()
        .find(|folds| folds.name == "expected_cost");
    assert_eq!(over_folds.unwrap().values.len(), 3);
    let of_version = found.threshold as f32;
    let predicts = &content.manifest.predicts;
    assert_eq!(predicts.class(&[of_version]), Some("yes"));
    assert_eq!(
        predicts.class(&[f32::from_bits(of_version.to_bits() - 1)]),
        Some("no")
    );
    for fact in [
        "found by the rule cost (",
        "| expected_cost |",
        "The threshold was found on the folds, never on the held-out rows",
        "the cheaper of always and never",
    ] {
        assert!(content.card.contains(fact), "{fact} in {}", content.card);
    }
    // The hold-out chose nothing: with another one the folds alone decide, and without folds the watched rows do.
    let watched = format!("folds = 0\nbootstrap = 0\n{costs}");
    let (_, content) = trained(&plant, &watched, "early_stopping_rounds = 5").await;
    let found = measured(&content).threshold.clone().unwrap();
    assert_eq!(found.chosen_on.as_deref(), Some("the watched rows"));
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_no_threshold_fulfils_ends_the_training_with_its_line() {
    let plant = Plant::new(1).await;
    // Two kinds, and failures among both: no probability is sure.
    let mut csv = "kind,fails\n".to_owned();
    for row in 0..300 {
        let (kind, chance) = if row % 2 == 0 { ("a", 3) } else { ("b", 7) };
        let fails = row / 2 % 10 < chance;
        let _ = writeln!(csv, "{kind},{}", if fails { "yes" } else { "no" });
    }
    plant.add(csv).await;
    let validation = "folds = 3\nthreshold = { rule = \"precision_at_least\", value = 1 }";
    let job = plant
        .train_recipe(&recipe(validation, "").replace("[\"note\"]", "[]"))
        .await;
    let told = job.error.clone().unwrap_or_default();
    assert_eq!((job.state, job.bad_input), (State::Failed, true), "{told}");
    assert!(
        told.starts_with("recipe.toml:9:1: validation.threshold: no threshold has a precision of 1"),
        "{told}"
    );
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_intervals_are_the_same_on_any_number_of_threads() {
    let mut found = Vec::new();
    for threads in [1, 3] {
        let plant = plant(threads).await;
        let (_, content) = trained(&plant, "folds = 0\nbootstrap = 100\nsegments = [\"region\"]", "").await;
        found.push(measured(&content).clone());
        plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_are_measured_one_by_one_and_numbers_by_their_deciles() {
    let plant = Plant::new(1).await;
    let mut csv = "heat,fails\n".to_owned();
    for row in 0..300 {
        let _ = writeln!(csv, "{},{}", row % 101, ["never", "soon", "now"][row % 101 / 34]);
    }
    plant.add(csv).await;
    let job = plant
        .train_recipe(&recipe("bootstrap = 100", "").replace("[\"note\"]", "[]"))
        .await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let registry = &plant.trainer.registry;
    let content = async || {
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        registry.content(&version).await.unwrap()
    };
    let several = content().await;
    assert_eq!(measured(&several).classes.len(), 3);
    assert_eq!(several.curves.as_ref().unwrap().classes.len(), 3);
    assert!(several.card.contains("### By class") && measured(&several).threshold.is_none());

    let mut csv = "heat,fails\n".to_owned();
    for row in 0..300 {
        let _ = writeln!(csv, "{},{}.5", row % 101, row % 101 * 2);
    }
    plant.add(csv).await;
    let job = plant
        .train_recipe(&recipe("bootstrap = 100", "").replace("[\"note\"]", "[]"))
        .await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let number = content().await;
    assert_eq!(number.curves.as_ref().unwrap().deciles.len(), 10);
    assert!(measured(&number).metric("smape").unwrap().interval.is_some());
    plant.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
}
